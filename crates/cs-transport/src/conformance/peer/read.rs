//! Reads a request, as plainly as the scripts allow.

use std::io::{self, Read};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Request};

use super::Stream;

/// No script sends a bigger head or body.
const LIMIT: usize = 1024 * 1024;

/// A request whose body is not read yet.
pub(super) struct Head(Request<()>);

/// Reads up to the empty line; `None` when the connection ended before a request began.
pub(super) fn head(stream: &mut dyn Stream) -> io::Result<Option<Head>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        bytes.push(byte[0]);
        if bytes[0] == TLS_HANDSHAKE || bytes.len() > LIMIT {
            // A client that speaks TLS gets the answer that an HTTP server gives it.
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
            return Ok(None);
        }
    }
    parse(&bytes).map(Head).map(Some).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// The first byte of a TLS connection.
const TLS_HANDSHAKE: u8 = 22;

fn parse(bytes: &[u8]) -> Option<Request<()>> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut words = lines.next()?.split(|byte| *byte == b' ');
    let (method, target) = (words.next()?, words.next()?);
    let mut request = Request::builder().method(method).uri(target).body(()).ok()?;
    for line in lines.take_while(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

impl Head {
    pub(super) fn path(&self) -> &str {
        self.0.uri().path()
    }

    /// Reads the body, whose length the head says: no transport sends one in chunks.
    pub(super) fn with_body(self, stream: &mut dyn Stream) -> io::Result<Request<Bytes>> {
        let length = self.0.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        stream.take(length.unwrap_or(0)).read_to_end(&mut body)?;
        Ok(self.0.map(|()| Bytes::from(body)))
    }
}
