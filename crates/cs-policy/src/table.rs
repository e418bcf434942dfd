//! Decisions made in advance: what a principal may do under one profile, by route and by the branch that a request names.
//!
//! Whatever else a request may bring along (a draft, another stack, what is in its body) is left to the rules, and so is a
//! profile that reads a contradiction in another way.

use cs_model::profile::{ClientReadings, Profile};
use cs_model::{RouteId, generated::ROUTES};
use jiff::Timestamp;

use crate::condition::{Condition, Conditions};
use crate::decide::{alias_missing, evaluate, expired, held, unmapped};
use crate::decision::Decision;
use crate::request::NamedBranch;
use crate::subject::Subject;
use crate::{Context, Prepared, RULES};

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

/// By how the branch is named and by route: the place of the decision. A byte each, so that the tables of many principals
/// stay in the cache.
type Rows = [[u8; ROUTES.len()]; 4];

/// All decisions of one principal under one profile.
// In this order: what every decision reads shares a line of the cache.
#[repr(C)]
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The readings under which it was made.
    readings: ClientReadings,
    /// Before this second, the first state is every request's.
    until: i64,
    /// How the branch of a request that names none counts.
    unnamed: u8,
    /// Whether it counts for the kind that a request names no environment.
    environment_counts: bool,
    /// For a token that has not ended, and for one that has. Where the environment counts: for requests that name one, and
    /// for those that do not. No kind has both.
    states: [State; 2],
}

/// All decisions in one state.
#[derive(Clone, Debug)]
struct State {
    rows: Rows,
    /// What is decided, whatever the route: many share it. As many as a byte can name, so no place is out of it.
    decisions: [Decision; 256],
}

impl Table {
    /// `None` where there are more decisions than a byte can name.
    pub(crate) fn new(prepared: &Prepared, profile: &Profile) -> Option<Self> {
        let environment_counts = RULES.iter().any(|rule| {
            rule.when == Condition::EnvironmentNotNamed && rule.about.kinds.contains(&prepared.kind)
        });
        let second = if environment_counts { Condition::EnvironmentNotNamed } else { Condition::Expired };
        let readings = profile.readings.client();
        let state = |holds| State::new(prepared, readings, Conditions::NONE.with(second, holds));
        let ends = prepared.ends[0].0.min(prepared.ends[1].0);
        Some(Self {
            readings,
            until: if environment_counts { i64::MIN } else { ends },
            unnamed: u8::from(!prepared.unnamed.is_granted()),
            environment_counts,
            states: [state(false)?, state(true)?],
        })
    }

    /// What is decided, about whatever route, if the table has it.
    #[inline(always)]
    pub(crate) fn get(
        &self,
        profile: &Profile,
        prepared: &Prepared,
        route: RouteId,
        context: &Context,
        now: Timestamp,
    ) -> Option<&Decision> {
        if self.readings != profile.readings.client() || !context.is_plain() {
            return None;
        }
        let named = match context.branch {
            NamedBranch::NotNamed => self.unnamed,
            NamedBranch::Branch(branch) => u8::from(!branch.is_granted()),
            NamedBranch::Alias { .. } => 2 * u8::from(alias_missing(profile, context)),
        };
        let second = now.as_second() >= self.until && self.is_second(profile, prepared, context, now);
        let State { rows, decisions } = &self.states[usize::from(second)];
        Some(&decisions[usize::from(rows[usize::from(named & 3)][route.index()])])
    }

    /// Whether it is in the second state.
    #[inline(always)]
    fn is_second(&self, profile: &Profile, prepared: &Prepared, context: &Context, now: Timestamp) -> bool {
        if self.environment_counts { context.environment.is_none() } else { expired(profile, prepared, now) }
    }
}

impl State {
    fn new(prepared: &Prepared, readings: ClientReadings, state: Conditions) -> Option<Self> {
        let mut rows = [[0; ROUTES.len()]; 4];
        let mut decisions = [unmapped(prepared.kind); 256];
        let mut used = 0;
        for route in RouteId::all() {
            let subject = Subject::Route(route);
            let held = held(prepared, subject);
            for (row, named) in rows.iter_mut().zip(NAMED) {
                let asked = PLAIN.union(state).union(named).intersection(prepared.asked);
                let reading = |contradiction| readings.get(contradiction);
                let decision = evaluate(prepared.kind, subject, held.union(asked), reading);
                let decision = Decision { subject: None, ..decision };
                let place = decisions[..used].iter().position(|known| *known == decision).unwrap_or(used);
                *decisions.get_mut(place)? = decision;
                used = used.max(place + 1);
                row[route.index()] = place as u8;
            }
        }
        Some(Self { rows, decisions })
    }
}
