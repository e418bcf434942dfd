//! Checks of `rules.toml` against the other facts.

use std::collections::BTreeSet;

use super::rows::{Effect, Kind, RuleRow};
use super::select::{is_named, subjects};
use crate::codegen::spec::{Problems, SourceRef, Spec};

const FILE: &str = "rules.toml";

/// Rules that code gives, not the tables.
const GIVEN_BY_CODE: [&str; 2] = ["any.unmapped", "any.nothing_allows"];

/// What a fix may have filled in.
const PLACEHOLDERS: [&str; 5] = ["module", "needs", "oauth_scope", "method", "path"];

pub(crate) fn check(spec: &Spec, problems: &mut Problems) {
    ids(spec, problems);
    let documents: BTreeSet<_> = spec.sources.iter().map(|row| row.id.as_str()).collect();
    let sources = |problems: &mut Problems, id: &str, list: &[SourceRef]| {
        if list.is_empty() {
            problems.add(FILE, id, "a fact without a source");
        }
        for source in list.iter().filter(|source| !documents.contains(source.document.as_str())) {
            problems.add(FILE, id, format!("unknown source `{}`", source.document));
        }
    };
    for row in &spec.rules.operation {
        sources(problems, &row.id, &row.sources);
    }
    for row in &spec.rules.oauth_area {
        let id = row.modules.iter().chain(&row.routes).cloned().collect::<Vec<_>>().join(", ");
        sources(problems, &id, &row.sources);
        for name in row.routes.iter().filter(|name| !spec.routes.iter().any(|route| is_named(route, name))) {
            problems.add(FILE, &id, format!("unknown route `{name}`"));
        }
        known(problems, &id, "module", &row.modules, spec.modules.iter().map(|row| row.id.as_str()));
    }
    let taken: BTreeSet<_> = subjects(spec).iter().filter_map(|subject| subject.scope).collect();
    for row in &spec.rules.oauth_scope {
        sources(problems, &row.scope, &row.sources);
        if taken.contains(row.scope.as_str()) {
            problems.add(FILE, &row.scope, "a route takes this scope");
        }
    }
    for row in &spec.rules.rule {
        sources(problems, &row.id, &row.sources);
        rule(spec, row, problems);
    }
    coverage(spec, problems);
}

fn ids(spec: &Spec, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for row in &spec.rules.rule {
        let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        if !row.id.chars().all(plain) || row.id.matches('.').count() != 1 {
            problems.add(FILE, &row.id, "a rule id is `group.name`, of lower case letters and `_`");
        }
        if !seen.insert(&row.id) {
            problems.add(FILE, &row.id, "this id is there twice");
        }
    }
    for id in GIVEN_BY_CODE {
        if !spec.rules.rule.iter().any(|row| row.id == id) {
            problems.add(FILE, id, "is missing: code gives this rule");
        }
    }
}

fn rule(spec: &Spec, row: &RuleRow, problems: &mut Problems) {
    let id = &row.id;
    let modules = || spec.modules.iter().map(|row| row.id.as_str());
    let contradictions = || spec.contradictions.iter().map(|row| row.id.as_str());
    known(problems, id, "module", &row.modules, modules());
    known(problems, id, "module", &row.not_modules, modules());
    known(problems, id, "action", &row.actions, spec.actions.iter().map(|row| row.id.as_str()));
    known(problems, id, "operation", &row.operations, spec.rules.operation.iter().map(|row| row.id.as_str()));
    known(problems, id, "contradiction", &row.conflicts, contradictions());
    known(problems, id, "contradiction", row.contradiction.as_slice(), contradictions());
    known(problems, id, "rule", &row.replaces, spec.rules.rule.iter().map(|row| row.id.as_str()));
    for name in row.routes.iter().chain(&row.also) {
        if !spec.routes.iter().any(|route| is_named(route, name)) {
            problems.add(FILE, id, format!("unknown route `{name}`"));
        }
    }
    let is_contradiction = row.effect == Effect::Contradiction;
    if is_contradiction != row.contradiction.is_some() {
        problems.add(FILE, id, "`contradiction` goes with the effect of that name");
    }
    if !is_contradiction && !row.replaces.is_empty() {
        problems.add(FILE, id, "only a contradiction replaces rules");
    }
    if matches!(row.effect, Effect::Forbid | Effect::Needs | Effect::Contradiction) && row.fix.is_empty() {
        problems.add(FILE, id, "what can refuse says what would change the verdict");
    }
    if !row.says.ends_with('.') || row.fix.ends_with('.') {
        problems.add(FILE, id, "`says` ends with a full stop, `fix` without one");
    }
    for part in row.fix.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !PLACEHOLDERS.contains(&name) {
            problems.add(FILE, id, format!("unknown placeholder `{{{name}}}`"));
        }
    }
}

fn known<'a>(
    problems: &mut Problems,
    id: &str,
    what: &str,
    names: &[String],
    all: impl Iterator<Item = &'a str>,
) {
    let all: BTreeSet<_> = all.collect();
    for name in names.iter().filter(|name| !all.contains(name.as_str())) {
        problems.add(FILE, id, format!("unknown {what} `{name}`"));
    }
}

/// Every rule is about something, and every kind meets on every route a rule that always applies and decides.
fn coverage(spec: &Spec, problems: &mut Problems) {
    let subjects = subjects(spec);
    let decides = |row: &RuleRow| {
        matches!(row.effect, Effect::Allow | Effect::Forbid | Effect::Contradiction) && row.when == "always"
    };
    for kind in Kind::ALL {
        for subject in &subjects {
            if !spec.rules.rule.iter().any(|row| decides(row) && row.covers(kind, subject)) {
                let api = format!("{:?}", subject.row.api);
                problems.add(FILE, subject.row.title(), format!("no rule decides it for {kind:?} ({api})"));
            }
        }
        for item in &spec.rules.operation {
            if !spec.rules.rule.iter().any(|row| decides(row) && row.covers_operation(kind, &item.id)) {
                problems.add(FILE, &item.id, format!("no rule decides it for {kind:?}"));
            }
        }
    }
    for row in spec.rules.rule.iter().filter(|row| !GIVEN_BY_CODE.contains(&row.id.as_str())) {
        let idle = |kind: &Kind| {
            let operation = spec.rules.operation.iter().any(|item| row.covers_operation(*kind, &item.id));
            !operation && !subjects.iter().any(|subject| row.covers(*kind, subject))
        };
        if row.kinds.is_empty() || row.kinds.iter().any(idle) {
            problems.add(FILE, &row.id, "is about nothing for one of its kinds");
        }
    }
}
