//! What can be planned to go wrong, in process and over HTTP alike.

mod plan;

use std::time::Duration;

use bytes::Bytes;
use cs_model::generated::ERRORS;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::reply::Reply;

pub use plan::{Chance, FaultPlan, Faults, Planned};

/// Something that goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No connection is made: the service never sees the request, and the sender knows. Over HTTP the connection is there
    /// already, so it is closed before anything of the body is read.
    NoConnection,
    /// The request is lost on its way: the service never sees it, and the sender cannot know.
    LoseRequest,
    /// The service does what is asked, and its answer is lost.
    LoseAnswer,
    /// Something before the service answers with this status; the service never sees the request.
    Status(u16),
    /// The service does what is asked, and half of the answer's body comes back: in process as if it were all, over HTTP
    /// with the length of the whole, and then the connection is closed.
    Truncate,
    /// The answer takes this long.
    Slow(Duration),
    /// The answer's head comes at once, and its body bit by bit over this long. In process it is as [`Fault::Slow`].
    SlowBody(Duration),
}

impl Fault {
    /// Its name in logs and in the admin API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoConnection => "no_connection",
            Self::LoseRequest => "lose_request",
            Self::LoseAnswer => "lose_answer",
            Self::Status(_) => "status",
            Self::Truncate => "truncate",
            Self::Slow(_) => "slow",
            Self::SlowBody(_) => "slow_body",
        }
    }
}

/// The answer of whatever stands before the service: as the service would say it where the error table has such a status. With its
/// `error_code`, for the log.
pub(crate) fn answer(status: u16) -> (Response<Bytes>, Option<u64>) {
    let row = ERRORS.iter().find(|row| row.statuses.first() == Some(&status));
    let body = match row.and_then(|row| Some((row.message, row.sent_code()?))) {
        Some((message, code)) => json!({ "error_message": message, "error_code": code }),
        None => Value::Object(serde_json::Map::new()),
    };
    let reply = Reply::new(status, body);
    let code = reply.error_code();
    let mut response = reply.respond();
    if let Ok(status) = StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    (response, code)
}
