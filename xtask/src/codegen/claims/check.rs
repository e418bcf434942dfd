//! Checks of `claims.toml` against the other facts and against the tests of the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::shown::{EXPECTATIONS, Tests};
use super::{ClaimRow, FILE};
use crate::codegen::carriers;
use crate::codegen::spec::{Problems, SourceKind, Spec};

/// Checks every claim; `root` is the workspace, where the tests are looked up.
pub(crate) fn check(root: &Path, spec: &Spec, problems: &mut Problems) {
    let mut tests = Tests::new(root);
    let mut seen = BTreeSet::new();
    let mut sentences = BTreeMap::new();
    for row in &spec.claims.claim {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c);
        if row.id.is_empty() || !row.id.chars().all(plain) {
            problems.add(FILE, &row.id, "an id is made of lower case letters, digits, `_` and `.`");
        }
        if !seen.insert(&row.id) {
            problems.add(FILE, &row.id, "this id is there twice");
        }
        if let Some(other) = sentences.insert((&row.source, &row.says), &row.id) {
            problems.add(FILE, &row.id, format!("says the same as `{other}` at the same place"));
        }
        if !row.says.ends_with('.') {
            problems.add(FILE, &row.id, "`says` ends with a full stop");
        }
        source(spec, row, problems);
        carriers::check(spec, FILE, &row.id, &row.carried_by, problems);
        if row.tests.is_empty() {
            problems.add(FILE, &row.id, "no test shows it");
        }
        for test in &row.tests {
            if let Err(fault) = tests.find(test) {
                problems.add(FILE, &row.id, format!("`{test}`: {fault}"));
            }
        }
    }
    rules_have_claims(spec, problems);
    expectations_have_claims(spec, &mut tests, problems);
}

/// The source is a seed, and the id begins with its number.
fn source(spec: &Spec, row: &ClaimRow, problems: &mut Problems) {
    let document = &row.source.document;
    if !spec.sources.iter().any(|source| &source.id == document && source.kind == SourceKind::Seed) {
        problems.add(FILE, &row.id, format!("`{document}` is no seed"));
    } else if document.strip_prefix("seed ") != row.id.split('.').next() {
        problems.add(FILE, &row.id, format!("the id of a claim of {document} begins with its number"));
    }
}

/// A rule that stands on a seed is the rule of one of its claims.
fn rules_have_claims(spec: &Spec, problems: &mut Problems) {
    let carrying: BTreeSet<_> = spec.claims.claim.iter().flat_map(|row| &row.carried_by).collect();
    for (rule, sources) in spec.rules.cited() {
        let seed = sources.iter().find(|source| source.document.starts_with("seed "));
        if let Some(seed) = seed.filter(|_| !carrying.contains(&format!("rule:{rule}"))) {
            problems.add(FILE, rule, format!("this rule stands on {seed}, and no claim leads to it"));
        }
    }
}

/// An expectation written from the seeds is the test of one of their claims.
fn expectations_have_claims(spec: &Spec, tests: &mut Tests, problems: &mut Problems) {
    let named: BTreeSet<_> = spec.claims.claim.iter().flat_map(|row| &row.tests).collect();
    for id in tests.expectations() {
        let name = format!("{EXPECTATIONS}#{id}");
        if !named.contains(&name) {
            problems.add(FILE, &name, "no claim names this test");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::root;

    fn problems(change: impl FnOnce(&mut Vec<ClaimRow>)) -> Vec<String> {
        let mut spec = Spec::load(&root().join("xtask/spec")).unwrap();
        change(&mut spec.claims.claim);
        let mut problems = Problems::default();
        check(&root(), &spec, &mut problems);
        problems.lines().to_vec()
    }

    /// What is found when the first claim is made worse.
    fn first(change: impl FnOnce(&mut ClaimRow)) -> Vec<String> {
        problems(|claims| change(&mut claims[0]))
            .into_iter()
            .filter_map(|line| line.strip_prefix("xtask/spec/claims.toml: ").map(str::to_owned))
            .collect()
    }

    #[test]
    fn the_claims_are_in_order() {
        assert_eq!(problems(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn every_seed_has_claims() {
        let spec = Spec::load(&root().join("xtask/spec")).unwrap();
        for seed in spec.sources.iter().filter(|row| row.kind == SourceKind::Seed) {
            assert!(spec.claims.claim.iter().any(|row| row.source.document == seed.id), "{}", seed.id);
        }
    }

    #[test]
    fn ids_are_unique_and_begin_with_the_number_of_their_seed() {
        let found = problems(|claims| {
            let mut twice = claims[0].clone();
            twice.says = "Something else.".to_owned();
            claims.push(twice);
        });
        assert!(found.len() == 1 && found[0].contains("this id is there twice"), "{found:?}");
        let found = first(|row| row.id = "001.elsewhere".to_owned());
        assert_eq!(found, ["`001.elsewhere`: the id of a claim of seed 000 begins with its number"]);
        let found = first(|row| row.source.document = "OA3".to_owned());
        assert!(found[0].ends_with("`OA3` is no seed"), "{found:?}");
    }

    #[test]
    fn a_sentence_stands_at_its_place_once() {
        let found = problems(|claims| {
            let mut twice = claims[0].clone();
            twice.id.push_str(".again");
            claims.push(twice);
        });
        assert!(found.len() == 1 && found[0].contains("says the same as"), "{found:?}");
        assert!(first(|row| row.says.push('!'))[0].ends_with("`says` ends with a full stop"));
    }

    #[test]
    fn a_claim_without_a_carrier_is_refused() {
        let carried_by = |list: &[&str]| {
            let list: Vec<_> = list.iter().map(|&text| text.to_owned()).collect();
            first(|row| row.carried_by = list).remove(0)
        };
        assert!(carried_by(&[]).ends_with("nothing carries it"));
        assert!(carried_by(&["contradiction:access_choice"]).ends_with("no rule carries it"));
        assert!(carried_by(&["anonymous.needs_credential"]).ends_with("is not `what:id`"));
        assert!(carried_by(&["law:gravity"]).contains("`law` is none of rule, limit,"));
    }

    #[test]
    fn unknown_carriers_are_refused() {
        for (what, id) in [
            ("rule", "any.thing"),
            ("limit", "any"),
            ("switch", "any"),
            ("violation", "any.thing"),
            ("error", "any"),
            ("lint", "any.thing"),
            ("contradiction", "any"),
            ("endpoint", "GET /v3/any"),
            ("module", "any"),
        ] {
            let found = first(|row| row.carried_by.push(format!("{what}:{id}")));
            assert!(found.len() == 1 && found[0].ends_with(&format!("unknown {what} `{id}`")), "{found:?}");
        }
    }

    #[test]
    fn a_claim_without_a_test_is_refused() {
        let found = first(|row| row.tests.clear());
        assert!(found.iter().any(|line| line.ends_with("no test shows it")), "{found:?}");
        let found = first(|row| row.tests.push("crates/cs-policy/tests/it/facts.rs::no_such".to_owned()));
        assert!(found[0].contains("no test of this name"), "{found:?}");
    }

    #[test]
    fn nothing_that_stands_on_a_seed_is_left_over() {
        let found = problems(Vec::clear);
        assert!(found.iter().any(|line| line.contains("`delivery.no_drafts`: this rule stands on seed 001")));
        assert!(found.iter().any(|line| line.contains("#001.delivery.no_drafts`: no claim names this test")));
    }
}
