//! What can be planned to go wrong.

use std::time::Duration;

use bytes::Bytes;
use cs_model::generated::ERRORS;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::reply::Reply;

/// Something that goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No connection is made: the service never sees the request, and the sender knows.
    NoConnection,
    /// The request is lost on its way: the service never sees it, and the sender cannot know.
    LoseRequest,
    /// The service does what is asked, and its answer is lost.
    LoseAnswer,
    /// Something before the service answers with this status; the service never sees the request.
    Status(u16),
    /// The service does what is asked, and half of the answer's body comes back as if it were all.
    Truncate,
    /// The answer takes this long.
    Slow(Duration),
}

/// The answer of whatever stands before the service: as the service would say it where the error table has such a status.
pub(super) fn answer(status: u16) -> Response<Bytes> {
    let row = ERRORS.iter().find(|row| row.statuses.first() == Some(&status));
    let body = match row.and_then(|row| Some((row.message, row.sent_code()?))) {
        Some((message, code)) => json!({ "error_message": message, "error_code": code }),
        None => Value::Object(serde_json::Map::new()),
    };
    let mut response = Reply { status, body }.respond();
    if let Ok(status) = StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    response
}
