//! What the peer gets, and what comes back.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};

use super::failure::{answered, same};
use super::{Echo, Failure, Peer, Script, scripts};
use crate::Transport;

scripts! {
    every_method_arrives_with_and_without_a_body,
    path_and_query_arrive_unchanged,
    headers_arrive_unchanged,
    headers_and_body_come_back_unchanged,
    every_status_is_an_answer,
    redirects_are_answers,
    redirects_reach_no_second_host,
    cookies_are_not_kept,
    encoded_bodies_come_back_as_they_are,
    the_clock_moves_with_sleep,
}

fn request(method: &str, url: &str, body: &'static str) -> Result<Request<Bytes>, Failure> {
    Ok(Request::builder().method(method).uri(url).body(Bytes::from_static(body.as_bytes()))?)
}

async fn echo(transport: &dyn Transport, request: Request<Bytes>) -> Result<Echo, Failure> {
    Echo::parse(answered(transport, request, 200).await?.body())
}

async fn every_method_arrives_with_and_without_a_body(
    transport: &dyn Transport,
    peer: &Peer,
) -> Result<(), Failure> {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for body in ["", "{\"a\":1}"] {
            let echo = echo(transport, request(method, &peer.url("/echo/x"), body)?).await?;
            same("method", echo.method.as_str(), method)?;
            same(&format!("body of {method}"), echo.body.as_str(), &body.escape_default().to_string())?;
            same(&format!("chunks of {method}"), echo.values("transfer-encoding"), vec![])?;
        }
    }
    let head = answered(transport, request("HEAD", &peer.url("/echo"), "")?, 200).await?;
    same("body of HEAD", head.body().len(), 0)
}

async fn path_and_query_arrive_unchanged(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for target in [
        "/echo",
        "/echo/",
        "/echo//twice/",
        "/echo?",
        "/echo?a=b&c=d%20e+f",
        "/echo/blt%7B1%7D/a%2Fb;v=1,2(3)!*$@:'",
        "/echo/.../a..b/.c",
        "/echo?q=%7B%22a%22%3A%27b%27%7D&x=/?:@!$()*,;",
    ] {
        let echo = echo(transport, request("GET", &peer.url(target), "")?).await?;
        same("target", echo.target.as_str(), target)?;
    }
    Ok(())
}

async fn headers_arrive_unchanged(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let mut request = request("POST", &peer.url("/echo"), "{}")?;
    let headers = request.headers_mut();
    for (name, value) in [
        ("authtoken", &b"a secret"[..]),
        ("authorization", b"b secret"),
        ("content-type", b"application/json"),
        ("accept", b"application/json"),
        ("user-agent", b"me/1"),
        ("x-latin", b"caf\xe9"),
    ] {
        let mut value = HeaderValue::from_bytes(value).map_err(http::Error::from)?;
        value.set_sensitive(name.starts_with("auth"));
        headers.insert(name, value);
    }
    headers.append("x-many", HeaderValue::from_static("one"));
    headers.append("x-many", HeaderValue::from_static("two"));

    let echo = echo(transport, request).await?;
    for (name, values) in [
        ("authtoken", vec!["a secret"]),
        ("authorization", vec!["b secret"]),
        ("content-type", vec!["application/json"]),
        ("accept", vec!["application/json"]),
        ("user-agent", vec!["me/1"]),
        ("x-latin", vec!["caf\\xe9"]),
        ("x-many", vec!["one", "two"]),
    ] {
        same(name, echo.values(name), values)?;
    }
    for name in ["accept-encoding", "cookie", "referer", "expect"] {
        same(name, echo.values(name), vec![])?;
    }
    Ok(())
}

async fn headers_and_body_come_back_unchanged(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let answer = answered(transport, request("GET", &peer.url("/echo"), "")?, 200).await?;
    let many: Vec<_> =
        answer.headers().get_all("x-many").iter().filter_map(|value| value.to_str().ok()).collect();
    same("x-many", many, vec!["one", "two"])?;
    same("content-type", header(&answer, "content-type"), "text/plain")?;
    for length in [0, 1, 20_000] {
        let answer =
            answered(transport, request("GET", &peer.url(&format!("/bytes/{length}")), "")?, 200).await?;
        same("length", answer.body().len(), length)?;
        same("bytes", answer.body().iter().all(|byte| *byte == b'x'), true)?;
    }
    Ok(())
}

async fn every_status_is_an_answer(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for status in
        [200, 201, 202, 204, 300, 304, 400, 401, 403, 404, 409, 412, 422, 429, 500, 502, 503, 504, 599]
    {
        for method in ["GET", "POST"] {
            let answer =
                answered(transport, request(method, &peer.url(&format!("/status/{status}")), "")?, status)
                    .await?;
            let body = if matches!(status, 204 | 304) { "" } else { "a body" };
            same(&format!("body of {status}"), answer.body().as_ref(), body.as_bytes())?;
        }
    }
    Ok(())
}

async fn redirects_are_answers(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for status in [301, 302, 303, 307, 308] {
        for method in ["GET", "POST", "DELETE"] {
            let url = peer.url(&format!("/redirect/{status}?to=/echo"));
            let answer = answered(transport, request(method, &url, "")?, status).await?;
            same("location", header(&answer, "location"), "/echo")?;
            same("body", answer.body().as_ref(), b"elsewhere".as_slice())?;
        }
    }
    Ok(())
}

async fn redirects_reach_no_second_host(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let other = Peer::start()?;
    for status in [301, 302, 303, 307, 308] {
        let url = peer.url(&format!("/redirect/{status}?to={}", other.url("/echo")));
        let mut request = request("GET", &url, "")?;
        request.headers_mut().insert("authtoken", HeaderValue::from_static("a secret"));
        let answer = answered(transport, request, status).await?;
        same("location", header(&answer, "location"), other.url("/echo").as_str())?;
    }
    same("requests to the other host", other.requests().len(), 0)?;
    same("connections to the other host", other.connections(), 0)
}

async fn cookies_are_not_kept(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    for _ in 0..2 {
        let answer = answered(transport, request("GET", &peer.url("/echo"), "")?, 200).await?;
        same("set-cookie", header(&answer, "set-cookie"), "session=1; Path=/")?;
        same("cookie", Echo::parse(answer.body())?.values("cookie"), vec![])?;
    }
    Ok(())
}

async fn encoded_bodies_come_back_as_they_are(transport: &dyn Transport, peer: &Peer) -> Result<(), Failure> {
    let answer = answered(transport, request("GET", &peer.url("/encoded"), "")?, 200).await?;
    same("content-encoding", header(&answer, "content-encoding"), "gzip")?;
    same("body", answer.body().as_ref(), b"not gzip".as_slice())
}

async fn the_clock_moves_with_sleep(transport: &dyn Transport, _: &Peer) -> Result<(), Failure> {
    let before = transport.now();
    transport.sleep(Duration::from_millis(30)).await;
    let passed = transport.now().duration_since(before).as_millis();
    // A wall clock may be set back a little while it is being disciplined.
    if passed >= 25 {
        Ok(())
    } else {
        Err(Failure::new(format!("30 ms of sleep moved the clock by {passed} ms")))
    }
}

/// A header of an answer as text; empty when it is absent.
fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
