//! Answers, before they become HTTP.

use bytes::Bytes;
use cs_model::profile::AnswerShape;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

/// A status and a body.
#[derive(Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

// Bodies hold values of tokens.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    /// 200
    pub(crate) const fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// 201
    pub(crate) const fn created(body: Value) -> Self {
        Self { status: 201, body }
    }

    /// Nothing but a status.
    pub(crate) const fn empty(status: u16) -> Self {
        Self { status, body: Value::Null }
    }

    /// Nothing but a sentence.
    pub(crate) fn notice(says: &str) -> Self {
        Self::ok(json!({ "notice": says }))
    }

    /// As the reference page prints it, where it differs from what the vendor's clients see: `notice:` for `notice`
    /// and `tokens: [one]` for `token` (seed 002, "Delivery Token Collection").
    pub(crate) fn in_shape(mut self, shape: AnswerShape) -> Self {
        let AnswerShape::Documented = shape else { return self };
        if let Value::Object(body) = &mut self.body {
            rename(body, "notice", "notice:", |value| value);
            rename(body, "token", "tokens", |value| json!([value]));
        }
        self
    }

    /// The number of the error in it.
    pub(crate) fn error_code(&self) -> Option<u64> {
        self.body.get("error_code").and_then(Value::as_u64)
    }

    /// As HTTP.
    pub(crate) fn respond(self) -> Response<Bytes> {
        if self.body.is_null() {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::NO_CONTENT);
            return response;
        }
        let mut response = Response::new(Bytes::from(self.body.to_string()));
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
