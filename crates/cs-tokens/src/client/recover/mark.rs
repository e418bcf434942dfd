//! What an attempt to create writes into the token, so that it knows it again.

use std::fmt;

/// A random number that no other attempt has, in the form in which it stands at the end of a description.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mark(String);

/// How a mark begins.
const BEGIN: &str = "[cs-tokens:";

impl Mark {
    /// A mark that nobody has had before.
    pub(crate) fn new() -> Self {
        Self(format!("{BEGIN}{:032x}]", fastrand::u128(..)))
    }

    /// A description with the mark behind it.
    pub(crate) fn on(&self, description: &str) -> String {
        if description.is_empty() { self.0.clone() } else { format!("{description} {}", self.0) }
    }

    /// Whether a description bears this mark.
    pub(crate) fn is_on(&self, description: Option<&str>) -> bool {
        description.is_some_and(|text| text.ends_with(&self.0))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_knows_its_own_only() {
        let (mine, other) = (Mark::new(), Mark::new());
        for description in ["", "for the shop"] {
            let marked = mine.on(description);
            assert!(marked.starts_with(description) && mine.is_on(Some(&marked)));
            assert!(!other.is_on(Some(&marked)) && !mine.is_on(Some(description)));
        }
        assert!(!mine.is_on(None));
        assert_eq!(mine.to_string().len(), BEGIN.len() + 33);
    }
}
