//! Rules under a profile: which rule does what to a kind of credential on a subject, and when.
//!
//! Built from [`About::covers`](crate::About::covers) and the readings of the profile alone, without the masks that
//! decisions use, so that a comparison of an export with `decide` compares two ways from the rules to the verdict.

use cs_model::Profile;
use cs_model::generated::ContradictionId;
use cs_model::profile::ClientReading;

use super::worlds::World;
use crate::decision::Decision;
use crate::rule_set::RuleSet;
use crate::{Condition, Effect, Kind, Operation, RuleId, Subject, Verdict, rules};

/// What a rule that applies does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It grants. With the contradiction, when it is one that the profile lets pass with a warning.
    Allow(Option<ContradictionId>),
    /// Something is missing.
    NotGranted,
    /// The profile does not settle this contradiction.
    Undocumented(ContradictionId),
    /// It refuses for good.
    Forbidden,
    /// It is shown and decides nothing.
    Shown,
}

impl Outcome {
    /// The verdict that it works towards.
    pub(super) const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Allow(_) => Some(Verdict::Allow),
            Self::NotGranted => Some(Verdict::NotGranted),
            Self::Undocumented(_) => Some(Verdict::Undocumented),
            Self::Forbidden => Some(Verdict::Forbidden),
            Self::Shown => None,
        }
    }
}

/// A rule about a kind and a subject, with the contradictions that put it aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) rule: RuleId,
    pub(super) outcome: Outcome,
    /// It applies when this holds
    pub(super) when: Condition,
    /// and none of these does.
    pub(super) unless: Vec<Condition>,
}

impl Clause {
    pub(super) fn applies(&self, world: World) -> bool {
        world.holds(self.when) && !self.unless.iter().any(|condition| world.holds(*condition))
    }
}

/// Everything that decisions are about: routes, then operations.
pub(super) fn subjects() -> impl Iterator<Item = Subject> {
    cs_model::RouteId::all().map(Subject::Route).chain(Operation::all().map(Subject::Operation))
}

/// The rules about a kind on a subject, whatever the profile.
pub(super) fn rules_about(kind: Kind, subject: Subject) -> Vec<RuleId> {
    RuleId::all().filter(|id| id.rule().about.covers(kind, subject)).collect()
}

/// What these rules do under this profile. Rules that are put aside whenever they apply are left out.
pub(super) fn clauses(profile: &Profile, rules: &[RuleId]) -> Vec<Clause> {
    rules
        .iter()
        .filter_map(|id| {
            let rule = id.rule();
            let unless: Vec<_> = rules
                .iter()
                .map(|other| other.rule())
                .filter(|other| other.replaces.contains(id) && puts_aside(profile, other.effect))
                .map(|other| other.when)
                .collect();
            let never = unless.contains(&Condition::Always) || unless.contains(&rule.when);
            let outcome = outcome(profile, rule.effect);
            (!never).then_some(Clause { rule: *id, outcome, when: rule.when, unless })
        })
        .collect()
}

/// Whether a contradiction puts the rules aside that it names.
fn puts_aside(profile: &Profile, effect: Effect) -> bool {
    match effect {
        Effect::Contradiction(id) => profile.reading(id).client != ClientReading::Deny,
        _ => false,
    }
}

fn outcome(profile: &Profile, effect: Effect) -> Outcome {
    match effect {
        Effect::Allow => Outcome::Allow(None),
        Effect::Forbid => Outcome::Forbidden,
        Effect::Needs => Outcome::NotGranted,
        Effect::Warning | Effect::Note => Outcome::Shown,
        Effect::Contradiction(id) => match profile.reading(id).client {
            ClientReading::Allow => Outcome::Allow(None),
            ClientReading::Warn => Outcome::Allow(Some(id)),
            ClientReading::Deny => Outcome::Shown,
            ClientReading::Unsettled => Outcome::Undocumented(id),
        },
    }
}

/// The decision when these conditions hold.
pub(super) fn decision(clauses: &[Clause], kind: Kind, subject: Subject, world: World) -> Decision {
    let applying = || clauses.iter().filter(|clause| clause.applies(world));
    let mut rules: RuleSet = applying().map(|clause| clause.rule).collect();
    let verdicts: Vec<Verdict> = applying().filter_map(|clause| clause.outcome.verdict()).collect();
    let verdict = [Verdict::Forbidden, Verdict::Undocumented, Verdict::NotGranted, Verdict::Allow]
        .into_iter()
        .find(|verdict| verdicts.contains(verdict));
    if verdict.is_none() {
        rules = rules.with(rules::ANY_NOTHING_ALLOWS);
    }
    let bits = |pick: fn(Outcome) -> Option<ContradictionId>| {
        applying().filter_map(|clause| pick(clause.outcome)).fold(0, |bits, id| bits | 1 << id as u8)
    };
    Decision {
        verdict: verdict.unwrap_or(Verdict::Forbidden),
        kind,
        subject: Some(subject),
        rules,
        warned: bits(|outcome| match outcome {
            Outcome::Allow(warned) => warned,
            _ => None,
        }),
        unsettled: bits(|outcome| match outcome {
            Outcome::Undocumented(id) => Some(id),
            _ => None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `clauses` relies on: contradictions put aside rules, never each other.
    #[test]
    fn no_contradiction_is_replaced() {
        for rule in crate::RULES.iter() {
            for replaced in &rule.replaces {
                assert!(!matches!(replaced.rule().effect, Effect::Contradiction(_)), "{}", rule.id);
            }
        }
    }
}
