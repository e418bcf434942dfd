//! The answers of the peer that need no socket.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderValue, Request, Response, StatusCode};

use super::Echo;

/// What the peer answers to an ordinary request; an unknown path is a 404.
///
/// - `/echo…`: 200 and the request as text, see [`Echo`]; sets a cookie.
/// - `/status/N`: that status.
/// - `/redirect/N?to=URL`: that status, and `location` with the URL.
/// - `/bytes/N`: 200 and N bytes.
/// - `/encoded`: 200 and a body that says it is gzip and is not.
pub fn respond(request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path();
    let number = path.rsplit('/').next().and_then(|last| last.parse().ok()).unwrap_or(0);
    let kind = path.split('/').nth(1).unwrap_or_default();
    let mut answer = match kind {
        "echo" => echo(request),
        "status" => plain(u16::try_from(number).unwrap_or(0), "a body"),
        "redirect" => redirect(request, u16::try_from(number).unwrap_or(0)),
        "bytes" => Response::new(Bytes::from(vec![b'x'; number])),
        "encoded" => encoded(),
        _ => plain(404, "no such path"),
    };
    if has_no_body(request, answer.status()) {
        *answer.body_mut() = Bytes::new();
    }
    answer
}

/// Whether HTTP forbids a body here.
pub(super) fn has_no_body(request: &Request<Bytes>, status: StatusCode) -> bool {
    request.method() == http::Method::HEAD
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn plain(status: u16, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
}

fn echo(request: &Request<Bytes>) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(Echo::of(request).to_text()));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.append("x-many", HeaderValue::from_static("one"));
    headers.append("x-many", HeaderValue::from_static("two"));
    headers.insert(SET_COOKIE, HeaderValue::from_static("session=1; Path=/"));
    answer
}

fn redirect(request: &Request<Bytes>, status: u16) -> Response<Bytes> {
    let mut answer = plain(status, "elsewhere");
    let to = request.uri().query().and_then(|query| query.strip_prefix("to="));
    if let Some(to) = to.and_then(|to| HeaderValue::from_str(to).ok()) {
        answer.headers_mut().insert(LOCATION, to);
    }
    answer
}

fn encoded() -> Response<Bytes> {
    let mut answer = plain(200, "not gzip");
    answer.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    answer
}
