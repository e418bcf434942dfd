//! The kinds of credential that a request can carry.

use std::fmt;

use cs_model::{Documented, Route, TokenKind};

/// A kind of credential: the five kinds of token (seed 001, "Types of Tokens"; seed 002, "Preview Token Collection"), OAuth tokens
/// (CMA-doc, "Authentication"), and none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every kind has a column in the tables; a new one is a new version"
)]
pub enum Kind {
    /// A delivery token (seed 001, "Delivery Tokens").
    Delivery,
    /// A preview token (seed 002, "Preview Token Collection").
    Preview,
    /// A management token (seed 001, "Management Tokens").
    Management,
    /// A user's authtoken (seed 001, "Authentication Tokens (Authtokens)").
    Authtoken,
    /// The legacy access token of an old stack (seed 001, "Access Tokens").
    Access,
    /// An OAuth access token: `Bearer` and a value in the `authorization` header (CMA-doc, "Authentication"; guide-auth).
    OAuth,
    /// No credential: enough for logging in and for links in e-mails (OA3).
    Anonymous,
}

impl Kind {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// All kinds, in the order of the tables.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Delivery,
        Self::Preview,
        Self::Management,
        Self::Authtoken,
        Self::Access,
        Self::OAuth,
        Self::Anonymous,
    ];

    /// The name in rules and on the command line: `management`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Preview => "preview",
            Self::Management => "management",
            Self::Authtoken => "authtoken",
            Self::Access => "access",
            Self::OAuth => "oauth",
            Self::Anonymous => "anonymous",
        }
    }

    /// The kind of this name.
    ///
    /// ```
    /// use cs_policy::Kind;
    /// assert_eq!(Kind::find("oauth"), Some(Kind::OAuth));
    /// assert_eq!(Kind::find("OAuth"), None);
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the route table says of a credential of this kind on a route.
    ///
    /// The delivery API's header carries delivery and legacy access tokens alike; for the latter only the REST API is
    /// documented (seed 001, "Access Tokens"). For OAuth the table names a scope or it does not; `Silent` where the scope follows from the module.
    #[must_use]
    pub fn documented(self, route: &Route, oauth_scope_known: bool) -> Documented {
        let credential_free = is_credential_free(route);
        match self {
            Self::Delivery | Self::Access => route.delivery_token,
            Self::Preview => route.preview_token,
            Self::Management => route.management_token,
            Self::Authtoken => route.authtoken,
            Self::OAuth if !route.oauth_scope.is_empty() => Documented::Yes,
            Self::OAuth if oauth_scope_known => Documented::Silent,
            Self::OAuth => Documented::No,
            Self::Anonymous if credential_free => Documented::Yes,
            Self::Anonymous => Documented::No,
        }
    }
}

/// Whether no document asks for a credential: logging in, activating an account, following a link in an e-mail.
#[must_use]
pub(crate) fn is_credential_free(route: &Route) -> bool {
    [route.authtoken, route.management_token, route.delivery_token, route.preview_token]
        .iter()
        .all(|column| *column == Documented::No)
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<TokenKind> for Kind {
    fn from(kind: TokenKind) -> Self {
        match kind {
            TokenKind::Delivery => Self::Delivery,
            TokenKind::Preview => Self::Preview,
            TokenKind::Management => Self::Management,
            TokenKind::Authtoken => Self::Authtoken,
            TokenKind::AccessToken => Self::Access,
        }
    }
}
