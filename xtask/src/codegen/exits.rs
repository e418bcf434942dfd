//! How `cstok` ends: its enum, and the page.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use super::rust::{pascal, text};
use super::spec::{ExitRow, Spec};
use super::{OutFile, markdown};

const SPEC: &str = "xtask/spec/exits.toml";

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![table(spec)?, page(spec)])
}

fn table(spec: &Spec) -> Result<OutFile> {
    let rows = &spec.exits;
    ensure!(u8::try_from(rows.len()).is_ok(), "{SPEC}: an exit code is a byte");
    ensure!(
        numbered(spec).is_sorted_by(|(first, _), (second, _)| first < second),
        "{SPEC}: rows stand in the order of their numbers, each with one of its own"
    );
    let mut body = String::from(
        "/// How `cstok` ended. Scripts may rely on the numbers: they change with a major version only.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]\n#[repr(u8)]\npub(crate) enum Exit {\n",
    );
    for (number, row) in numbered(spec) {
        let cause = if row.cause.is_empty() { String::new() } else { format!(" Typical: {}.", row.cause) };
        writeln!(body, "/// {}.{cause}\n{} = {number},", sentence(&row.says), pascal(&row.id))?;
    }
    writeln!(body, "}}\n\nimpl Exit {{\n/// All of them, in the order of their numbers.")?;
    let all: String = rows.iter().map(|row| format!("Self::{},", pascal(&row.id))).collect();
    writeln!(body, "pub(crate) const ALL: [Self; {}] = [{all}];\n", rows.len())?;
    writeln!(
        body,
        "/// What it means, in a few words.\npub(crate) const fn says(self) -> &'static str {{ match self {{"
    )?;
    for row in rows {
        writeln!(body, "Self::{} => {},", pascal(&row.id), text(&row.says))?;
    }
    writeln!(body, "}} }} }}")?;
    OutFile::rust("crates/cs-cli/src/generated/exits.rs", SPEC, &body)
}

/// The rows with their numbers.
fn numbered(spec: &Spec) -> impl Iterator<Item = (usize, &ExitRow)> {
    spec.exits.iter().enumerate().map(|(place, row)| (row.number.map_or(place, usize::from), row))
}

fn page(spec: &Spec) -> OutFile {
    let mut body = String::from(
        "# Exit codes\n\nHow `cstok` ends. Scripts may rely on the numbers: they change with a major version only. The program has its \
         numbers and words from the same table.\n\n",
    );
    body += &markdown::head(&["exit", "means", "typical cause", "what to do"]);
    for (number, row) in numbered(spec) {
        body += &markdown::row([&number.to_string(), &row.says, &row.cause, &row.fix]);
    }
    body += "\nUnder `--json` a failure is a document, too: `error.exit` is the number, `error.code` a stable name for the cause.\n";
    OutFile::markdown("docs/reference/exit-codes.md", SPEC, &body)
}

fn sentence(says: &str) -> String {
    let mut letters = says.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
