//! What checks can find wrong before a request is sent.

use std::fmt::Write as _;

use anyhow::Result;

use super::cited::cited;
use super::rust::{id_enum, pascal, sources, text};
use super::spec::Spec;
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from("use crate::facts::{Source, ViolationRow};\nuse crate::profile::Level;\n\n");
    body.push_str(&id_enum(
        "ViolationId",
        "Something a check can find wrong: the number of a row in [`VIOLATIONS`].",
        spec.violations.iter().map(|row| (row.id.as_str(), cited(spec, &row.says, &row.sources))),
    )?);
    writeln!(body, "/// What checks can find wrong, by number.")?;
    writeln!(body, "pub static VIOLATIONS: [ViolationRow; ViolationId::COUNT] = [")?;
    for row in &spec.violations {
        writeln!(
            body,
            "ViolationRow {{ id: ViolationId::{}, name: {}, level: Level::{}, says: {}, fix: {}, sources: {} }},",
            pascal(&row.id),
            text(&row.id),
            row.level.variant(),
            text(&row.says),
            text(&row.fix),
            sources(&row.sources)
        )?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/violations.rs", "xtask/spec/violations.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "# Findings of checks\n\n\
         What a check of a token or a file of tokens can find, before any request is sent. All findings are reported at once. \
         An error stops the request, a warning does not; where a [profile](profiles.md) decides, its limit or switch wins.\n\n",
    );
    body.push_str(&markdown::head(&["id", "level", "what is wrong", "what to do", "sources"]));
    for row in &spec.violations {
        body.push_str(&markdown::row([
            markdown::code(&row.id),
            row.level.variant().to_lowercase(),
            row.says.clone(),
            row.fix.clone(),
            markdown::sources(&row.sources),
        ]));
    }
    Ok(OutFile::markdown("docs/reference/violations.md", "xtask/spec/violations.toml", &body))
}
