//! The documents that facts come from.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;

use super::rust::text;
use super::spec::{SourceKind, SourceRef, Spec};
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, places(spec)?, page(spec)?])
}

/// Every source in the tables of the crates.
fn cited(spec: &Spec) -> impl Iterator<Item = &SourceRef> {
    let rows = spec.modules.iter().flat_map(|row| &row.sources);
    let rows = rows.chain(spec.routes.iter().flat_map(|row| &row.sources));
    let rows = rows.chain(spec.collections.iter().flat_map(|row| &row.sources));
    let rows = rows.chain(spec.errors.iter().flat_map(|row| &row.sources));
    let rows = rows.chain(spec.violations.iter().flat_map(|row| &row.sources));
    let claims = spec.contradictions.iter().flat_map(|row| &row.claims);
    let rows = rows.chain(claims.map(|claim| &claim.source));
    rows.chain(spec.rules.sources()).chain(spec.lints.sources()).chain(spec.claims.sources())
}

/// The places in documents, as one text.
fn places(spec: &Spec) -> Result<OutFile> {
    let places: BTreeSet<&str> = cited(spec).map(|source| source.place.as_str()).collect();
    let mut body =
        String::from("//! Headings, tables and lines that sources name, in alphabetical order.\n\n");
    let ends: Vec<String> = places
        .iter()
        .scan(0, |end, place| {
            *end += place.len();
            Some(end.to_string())
        })
        .collect();
    writeln!(body, "/// Where each of them ends in [`TEXT`].")?;
    writeln!(body, "pub(crate) static ENDS: [u16; {}] = [{}];\n", ends.len(), ends.join(", "))?;
    writeln!(body, "/// All of them, one after the other.")?;
    writeln!(body, "pub(crate) const TEXT: &str = concat!(")?;
    for place in &places {
        writeln!(body, "{},", text(place))?;
    }
    writeln!(body, ");")?;
    OutFile::rust("crates/cs-model/src/generated/places.rs", "xtask/spec/*.toml", &body)
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from("use crate::facts::{SourceDocument, SourceKind};\n\n");
    writeln!(body, "/// The documents that facts come from, the five seed pages first.")?;
    writeln!(body, "pub static SOURCES: [SourceDocument; {}] = [", spec.sources.len())?;
    for row in &spec.sources {
        writeln!(
            body,
            "SourceDocument {{ id: {}, title: {}, url: {}, date: {}, kind: SourceKind::{}, says: {} }},",
            text(&row.id),
            text(&row.title),
            text(&row.url),
            text(&row.date),
            row.kind.variant(),
            text(&row.says)
        )?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/sources.rs", "xtask/spec/sources.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "# Sources\n\nWhere the facts on these pages come from. Other pages name a source by its id and, where it has one, the heading or file in it.\n",
    );
    let kinds = [
        (
            SourceKind::Seed,
            "The five pages this project starts from",
            "Where documents disagree, the default profile believes these.",
        ),
        (SourceKind::Vendor, "Other pages and files of the vendor", ""),
        (
            SourceKind::VendorClient,
            "Clients that the vendor publishes",
            "Their code, recorded answers, and tests that run against the live service.",
        ),
        (
            SourceKind::ThirdParty,
            "Measurements and notes of others",
            "Indications of how the service behaves, not a contract.",
        ),
        (SourceKind::Choice, "Ours", "Marked as such wherever they are used."),
    ];
    for (kind, title, says) in kinds {
        writeln!(body, "\n## {title}\n")?;
        if !says.is_empty() {
            writeln!(body, "{says}\n")?;
        }
        body.push_str(&markdown::head(&["id", "document", "date", "what it says"]));
        for row in spec.sources.iter().filter(|row| row.kind == kind) {
            let title =
                if row.url.is_empty() { row.title.clone() } else { format!("[{}]({})", row.title, row.url) };
            body.push_str(&markdown::row([
                markdown::code(&row.id),
                title,
                row.date.clone(),
                row.says.clone(),
            ]));
        }
    }
    Ok(OutFile::markdown("docs/reference/sources.md", "xtask/spec/sources.toml", &body))
}
