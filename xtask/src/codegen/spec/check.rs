//! Checks across the files: every id that a row names exists, ids are unique, every profile is complete.

use std::collections::{BTreeMap, BTreeSet};

use super::{Api, Problems, SourceRef, Spec};
use crate::codegen::routes;

pub(crate) fn check(spec: &Spec, problems: &mut Problems) {
    ids(spec, problems);
    references(spec, problems);
    sources(spec, problems);
    route_shapes(spec, problems);
    errors(spec, problems);
    collections(spec, problems);
    profiles(spec, problems);
}

fn ids(spec: &Spec, problems: &mut Problems) {
    unique(problems, "sources.toml", spec.sources.iter().map(|row| row.id.as_str()));
    unique(problems, "modules.toml", spec.modules.iter().map(|row| row.id.as_str()));
    unique(problems, "modules.toml", spec.actions.iter().map(|row| row.id.as_str()));
    unique(problems, "errors.toml", spec.errors.iter().map(|row| row.id.as_str()));
    unique(problems, "limits.toml", spec.limits.iter().map(|row| row.id.as_str()));
    unique(problems, "limits.toml", spec.switches.iter().map(|row| row.id.as_str()));
    unique(problems, "contradictions.toml", spec.contradictions.iter().map(|row| row.id.as_str()));
    unique(problems, "violations.toml", spec.violations.iter().map(|row| row.id.as_str()));
    unique(problems, "exits.toml", spec.exits.iter().map(|row| row.id.as_str()));
    unique(problems, "gaps.toml", spec.gaps.iter().map(|row| row.id.as_str()));
    let spellings = spec.regions.iter().flat_map(|row| row.aliases.iter().chain([&row.id]));
    unique(problems, "regions.toml", spellings.map(String::as_str));
}

fn unique<'a>(problems: &mut Problems, file: &str, ids: impl Iterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            problems.add(file, id, "this id is there twice");
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        if file != "sources.toml" && (id.is_empty() || !id.chars().all(plain)) {
            problems.add(file, id, "an id is made of lower case letters, digits, `_`, `.` and `-`");
        }
    }
}

fn references(spec: &Spec, problems: &mut Problems) {
    let modules: BTreeSet<_> = spec.modules.iter().map(|row| row.id.as_str()).collect();
    let actions: BTreeSet<_> = spec.actions.iter().map(|row| row.id.as_str()).collect();
    for row in &spec.modules {
        if !modules.contains(row.granted_by()) {
            problems.add(
                "modules.toml",
                &row.id,
                format!("unknown module `{}` in granted_by", row.granted_by()),
            );
        }
    }
    for row in &spec.routes {
        if !modules.contains(row.module.as_str()) {
            problems.add("routes.toml", row.title(), format!("unknown module `{}`", row.module));
        }
        if !actions.contains(row.action.as_str()) {
            problems.add("routes.toml", row.title(), format!("unknown action `{}`", row.action));
        }
    }
    for row in &spec.contradictions {
        if row.claims.len() < 2 {
            problems.add("contradictions.toml", &row.id, "a disagreement has at least two claims");
        }
        if !row.question.ends_with('?') {
            problems.add("contradictions.toml", &row.id, "a question ends with a question mark");
        }
    }
}

