//! The five kinds of token.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Secret, TokenUid};

/// The kinds of token (seed 001, "Types of Tokens").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the documents know five kinds")]
pub enum TokenKind {
    /// Reads published content of one environment (seed 001, "Delivery Tokens").
    Delivery,
    /// Reads drafts on the preview hosts; belongs to a delivery token (seed 002, "Preview Token Collection").
    Preview,
    /// Reads and writes content of one stack, within a scope (seed 001, "Management Tokens"; seed 002, "Create management token").
    Management,
    /// A user's session (seed 001, "Authentication Tokens (Authtokens)"): does what the user's role allows (OA3; guide-auth).
    Authtoken,
    /// The retired stack-wide read token; stacks made after 2020-12-16 have none (seed 001, "Access Tokens").
    AccessToken,
}

impl TokenKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Delivery, Self::Preview, Self::Management, Self::Authtoken, Self::AccessToken];

    /// The header that carries a token of this kind, its value bare: `authtoken` and `authorization` (seed 000, "Content Management
    /// API Authentication"), `access_token` (CDA-OA), `preview_token` (JS-delivery, `src/core/lib/utils.js`).
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            // The delivery API kept the header's name when delivery tokens replaced access tokens.
            Self::Delivery | Self::AccessToken => "access_token",
            Self::Preview => "preview_token",
            Self::Management => "authorization",
            Self::Authtoken => "authtoken",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivery => "delivery token",
            Self::Preview => "preview token",
            Self::Management => "management token",
            Self::Authtoken => "authtoken",
            Self::AccessToken => "access token",
        })
    }
}

/// A preview token. It has no uid, name or scope of its own (seed 002, "Create preview token"): it dies with its delivery token, or
/// before (delete-delivery-token).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PreviewToken {
    /// The delivery token that it belongs to.
    pub delivery_token: TokenUid,
    /// Its value.
    pub value: Secret,
}

impl PreviewToken {
    /// A preview token of this delivery token.
    #[must_use]
    pub const fn new(delivery_token: TokenUid, value: Secret) -> Self {
        Self { delivery_token, value }
    }
}

/// An authtoken: one session of one user. At most 20 live at a time, and the 21st ends the oldest; they do not expire by time (seed
/// 001, "Authentication Tokens (Authtokens)"), though testers saw some end (third-party, a QA tool).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Authtoken {
    /// The user whose session it is, when known.
    pub user_uid: Option<String>,
    /// Its value.
    pub value: Secret,
}

impl Authtoken {
    /// A session's token.
    #[must_use]
    pub const fn new(value: Secret) -> Self {
        Self { user_uid: None, value }
    }
}

/// The legacy access token of a stack: reads published and draft content of every environment (seed 001, "Access Tokens").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessToken {
    /// Its value.
    pub value: Secret,
}

impl AccessToken {
    /// The access token of a stack.
    #[must_use]
    pub const fn new(value: Secret) -> Self {
        Self { value }
    }
}
