//! Why something was not made.

use crate::refusal::Stop;
use crate::store::StoreError;

/// Why something was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// Another user has this e-mail address.
    #[error("a user with the e-mail address `{0}` exists")]
    EmailTaken(String),
    /// Something is named that does not exist.
    #[error("there is no {what} `{uid}`")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// How it was named.
        uid: String,
    },
    /// The demo stack was to be made while other machines can reach the service.
    #[error(
        "the demo stack has a password that everybody knows, and the service can be reached from other machines"
    )]
    DemoReachable,
    /// What was given is no e-mail address.
    #[error("`{0}` is no e-mail address")]
    BadEmail(String),
    /// Something that must say something is empty.
    #[error("the {0} is empty")]
    Blank(&'static str),
    /// OAuth scopes that no document names.
    #[error("no document names the scope `{}`", .0.join("`, `"))]
    UnknownScopes(Vec<String>),
    /// A mail was asked for that there is no reason to send.
    #[error("no such mail is due: the {what} `{uid}` {state}")]
    NotDue {
        /// What kind of thing.
        what: &'static str,
        /// Which one.
        uid: String,
        /// What is the matter with it.
        state: &'static str,
    },
    /// Something was to be left without an owner.
    #[error("the {what} `{uid}` needs an owner: give it to another user instead")]
    OwnerNeeded {
        /// What kind of thing.
        what: &'static str,
        /// Which one.
        uid: String,
    },
    /// The stack was made after the time of access tokens.
    #[error("the stack `{0}` has no access token: it was made too late")]
    NoAccessToken(String),
    /// The user's role does not allow it.
    #[error("the role of the user `{user}` does not allow it")]
    Forbidden {
        /// The uid of the user.
        user: String,
    },
    /// The secret of an authenticator is not base 32. It is no part of the message.
    #[error("the secret of the authenticator is not base 32")]
    AuthenticatorSecret,
    /// No hash can be made of the password.
    #[error("no hash can be made of the password")]
    Password,
    /// The service refused a request that was made in the course of it.
    #[error("the service answered {status} to `{what}`")]
    Refused {
        /// The method and path.
        what: String,
        /// The status.
        status: u16,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl From<AdminError> for Stop {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Store(error) => Self::Store(error),
            _ => cs_model::generated::ErrorId::Internal.into(),
        }
    }
}
