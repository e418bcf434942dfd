//! What lints can find: the table of cs-policy, and the reference page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Deserialize;

use super::cited::cited;
use super::rust::{id_enum, pascal, sources, text};
use super::spec::{Problems, SourceRef, Spec};
use super::{OutFile, markdown};

const FILE: &str = "lints.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LintsFile {
    #[serde(default)]
    production: Vec<String>,
    #[serde(default)]
    number: Vec<Number>,
    #[serde(default)]
    lint: Vec<LintRow>,
}

impl LintsFile {
    /// The ids of all lints.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.lint.iter().map(|row| row.id.as_str())
    }

    /// The constants that the table holds, sorted.
    pub(crate) fn constants(&self) -> Vec<String> {
        let mut names: Vec<_> = self.number.iter().map(Number::name).collect();
        names.push("PRODUCTION".to_owned());
        names.sort();
        names
    }
}

impl LintsFile {
    /// What they cite.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &SourceRef> {
        self.lint.iter().flat_map(|row| &row.sources)
    }
}

/// A number that lints go by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    id: String,
    value: u32,
    says: String,
}

impl Number {
    /// Its constant.
    fn name(&self) -> String {
        self.id.to_uppercase()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LintRow {
    id: String,
    severity: Severity,
    kinds: Vec<Place>,
    says: String,
    why: String,
    fix: String,
    sources: Vec<SourceRef>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Note,
    Warning,
    Error,
}

/// Of what something is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Delivery,
    Management,
    Access,
    Baseline,
}

impl Place {
    fn words(self) -> &'static str {
        match self {
            Self::Delivery => "delivery tokens",
            Self::Management => "management tokens",
            Self::Access => "the access token",
            Self::Baseline => "the baseline",
        }
    }
}

pub(crate) fn check(spec: &Spec, problems: &mut Problems) {
    let documents: BTreeSet<_> = spec.sources.iter().map(|row| row.id.as_str()).collect();
    let mut seen = BTreeSet::new();
    for number in &spec.lints.number {
        if !number.id.chars().all(|c| c.is_ascii_lowercase() || c == '_') || !seen.insert(&number.id) {
            problems.add(
                FILE,
                &number.id,
                "the id of a number is of lower case letters and `_`, and there once",
            );
        }
        if !number.says.ends_with('.') {
            problems.add(FILE, &number.id, "`says` ends with a full stop");
        }
    }
    for row in &spec.lints.lint {
        let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        if !row.id.chars().all(plain) || row.id.matches('.').count() != 1 {
            problems.add(FILE, &row.id, "a lint id is `group.name`, of lower case letters and `_`");
        }
        if !seen.insert(&row.id) {
            problems.add(FILE, &row.id, "this id is there twice");
        }
        if row.kinds.is_empty() {
            problems.add(FILE, &row.id, "is found in nothing");
        }
        if !row.says.ends_with('.') || !row.why.ends_with('.') || row.fix.ends_with('.') {
            problems.add(FILE, &row.id, "`says` and `why` end with a full stop, `fix` without one");
        }
        if row.sources.is_empty() {
            problems.add(FILE, &row.id, "a fact without a source");
        }
        for source in row.sources.iter().filter(|source| !documents.contains(source.document.as_str())) {
            problems.add(FILE, &row.id, format!("unknown source `{}`", source.document));
        }
    }
}

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body =
        String::from("use cs_model::Source;\n\nuse crate::Kind;\nuse crate::lint::{LintRow, Severity};\n\n");
    let names: Vec<_> = spec.lints.production.iter().map(|name| text(name)).collect();
    writeln!(body, "/// Names of environments that hold what visitors see, unless the caller names others.")?;
    writeln!(body, "pub(crate) const PRODUCTION: [&str; {}] = [{}];\n", names.len(), names.join(", "))?;
    for number in &spec.lints.number {
        writeln!(body, "/// {}", number.says)?;
        writeln!(body, "pub(crate) const {}: u32 = {};\n", number.name(), number.value)?;
    }
    body.push_str(&id_enum(
        "LintId",
        "Something a lint can find: the number of a row in [`LINTS`].",
        spec.lints.lint.iter().map(|row| (row.id.as_str(), cited(spec, &row.says, &row.sources))),
    )?);
    writeln!(body, "/// What lints can find, by number.")?;
    writeln!(body, "pub static LINTS: [LintRow; LintId::COUNT] = [")?;
    for row in &spec.lints.lint {
        let kinds = row.kinds.iter().filter(|place| **place != Place::Baseline);
        let kinds: Vec<_> = kinds.map(|place| format!("Kind::{place:?}")).collect();
        writeln!(
            body,
            "LintRow {{ id: LintId::{}, name: {}, severity: Severity::{:?}, kinds: &[{}], says: {}, why: {}, fix: {}, sources: {} }},",
            pascal(&row.id),
            text(&row.id),
            row.severity,
            kinds.join(", "),
            text(&row.says),
            text(&row.why),
            text(&row.fix),
            sources(&row.sources)
        )?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-policy/src/generated/lints.rs", "xtask/spec/lints.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let names: Vec<_> = spec.lints.production.iter().map(|name| markdown::code(name)).collect();
    let mut body = format!(
        "# Lints\n\n\
         What lints find in a token, or in the tokens of a stack, that no [check](violations.md) refuses. The ids are stable: a \
         baseline file silences a finding by its id and its subject, with a reason and an end date.\n\n\
         Unless told otherwise, an environment holds production when its name is one of {}, in any case of letters, \
         and lints go by these numbers; the days of the e-mail notice are those of the [profile](profiles.md).\n\n",
        names.join(", ")
    );
    body.push_str(&markdown::head(&["number", "at first", "what it is"]));
    for number in &spec.lints.number {
        body.push_str(&markdown::row([
            markdown::code(&number.id),
            number.value.to_string(),
            number.says.clone(),
        ]));
    }
    body.push('\n');
    body.push_str(&markdown::head(&[
        "id",
        "severity",
        "found in",
        "what is wrong",
        "why it matters",
        "what to do",
        "sources",
    ]));
    for row in &spec.lints.lint {
        let places: Vec<_> = row.kinds.iter().map(|place| place.words()).collect();
        body.push_str(&markdown::row([
            markdown::code(&row.id),
            format!("{:?}", row.severity).to_lowercase(),
            places.join(", "),
            row.says.clone(),
            row.why.clone(),
            row.fix.clone(),
            markdown::sources(&row.sources),
        ]));
    }
    body.push_str(
        "\n## A baseline file\n\n\
         TOML, or the same as JSON. `until` is the last day on which the entry silences; the day ends at midnight UTC.\n\n\
         ```toml\n\
         [[silence]]\n\
         lint = \"expiry.never\"\n\
         subject = \"management/importer\"\n\
         reason = \"the importer goes away with the old site\"\n\
         until = \"2027-01-31\"\n\
         ```\n",
    );
    Ok(OutFile::markdown("docs/reference/lints.md", "xtask/spec/lints.toml", &body))
}
