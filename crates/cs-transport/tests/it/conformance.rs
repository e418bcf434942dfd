//! The suite over each transport; all failures of a run are reported at once.

use std::time::Duration;

use bytes::Bytes;
use cs_transport::conformance::{self, Peer, Script};
use cs_transport::{
    BlockingTransport, Ready, ReqwestTransport, Transport, TransportError, UreqTransport, from_fn, ready,
};
use http::{Request, Response};

use crate::tls::Tls;

/// Runs scripts one after the other, and lists every one that fails.
pub(crate) async fn run(
    transport: &dyn Transport,
    peer: &Peer,
    scripts: impl Iterator<Item = &'static Script>,
) -> Vec<String> {
    let mut failures = Vec::new();
    for script in scripts {
        if let Err(failure) = script.run(transport, peer).await {
            let mut text = format!("{}: {failure}", script.name());
            let mut next = std::error::Error::source(&failure);
            while let Some(source) = next {
                text.push_str(&format!(": {source}"));
                next = source.source();
            }
            failures.push(text);
        }
    }
    failures
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn in_memory() {
    let transport = Ready(from_fn(|request| Ok(conformance::respond(&request))));
    let scripts = conformance::refusals().iter().chain(conformance::answers());
    let failures = ready(run(&transport, &Peer::start().unwrap(), scripts)).unwrap();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn ureq_without_tls() {
    let transport = Ready(UreqTransport::new(&conformance::settings()).unwrap());
    let failures = ready(run(&transport, &Peer::start().unwrap(), conformance::all())).unwrap();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn ureq_with_tls() {
    let tls = Tls::new("localhost");
    let transport = Ready(UreqTransport::new(&tls.trusted()).unwrap());
    let failures = ready(run(&transport, &tls.peer(), conformance::all())).unwrap();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn reqwest_without_tls() {
    let failures = block_on(async {
        let transport = ReqwestTransport::new(&conformance::settings()).unwrap();
        run(&transport, &Peer::start().unwrap(), conformance::all()).await
    });
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn reqwest_with_tls() {
    let tls = Tls::new("localhost");
    let failures = block_on(async {
        let transport = ReqwestTransport::new(&tls.trusted()).unwrap();
        run(&transport, &tls.peer(), conformance::all()).await
    });
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Lets every request pass, and answers with what it was sent.
struct Careless;

impl BlockingTransport for Careless {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        Ok(Response::new(request.into_body()))
    }

    fn sleep(&self, _: Duration) {}
}

/// The suite bites: it is no proof of anything if it lets this pass.
#[test]
fn a_careless_transport_fails_every_script() {
    let peer = Peer::start().unwrap();
    let failures = ready(run(&Ready(Careless), &peer, conformance::all())).unwrap();
    let failed: Vec<_> = failures.iter().filter_map(|failure| failure.split(':').next()).collect();
    let passed: Vec<_> = conformance::all().map(Script::name).filter(|name| !failed.contains(name)).collect();
    assert!(passed.is_empty(), "{passed:?}");
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = conformance::all().map(Script::name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
