//! A transport of one's own, on hyper alone, and the proof that it behaves: the conformance suite.
//!
//! `cargo run -p cs-transport --example hyper --features conformance`

use std::time::Duration;

use bytes::Bytes;
use cs_transport::conformance::{self, Peer};
use cs_transport::{
    CallInfo, Decorator, ErrorKind, Limit, Retry, Sent, Transport, TransportError, async_trait, check,
};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpStream;

/// The biggest body of an answer.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// How long a call may take.
const TOTAL_LIMIT: Duration = Duration::from_secs(30);

/// One connection for each call, and none with TLS: enough for a service on this machine.
struct HyperTransport;

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        // First of all: a request that some client would change on the way is refused by every transport.
        check(&request)?;
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let connect = TcpStream::connect(host.clone());
        // Until the request begins to leave, nothing can have happened.
        let socket = tokio::time::timeout(TOTAL_LIMIT, connect)
            .await
            .map_err(|_| TransportError::new(ErrorKind::Timeout(Limit::Connect), Sent::No))?
            .map_err(|error| TransportError::new(ErrorKind::Connect, Sent::No).with_source(error))?;
        // From here on, it may have.
        tokio::time::timeout(TOTAL_LIMIT, exchange(socket, host, request))
            .await
            .map_err(|_| TransportError::new(ErrorKind::Timeout(Limit::Total), Sent::Maybe))?
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Sends the request over a connection of its own, and reads the whole answer.
async fn exchange(
    socket: TcpStream,
    host: String,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, TransportError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(classify)?;
    tokio::spawn(connection);
    let answer = sender.send_request(on_the_wire(host, request)?).await.map_err(classify)?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
        let kind = if error.is::<LengthLimitError>() {
            ErrorKind::TooLarge { limit: BODY_LIMIT }
        } else {
            ErrorKind::Interrupted
        };
        TransportError::new(kind, Sent::Maybe).with_source(error)
    })?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

/// The same request as hyper wants it: path and query for a URL, the host as a header.
fn on_the_wire(host: String, request: Request<Bytes>) -> Result<Request<Full<Bytes>>, TransportError> {
    let unsendable = |_| TransportError::new(ErrorKind::Unclassified, Sent::No);
    let (mut parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    parts.uri = target.parse::<Uri>().map_err(|error| unsendable(error.into()))?;
    let host = HeaderValue::try_from(host).map_err(|error| unsendable(http::Error::from(error)))?;
    parts.headers.insert(header::HOST, host);
    Ok(Request::from_parts(parts, Full::new(body)))
}

fn classify(error: hyper::Error) -> TransportError {
    let kind = if error.is_parse() { ErrorKind::Protocol } else { ErrorKind::Interrupted };
    TransportError::new(kind, Sent::Maybe).with_source(error)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let peer = Peer::start()?;
    for script in conformance::refusals().iter().chain(conformance::answers()) {
        script.run(&HyperTransport, &peer).await?;
        println!("ok  {}", script.name());
    }
    // With a decorator around it, as around any other.
    let transport = Retry::default().around(HyperTransport);
    let mut request = Request::get(peer.url("/echo")).body(Bytes::new())?;
    request.extensions_mut().insert(CallInfo::new("/echo"));
    println!("{}", transport.send(request).await?.status());
    Ok(())
}
