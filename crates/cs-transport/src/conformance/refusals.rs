//! Requests that must not leave.

use bytes::Bytes;
use http::Request;

use super::failure::{CANARY, fails, same, secret_request};
use super::{Failure, Peer, Script, scripts};
use crate::{ErrorKind, RequestFault, Sent, Transport};

scripts! {
    dot_segments_do_not_leave,
    characters_that_clients_rewrite_do_not_leave,
    hosts_that_clients_rewrite_do_not_leave,
    user_names_in_urls_do_not_leave,
    plain_http_leaves_only_to_loopback,
    relative_urls_do_not_leave,
    methods_of_the_connection_do_not_leave,
    headers_of_the_connection_do_not_leave,
}

/// Demands that the request is refused for `fault`.
async fn refused(
    transport: &dyn Transport,
    request: Request<Bytes>,
    fault: RequestFault,
) -> Result<(), Failure> {
    fails(transport, request, &[ErrorKind::InvalidRequest(fault)], Sent::No).await.map(drop)
}

async fn dot_segments_do_not_leave(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let before = peer.requests().len();
    for uid in [".", "..", "%2e", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "../..", "x%2f..", "x%5C%2e%2e"] {
        let request = secret_request("DELETE", &peer.url(&format!("/v3/stacks/management_tokens/{uid}")))?;
        refused(transport, request, RequestFault::DotSegment).await?;
    }
    same("requests that reached the peer", peer.requests().len(), before)
}

async fn characters_that_clients_rewrite_do_not_leave(
    transport: &dyn Transport,
    peer: &Peer,
) -> Result<(), Failure> {
    for (path, c) in
        [("/a\"b", '"'), ("/{uid}", '{'), ("/a|b", '|'), ("/a\\b", '\\'), ("/%", '%'), ("/%4x", '%')]
    {
        let request = secret_request("GET", &peer.url(path))?;
        refused(transport, request, RequestFault::PathCharacter(c)).await?;
    }
    for (query, c) in [("'", '\''), ("{}", '{'), ("a|b", '|'), ("%zz", '%')] {
        let url = peer.url(&format!("/echo?{CANARY}={query}"));
        let request = Request::get(url).body(Bytes::new())?;
        refused(transport, request, RequestFault::QueryCharacter(c)).await?;
    }
    Ok(())
}

async fn hosts_that_clients_rewrite_do_not_leave(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    for host in [
        "API.example.com",
        "127.1",
        "0x7f000001",
        "2130706433",
        "example.com.",
        "[0:0::1]",
        "example.com:0443",
    ] {
        let request = secret_request("GET", &format!("https://{host}/echo"))?;
        refused(transport, request, RequestFault::Host).await?;
    }
    Ok(())
}

async fn user_names_in_urls_do_not_leave(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    let request = secret_request("GET", &format!("https://{CANARY}:{CANARY}@example.com/"))?;
    refused(transport, request, RequestFault::UserInfo).await
}

async fn plain_http_leaves_only_to_loopback(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    for host in ["api.example.com", "localhost.example.com", "128.0.0.1", "0.0.0.0", "[::2]", "api.localhost"]
    {
        let request = secret_request("GET", &format!("http://{host}/echo"))?;
        fails(transport, request, &[ErrorKind::InsecureUrl], Sent::No).await?;
    }
    Ok(())
}

async fn relative_urls_do_not_leave(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    refused(transport, secret_request("GET", "/v3/stacks")?, RequestFault::NotAbsolute).await?;
    refused(transport, secret_request("GET", "ftp://example.com/")?, RequestFault::Scheme).await
}

async fn methods_of_the_connection_do_not_leave(
    transport: &dyn Transport,
    peer: &Peer,
) -> Result<(), Failure> {
    for method in [http::Method::CONNECT, http::Method::TRACE] {
        let request = secret_request(method.as_str(), &peer.url("/echo"))?;
        refused(transport, request, RequestFault::Method(method)).await?;
    }
    Ok(())
}

async fn headers_of_the_connection_do_not_leave(
    transport: &dyn Transport,
    peer: &Peer,
) -> Result<(), Failure> {
    for name in ["host", "content-length", "transfer-encoding", "connection", "expect", "upgrade"] {
        let name = http::HeaderName::from_static(name);
        let mut request = secret_request("POST", &peer.url("/echo"))?;
        request.headers_mut().insert(name.clone(), http::HeaderValue::from_static(CANARY));
        refused(transport, request, RequestFault::Header(name)).await?;
    }
    Ok(())
}
