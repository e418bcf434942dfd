//! What carries a claim or a fact: rows of the other files, named as `what:id`.

use super::rules;
use super::spec::{Problems, Spec};

/// What can carry: the word before the colon, and the page that explains it.
const CARRIERS: [(&str, &str); 10] = [
    ("rule", "rules.md"),
    ("limit", "profiles.md"),
    ("switch", "profiles.md"),
    ("violation", "violations.md"),
    ("error", "errors.md"),
    ("lint", "lints.md"),
    ("contradiction", "contradictions.md"),
    ("endpoint", "routes.md"),
    ("module", "modules.md"),
    ("gap", "gaps.md"),
];

/// Refuses a row that no rule carries, whatever else does, and carriers that are not there.
pub(crate) fn check(spec: &Spec, file: &str, row: &str, carried_by: &[String], problems: &mut Problems) {
    if carried_by.is_empty() {
        problems.add(file, row, "nothing carries it");
    }
    for carrier in carried_by {
        let Some((what, id)) = carrier.split_once(':') else {
            problems.add(file, row, format!("`{carrier}` is not `what:id`"));
            continue;
        };
        let known = match what {
            "rule" => spec.rules.cited().any(|(rule, _)| rule == id),
            "limit" => spec.limits.iter().any(|row| row.id == id),
            "switch" => spec.switches.iter().any(|row| row.id == id),
            "violation" => spec.violations.iter().any(|row| row.id == id),
            "error" => spec.errors.iter().any(|row| row.id == id),
            "lint" => spec.lints.ids().any(|lint| lint == id),
            "contradiction" => spec.contradictions.iter().any(|row| row.id == id),
            "endpoint" => spec.routes.iter().any(|route| rules::is_named(route, id)),
            "module" => spec.modules.iter().any(|row| row.id == id),
            "gap" => spec.gaps.iter().any(|row| row.id == id),
            _ => {
                let words: Vec<_> = CARRIERS.iter().map(|(word, _)| *word).collect();
                problems.add(file, row, format!("`{what}` is none of {}", words.join(", ")));
                continue;
            }
        };
        if !known {
            problems.add(file, row, format!("unknown {what} `{id}`"));
        }
    }
    if !carried_by.is_empty() && !carried_by.iter().any(|carrier| carrier.starts_with("rule:")) {
        problems.add(file, row, "no rule carries it");
    }
}

/// A carrier with a link to its page.
pub(crate) fn link(carrier: &str) -> String {
    let (what, id) = carrier.split_once(':').unwrap_or((carrier, ""));
    let page = CARRIERS.iter().find(|(name, _)| *name == what).map_or("README.md", |(_, page)| page);
    // On these pages each id is a heading.
    let place = if matches!(what, "error" | "contradiction") { format!("#{id}") } else { String::new() };
    format!("{what} [`{id}`]({page}{place})")
}
