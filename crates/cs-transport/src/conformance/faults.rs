//! Limits, broken connections and wrong answers.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;

use super::failure::{CANARY, answered, fails, same, secret_request};
use super::{BODY_LIMIT, Failure, HEAD_LIMIT, Peer, Script, scripts};
use crate::{CallInfo, ErrorKind, Limit, Sent, Transport};

scripts! {
    what_is_sent_has_its_length,
    other_framings_are_understood,
    bodies_up_to_the_limit_come_back,
    bigger_bodies_are_too_large,
    bigger_heads_are_too_large,
    broken_answers_are_interrupted,
    wrong_answers_are_not_http,
    a_slow_head_passes_the_total_limit,
    a_slow_body_passes_the_total_limit,
    a_deadline_shortens_the_total_limit,
    a_silent_handshake_passes_the_connect_limit,
    nobody_listens,
    no_such_name,
    no_tls_on_the_other_side,
    connections_are_kept,
    a_connection_closed_meanwhile_does_no_harm,
}

const TOTAL: ErrorKind = ErrorKind::Timeout(Limit::Total);

fn get(url: &str) -> Result<Request<Bytes>, Failure> {
    Ok(Request::get(url).body(Bytes::new())?)
}

async fn what_is_sent_has_its_length(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for (method, body, length) in [
        ("GET", "", None),
        ("DELETE", "", None),
        ("OPTIONS", "", None),
        ("POST", "", Some("0")),
        ("PUT", "", Some("0")),
        ("PATCH", "", Some("0")),
        ("GET", "ab", Some("2")),
        ("DELETE", "ab", Some("2")),
        ("POST", "ab", Some("2")),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(peer.url("/echo"))
            .body(Bytes::from_static(body.as_bytes()))?;
        let echo = super::Echo::parse(answered(transport, request, 200).await?.body())?;
        let what = format!("content-length of {method} `{body}`");
        same(&what, echo.values("content-length"), Vec::from_iter(length))?;
        same("transfer-encoding", echo.values("transfer-encoding"), vec![])?;
    }
    Ok(())
}

async fn other_framings_are_understood(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for (path, length) in [
        ("/chunked/0", 0),
        ("/chunked/1", 1),
        ("/chunked/3500", 3_500),
        ("/until-close/5000", 5_000),
        ("/interim", 5),
        ("/http10", 3),
    ] {
        let answer = answered(transport, get(&peer.url(path))?, 200).await?;
        same(path, answer.body().len(), length)?;
    }
    Ok(())
}

async fn bodies_up_to_the_limit_come_back(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for framing in ["bytes", "chunked", "until-close"] {
        let answer = answered(transport, get(&peer.url(&format!("/{framing}/{BODY_LIMIT}")))?, 200).await?;
        same(framing, answer.body().len(), BODY_LIMIT)?;
    }
    Ok(())
}

async fn bigger_bodies_are_too_large(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for framing in ["bytes", "chunked", "until-close"] {
        for length in [BODY_LIMIT + 1, BODY_LIMIT * 4] {
            let request = secret_request("POST", &peer.url(&format!("/{framing}/{length}")))?;
            fails(transport, request, &[ErrorKind::TooLarge { limit: BODY_LIMIT }], Sent::Maybe).await?;
        }
    }
    Ok(())
}

async fn bigger_heads_are_too_large(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for length in [HEAD_LIMIT, HEAD_LIMIT * 64] {
        let request = secret_request("POST", &peer.url(&format!("/head/{length}")))?;
        fails(transport, request, &[ErrorKind::TooLarge { limit: HEAD_LIMIT }], Sent::Maybe).await?;
    }
    answered(transport, get(&peer.url("/headers/90"))?, 200).await?;
    for count in [110, 200] {
        let request = secret_request("POST", &peer.url(&format!("/headers/{count}")))?;
        fails(transport, request, &[ErrorKind::TooLarge { limit: HEAD_LIMIT }], Sent::Maybe).await?;
    }
    Ok(())
}

async fn broken_answers_are_interrupted(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for path in ["/truncated", "/truncated-chunked", "/truncated-head", "/hang-up", "/reset"] {
        for method in ["POST", "DELETE", "PUT"] {
            let request = secret_request(method, &peer.url(path))?;
            fails(transport, request, &[ErrorKind::Interrupted], Sent::Maybe).await?;
        }
    }
    // Not even a GET is repeated: that is the business of a decorator, which counts.
    let before = peer.requests().len();
    fails(transport, secret_request("GET", &peer.url("/hang-up"))?, &[ErrorKind::Interrupted], Sent::Maybe)
        .await?;
    same("requests that reached the peer", peer.requests().len(), before + 1)
}

