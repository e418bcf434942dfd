//! Writing Rust: literals, enums, rustfmt, and the file that gathers the generated modules of cs-model.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::OutFile;
use super::spec::{SourceRef, Spec};

/// `crates/cs-model/src/generated.rs`.
pub(crate) fn generate(_: &Spec) -> Result<Vec<OutFile>> {
    let mut body = String::from(
        "//! The facts of `xtask/spec` as tables and constants. Data only: the logic is in the other modules.\n//!\n\
         //! In brackets stands where each comes from: a document by its id in [`SOURCES`], and the heading or file in it. `choice` \
         marks what no document answers.\n\n",
    );
    let modules = [
        ("collections", "COLLECTIONS"),
        ("contradictions", "CONTRADICTIONS, ContradictionId"),
        ("errors", "ERRORS, ErrorId"),
        ("limits", "LIMITS, LimitId"),
        ("modules", "ACTIONS, Action, MODULES, ModuleId"),
        ("profiles", "DOCUMENTED_2026, LIVE, SEEDS"),
        ("regions", "REGIONS"),
        ("routes", "ROUTES"),
        ("sources", "SOURCES"),
        ("switches", "SWITCHES"),
        ("violations", "VIOLATIONS, ViolationId"),
    ];
    for (module, _) in modules {
        writeln!(body, "mod {module};")?;
    }
    writeln!(body, "pub(crate) mod places;\npub mod route;\n")?;
    for (module, names) in modules {
        writeln!(body, "pub use {module}::{{{names}}};")?;
    }
    Ok(vec![OutFile::rust("crates/cs-model/src/generated.rs", "xtask/spec", &body)?])
}

/// Formats a file as `cargo fmt` would.
pub(crate) fn format(text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--quiet"])
        .current_dir(super::root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start rustfmt; install it with `rustup component add rustfmt`")?;
    let mut stdin = child.stdin.take().context("rustfmt takes no input")?;
    // From another thread: rustfmt may answer before it has read everything.
    let input = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    ensure!(matches!(writer.join(), Ok(Ok(()))), "cannot write to rustfmt");
    ensure!(output.status.success(), "rustfmt failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// A string literal.
pub(crate) fn text(value: &str) -> String {
    format!("{value:?}")
}

/// `name_of_thing` or `name.of_thing` as a name of a type or variant.
pub(crate) fn pascal(id: &str) -> String {
    id.split(['_', '.', '-'])
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        })
        .collect()
}

/// `Source::generated(..)`.
pub(crate) fn source(source: &SourceRef) -> String {
    format!("Source::generated({}, {})", text(&source.document), text(&source.place))
}

/// `&[Source::generated(..)]`.
pub(crate) fn sources(list: &[SourceRef]) -> String {
    format!("&[{}]", list.iter().map(source).collect::<Vec<_>>().join(", "))
}

/// An enum of ids with `COUNT` and `ALL`. Each row is an id and its doc comment.
pub(crate) fn id_enum<'a>(
    name: &str,
    doc: &str,
    rows: impl Iterator<Item = (&'a str, String)>,
) -> Result<String> {
    let rows: Vec<_> = rows.collect();
    ensure!(rows.len() <= 256, "{name} does not fit a u8");
    let mut out = String::new();
    writeln!(out, "/// {doc}")?;
    writeln!(out, "#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]")?;
    writeln!(out, "#[non_exhaustive]\n#[repr(u8)]\npub enum {name} {{")?;
    for (id, doc) in &rows {
        writeln!(out, "/// `{id}`: {doc}\n{},", pascal(id))?;
    }
    writeln!(out, "}}\n\nimpl {name} {{")?;
    writeln!(out, "/// How many there are.\npub const COUNT: usize = {};\n", rows.len())?;
    writeln!(out, "/// All of them, in the order of their numbers.")?;
    writeln!(out, "pub const ALL: [Self; Self::COUNT] = [")?;
    for (id, _) in &rows {
        writeln!(out, "Self::{},", pascal(id))?;
    }
    writeln!(out, "];\n}}\n")?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variants() {
        assert_eq!(pascal("content_type"), "ContentType");
        assert_eq!(pascal("environments.too_many"), "EnvironmentsTooMany");
        assert_eq!(pascal("live"), "Live");
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(text("a \"b\" \\"), r#""a \"b\" \\""#);
    }

    #[test]
    fn rustfmt_formats() {
        assert_eq!(format("fn  a( ){}").unwrap(), "fn a() {}\n");
        assert!(format("fn (").is_err());
    }
}
