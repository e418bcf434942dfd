//! Which branches or aliases a token reaches.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A choice of branches, or of branch aliases.
///
/// `All` is a value of its own: a token "can be assigned to all the branches or to a specific branch" (seed 001, "Types of
/// Tokens"), but /// no document shows how "all" is written on the wire. It is sent as the list of those that exist when it is
/// sent; a plan proposes an update when another one appears.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "none, some or all")]
pub enum Grant {
    /// No entry in the scope.
    #[default]
    None,
    /// These.
    Only(BTreeSet<String>),
    /// All that exist when it is sent. A `*` would be read as a name (third-party, a migration tool).
    All,
}

impl Grant {
    /// These; [`Grant::None`] for an empty list.
    pub fn only<I: IntoIterator<Item = S>, S: Into<String>>(names: I) -> Self {
        let names: BTreeSet<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() { Self::None } else { Self::Only(names) }
    }

    /// Whether it grants nothing.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The names that it stands for, given all that exist; sorted. Empty for [`Grant::None`].
    pub fn names<'a>(&'a self, existing: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> + Clone {
        static EMPTY: BTreeSet<String> = BTreeSet::new();
        let names = match self {
            Self::None => &EMPTY,
            Self::Only(names) => names,
            Self::All => existing,
        };
        names.iter().map(String::as_str)
    }
}
