//! Scopes that can be compared, out of drafts and tokens.

use cs_model::{DeliveryToken, DeliveryTokenDraft, Grant, ManagementToken, ManagementTokenDraft};

use crate::{DeliveryFacts, Kind, ManagementFacts, Principal};

/// What a token reaches: made of a draft, of a token as it was answered, or of plain facts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "two kinds of token have a scope of their own")]
pub enum Scope {
    /// Of a delivery token. Its preview token reaches the same (seed 002, "Create preview token").
    Delivery(DeliveryFacts),
    /// Of a management token.
    Management(ManagementFacts),
}

impl Scope {
    /// The kind of token.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Delivery(_) => Kind::Delivery,
            Self::Management(_) => Kind::Management,
        }
    }

    /// The principal with this scope.
    #[must_use]
    pub fn principal(&self) -> Principal {
        match self {
            Self::Delivery(facts) => Principal::Delivery(facts.clone()),
            Self::Management(facts) => Principal::Management(facts.clone()),
        }
    }

    /// Branches.
    #[must_use]
    pub const fn branches(&self) -> &Grant {
        match self {
            Self::Delivery(facts) => &facts.branches,
            Self::Management(facts) => &facts.branches,
        }
    }

    /// Whether the stack has no branches, and is all `main`.
    #[must_use]
    pub const fn stack_without_branches(&self) -> bool {
        match self {
            Self::Delivery(facts) => facts.stack_without_branches,
            Self::Management(facts) => facts.stack_without_branches,
        }
    }

    /// Branch aliases.
    #[must_use]
    pub const fn aliases(&self) -> &Grant {
        match self {
            Self::Delivery(facts) => &facts.aliases,
            Self::Management(facts) => &facts.aliases,
        }
    }
}

impl From<DeliveryFacts> for Scope {
    fn from(facts: DeliveryFacts) -> Self {
        Self::Delivery(facts)
    }
}

impl From<ManagementFacts> for Scope {
    fn from(facts: ManagementFacts) -> Self {
        Self::Management(facts)
    }
}

impl From<&DeliveryTokenDraft> for Scope {
    fn from(draft: &DeliveryTokenDraft) -> Self {
        Self::Delivery(draft.into())
    }
}

impl From<&ManagementTokenDraft> for Scope {
    fn from(draft: &ManagementTokenDraft) -> Self {
        Self::Management(draft.into())
    }
}

impl From<&DeliveryToken> for Scope {
    fn from(token: &DeliveryToken) -> Self {
        Self::Delivery(token.into())
    }
}

impl From<&ManagementToken> for Scope {
    fn from(token: &ManagementToken) -> Self {
        Self::Management(token.into())
    }
}
