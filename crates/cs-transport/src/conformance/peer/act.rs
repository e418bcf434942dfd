//! What the peer does to a request.

use std::fmt::Write as _;
use std::io;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::Stream;
use crate::conformance::respond::{has_no_body, respond};

/// What becomes of the connection.
#[derive(PartialEq, Eq)]
pub(super) enum After {
    KeepOpen,
    Close,
}

/// A step of an answer.
enum Step {
    Send(Vec<u8>),
    Pause(usize),
    /// Says that the side is done, as TLS does it before it closes.
    End,
}

/// Answers a request, well or badly.
pub(super) fn answer(stream: &mut dyn Stream, request: &Request<Bytes>) -> io::Result<After> {
    let Some((steps, after)) = script(request.uri().path()) else {
        stream.write_all(&encode(request, &respond(request)))?;
        stream.flush()?;
        return Ok(After::KeepOpen);
    };
    for step in steps {
        match step {
            Step::Send(bytes) => stream.write_all(&bytes)?,
            Step::Pause(milliseconds) => {
                stream.flush()?;
                thread::sleep(Duration::from_millis(milliseconds as u64));
            }
            Step::End => stream.end()?,
        }
    }
    stream.flush()?;
    Ok(after)
}

/// The steps for the paths that are not answered in the ordinary way.
fn script(path: &str) -> Option<(Vec<Step>, After)> {
    let mut segments = path.split('/').skip(1);
    let name = segments.next()?;
    let n = segments.next().and_then(|number| number.parse().ok()).unwrap_or(0);
    let send = |text: &str| Step::Send(text.as_bytes().to_vec());
    let ok = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    let steps = match name {
        "chunked" => return Some((vec![Step::Send(chunked(n))], After::KeepOpen)),
        "until-close" => vec![send(&format!("{ok}\r\n{}", "x".repeat(n))), Step::End],
        "cut-off" => vec![send(&format!("{ok}\r\n{}", "x".repeat(n)))],
        "head" => vec![send(&format!("{ok}x-long: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(n)))],
        "headers" => vec![send(&format!("{ok}{}content-length: 0\r\n\r\n", many_headers(n)))],
        "interim" => {
            let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
            vec![send(&format!("{early}{ok}content-length: 5\r\n\r\nfinal"))]
        }
        "http10" => vec![send("HTTP/1.0 200 OK\r\n\r\nold"), Step::End],
        "slow-head" => vec![Step::Pause(n), send(&format!("{ok}content-length: 0\r\n\r\n"))],
        "slow-body" => vec![send(&format!("{ok}content-length: 4\r\n\r\nab")), Step::Pause(n), send("cd")],
        "truncated" => vec![send(&format!("{ok}content-length: 100\r\n\r\nonly this"))],
        "truncated-chunked" => vec![send(&format!("{ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"))],
        "truncated-head" => vec![send("HTTP/1.1 200 O")],
        "hang-up" => vec![],
        "garbage" => vec![send("this is not HTTP\r\n\r\n")],
        "bad-chunk" => vec![send(&format!("{ok}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"))],
        "bad-length" => vec![send(&format!("{ok}content-length: many\r\n\r\nhello"))],
        "close-later" => vec![send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), Step::End],
        _ => return None,
    };
    Some((steps, After::Close))
}

fn chunked(length: usize) -> Vec<u8> {
    let mut text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    for start in (0..length).step_by(1_000) {
        let size = (length - start).min(1_000);
        // Writing to a string does not fail.
        let _ = write!(text, "{size:x}\r\n{}\r\n", "x".repeat(size));
    }
    text.push_str("0\r\n\r\n");
    text.into_bytes()
}

fn many_headers(count: usize) -> String {
    (0..count).map(|i| format!("x-{i}: y\r\n")).collect()
}

fn encode(request: &Request<Bytes>, answer: &Response<Bytes>) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    if !has_no_body(request, answer.status()) {
        bytes.extend_from_slice(format!("content-length: {}\r\n", answer.body().len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(answer.body());
    bytes
}
