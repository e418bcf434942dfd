//! What is linted: a draft, a token as it was answered, or the legacy access token.

use cs_model::{
    DeliveryToken, DeliveryTokenDraft, Draft, Expiry, ManagementToken, ManagementTokenDraft, ScopeEntry,
    StackNames, TokenUid,
};
use serde::Serialize;

use crate::compare::Scope;
use crate::{AccessFacts, Kind};

/// A token with all that lints read of it, and no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// Its kind: delivery, management or access.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its uid; `None` for a draft.
    pub uid: Option<TokenUid>,
    /// What it reaches; `None` for the access token, which reads everything of its stack.
    pub scope: Option<Scope>,
    /// Its scope entry by entry, as it was answered or would be sent.
    pub entries: Vec<ScopeEntry>,
    /// Whether its maker is told by e-mail before it expires.
    pub notice: bool,
    /// What is known of the access token.
    pub access: Option<AccessFacts>,
    /// Where it stands, for reports.
    pub origin: Option<Origin>,
}

/// Where something stands in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Origin {
    /// The file: a path from the root of the repository, with `/`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl Origin {
    /// A line of a file.
    pub fn new(file: impl Into<String>, line: usize) -> Self {
        Self { file: file.into(), line }
    }
}

impl Token {
    /// The legacy access token of a stack, where something uses it.
    #[must_use]
    pub fn access(facts: AccessFacts) -> Self {
        Self { access: Some(facts), ..Self::bare(Kind::Access, "") }
    }

    /// The same with the place where it stands.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Its name in findings and baselines: kind and name, `management/ci`; `access` for the access token.
    #[must_use]
    pub fn subject(&self) -> String {
        if self.kind == Kind::Access {
            self.kind.name().to_owned()
        } else {
            format!("{}/{}", self.kind, self.name)
        }
    }

    /// When it stops working; never for kinds that have no expiry.
    #[must_use]
    pub const fn expiry(&self) -> &Expiry {
        match &self.scope {
            Some(Scope::Management(facts)) => &facts.expires,
            _ => &Expiry::Never,
        }
    }

    /// Whether both are one token: by uid, or by kind and name where a draft is one of them.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.kind == other.kind
            && match (&self.uid, &other.uid) {
                (Some(own), Some(others)) => own == others,
                _ => self.name == other.name,
            }
    }

    fn bare(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            uid: None,
            scope: None,
            entries: Vec::new(),
            notice: false,
            access: None,
            origin: None,
        }
    }
}

impl From<&DeliveryToken> for Token {
    fn from(token: &DeliveryToken) -> Self {
        Self {
            uid: Some(token.uid.clone()),
            scope: Some(token.into()),
            entries: token.scope.clone(),
            ..Self::bare(Kind::Delivery, &token.name)
        }
    }
}

impl From<&DeliveryTokenDraft> for Token {
    fn from(draft: &DeliveryTokenDraft) -> Self {
        Self {
            scope: Some(draft.into()),
            entries: draft.scope(&StackNames::default()),
            ..Self::bare(Kind::Delivery, &draft.name)
        }
    }
}

impl From<&ManagementToken> for Token {
    fn from(token: &ManagementToken) -> Self {
        Self {
            uid: Some(token.uid.clone()),
            scope: Some(token.into()),
            entries: token.scope.clone(),
            notice: token.is_email_notification_enabled.unwrap_or(false),
            ..Self::bare(Kind::Management, &token.name)
        }
    }
}

impl From<&ManagementTokenDraft> for Token {
    fn from(draft: &ManagementTokenDraft) -> Self {
        Self {
            scope: Some(draft.into()),
            entries: draft.scope(&StackNames::default()),
            notice: draft.email_notification,
            ..Self::bare(Kind::Management, &draft.name)
        }
    }
}
