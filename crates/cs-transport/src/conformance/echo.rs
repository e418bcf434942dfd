//! A request as the peer saw it, as text in the body of an answer.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderMap, Request};

use super::Failure;

/// A request as the peer saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Echo {
    /// The method.
    pub method: String,
    /// Path and query, unchanged.
    pub target: String,
    /// Names in lower case with their values, sorted; bytes outside ASCII are escaped as in Rust.
    pub headers: Vec<(String, String)>,
    /// The body, escaped as in Rust.
    pub body: String,
}

impl Echo {
    /// Writes down a request.
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        Self {
            method: request.method().to_string(),
            target: target.to_owned(),
            headers: sorted(request.headers()),
            body: request.body().escape_ascii().to_string(),
        }
    }

    /// One line for the method, one for the target, one for each header, an empty one, the body.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.method, self.target);
        for (name, value) in &self.headers {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{name}: {value}");
        }
        text.push('\n');
        text.push_str(&self.body);
        text
    }

    /// Reads what the peer's `/echo` answered.
    ///
    /// # Errors
    ///
    /// When `body` is something else.
    pub fn parse(body: &[u8]) -> Result<Self, Failure> {
        let parsed = std::str::from_utf8(body).ok().and_then(Self::parse_text);
        parsed.ok_or_else(|| Failure::new("the answer is not an echo".to_owned()))
    }

    fn parse_text(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\n\n")?;
        let mut lines = head.lines();
        let method = lines.next()?.to_owned();
        let target = lines.next()?.to_owned();
        let headers = lines
            .map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect::<Option<_>>()?;
        Some(Self { method, target, headers, body: body.to_owned() })
    }

    /// The values of a header.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }
}

fn sorted(headers: &HeaderMap) -> Vec<(String, String)> {
    let escape = |value: &[u8]| value.escape_ascii().to_string();
    let mut sorted: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str().to_owned(), escape(value.as_bytes()))).collect();
    // Stable in the values of one name: their order means something.
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    sorted
}
