//! Sets of rules.

use std::fmt;

use crate::RuleId;
use crate::generated::RULE_COUNT;

/// A set of rules: bits by [`RuleId`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RuleSet(pub(crate) [u64; WORDS]);

/// Words of a [`RuleSet`].
pub(crate) const WORDS: usize = RULE_COUNT.div_ceil(64);

impl RuleSet {
    /// No rule.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// The same with one more.
    #[must_use]
    pub const fn with(mut self, rule: RuleId) -> Self {
        self.0[rule.index() / 64] |= 1 << (rule.index() % 64);
        self
    }

    /// Whether the rule is in it.
    #[must_use]
    pub const fn contains(&self, rule: RuleId) -> bool {
        self.0[rule.index() / 64] >> (rule.index() % 64) & 1 == 1
    }

    /// Whether no rule is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let mut all = 0;
        let mut word = 0;
        while word < WORDS {
            all |= self.0[word];
            word += 1;
        }
        all == 0
    }

    /// How many rules are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The rules of both.
    #[must_use]
    pub const fn union(mut self, other: Self) -> Self {
        let mut word = 0;
        while word < WORDS {
            self.0[word] |= other.0[word];
            word += 1;
        }
        self
    }

    /// The rules that both have.
    #[must_use]
    pub const fn intersection(mut self, other: Self) -> Self {
        let mut word = 0;
        while word < WORDS {
            self.0[word] &= other.0[word];
            word += 1;
        }
        self
    }

    /// The rules that the other does not have.
    #[must_use]
    pub const fn difference(mut self, other: Self) -> Self {
        let mut word = 0;
        while word < WORDS {
            self.0[word] &= !other.0[word];
            word += 1;
        }
        self
    }

    /// Its rules, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> + use<> {
        let mut words = self.0;
        let mut word = 0;
        std::iter::from_fn(move || {
            while word < WORDS {
                let bit = words[word].trailing_zeros() as usize;
                if bit < 64 {
                    words[word] &= words[word] - 1;
                    return Some(RuleId::generated((word * 64 + bit) as u8));
                }
                word += 1;
            }
            None
        })
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|rule| rule.rule().id)).finish()
    }
}

impl FromIterator<RuleId> for RuleSet {
    fn from_iter<I: IntoIterator<Item = RuleId>>(rules: I) -> Self {
        rules.into_iter().fold(Self::EMPTY, Self::with)
    }
}
