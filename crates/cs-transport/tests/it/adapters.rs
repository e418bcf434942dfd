//! `Ready`, pointers, closures and mocks: what composes with what.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cs_transport::conformance::Peer;
use cs_transport::{
    BlockingTransport, ErrorKind, MockBlockingTransport, MockTransport, NotReady, Ready, ReqwestTransport,
    Sent, Settings, Transport, TransportError, UreqTransport, from_fn, ready,
};
use http::{Request, Response};
use jiff::Timestamp;

use crate::conformance::block_on;

fn get() -> Request<Bytes> {
    Request::get("https://api.example.com/").body(Bytes::new()).unwrap()
}

fn ok(_: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
    Ok(Response::new(Bytes::from("ok")))
}

/// A flow as callers write it: once, over the trait.
async fn twice(transport: impl Transport) -> Result<Timestamp, TransportError> {
    transport.send(get()).await?;
    transport.sleep(Duration::from_secs(3600)).await;
    transport.send(get()).await?;
    Ok(transport.now())
}

#[test]
fn pointers_forward_every_method() {
    let mock = || {
        let mut mock = MockBlockingTransport::new();
        mock.expect_send().times(2).returning(ok);
        // The default of the trait would sleep for an hour.
        mock.expect_sleep().times(1).return_const(());
        mock.expect_now().times(1).return_const(Timestamp::UNIX_EPOCH);
        mock
    };
    let boxed: Box<dyn BlockingTransport> = Box::new(mock());
    let shared: Arc<dyn BlockingTransport> = Arc::new(mock());
    assert_eq!(ready(twice(Ready(boxed))).unwrap().unwrap(), Timestamp::UNIX_EPOCH);
    assert_eq!(ready(twice(Ready(shared))).unwrap().unwrap(), Timestamp::UNIX_EPOCH);
    assert_eq!(ready(twice(&Ready(&mock()))).unwrap().unwrap(), Timestamp::UNIX_EPOCH);
    let erased: Arc<dyn Transport> = Arc::new(Ready(mock()));
    assert_eq!(ready(twice(erased)).unwrap().unwrap(), Timestamp::UNIX_EPOCH);
}

#[test]
fn an_async_mock_runs_in_a_runtime_and_without() {
    let mock = || {
        let mut mock = MockTransport::new();
        mock.expect_send().times(2).returning(ok);
        mock.expect_sleep().times(1).return_const(());
        mock.expect_now().times(1).return_const(Timestamp::UNIX_EPOCH);
        mock
    };
    assert_eq!(block_on(twice(mock())).unwrap(), Timestamp::UNIX_EPOCH);
    assert_eq!(ready(twice(mock())).unwrap().unwrap(), Timestamp::UNIX_EPOCH);
}

#[test]
fn a_future_that_waits_for_something_else_fails_clearly() {
    let foreign = async {
        std::future::pending::<()>().await;
        Ok::<_, TransportError>(())
    };
    let not_ready: NotReady = ready(foreign).unwrap_err();
    let error = TransportError::from(not_ready);
    assert_eq!((&error.kind, error.sent), (&ErrorKind::NotReady, Sent::Maybe));
    assert_eq!(error.to_string(), "blocking code waited for something other than the transport");
}

#[test]
fn an_async_client_without_its_runtime_fails_clearly() {
    let transport = ReqwestTransport::new(&Settings::default()).unwrap();
    let error = ready(transport.send(get())).unwrap().unwrap_err();
    assert_eq!((&error.kind, error.sent), (&ErrorKind::NoRuntime, Sent::No));
    ready(transport.sleep(Duration::from_millis(1))).unwrap();
    // Within a runtime it really waits, and `ready` does not.
    block_on(async { assert!(ready(transport.sleep(Duration::from_secs(1))).is_err()) });
}

#[test]
fn limits_without_an_end_do_no_harm() {
    let peer = Peer::start().unwrap();
    let mut settings = Settings::default();
    settings.connect_limit = Duration::MAX;
    settings.total_limit = Duration::MAX;
    settings.idle_limit = Duration::MAX;
    settings.body_limit = usize::MAX;
    settings.head_limit = usize::MAX;
    let request = || Request::get(peer.url("/echo")).body(Bytes::new()).unwrap();
    UreqTransport::new(&settings).unwrap().send(request()).unwrap();
    block_on(async { ReqwestTransport::new(&settings).unwrap().send(request()).await.unwrap() });
}

#[test]
fn a_closure_is_asked_only_for_requests_that_may_leave() {
    let transport = from_fn(|_| panic!("the closure was asked"));
    let request = Request::get("http://api.example.com/").body(Bytes::new()).unwrap();
    assert_eq!(transport.send(request).unwrap_err().kind, ErrorKind::InsecureUrl);
}
