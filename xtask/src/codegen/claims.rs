//! What the five pages claim about tokens, what carries each claim here, and the test that shows it: the table of cs-cli, and
//! the reference page.
//!
//! A claim that no rule carries, or that no test shows, is refused here, and so is a rule or an expectation that stands on a
//! seed and that no claim leads to.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::rust::{source, text};
use super::spec::{SourceKind, SourceRef, Spec};
use super::{OutFile, carriers, markdown};

mod check;
mod shown;

pub(crate) use check::check;

const FILE: &str = "claims.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimsFile {
    #[serde(default)]
    claim: Vec<ClaimRow>,
}

impl ClaimsFile {
    /// The page and heading of each claim.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &SourceRef> {
        self.claim.iter().map(|row| &row.source)
    }
}

/// A sentence that allows, forbids, limits or conditions something.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimRow {
    id: String,
    /// The page and its heading.
    source: SourceRef,
    /// The sentence in our words.
    says: String,
    /// `what:id`: what holds the service, the client or the policy to it.
    carried_by: Vec<String>,
    /// `path::function` or `path#id`: where it is shown.
    tests: Vec<String>,
}

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

/// The table as two texts without an address in them: a program that starts writes no address that is in its tables.
fn rust(spec: &Spec) -> Result<OutFile> {
    let claims = &spec.claims.claim;
    let mut body = String::from("use cs_model::Source;\n\n");
    writeln!(body, "/// Where each claim is made, page by page.")?;
    writeln!(body, "pub(crate) static SOURCES: [Source; {}] = [", claims.len())?;
    for row in claims {
        writeln!(body, "{},", source(&row.source))?;
    }
    writeln!(
        body,
        "];\n\n/// A line for each, in the same order, with tabs between: id, claim, carriers and tests with `|` between."
    )?;
    writeln!(body, "pub(crate) const TEXT: &str = concat!(")?;
    for row in claims {
        let lists = [&row.carried_by, &row.tests];
        ensure!(!lists.into_iter().flatten().any(|item| item.contains('|')), "`{}` names a `|`", row.id);
        let [carried_by, tests] = lists.map(|list| list.join("|"));
        let line = [row.id.as_str(), &row.says, &carried_by, &tests].join("\t");
        ensure!(line.lines().count() == 1 && line.matches('\t').count() == 3, "`{}` is not one line", row.id);
        writeln!(body, "{},", text(&(line + "\n")))?;
    }
    writeln!(body, ");")?;
    OutFile::rust("crates/cs-cli/src/generated/claims.rs", "xtask/spec/claims.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let claims = &spec.claims.claim;
    let mut body = format!(
        "# What the seeds claim\n\n\
         The five pages that this project starts from, sentence by sentence: each of the {} claims that allow, forbid, limit or \
         condition something, in our words; what carries it here; and the tests that show it. A claim without both does not \
         get onto this page: codegen refuses it, and a test that is gone or is not run as well. Where two pages disagree, \
         both claims stand here, and [a contradiction](contradictions.md) says which one each profile believes.\n\n\
         Carriers are [rules](rules.md) of the policy, [limits and switches](profiles.md) of a profile, \
         [findings](violations.md) of checks, [errors](errors.md) of the service, [lints](lints.md), \
         [contradictions](contradictions.md) and [endpoints](routes.md). Tests are named by their file, from the root of the \
         repository. Which page each seed is: [sources](sources.md).\n",
        claims.len(),
    );
    for seed in spec.sources.iter().filter(|row| row.kind == SourceKind::Seed) {
        let of_seed: Vec<_> = claims.iter().filter(|row| row.source.document == seed.id).collect();
        writeln!(body, "\n## {}, {}\n\n{} claims.", seed.id, seed.title, of_seed.len())?;
        let mut done = BTreeSet::new();
        for place in of_seed.iter().map(|row| &row.source.place) {
            if !done.insert(place) {
                continue;
            }
            if !place.is_empty() {
                writeln!(body, "\n### {place}")?;
            }
            body.push('\n');
            body.push_str(&markdown::head(&["id", "claim", "carried by", "shown by"]));
            for row in of_seed.iter().filter(|row| &row.source.place == place) {
                let carriers: Vec<_> = row.carried_by.iter().map(|carrier| carriers::link(carrier)).collect();
                let tests: Vec<_> = row.tests.iter().map(|test| markdown::code(test)).collect();
                let cells =
                    [markdown::code(&row.id), row.says.clone(), carriers.join("<br>"), tests.join("<br>")];
                body.push_str(&markdown::row(cells));
            }
        }
    }
    Ok(OutFile::markdown("docs/reference/claims.md", "xtask/spec/claims.toml", &body))
}
