//! Known error answers.

use std::fmt::Write as _;

use anyhow::Result;

use super::cited::cited;
use super::rust::{id_enum, sources, text};
use super::spec::{ErrorRow, Spec};
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from("use crate::facts::{ErrorRow, Source};\n\n");
    body.push_str(&id_enum(
        "ErrorId",
        "A known error answer: the number of a row in [`ERRORS`].",
        spec.errors.iter().map(|row| (row.id.as_str(), cited(spec, &row.cause, &row.sources))),
    )?);
    writeln!(
        body,
        "/// Known error answers, by number. Of rows that fit an answer equally well, the first is meant."
    )?;
    writeln!(body, "pub static ERRORS: [ErrorRow; ErrorId::COUNT] = [")?;
    for row in &spec.errors {
        writeln!(
            body,
            "ErrorRow {{ id: {}, statuses: &{:?}, code: {:?}, service_code: {:?}, chosen: {}, key: {}, message: {}, \
             cause: {}, fix: {}, sources: {} }},",
            text(&row.id),
            row.statuses,
            row.code,
            row.service_code,
            row.chosen,
            text(&row.key),
            text(&row.message),
            text(&row.cause),
            text(&row.fix),
            sources(&row.sources)
        )?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/errors.rs", "xtask/spec/errors.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "# Errors\n\n\
         An error answer looks like `{\"error_message\": text, \"error_code\": number, \"errors\": {\"field\": [text]}}`. The number is \
         the vendor's own, not the HTTP status, and several cases share one: the keys of `errors` tell them apart. Never branch on the \
         message.\n\n\
         What varies: `errors` may be absent, `{}`, `[]` or `[{}]`; `error_code` may be absent; a refusal for too many requests has no \
         `errors`; a request for a second factor adds `tfa_type`; some services say `message` in place of `error_message`.\n\n\
         Not every 401 is about the credential: 161, 162 and 294 are not. The API key is checked before the token, so a typo in it \
         hides a bad token.\n\n\
         **ours** marks cases whose status, number or key nobody has written down: that part is a choice of this project, and \
         the vendor's service may answer otherwise. Of several statuses, the local service sends the first.\n\n\
         ## By number\n\n",
    );
    body.push_str(&markdown::head(&["number", "status", "key in `errors`", "case"]));
    let mut rows: Vec<&ErrorRow> = spec.errors.iter().collect();
    rows.sort_by_key(|row| (number(row).is_none(), number(row), row.statuses.first().copied()));
    for row in rows {
        body.push_str(&markdown::row([
            number_cell(row),
            statuses(row),
            markdown::code(&row.key),
            format!("[`{}`](#{})", row.id, row.id),
        ]));
    }
    body.push_str("\n## Causes and fixes\n");
    for row in &spec.errors {
        writeln!(body, "\n### {}\n", row.id)?;
        let key = if row.key.is_empty() { String::new() } else { format!(", key `{}`", row.key) };
        writeln!(body, "Status {}, number {}{key}.\n", statuses(row), number_cell(row))?;
        writeln!(body, "{}\n", row.cause)?;
        writeln!(body, "**Fix.** {}\n", row.fix)?;
        writeln!(body, "Sources: {}", markdown::sources(&row.sources))?;
    }
    Ok(OutFile::markdown("docs/reference/errors.md", "xtask/spec/errors.toml", &body))
}

fn number(row: &ErrorRow) -> Option<u32> {
    row.code.or(row.service_code)
}

fn number_cell(row: &ErrorRow) -> String {
    let number = number(row).map_or_else(|| "none".to_owned(), |number| number.to_string());
    if row.service_code.is_some() { format!("{number} (ours)") } else { number }
}

fn statuses(row: &ErrorRow) -> String {
    let statuses = row.statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
    // Where the number is ours the status may be known; where it is the vendor's, the status is what we chose.
    if row.chosen && row.service_code.is_none() { format!("{statuses} (ours)") } else { statuses }
}
