//! A decorator of one's own, around both clients.
//!
//! `cargo run -p cs-transport --example decorator --features conformance,reqwest,ureq`

use bytes::Bytes;
use cs_transport::conformance::{Echo, Peer};
use cs_transport::{
    BlockingTransport, Decorator, ReqwestTransport, Settings, Transport, TransportError, UreqTransport,
    async_trait,
};
use http::{HeaderValue, Request, Response};

/// Names the job that a call belongs to.
#[derive(Clone)]
struct Job(HeaderValue);

#[async_trait]
impl Decorator for Job {
    async fn send(
        &self,
        mut request: Request<Bytes>,
        next: &dyn Transport,
    ) -> Result<Response<Bytes>, TransportError> {
        request.headers_mut().insert("x-job", self.0.clone());
        next.send(request).await
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (peer, settings) = (Peer::start()?, Settings::default());
    let request = || Request::get(peer.url("/echo")).body(Bytes::new());
    let job = Job(HeaderValue::from_static("nightly"));

    let blocking = job.clone().around(UreqTransport::new(&settings)?);
    let answer = blocking.send(request()?)?;
    println!("over ureq, the peer saw x-job: {:?}", Echo::parse(answer.body())?.values("x-job"));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let transport = job.around(ReqwestTransport::new(&settings)?);
        Ok::<_, Box<dyn std::error::Error>>(transport.send(request()?).await?)
    })?;
    println!("over reqwest, the peer saw x-job: {:?}", Echo::parse(answer.body())?.values("x-job"));

    let jobs = peer.requests();
    if jobs.len() != 2 || jobs.iter().any(|request| request.values("x-job") != ["nightly"]) {
        return Err("the decorator did not go around both".into());
    }
    Ok(())
}
