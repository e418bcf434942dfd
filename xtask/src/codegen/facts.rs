//! What is known beyond the five seeds, and what carries each row here: the reference page.
//!
//! A row that nothing carries is refused here, and so is a carrier or a source that is not there.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Deserialize;

use super::spec::{Problems, SourceRef, Spec};
use super::{OutFile, carriers, markdown};

const FILE: &str = "facts.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactsFile {
    #[serde(default)]
    section: Vec<SectionRow>,
    #[serde(default)]
    fact: Vec<FactRow>,
}

/// A part of the page. The ids of its rows begin with its id and a dot.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionRow {
    id: String,
    title: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FactRow {
    id: String,
    /// The fact in our words.
    says: String,
    /// `what:id`: what holds the service, the client or the policy to it.
    carried_by: Vec<String>,
    sources: Vec<SourceRef>,
}

impl FactRow {
    fn section(&self) -> &str {
        self.id.split_once('.').map_or("", |(section, _)| section)
    }
}

pub(crate) fn check(spec: &Spec, problems: &mut Problems) {
    let (mut seen, mut sentences) = (BTreeSet::new(), BTreeSet::new());
    for row in &spec.facts.fact {
        if !spec.facts.section.iter().any(|section| section.id == row.section()) {
            problems.add(FILE, &row.id, "an id begins with that of a section and a dot");
        }
        if !seen.insert(&row.id) {
            problems.add(FILE, &row.id, "this id is there twice");
        }
        if !sentences.insert(&row.says) {
            problems.add(FILE, &row.id, "another row says the same");
        }
        if !row.says.ends_with('.') {
            problems.add(FILE, &row.id, "`says` ends with a full stop");
        }
        if row.sources.is_empty() {
            problems.add(FILE, &row.id, "it has no source");
        }
        for source in &row.sources {
            if !spec.sources.iter().any(|known| known.id == source.document) {
                problems.add(FILE, &row.id, format!("unknown source `{}`", source.document));
            }
        }
        carriers::check(spec, FILE, &row.id, &row.carried_by, problems);
    }
    for section in &spec.facts.section {
        if !spec.facts.fact.iter().any(|row| row.section() == section.id) {
            problems.add(FILE, &section.id, "a section without rows");
        }
    }
}

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    let facts = &spec.facts;
    let mut body = format!(
        "# What is known beyond the seeds\n\n\
         What other pages, the vendor's clients and the measurements of others add to [the five seeds](claims.md): {} rows in \
         our words, each with what carries it here. A row that nothing carries does not get onto this page: codegen refuses \
         it. Where sources disagree, [a contradiction](contradictions.md) says what each profile believes; where none answers, \
         [a gap](gaps.md) says what is done about it.\n",
        facts.fact.len(),
    );
    for section in &facts.section {
        writeln!(body, "\n## {}\n", section.title)?;
        body.push_str(&markdown::head(&["id", "fact", "carried by", "sources"]));
        for row in facts.fact.iter().filter(|row| row.section() == section.id) {
            let carried: Vec<_> = row.carried_by.iter().map(|carrier| carriers::link(carrier)).collect();
            let sources = markdown::sources(&row.sources);
            body.push_str(&markdown::row([
                markdown::code(&row.id),
                row.says.clone(),
                carried.join("<br>"),
                sources,
            ]));
        }
    }
    Ok(vec![OutFile::markdown("docs/reference/facts.md", "xtask/spec/facts.toml", &body)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::root;

    /// What is found when the first row is made worse.
    fn first(change: impl FnOnce(&mut FactRow)) -> Vec<String> {
        let mut spec = Spec::load(&root().join("xtask/spec")).unwrap();
        change(&mut spec.facts.fact[0]);
        let mut problems = Problems::default();
        check(&spec, &mut problems);
        problems.lines().to_vec()
    }

    #[test]
    fn the_facts_are_in_order() {
        assert_eq!(first(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn a_row_without_a_carrier_is_refused() {
        assert!(first(|row| row.carried_by.clear())[0].ends_with("nothing carries it"));
        let by_module = first(|row| row.carried_by = vec!["module:entry".to_owned()]);
        assert!(by_module[0].ends_with("no rule carries it"), "{by_module:?}");
        let unknown = first(|row| row.carried_by.push("rule:any.thing".to_owned()));
        assert!(unknown[0].ends_with("unknown rule `any.thing`"), "{unknown:?}");
        let unknown = first(|row| row.carried_by.push("gap:any".to_owned()));
        assert!(unknown[0].ends_with("unknown gap `any`"), "{unknown:?}");
    }

    #[test]
    fn ids_sentences_and_sources_are_checked() {
        assert!(first(|row| row.id = "99.elsewhere".to_owned())[0].contains("begins with that of a section"));
        assert!(first(|row| row.says.push('!'))[0].ends_with("ends with a full stop"));
        assert!(first(|row| row.sources.clear())[0].ends_with("it has no source"));
        let unknown = first(|row| row.sources[0].document = "hearsay".to_owned());
        assert!(unknown[0].ends_with("unknown source `hearsay`"), "{unknown:?}");
    }

    #[test]
    fn a_row_that_is_there_twice_and_an_empty_section_are_refused() {
        let mut spec = Spec::load(&root().join("xtask/spec")).unwrap();
        let doubled = spec.facts.fact[0].clone();
        spec.facts.fact.push(doubled);
        spec.facts.section.push(SectionRow { id: "99".to_owned(), title: "Nothing".to_owned() });
        let mut problems = Problems::default();
        check(&spec, &mut problems);
        let lines = problems.lines();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].ends_with("this id is there twice"), "{lines:?}");
        assert!(lines[1].ends_with("another row says the same"), "{lines:?}");
        assert!(lines[2].ends_with("a section without rows"), "{lines:?}");
    }
}