fn sources(spec: &Spec, problems: &mut Problems) {
    let known: BTreeSet<_> = spec.sources.iter().map(|row| row.id.as_str()).collect();
    let mut rows: Vec<(&str, String, Vec<&SourceRef>)> = Vec::new();
    rows.extend(
        spec.modules.iter().map(|row| ("modules.toml", row.id.clone(), row.sources.iter().collect())),
    );
    rows.extend(spec.routes.iter().map(|row| ("routes.toml", row.title(), row.sources.iter().collect())));
    rows.extend(spec.errors.iter().map(|row| ("errors.toml", row.id.clone(), row.sources.iter().collect())));
    rows.extend(
        spec.collections
            .iter()
            .map(|row| ("collections.toml", row.path.clone(), row.sources.iter().collect())),
    );
    rows.extend(
        spec.regions.iter().map(|row| ("regions.toml", row.id.clone(), row.sources.iter().collect())),
    );
    rows.extend(
        spec.violations.iter().map(|row| ("violations.toml", row.id.clone(), row.sources.iter().collect())),
    );
    rows.extend(spec.gaps.iter().map(|row| ("gaps.toml", row.id.clone(), row.sources.iter().collect())));
    rows.extend(spec.contradictions.iter().map(|row| {
        ("contradictions.toml", row.id.clone(), row.claims.iter().map(|claim| &claim.source).collect())
    }));
    for profile in &spec.profiles {
        let limits = profile.limits.iter().map(|(id, limit)| (id, &limit.source));
        let switches = profile.switches.iter().map(|(id, switch)| (id, &switch.source));
        rows.extend(
            limits
                .chain(switches)
                .map(|(id, source)| ("profiles", format!("{}: {id}", profile.name), vec![source])),
        );
    }
    for (file, row, list) in rows {
        if list.is_empty() {
            problems.add(file, &row, "a fact without a source");
        }
        for source in list {
            if !known.contains(source.document.as_str()) {
                problems.add(file, &row, format!("unknown source `{}`", source.document));
            }
        }
    }
}

fn route_shapes(spec: &Spec, problems: &mut Problems) {
    let mut names = BTreeSet::new();
    let mut shapes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in &spec.routes {
        let title = row.title();
        if !names.insert(routes::constant(row)) {
            problems.add("routes.toml", &title, "this route is there twice");
        }
        if row.api != Api::GraphQl && !row.path.starts_with("/v3/") {
            problems.add("routes.toml", &title, "a path starts with `/v3/`");
        }
        if row.path.ends_with('/') || row.path.contains("//") {
            problems.add("routes.toml", &title, "a path has no empty segment and no trailing slash");
        }
        if row.state_change && row.method != super::Method::Get {
            problems.add(
                "routes.toml",
                &title,
                "state_change is for GET; other methods change something anyway",
            );
        }
        if let Some(other) = spec
            .routes
            .iter()
            .find(|other| row.state_change && !other.state_change && other.action == row.action)
        {
            problems.add(
                "routes.toml",
                &title,
                format!(
                    "a GET that changes something has an action of its own, and `{}` has the same",
                    other.title()
                ),
            );
        }
        let shape: Vec<_> = row
            .path
            .split('/')
            .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
            .collect();
        shapes.entry((row.api, row.method, shape)).or_default().push(row);
    }
    for rows in shapes.values().filter(|rows| rows.len() > 1) {
        for row in rows.iter().filter(|row| row.note.is_empty()) {
            problems.add(
                "routes.toml",
                row.title(),
                "another route matches the same requests; say so in a note",
            );
        }
    }
}

fn errors(spec: &Spec, problems: &mut Problems) {
    for row in &spec.errors {
        if row.statuses.is_empty() {
            problems.add("errors.toml", &row.id, "no status");
        }
        if row.statuses.iter().any(|status| !(400..600).contains(status)) {
            problems.add("errors.toml", &row.id, "a status of an error is from 400 to 599");
        }
        if row.code.is_some() && row.service_code.is_some() {
            problems.add("errors.toml", &row.id, "service_code is for cases whose number is unknown");
        }
        let ours = row.service_code.is_some() || row.sources.iter().any(|source| source.document == "choice");
        if ours && !row.chosen {
            problems.add("errors.toml", &row.id, "a choice of ours must be marked: chosen = true");
        }
    }
}

