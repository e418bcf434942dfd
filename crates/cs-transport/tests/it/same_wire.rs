//! Both clients put the same request on the wire.

use bytes::Bytes;
use cs_transport::conformance::{self, Echo, Peer};
use cs_transport::{BlockingTransport, ReqwestTransport, Transport, UreqTransport, check};
use http::{HeaderValue, Request, Uri};
use proptest::prelude::*;
use reqwest::Url;

use crate::conformance::block_on;

/// What the peer sees of the same request from `ureq` and from `reqwest`.
fn seen_from_both(request: &Request<Bytes>) -> [Echo; 2] {
    let peer = Peer::start().unwrap();
    let place = |request: &Request<Bytes>| {
        let mut request = request.clone();
        let target = request.uri().to_string();
        *request.uri_mut() = peer.url(&target).parse().unwrap();
        request
    };
    UreqTransport::new(&conformance::settings()).unwrap().send(place(request)).unwrap();
    block_on(async {
        ReqwestTransport::new(&conformance::settings()).unwrap().send(place(request)).await.unwrap();
    });
    peer.requests().try_into().unwrap()
}

#[test]
fn every_header_is_the_same() {
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        for body in ["", "{}"] {
            let mut request =
                Request::builder().method(method).uri("/echo/x%20y?a=b").body(Bytes::from(body)).unwrap();
            let [ureq, reqwest] = seen_from_both(&request);
            assert_eq!(ureq, reqwest, "{method} `{body}`");
            let names: Vec<_> = ureq.headers.iter().map(|(name, _)| name.as_str()).collect();
            let length = ureq.values("content-length").first().map(|_| "content-length");
            let expected: Vec<_> =
                ["accept"].into_iter().chain(length).chain(["host", "user-agent"]).collect();
            assert_eq!(names, expected, "{method} `{body}`");

            request.headers_mut().insert("authtoken", HeaderValue::from_static("x"));
            request.headers_mut().insert("cookie", HeaderValue::from_static("mine=1"));
            request.headers_mut().insert("accept-encoding", HeaderValue::from_static("gzip"));
            request.headers_mut().append("x-many", HeaderValue::from_static("b"));
            request.headers_mut().append("x-many", HeaderValue::from_static("a"));
            let [ureq, reqwest] = seen_from_both(&request);
            assert_eq!(ureq, reqwest, "{method} `{body}`");
        }
    }
}

/// Trap 1, in the open: what a bare `ureq` does to a path that a bare `reqwest` resolves (see the unit tests
/// of the `reqwest` transport). Ours refuse it alike, as the conformance suite shows.
#[test]
fn a_bare_ureq_sends_dot_segments_as_they_are() {
    let peer = Peer::start().unwrap();
    let url = peer.url("/v3/stacks/management_tokens/%2e%2e");
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    config.new_agent().delete(&url).call().unwrap();
    assert_eq!(peer.requests()[0].target, "/v3/stacks/management_tokens/%2e%2e");
}

#[test]
fn a_bare_reqwest_deletes_something_else() {
    let peer = Peer::start().unwrap();
    let url = peer.url("/v3/stacks/management_tokens/%2e%2e");
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    block_on(async {
        let bare = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
        bare.delete(url).send().await.unwrap();
    });
    assert_eq!(peer.requests()[0].target, "/v3/stacks/");
}

proptest! {
    // Half of what is drawn does not pass, however many cases are asked for.
    #![proptest_config(ProptestConfig { max_global_rejects: u32::MAX, ..ProptestConfig::default() })]

    /// What the check lets pass, a URL parser leaves alone, byte for byte.
    #[test]
    fn nothing_that_passes_is_rewritten(
        host in "[a-zA-Z0-9.:\\[\\]@_-]{1,12}|localhost|127\\.0\\.0\\.1|\\[::1\\]",
        path in "(/[!-~]{0,8}){0,4}|(/(\\.|%2[eEfF]|%5c|[a-z])*){1,4}",
        query in "(\\?[!-~]{0,12})?",
    ) {
        let text = format!("https://{host}{path}{query}");
        let Ok(uri) = text.parse::<Uri>() else { return Ok(()) };
        let request = Request::get(uri.clone()).body(Bytes::new()).unwrap();
        prop_assume!(check(&request).is_ok());
        let Ok(url) = Url::parse(&uri.to_string()) else { return Ok(()) };
        prop_assert_eq!(url.path(), uri.path());
        prop_assert_eq!(url.query(), uri.query());
        prop_assert_eq!(url.host_str(), uri.host());
    }
}
