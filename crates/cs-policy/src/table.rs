//! Decisions made in advance: what a principal may do, by route and by the branch that a request names.
//!
//! Whatever else a request may bring along (a draft, another stack, what is in its body) is left to the rules, and so is a
//! contradiction that the profile does not read as a refusal.

use std::collections::BTreeMap;

use cs_model::profile::{ClientReading, Profile};
use cs_model::{RouteId, generated::ROUTES};
use jiff::Timestamp;

use crate::condition::{Condition, Conditions};
use crate::decide::{alias_missing, evaluate, expired, held};
use crate::decision::{Decision, Verdict};
use crate::request::NamedBranch;
use crate::rule_set::RuleSet;
use crate::subject::Subject;
use crate::tables::{EFFECTS, SETTLEMENTS};
use crate::{Context, Kind, Prepared, RULES};

/// In which ways a branch can be named: one that is granted, one that is not, an alias that is not.
const NAMED: [Conditions; 3] = [
    Conditions::NONE,
    Conditions::NONE.with(Condition::BranchMissing, true),
    Conditions::NONE.with(Condition::AliasMissing, true),
];

/// What holds for a request of whose body nothing is known that a rule reads: it moves an entry to a stage that is not said
/// to be open.
const PLAIN: Conditions =
    Conditions::NONE.with(Condition::StageChange, true).with(Condition::StageClosed, true);

/// By route and by how the branch is named: the place of the outcome. A byte each, so that the tables of many principals
/// stay in the cache.
type Rows = [[u8; 4]; ROUTES.len()];

/// All decisions of one principal.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// For a token that has not ended, and for one that has. Where it counts for the kind whether a request names an
    /// environment: for requests that do, and for those that do not. No kind has both.
    rows: [Rows; 2],
    /// As many as a byte can name: no place is out of it.
    outcomes: [Outcome; 256],
    /// How the branch of a request that names none counts.
    unnamed: u8,
    /// The second from which on the token may have ended.
    until: i64,
    /// Whether it counts that a request names no environment.
    environment_counts: bool,
}

/// What is decided, which many routes share. Half a line of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) rules: RuleSet,
    pub(crate) verdict: Verdict,
    pub(crate) kind: Kind,
    /// The readings on which it rests.
    rests: Rests,
    /// The contradiction that must be read as a refusal.
    contradiction: u8,
}

/// On which readings of contradictions an outcome rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rests {
    /// On none: it holds for every profile.
    Nothing,
    /// On one contradiction that is read as a refusal.
    One,
    /// On more, or it did not fit: it is left to the rules.
    Unsure,
}

impl Table {
    pub(crate) fn new(prepared: &Prepared) -> Self {
        let environment_counts = RULES.iter().any(|rule| {
            rule.when == Condition::EnvironmentNotNamed && rule.about.kinds.contains(&prepared.kind)
        });
        let second = if environment_counts { Condition::EnvironmentNotNamed } else { Condition::Expired };
        let mut table = Self {
            rows: [[[0; 4]; ROUTES.len()]; 2],
            outcomes: [Outcome::UNSURE; 256],
            unnamed: u8::from(!prepared.unnamed.is_granted()),
            until: prepared.ends[0].0.min(prepared.ends[1].0),
            environment_counts,
        };
        let mut places = BTreeMap::new();
        for route in RouteId::all() {
            let plain = PLAIN.intersection(prepared.asked);
            let held = held(prepared, Subject::Route(route)).union(plain);
            for (holds, named) in
                [false, true].into_iter().flat_map(|holds| (0..NAMED.len()).map(move |named| (holds, named)))
            {
                let asked = NAMED[named].with(second, holds);
                let held = held.union(asked.intersection(prepared.asked));
                let decision = evaluate(prepared.kind, Subject::Route(route), held, |_| ClientReading::Deny);
                // The first place stays unsure, for what does not fit.
                let next = places.len() + 1;
                let place = *places.entry(decision.rules.0).or_insert(u8::try_from(next).unwrap_or(0));
                table.rows[usize::from(holds)][route.index()][named] = place;
                if place != 0 {
                    table.outcomes[usize::from(place)] = Outcome::new(&decision);
                }
            }
        }
        table
    }

    /// What is decided, if the table has it.
    #[inline(always)]
    pub(crate) fn get(
        &self,
        profile: &Profile,
        prepared: &Prepared,
        route: RouteId,
        context: &Context,
        now: Timestamp,
    ) -> Option<&Outcome> {
        let Context { other_stack, branch, environment, draft, body } = context;
        // What is rare comes one after the other: each question is nearly always answered alike, and costs next to nothing.
        if *other_stack
            || *draft
            || body.stage_open_to_all
            || body.user_named
            || body.approvers_named
            || body.publish_request.is_some()
            || environment.is_some_and(|id| !id.is_granted())
        {
            return None;
        }
        let named = match branch {
            NamedBranch::NotNamed => self.unnamed,
            NamedBranch::Branch(branch) => u8::from(!branch.is_granted()),
            NamedBranch::Alias { .. } => 2 * u8::from(alias_missing(profile, context)),
        };
        // Only from the first second on in which it may have ended is it asked whether it has.
        let ended = now.as_second() >= self.until && expired(profile, prepared, now);
        let second = ended | (self.environment_counts & environment.is_none());
        let place = self.rows[usize::from(second)][route.index()][usize::from(named & 3)];
        let outcome = &self.outcomes[usize::from(place)];
        match outcome.rests {
            Rests::Nothing => Some(outcome),
            Rests::One => {
                let reading = profile.readings[usize::from(outcome.contradiction)].client;
                (reading == ClientReading::Deny).then_some(outcome)
            }
            Rests::Unsure => None,
        }
    }
}

impl Outcome {
    const UNSURE: Self = Self {
        rules: RuleSet::EMPTY,
        verdict: Verdict::Unmapped,
        kind: Kind::Anonymous,
        rests: Rests::Unsure,
        contradiction: 0,
    };

    fn new(decision: &Decision) -> Self {
        let mut contradictions = decision.rules.intersection(EFFECTS.contradiction).iter();
        let first = contradictions.next();
        let rests = match (first, contradictions.next()) {
            (None, _) => Rests::Nothing,
            (Some(_), None) => Rests::One,
            (Some(_), Some(_)) => Rests::Unsure,
        };
        let contradiction = first.map_or(0, |rule| SETTLEMENTS[rule.index()].contradiction);
        Self { rules: decision.rules, verdict: decision.verdict, kind: decision.kind, rests, contradiction }
    }
}
