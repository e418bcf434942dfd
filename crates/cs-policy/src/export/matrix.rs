//! The matrix: kind x API x module x action, with what decides each cell.

use std::collections::BTreeMap;

use cs_model::{Api, Profile};

use super::cedar::cedar_action;
use super::clause::{Clause, Outcome, clauses, decision, rules_about, subjects};
use super::worlds::{read_by, worlds};
use crate::{Kind, RuleId, Subject, Verdict};

/// Where a cell is; the order of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) kind: Kind,
    /// `None` for what has no route.
    pub(super) api: Option<Api>,
    pub(super) module: &'static str,
    pub(super) action: &'static str,
    /// Whether its routes are GETs that change something: actions of their own.
    pub(super) state_change: bool,
}

/// Routes of one place that meet the same rules.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) place: Place,
    pub(super) clauses: Vec<Clause>,
    /// Every verdict that a credential of the kind can get, the best first.
    pub(super) verdicts: Vec<Verdict>,
    pub(super) routes: Vec<String>,
}

impl Cell {
    /// The answer in a word: yes, if, open, no.
    pub(super) fn word(&self) -> &'static str {
        match self.verdicts.as_slice() {
            [Verdict::Allow] => "yes",
            [Verdict::Allow, ..] => "if",
            verdicts if verdicts.contains(&Verdict::Undocumented) => "open",
            _ => "no",
        }
    }

    /// The rules with this verdict.
    pub(super) fn deciding(&self, verdict: Verdict) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(move |clause| clause.outcome.verdict() == Some(verdict))
    }

    /// The rules that decide, with their verdicts, the best first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (&Clause, Verdict)> {
        [Verdict::Allow, Verdict::NotGranted, Verdict::Undocumented, Verdict::Forbidden]
            .into_iter()
            .flat_map(|verdict| self.deciding(verdict).map(move |clause| (clause, verdict)))
    }

    /// The rules that decide nothing.
    pub(super) fn shown(&self) -> impl Iterator<Item = RuleId> {
        self.clauses.iter().filter(|clause| clause.outcome == Outcome::Shown).map(|clause| clause.rule)
    }
}

/// All APIs with routes, then what has no route.
pub(super) fn apis() -> impl Iterator<Item = Option<Api>> {
    Api::ALL.into_iter().map(Some).chain([None])
}

/// What the rows of an API stand under: `On the delivery API`.
pub(super) fn heading(api: Option<Api>) -> String {
    api.map_or("Without a route".to_owned(), |api| format!("On the {} API", api.name()))
}

/// All cells, in order.
pub(super) fn cells(profile: &Profile) -> Vec<Cell> {
    let mut alike: BTreeMap<(Place, Vec<RuleId>), Vec<Subject>> = BTreeMap::new();
    for kind in Kind::ALL {
        for subject in subjects() {
            let key = (place(kind, subject), rules_about(kind, subject));
            alike.entry(key).or_default().push(subject);
        }
    }
    alike
        .into_iter()
        .filter_map(|((place, rules), subjects)| {
            let clauses = clauses(profile, &rules);
            let verdicts = verdicts(&clauses, place.kind, *subjects.first()?);
            let routes = subjects.into_iter().map(cedar_action).collect();
            Some(Cell { place, clauses, verdicts, routes })
        })
        .collect()
}

fn place(kind: Kind, subject: Subject) -> Place {
    match subject {
        Subject::Route(id) => {
            let route = id.row();
            let action = route.action.row().name;
            let state_change = route.state_change;
            Place { kind, api: Some(route.api), module: route.module.name(), action, state_change }
        }
        Subject::Operation(operation) => {
            let (module, action) = operation.row().name.split_once(':').unwrap_or_default();
            Place { kind, api: None, module, action, state_change: false }
        }
    }
}

/// Every verdict that these clauses can give.
fn verdicts(clauses: &[Clause], kind: Kind, subject: Subject) -> Vec<Verdict> {
    let read = clauses.iter().flat_map(|clause| clause.unless.iter().copied().chain([clause.when]));
    let mut verdicts: Vec<Verdict> = worlds(read_by(read))
        .into_iter()
        .map(|world| decision(clauses, kind, subject, world).verdict())
        .collect();
    verdicts.sort_unstable();
    verdicts.dedup();
    verdicts
}
