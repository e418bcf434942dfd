//! The matrix as JSON.

use cs_model::Profile;
use serde::Serialize;

use super::clause::Clause;
use super::matrix::{Cell, cells};
use crate::{RULES, Verdict};

#[derive(Serialize)]
struct Matrix<'a> {
    schema: u8,
    profile: &'a str,
    rules: Vec<RuleRow>,
    cells: Vec<CellRow<'a>>,
}

#[derive(Serialize)]
struct RuleRow {
    id: &'static str,
    effect: &'static str,
    says: &'static str,
    sources: Vec<String>,
}

#[derive(Serialize)]
struct CellRow<'a> {
    kind: &'static str,
    api: Option<&'static str>,
    module: &'static str,
    action: &'static str,
    /// A GET that changes something.
    state_change: bool,
    verdicts: Vec<&'static str>,
    decided_by: Vec<ClauseRow>,
    shown: Vec<&'static str>,
    routes: &'a [String],
}

#[derive(Serialize)]
struct ClauseRow {
    rule: &'static str,
    verdict: &'static str,
    when: &'static str,
    unless: Vec<&'static str>,
}

/// The matrix under a profile as JSON: `{"schema":1,"profile","rules":[...],"cells":[...]}`.
///
/// A cell is for routes of one kind, API, module and action that meet the same rules. `verdicts` are all that a credential
/// of the kind can get there, the best first; `decided_by` are the rules that decide, each with the condition under which it
/// applies ([`Condition`](crate::Condition)) and those under which a contradiction puts it aside. Of the rules that apply,
/// the first verdict of forbidden, undocumented, not_granted, allow counts; without any: forbidden.
#[must_use]
pub fn json(profile: &Profile) -> String {
    let cells = cells(profile);
    let matrix = Matrix {
        schema: 1,
        profile: &profile.name,
        rules: RULES
            .iter()
            .map(|rule| RuleRow {
                id: rule.id,
                effect: rule.effect.name(),
                says: rule.says,
                sources: rule.sources.iter().map(|source| super::text::sources(&[*source])).collect(),
            })
            .collect(),
        cells: cells.iter().map(cell).collect(),
    };
    // Texts, numbers and lists of them: nothing that JSON could not hold.
    let mut text = serde_json::to_string_pretty(&matrix).unwrap_or_default();
    text.push('\n');
    text
}

fn cell(cell: &Cell) -> CellRow<'_> {
    CellRow {
        kind: cell.place.kind.name(),
        api: cell.place.api.map(cs_model::Api::name),
        module: cell.place.module,
        action: cell.place.action,
        state_change: cell.place.state_change,
        verdicts: cell.verdicts.iter().map(|verdict| verdict.name()).collect(),
        decided_by: cell.in_order().map(|(clause, verdict)| row(clause, verdict)).collect(),
        shown: cell.shown().map(|rule| rule.rule().id).collect(),
        routes: &cell.routes,
    }
}

fn row(clause: &Clause, verdict: Verdict) -> ClauseRow {
    ClauseRow {
        rule: clause.rule.rule().id,
        verdict: verdict.name(),
        when: clause.when.name(),
        unless: clause.unless.iter().map(|condition| condition.name()).collect(),
    }
}
