//! What can be planned to go wrong, in process and over HTTP alike.

mod answer;
mod plan;

use std::time::Duration;

use cs_model::generated::ErrorId;

pub(crate) use answer::answer;
#[cfg(feature = "server")]
pub(crate) use answer::rows_with;
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
    /// The request is answered with this status, and the body that the service has for it and for such a request where the error
    /// table has such a status; it is not carried out.
    Status(u16),
    /// The request is answered with this row of the error table, and this status; it is not carried out.
    Error(u16, ErrorId),
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
            Self::Status(_) | Self::Error(..) => "status",
            Self::Truncate => "truncate",
            Self::Slow(_) => "slow",
            Self::SlowBody(_) => "slow_body",
        }
    }

    /// The row of the error table that it names.
    pub(crate) const fn row(self) -> Option<ErrorId> {
        match self {
            Self::Error(_, id) => Some(id),
            _ => None,
        }
    }
}
