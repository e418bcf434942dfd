//! What is behind the cells, for the script of the page.

use std::collections::BTreeMap;

use cs_model::Profile;
use serde::Serialize;

use super::super::matrix::Cell;
use super::table::key;
use crate::{Citation, RULES, Rule, RuleId};

/// A rule as the page shows it.
#[derive(Serialize)]
struct RuleShown {
    id: &'static str,
    effect: &'static str,
    says: &'static str,
    sources: Vec<SourceShown>,
}

#[derive(Serialize)]
struct SourceShown {
    document: &'static str,
    title: &'static str,
    place: &'static str,
    date: &'static str,
    url: &'static str,
}

/// A rule with when it applies; the rule by its number.
#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct ClauseShown {
    rule: usize,
    verdict: &'static str,
    when: &'static str,
    unless: Vec<&'static str>,
}

/// Routes that meet the same rules, everything by its number.
#[derive(Serialize)]
struct Part {
    clauses: Vec<usize>,
    shown: Vec<usize>,
    routes: Vec<usize>,
}

/// The data as JSON: `{"profile","rules":[...],"clauses":[...],"routes":[...],"cells":{key:[...]}}`, one item on each line
/// so that a change shows in review. Rules, clauses and routes are named by their number: they recur in many cells.
pub(super) fn data(profile: &Profile, cells: &[Cell]) -> String {
    let mut clauses = Numbered::new();
    let mut routes = Numbered::new();
    let mut parts: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for cell in cells {
        let deciding = cell.in_order().map(|(clause, verdict)| ClauseShown {
            rule: clause.rule.index(),
            verdict: verdict.name(),
            when: clause.when.name(),
            unless: clause.unless.iter().map(|condition| condition.name()).collect(),
        });
        let part = Part {
            clauses: deciding.map(|clause| clauses.number(clause)).collect(),
            shown: cell.shown().map(RuleId::index).collect(),
            routes: cell.routes.iter().map(|route| routes.number(route.clone())).collect(),
        };
        parts.entry(key(cell.place)).or_default().push(part);
    }
    let cells: Vec<String> =
        parts.iter().map(|(key, parts)| format!("{}:{}", json(key), json(parts))).collect();
    let text = format!(
        "{{\"profile\":{},\n\"rules\":[\n{}\n],\n\"clauses\":[\n{}\n],\n\"routes\":[\n{}\n],\n\"cells\":{{\n{}\n}}}}\n",
        json(&profile.name),
        lines(RULES.iter().map(rule)),
        lines(&clauses.items),
        lines(&routes.items),
        cells.join(",\n")
    );
    // Nothing in it can end the script that it stands in.
    text.replace('<', "\\u003c")
}

/// Items by their number, in the order in which they came up.
struct Numbered<T> {
    items: Vec<T>,
    numbers: BTreeMap<T, usize>,
}

impl<T: Ord + Clone> Numbered<T> {
    const fn new() -> Self {
        Self { items: Vec::new(), numbers: BTreeMap::new() }
    }

    fn number(&mut self, item: T) -> usize {
        let Self { items, numbers } = self;
        *numbers.entry(item).or_insert_with_key(|item| {
            items.push(item.clone());
            items.len() - 1
        })
    }
}

fn rule(rule: &Rule) -> RuleShown {
    let source = |source| {
        let Citation { document, title, place, date, url } = Citation::of(source);
        SourceShown { document, title, place, date, url }
    };
    RuleShown {
        id: rule.id,
        effect: rule.effect.name(),
        says: rule.says,
        sources: rule.sources.iter().map(source).collect(),
    }
}

fn lines(items: impl IntoIterator<Item = impl Serialize>) -> String {
    items.into_iter().map(|item| json(&item)).collect::<Vec<_>>().join(",\n")
}

/// Texts, numbers and lists of them: nothing that JSON could not hold.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
