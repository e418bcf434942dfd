//! Sets of rules.

use std::fmt;

use crate::generated::{RULE_COUNT, RULES};
use crate::{Effect, RuleId};

/// A set of rules.
///
/// Its bits are grouped by what rules do, so that the question which of them matter is one about a word and not about each
/// rule: the first word has what forbids and what allows, the second what is missing and what contradicts, the third the
/// rest.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleSet(pub(crate) [u64; WORDS]);

/// Words of a [`RuleSet`].
pub(crate) const WORDS: usize = 3;

/// The bit of each rule.
static BIT_OF: [u8; RULE_COUNT] = bits().0;

/// The rule of each bit; the bits that no rule has lead to the first, and are never set.
static RULE_AT: [u8; WORDS * 64] = bits().1;

const fn bits() -> ([u8; RULE_COUNT], [u8; WORDS * 64]) {
    let (mut bit_of, mut rule_at, mut used) = ([0; RULE_COUNT], [0; WORDS * 64], [0; WORDS]);
    let mut group = 0;
    // Two groups for each word, the weightier first.
    while group < 2 * WORDS {
        let mut rule = 0;
        while rule < RULE_COUNT {
            if group_of(RULES[rule].effect) == group {
                let own = group / 2;
                let word = if own == WORDS - 1 && used[own] == 64 { 0 } else { own };
                assert!(used[word] < 64, "the rules of two groups are bits of one word");
                let bit = word * 64 + used[word];
                bit_of[rule] = bit as u8;
                rule_at[bit] = rule as u8;
                used[word] += 1;
            }
            rule += 1;
        }
        group += 1;
    }
    (bit_of, rule_at)
}

const fn group_of(effect: Effect) -> usize {
    match effect {
        Effect::Forbid => 0,
        Effect::Allow => 1,
        Effect::Needs => 2,
        Effect::Contradiction(_) => 3,
        Effect::Warning => 4,
        Effect::Note => 5,
    }
}

impl RuleSet {
    /// No rule.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// The same with one more.
    #[must_use]
    pub const fn with(mut self, rule: RuleId) -> Self {
        let bit = BIT_OF[rule.index()] as usize;
        self.0[bit / 64] |= 1 << (bit % 64);
        self
    }

    /// Whether the rule is in it.
    #[must_use]
    pub const fn contains(&self, rule: RuleId) -> bool {
        let bit = BIT_OF[rule.index()] as usize;
        self.0[bit / 64] >> (bit % 64) & 1 == 1
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

    /// Its rules: what forbids, what allows, what is missing, what contradicts, the rest; each in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> + use<> {
        let words = self.0;
        (0..WORDS).flat_map(move |word| Bits { rest: words[word], word: word as u8 })
    }
}

/// The rules of one word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bits {
    /// The bits that are left.
    pub(crate) rest: u64,
    /// The number of the word.
    pub(crate) word: u8,
}

impl Iterator for Bits {
    type Item = RuleId;

    #[inline]
    fn next(&mut self) -> Option<RuleId> {
        let bit = self.rest.trailing_zeros() as usize;
        if bit >= 64 {
            return None;
        }
        self.rest &= self.rest - 1;
        Some(RuleId::generated(RULE_AT[(usize::from(self.word) * 64 + bit) % RULE_AT.len()]))
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
