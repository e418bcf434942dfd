//! Answers that leave open what was done.

use cs_model::{ApiError, ShapeError};
use cs_transport::TransportError;

use super::to_host;
use crate::Error;

/// Why there is no answer to rely on to a request that may have had its effect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Lost {
    /// No complete answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An answer that says nothing of what the API did: a 5xx or 499, which can come from whatever stands between, or a 408.
    #[error(transparent)]
    Refused(Box<ApiError>),
    /// An answer that names another place, which some servers give to a request that they have carried out (RFC 9110,
    /// section 15.4.4).
    #[error("the request was redirected{}", to_host(.host.as_deref(), *.region))]
    Redirected {
        /// The host that it named, when it named one.
        host: Option<String>,
        /// The region whose host that is.
        region: Option<&'static str>,
    },
    /// The answer says that it was done, and cannot be read.
    #[error(transparent)]
    Shape(ShapeError),
    /// The answer says that it was done, and lacks the value that it should show.
    #[error("the answer holds no {what}")]
    NoValue {
        /// What is missing.
        what: &'static str,
    },
}

impl Lost {
    /// Takes an error that leaves open what happened; gives back every other one as it is.
    pub(crate) fn from_error(error: Error) -> Result<Self, Error> {
        match error {
            error if !error.may_have_changed() => Err(error),
            Error::OutcomeUnknown { source, .. } => Ok(source),
            Error::Refused { answer, .. } => Ok(Self::Refused(answer)),
            Error::Redirected { host, region, .. } => Ok(Self::Redirected { host, region }),
            Error::Shape { source, .. } => Ok(Self::Shape(source)),
            Error::NoValue { what, .. } => Ok(Self::NoValue { what }),
            other => Err(other),
        }
    }
}

/// Whether a status says nothing of what was done. A refusal by the API itself is a 4xx; a 5xx can come from anywhere on the way
/// back, as can 499, by which a proxy says that somebody did not wait; and a 408 only says that time ran out.
pub(crate) const fn leaves_open(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 499)
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;
    use cs_transport::{ErrorKind, Sent};

    use super::*;
    use crate::Operation;

    #[test]
    fn what_may_have_changed_something() {
        let read = Operation(route::GET_STACKS_DELIVERY_TOKENS);
        let write = Operation(route::POST_STACKS_DELIVERY_TOKENS);
        let refused =
            |operation, status| Error::Refused { operation, answer: Box::new(ApiError::read(status, b"")) };
        for status in [408, 499, 500, 503] {
            assert!(refused(write, status).may_have_changed(), "{status}");
            assert!(!refused(read, status).may_have_changed(), "{status}");
        }
        assert!(!refused(write, 422).may_have_changed());
        let redirected = |operation| Error::Redirected { operation, host: None, region: None };
        assert!(redirected(write).may_have_changed() && !redirected(read).may_have_changed());
        let source = TransportError::new(ErrorKind::Interrupted, Sent::Maybe);
        let unknown =
            Error::OutcomeUnknown { operation: write, check: "look".to_owned(), source: source.into() };
        assert!(unknown.may_have_changed());
        assert_eq!(unknown.code(), "outcome_unknown");
    }
}