async fn wrong_answers_are_not_http(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for path in ["/garbage", "/bad-chunk", "/bad-length"] {
        let request = secret_request("POST", &peer.url(path))?;
        fails(transport, request, &[ErrorKind::Protocol], Sent::Maybe).await?;
    }
    Ok(())
}

async fn a_slow_head_passes_the_total_limit(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let start = Instant::now();
    fails(transport, secret_request("POST", &peer.url("/slow-head/6000"))?, &[TOTAL], Sent::Maybe).await?;
    same("stopped in time", start.elapsed() < Duration::from_secs(5), true)
}

async fn a_slow_body_passes_the_total_limit(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let start = Instant::now();
    fails(transport, secret_request("POST", &peer.url("/slow-body/6000"))?, &[TOTAL], Sent::Maybe).await?;
    same("stopped in time", start.elapsed() < Duration::from_secs(5), true)?;
    let answer = answered(transport, get(&peer.url("/slow-body/50"))?, 200).await?;
    same("body", answer.body().as_ref(), b"abcd".as_slice())
}

async fn a_deadline_shortens_the_total_limit(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let with_deadline = |path: &str, milliseconds: i64| -> Result<_, Failure> {
        let mut request = secret_request("POST", &peer.url(path))?;
        let deadline = transport.now() + jiff::SignedDuration::from_millis(milliseconds);
        request.extensions_mut().insert(CallInfo::new("/slow-head/{ms}").deadline(deadline));
        Ok(request)
    };
    // The best of some: a machine that does other things is late now and then, a deadline that is not kept always.
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        fails(transport, with_deadline("/slow-head/6000", 300)?, &[TOTAL], Sent::Maybe).await?;
        fastest = fastest.min(start.elapsed());
        if fastest < Duration::from_millis(1_300) {
            break;
        }
    }
    same("stopped before the total limit", fastest < Duration::from_millis(1_300), true)?;

    let before = peer.requests().len();
    fails(transport, with_deadline("/echo", -1)?, &[TOTAL], Sent::No).await?;
    same("requests that reached the peer", peer.requests().len(), before)
}

async fn a_silent_handshake_passes_the_connect_limit(
    transport: &dyn Transport,
    _: &Peer,
) -> Result<(), Failure> {
    // The kernel accepts the connection; nobody ever answers the handshake.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let request = secret_request("POST", &format!("https://{}/echo", silent.local_addr()?))?;
    let start = Instant::now();
    fails(transport, request, &[ErrorKind::Timeout(Limit::Connect)], Sent::No).await?;
    same("stopped in time", start.elapsed() < Duration::from_secs(5), true)
}

async fn nobody_listens(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let request = secret_request("POST", &format!("http://{closed}/echo"))?;
    let error = fails(transport, request, &[ErrorKind::Connect], Sent::No).await?;
    same("transient", error.is_transient(), true)
}

async fn no_such_name(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    // `.invalid` never resolves (RFC 6761). A resolver without a network may take its time to say so.
    let request = secret_request("POST", "https://nobody.invalid/echo")?;
    let kinds = [ErrorKind::Connect, ErrorKind::Timeout(Limit::Connect)];
    fails(transport, request, &kinds, Sent::No).await.map(drop)
}

async fn no_tls_on_the_other_side(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    let plain = Peer::start()?;
    let request = secret_request("POST", &format!("https://{}/echo", plain.address()))?;
    fails(transport, request, &[ErrorKind::Tls], Sent::No).await?;
    let leaked = plain.requests().iter().any(|request| format!("{request:?}").contains(CANARY));
    same("secrets in the clear", leaked, false)
}

async fn connections_are_kept(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    let peer = Peer::start()?;
    for _ in 0..5 {
        answered(transport, get(&peer.url("/echo"))?, 200).await?;
        // Async clients take the connection back a moment after the answer.
        transport.sleep(Duration::from_millis(20)).await;
    }
    same("connections", peer.connections(), 1)
}

async fn a_connection_closed_meanwhile_does_no_harm(
    transport: &dyn Transport,
    _: &Peer,
) -> Result<(), Failure> {
    let peer = Peer::start()?;
    for _ in 0..5 {
        answered(transport, get(&peer.url("/close-later"))?, 200).await?;
        transport.sleep(Duration::from_millis(50)).await;
        let request = Request::post(peer.url("/echo")).body(Bytes::from_static(b"once"))?;
        answered(transport, request, 200).await?;
    }
    let posts = peer.requests().iter().filter(|request| request.method == "POST").count();
    same("requests that reached the peer", posts, 5)
}
