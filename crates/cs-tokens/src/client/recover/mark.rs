//! What an attempt to create writes into the token, so that it knows it again.

use std::fmt;
use std::sync::Arc;

/// Where the random numbers of marks come from. A mark is proof only when no other creation has it, and then a token may be
/// deleted for it: so each is drawn from the system. A generator of the process would give the same marks to two processes of
/// which one was forked off the other, or to two copies of one virtual machine.
#[derive(Clone, Default)]
pub(crate) struct Chance(pub(crate) Option<Arc<dyn Fn() -> Option<u128> + Send + Sync>>);

impl Chance {
    /// 128 random bits; `None` when there are none to be had.
    fn draw(&self) -> Option<u128> {
        if let Some(source) = &self.0 {
            return source();
        }
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(u128::from_ne_bytes(bytes))
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Chance(given)" } else { "Chance(system)" })
    }
}

/// A random number that no other attempt has, in the form in which it stands at the end of a description.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mark(String);

/// How a mark begins.
const BEGIN: &str = "[cs-tokens:";

impl Mark {
    /// A mark that nobody has had before; `None` where there is no chance.
    pub(crate) fn draw(chance: &Chance) -> Option<Self> {
        chance.draw().map(|number| Self(format!("{BEGIN}{number:032x}]")))
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
        let draw = || Mark::draw(&Chance::default()).unwrap();
        let (mine, other) = (draw(), draw());
        for description in ["", "for the shop"] {
            let marked = mine.on(description);
            assert!(marked.starts_with(description) && mine.is_on(Some(&marked)));
            assert!(!other.is_on(Some(&marked)) && !mine.is_on(Some(description)));
        }
        // The seed of the process, which a fork shares, is no part of it.
        let seeded = || {
            fastrand::seed(7);
            draw()
        };
        assert!(seeded() != seeded());
        assert!(Mark::draw(&Chance(Some(Arc::new(|| None)))).is_none());
        assert!(!mine.is_on(None));
        assert_eq!(mine.to_string().len(), BEGIN.len() + 33);
    }
}
