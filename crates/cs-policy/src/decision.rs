//! Decisions: a verdict with every rule that applies.

use std::fmt;

use cs_model::RouteId;
use cs_model::generated::ContradictionId;

use crate::Kind;
use crate::rule::{Effect, Rule, RuleId};
use crate::rule_set::RuleSet;
use crate::subject::Subject;
use crate::tables::EFFECTS;

/// Whether something may be done. The five answers are ours; which rule gave one, and whose it is, says [`why`](crate::why).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "callers must handle each")]
pub enum Verdict {
    /// Yes.
    Allow,
    /// Not as things are: a wider scope, another role or a later expiry would allow it.
    NotGranted,
    /// The documents disagree, and the profile does not say whom to believe.
    Undocumented,
    /// No: nothing that this kind of credential can be given would allow it.
    Forbidden,
    /// The route table does not know the request. Never an allow.
    Unmapped,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Allow, Self::NotGranted, Self::Undocumented, Self::Forbidden, Self::Unmapped];

    /// The name in JSON and in policy tests: `not_granted`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::NotGranted => "not_granted",
            Self::Undocumented => "undocumented",
            Self::Forbidden => "forbidden",
            Self::Unmapped => "unmapped",
        }
    }

    /// Whether it is [`Verdict::Allow`].
    #[must_use]
    pub const fn is_allow(self) -> bool {
        matches!(self, Self::Allow)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of contradictions, as bits.
pub(crate) type Contradictions = u64;

const _: () = assert!(ContradictionId::COUNT <= 64, "contradictions are kept as bits of a u64");

/// A verdict with everything that led to it. Small and `Copy`: text is looked up when someone asks
/// [`why`](crate::why).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) kind: Kind,
    pub(crate) subject: Option<Subject>,
    pub(crate) rules: RuleSet,
    /// Contradictions that the profile lets pass with a warning.
    pub(crate) warned: Contradictions,
    /// Contradictions that the profile does not settle.
    pub(crate) unsettled: Contradictions,
}

impl Decision {
    /// What was decided. [`why`](crate::why) says by which rules.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The kind of credential that it is about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What it is about; `None` when the request is in no table.
    #[must_use]
    pub const fn subject(&self) -> Option<Subject> {
        self.subject
    }

    /// The route that it is about, if it is one.
    #[must_use]
    pub const fn route(&self) -> Option<RouteId> {
        match self.subject {
            Some(Subject::Route(route)) => Some(route),
            _ => None,
        }
    }

    /// Every rule that applies, whatever it does.
    #[must_use]
    pub const fn rules(&self) -> RuleSet {
        self.rules
    }

    /// Rules that are shown and decide nothing: warnings, and contradictions that the profile lets pass with one.
    pub fn warnings(&self) -> impl Iterator<Item = &'static Rule> + use<> {
        let Self { rules, warned, .. } = *self;
        rules.intersection(EFFECTS.warning.union(EFFECTS.contradiction)).iter().map(RuleId::rule).filter(
            move |rule| match rule.effect {
                Effect::Contradiction(id) => warned >> id as u8 & 1 == 1,
                _ => true,
            },
        )
    }

    /// What else the documents say of the route.
    pub fn notes(&self) -> impl Iterator<Item = &'static Rule> + use<> {
        let notes = self.rules.intersection(EFFECTS.note);
        // In the order of the table, whichever word of the set has their bits.
        RuleId::all().filter(move |id| notes.contains(*id)).map(RuleId::rule)
    }

    /// Whether the profile leaves this contradiction open, and it bears on the request.
    #[must_use]
    pub const fn leaves_open(&self, contradiction: ContradictionId) -> bool {
        self.unsettled >> contradiction as u8 & 1 == 1
    }
}
