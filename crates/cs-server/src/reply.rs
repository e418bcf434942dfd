//! Answers, before they become HTTP.

use bytes::Bytes;
use cs_model::profile::AnswerShape;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::limiter::Allowance;
use crate::store::StoreError;

/// How many bytes a body has room for before it grows: some more than one token takes.
const USUAL: usize = 2 << 10;

/// A status and a body.
#[derive(Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    body: Body,
    /// A limit of its own that the request counted against, beside those of each second.
    pub(crate) allowance: Option<Allowance>,
}

/// The body of an answer.
#[derive(Clone, PartialEq)]
enum Body {
    /// In parts, to be written.
    Parts(Value),
    /// Written.
    Text(Vec<u8>),
}

// Bodies hold values of tokens.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    pub(crate) const fn new(status: u16, body: Value) -> Self {
        Self { status, body: Body::Parts(body), allowance: None }
    }

    /// 200
    pub(crate) const fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    /// 201
    pub(crate) const fn created(body: Value) -> Self {
        Self::new(201, body)
    }

    /// Nothing but a status.
    pub(crate) const fn empty(status: u16) -> Self {
        Self::new(status, Value::Null)
    }

    /// A body that is written at once, and never lies there in parts: for what is asked for often.
    pub(crate) fn written(status: u16, body: &impl Serialize) -> Result<Self, StoreError> {
        // A shape that cannot become JSON is a fault of its type; nothing that a record holds leads there.
        let mut text = Vec::with_capacity(USUAL);
        serde_json::to_writer(&mut text, body).map_err(StoreError::engine)?;
        Ok(Self { status, body: Body::Text(text), allowance: None })
    }

    /// The same, with a limit that the request counted against.
    pub(crate) const fn counted(mut self, allowance: Option<Allowance>) -> Self {
        self.allowance = allowance;
        self
    }

    /// Nothing but a sentence.
    pub(crate) fn notice(says: &str) -> Self {
        Self::ok(json!({ "notice": says }))
    }

    /// As the reference page prints it, where it differs from what the vendor's clients see: `notice:` for `notice`
    /// and `tokens: [one]` for `token` (seed 002, "Delivery Token Collection").
    pub(crate) fn in_shape(mut self, shape: AnswerShape) -> Self {
        let AnswerShape::Documented = shape else { return self };
        if let Body::Text(text) = &self.body
            && let Ok(parts) = serde_json::from_slice(text)
        {
            self.body = Body::Parts(parts);
        }
        if let Body::Parts(Value::Object(body)) = &mut self.body {
            rename(body, "notice", "notice:", |value| value);
            rename(body, "token", "tokens", |value| json!([value]));
        }
        self
    }

    /// The number of the error in it.
    pub(crate) fn error_code(&self) -> Option<u64> {
        match &self.body {
            Body::Parts(body) => body.get("error_code").and_then(Value::as_u64),
            // No error is written at once.
            Body::Text(_) => None,
        }
    }

    /// As HTTP.
    pub(crate) fn respond(self) -> Response<Bytes> {
        let text = match self.body {
            Body::Parts(Value::Null) => None,
            Body::Parts(body) => Some(body.to_string().into_bytes()),
            Body::Text(text) => Some(text),
        };
        let Some(text) = text else {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::NO_CONTENT);
            return response;
        };
        let mut response = Response::new(Bytes::from(text));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

fn rename(body: &mut Map<String, Value>, from: &str, to: &str, change: impl Fn(Value) -> Value) {
    if let Some(value) = body.remove(from) {
        body.insert(to.to_owned(), change(value));
    }
}
