//! What a user must show beside the password.

use cs_model::{Moment, Secret};
use serde::{Deserialize, Serialize};

/// A second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum SecondFactor {
    /// An authenticator app.
    Totp {
        /// What app and service share, in base 32. It cannot be a hash: codes are computed from it.
        secret: Secret,
        /// The step whose code was used last: no code works twice, and none from before it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_step: Option<u64>,
    },
    /// Codes by text message.
    Sms {
        /// The code that was sent last, until it is used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sent: Option<SentCode>,
        /// The SHA-256 of the code that was used last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        used: Option<String>,
    },
}

/// A code in a text message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SentCode {
    pub(crate) code: Secret,
    pub(crate) sent_at: Moment,
}

impl SecondFactor {
    /// The name of an authenticator app in `tfa_type`.
    pub(crate) const AUTHENTICATOR: &str = "totp_authenticator";

    /// Its name in `tfa_type`.
    pub(crate) const fn tfa_type(&self) -> &'static str {
        match self {
            Self::Totp { .. } => Self::AUTHENTICATOR,
            Self::Sms { .. } => "sms",
        }
    }
}
