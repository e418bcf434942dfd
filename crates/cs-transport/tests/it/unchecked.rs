//! A `reqwest` client of the caller's own.

use bytes::Bytes;
use cs_transport::conformance::{self, Peer};
use cs_transport::{Decorator as _, ErrorKind, ReqwestTransport, Retry, Sent, Transport, TransportError};
use http::{Request, Response};
use reqwest::redirect::Policy;

use crate::conformance::{block_on, run};

/// A client with nothing set but this.
fn own(policy: Policy) -> ReqwestTransport {
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(policy)
        .build()
        .unwrap();
    ReqwestTransport::from_unchecked_client(client, &conformance::settings())
}

async fn ask(transport: &ReqwestTransport, url: &str) -> Result<Response<Bytes>, TransportError> {
    let request = Request::get(url).header("authtoken", "canary").header("authorization", "canary");
    transport.send(request.body(Bytes::new()).unwrap()).await
}

/// Why the name says unchecked.
#[test]
fn a_followed_redirect_leaks_and_is_told() {
    let (peer, other) = (Peer::start().unwrap(), Peer::start().unwrap());
    let url = peer.url(&format!("/redirect/307?to={}", other.url("/echo")));
    let error = block_on(async { ask(&own(Policy::limited(3)), &url).await.unwrap_err() });
    assert_eq!((&error.kind, error.sent), (&ErrorKind::Redirected, Sent::Maybe));
    assert_eq!(error.to_string(), "the HTTP client followed a redirect to another URL");
    let leaked = other.requests();
    assert_eq!(leaked[0].values("authorization"), Vec::<&str>::new());
    assert_eq!(leaked[0].values("authtoken"), ["canary"]);
}

#[test]
fn nobody_knows_whether_it_was_sent() {
    let peer = Peer::start().unwrap();
    // Nobody listens where this one was.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = format!("http://{gone}/echo");
    for (policy, url, arrived) in
        [(Policy::limited(3), peer.url(&format!("/redirect/307?to={gone}")), 1), (Policy::none(), gone, 0)]
    {
        let before = peer.requests().len();
        let post = Request::post(&url).body(Bytes::from("x")).unwrap();
        let transport = Retry::default().around(own(policy));
        let error = block_on(async { transport.send(post).await.unwrap_err() });
        assert_eq!((&error.kind, error.sent, error.attempts), (&ErrorKind::Connect, Sent::Maybe, 1));
        assert_eq!(peer.requests().len() - before, arrived, "it arrived once, and is not sent again");
    }
}

#[test]
fn without_redirects_it_is_a_transport_like_any_other() {
    let peer = Peer::start().unwrap();
    let failures = block_on(async {
        let scripts = conformance::refusals().iter().chain(conformance::answers());
        run(&own(Policy::none()), &peer, scripts).await
    });
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn limits_of_the_call_hold() {
    let peer = Peer::start().unwrap();
    block_on(async {
        let transport = own(Policy::none());
        let slow = ask(&transport, &peer.url("/slow-head/6000")).await.unwrap_err();
        assert_eq!(slow.kind, ErrorKind::Timeout(cs_transport::Limit::Total));
        let big = ask(&transport, &peer.url("/bytes/1000000")).await.unwrap_err();
        assert!(matches!(big.kind, ErrorKind::TooLarge { .. }));
    });
}
