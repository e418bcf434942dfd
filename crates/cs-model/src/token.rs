//! The five kinds of token.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Secret, TokenUid};

/// The kinds of token (seed 001, "Types of Tokens").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the documents know five kinds")]
pub enum TokenKind {
    /// Reads published content of one environment.
    Delivery,
    /// Reads drafts on the preview hosts; belongs to a delivery token.
    Preview,
    /// Reads and writes content of one stack, within a scope.
    Management,
    /// A user's session: does what the user's role allows.
    Authtoken,
    /// The retired stack-wide read token; stacks made after 2020-12-16 have none.
    AccessToken,
}

impl TokenKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Delivery, Self::Preview, Self::Management, Self::Authtoken, Self::AccessToken];

    /// The header that carries a token of this kind.
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

/// A preview token. It has no uid, name or scope of its own: it lives and dies with its delivery token.
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

/// An authtoken: one session of one user. At most 20 live at a time (seed 001); they do not expire by time.
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

/// The legacy access token of a stack: reads published and draft content of every environment.
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