fn collections(spec: &Spec, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for row in &spec.collections {
        let mut say = |says: String| problems.add("collections.toml", &row.path, says);
        if !seen.insert(&row.path) {
            say("this collection is there twice".to_owned());
        }
        let found: Vec<_> = routes::of_collection(row, &spec.routes).into_iter().flatten().collect();
        if found.is_empty() {
            say("no route of routes.toml is one of it".to_owned());
        }
        let modules: BTreeSet<_> =
            found.iter().filter_map(|index| spec.routes.get(*index)).map(|route| &route.module).collect();
        if modules.len() > 1 {
            say(format!("its routes are of several modules: {modules:?}"));
        }
        for id in [&row.not_found, &row.invalid] {
            if !spec.errors.iter().any(|error| error.id == *id) {
                say(format!("unknown error `{id}`"));
            }
        }
    }
}

fn profiles(spec: &Spec, problems: &mut Problems) {
    for (profile, expected) in spec.profiles.iter().zip(super::PROFILES) {
        let file = format!("profiles/{expected}.toml");
        if profile.name != expected {
            problems.add(&file, &profile.name, "the name is not that of the file");
        }
        same(problems, &file, "limits", spec.limits.iter().map(|row| &row.id), profile.limits.keys());
        same(problems, &file, "switches", spec.switches.iter().map(|row| &row.id), profile.switches.keys());
        same(
            problems,
            &file,
            "readings",
            spec.contradictions.iter().map(|row| &row.id),
            profile.readings.keys(),
        );
        for row in &spec.switches {
            let value = profile.switches.get(&row.id).map(|switch| &switch.value);
            if let Some(value) = value.filter(|value| !row.values.contains(value)) {
                problems.add(&file, &row.id, format!("`{value}` is none of its values"));
            }
        }
    }
}

fn same<'a>(
    problems: &mut Problems,
    file: &str,
    table: &str,
    all: impl Iterator<Item = &'a String>,
    given: impl Iterator<Item = &'a String>,
) {
    let all: BTreeSet<_> = all.collect();
    let given: BTreeSet<_> = given.collect();
    for id in all.difference(&given) {
        problems.add(file, format!("{table}.{id}"), "is missing");
    }
    for id in given.difference(&all) {
        problems.add(file, format!("{table}.{id}"), "is unknown");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::root;

    fn problems(change: impl FnOnce(&mut Spec)) -> Vec<String> {
        let mut spec = Spec::load(&root().join("xtask/spec")).unwrap();
        change(&mut spec);
        let mut problems = Problems::default();
        check(&spec, &mut problems);
        problems.lines().to_vec()
    }

    #[test]
    fn the_facts_are_in_order() {
        assert_eq!(problems(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn every_problem_is_found_at_once_and_named_with_file_and_row() {
        let found = problems(|spec| {
            let user = spec.routes.iter_mut().find(|row| row.title() == "GET /v3/user").unwrap();
            user.module = "usr".to_owned();
            user.sources[0].document = "seed 009".to_owned();
            spec.profiles[0].limits.remove("failed_logins");
            spec.profiles[1].switches.get_mut("expiry_day").unwrap().value = "noon".to_owned();
        });
        assert_eq!(
            found,
            [
                "xtask/spec/routes.toml: `GET /v3/user`: unknown module `usr`",
                "xtask/spec/routes.toml: `GET /v3/user`: unknown source `seed 009`",
                "xtask/spec/profiles/seeds.toml: `limits.failed_logins`: is missing",
                "xtask/spec/profiles/documented-2026.toml: `expiry_day`: `noon` is none of its values",
            ]
        );
    }

    #[test]
    fn routes_are_there_once_and_shadows_are_noted() {
        let found = problems(|spec| {
            let mut twice = spec.routes[0].clone();
            twice.note.clear();
            spec.routes.push(twice);
        });
        assert!(found.iter().any(|line| line.contains("this route is there twice")), "{found:?}");
        assert!(found.iter().any(|line| line.contains("say so in a note")), "{found:?}");
    }

    #[test]
    fn our_numbers_are_marked_as_ours() {
        let found = problems(|spec| {
            let row = spec.errors.iter_mut().find(|row| row.service_code.is_some()).unwrap();
            row.chosen = false;
        });
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
