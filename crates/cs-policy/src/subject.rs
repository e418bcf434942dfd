//! What decisions are about: routes, and the few things that have none.

use cs_model::{RouteId, Source};

use crate::generated::OPERATIONS;

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "with or without a route")]
pub enum Subject {
    /// A route.
    Route(RouteId),
    /// Something without a route.
    Operation(Operation),
}

impl Subject {
    /// Whether it is a GET that changes something. Such routes have actions that no other route has.
    #[must_use]
    pub const fn changes_through_get(self) -> bool {
        match self {
            Self::Route(route) => route.row().state_change,
            Self::Operation(_) => false,
        }
    }
}

/// The place of an operation in [`OPERATIONS`]: something that the documents speak of without naming a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation(u8);

impl Operation {
    /// For the generated constants.
    pub(crate) const fn generated(index: u8) -> Self {
        Self(index)
    }

    /// The operation of this name: `access_token:reset`.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|operation| operation.row().name == name)
    }

    /// All operations.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..OPERATIONS.len()).map(|index| Self(index as u8))
    }

    /// The number of the row.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The row.
    #[must_use]
    pub fn row(self) -> &'static OperationRow {
        &OPERATIONS[self.index()]
    }
}

/// An operation without a route.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OperationRow {
    /// Its name: module and action.
    pub name: &'static str,
    /// What it is.
    pub says: &'static str,
    /// Who speaks of it.
    pub sources: &'static [Source],
}
