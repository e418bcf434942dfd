//! What the client could not do, with its exit code.

use cs_tokens::{Error, SourceError};
use cs_transport::ErrorKind;

use super::Failure;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::target::trust::CA_FILE;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of_client(&error)
    }
}

impl Failure {
    /// What the client could not do.
    pub(crate) fn of_client(error: &Error) -> Self {
        if let Error::Invalid(violations) = error {
            return Self::invalid(violations.items().iter().map(Problem::from_violation).collect());
        }
        let mut failure = Self::new(exit(error), error.code(), error.to_string());
        if let Some(source) = std::error::Error::source(error) {
            failure = failure.caused_by(source);
        }
        failure.hints.extend(error.fix());
        if matches!(error, Error::NoAnswer { source, .. } if source.kind == ErrorKind::Tls) {
            failure =
                failure.hint(format!("{CA_FILE} names a file of authorities to trust beside the usual ones"));
        }
        if let Some(answer) = error.api_error() {
            failure.needs_login = answer.is_authentication();
            failure.api = Some(Box::new(answer.clone()));
        }
        failure
    }
}

/// The exit code of an error.
fn exit(error: &Error) -> Exit {
    match error {
        Error::Invalid(_) => Exit::Invalid,
        Error::Denied(_) => Exit::Denied,
        Error::Refused { .. } | Error::Redirected { .. } => Exit::Refused,
        Error::NoAnswer { .. } | Error::GaveUp { .. } => Exit::NoAnswer,
        Error::OutcomeUnknown { .. } => Exit::Unknown,
        Error::Source { source, .. } => match source.root() {
            SourceError::Refused(_) | SourceError::GrantLost(_) | SourceError::Redirected => Exit::Refused,
            SourceError::NoAnswer(_) | SourceError::Busy | SourceError::Late => Exit::NoAnswer,
            SourceError::Unknown(_) => Exit::Unknown,
            _ => Exit::Usage,
        },
        Error::Url(_) | Error::Credential(_) => Exit::Usage,
        // The request took effect, or may have, and what came of it cannot be read.
        _ if error.may_have_changed() => Exit::Unknown,
        _ => Exit::Unexpected,
    }
}
