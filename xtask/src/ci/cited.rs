//! Documentation that names the documents it rests on.
//!
//! What the code says of Contentstack has a source, in brackets: `(seed 001, "Delivery Tokens"; OA3)`. Each document named so is
//! one of `xtask/spec/sources.toml`, each heading of a seed is one that a claim or a module there is
//! from, and each file of the model and each endpoint of the service names a source, at its top or at its items, unless [`OURS`] says
//! why it needs none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use super::files;
use crate::codegen::spec::Spec;

/// Where each file with items for others names a source.
const FOLDERS: [&str; 2] = ["crates/cs-model/src/", "crates/cs-server/src/endpoint/"];

/// Files there that state nothing of Contentstack themselves, and why that is so.
const OURS: [(&str, &str); 11] = [
    ("crates/cs-model/src/endpoint.rs", "what a request is; the routes and requests name their sources"),
    ("crates/cs-model/src/endpoint/body.rs", "how bodies are kept"),
    ("crates/cs-model/src/extra.rs", "fields that no type of ours knows"),
    ("crates/cs-model/src/facts/source.rs", "how sources are kept; the tables name them"),
    ("crates/cs-model/src/generated.rs", "gathers generated modules"),
    ("crates/cs-model/src/one_pass.rs", "how objects are read"),
    ("crates/cs-model/src/plain.rs", "how text is shown"),
    ("crates/cs-model/src/profile/readings.rs", "how readings are kept; the profiles name their sources"),
    ("crates/cs-model/src/secret.rs", "how secrets are kept"),
    ("crates/cs-model/src/suggest.rs", "how known names are listed"),
    ("crates/cs-model/src/violation.rs", "how findings are gathered; each names its sources"),
];

/// Checks all files; every fault is named.
pub(crate) fn check(root: &Path) -> Result<()> {
    let known = Known::of(&Spec::load(&root.join("xtask/spec"))?);
    let (mut faults, mut count) = (Vec::new(), 0);
    for file in files::below(root, &["crates"])? {
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        if !name.ends_with(".rs") || !name.contains("/src/") {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        let (cited, mut found) = known.citations(&docs(&text));
        count += cited;
        found.extend(silence(&name, &text, cited));
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    println!("{count} times the docs name a document, and it is there");
    Ok(())
}

/// What is wrong with a file that names so many sources.
fn silence(name: &str, text: &str, cited: usize) -> Option<String> {
    let is_ours = OURS.iter().any(|(ours, _)| *ours == name);
    let is_item = |line: &str| line.trim_start().starts_with("pub") && !line.contains(" use ");
    let must = FOLDERS.iter().any(|folder| name.starts_with(folder)) && text.lines().any(is_item);
    match (must && cited == 0, is_ours) {
        (true, false) => Some(
            "names no source; name it as in `(seed 001, \"Delivery Tokens\")`, or add the \
             file to `OURS` in xtask/src/ci/cited.rs"
                .to_owned(),
        ),
        (false, true) if cited > 0 => Some("names a source; take it out of `OURS`".to_owned()),
        _ => None,
    }
}

/// The documents that may be named.
struct Known {
    documents: BTreeSet<String>,
    /// Headings of seeds, each with its document.
    headings: BTreeSet<(String, String)>,
}

impl Known {
    fn of(spec: &Spec) -> Self {
        let of_modules = spec.modules.iter().flat_map(|row| &row.sources);
        let headings = spec.claims.sources().chain(of_modules);
        let headings = headings.map(|source| (source.document.clone(), source.place.clone()));
        Self {
            documents: spec.sources.iter().map(|row| row.id.clone()).collect(),
            headings: headings.collect(),
        }
    }

    /// How many brackets of these docs name documents, and what is wrong with them.
    fn citations(&self, docs: &str) -> (usize, Vec<String>) {
        let (mut count, mut faults) = (0, Vec::new());
        for bracket in brackets(docs) {
            let parts: Vec<_> =
                bracket.split("; ").map(|part| part.split_once(", ").unwrap_or((part, ""))).collect();
            let names_one = |(document, _): &(&str, &str)| {
                self.documents.contains(*document) || document.starts_with("seed ")
            };
            if !parts.first().is_some_and(names_one) {
                continue;
            }
            count += 1;
            for (document, place) in parts {
                if !self.documents.contains(document) {
                    faults.push(format!("`({bracket})`: `{document}` is not in xtask/spec/sources.toml"));
                    continue;
                }
                let heading = place.strip_prefix('"').and_then(|place| place.strip_suffix('"'));
                let is_known =
                    |heading: &str| self.headings.contains(&(document.to_owned(), heading.to_owned()));
                if let Some(heading) =
                    heading.filter(|heading| document.starts_with("seed ") && !is_known(heading))
                {
                    faults.push(format!(
                        "`({bracket})`: no claim and no module is from `{heading}` in {document}"
                    ));
                }
            }
        }
        (count, faults)
    }
}

/// The docs of a file as one text, without the code in them.
fn docs(text: &str) -> String {
    let mut docs = String::new();
    let mut in_code = false;
    for line in text.lines() {
        let line = line.trim_start();
        let Some(line) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else { continue };
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            docs.push_str(line.trim());
            docs.push(' ');
        }
    }
    docs
}

/// What stands in brackets, inner ones too.
fn brackets(text: &str) -> Vec<&str> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => open.push(at + 1),
            ')' => found.extend(open.pop().map(|from| &text[from..at])),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            documents: ["seed 001", "OA3"].map(str::to_owned).into(),
            headings: [("seed 001".to_owned(), "Authentication Tokens (Authtokens)".to_owned())].into(),
        }
    }

    #[test]
    fn the_docs_of_this_workspace_name_their_sources() {
        check(&crate::codegen::root()).unwrap();
    }

    #[test]
    fn documents_and_headings_are_looked_up() {
        let text = "/// One session (OA3; seed\n/// 001, \"Authentication Tokens (Authtokens)\"), or many (a few).\npub struct A;\n";
        assert_eq!(known().citations(&docs(text)), (1, vec![]));
        let (count, faults) = known().citations("(seed 001, \"Tokens of Love\") (seed 009) (OA3; OA4) (OA4)");
        assert_eq!((count, faults.len()), (3, 3), "{faults:?}");
        assert!(faults[0].contains("is from `Tokens of Love` in seed 001"), "{faults:?}");
        assert!(faults[2].contains("`OA4` is not in"), "{faults:?}");
    }

    #[test]
    fn code_and_comments_that_are_no_docs_name_nothing() {
        let text = "// (OA3)\n/// ```\n/// call(OA3);\n/// ```\npub fn f() { g(OA3) }\n";
        assert_eq!(known().citations(&docs(text)), (0, vec![]));
    }

    #[test]
    fn files_of_the_model_and_endpoints_name_a_source_or_are_ours() {
        let new = "crates/cs-server/src/endpoint/new.rs";
        assert!(silence(new, "pub(super) fn new() {}\n", 0).is_some());
        assert!(silence(new, "pub(super) fn new() {}\n", 1).is_none());
        assert!(silence(new, "pub use a::B;\nfn f() {}\n", 0).is_none());
        assert!(silence("crates/cs-server/src/new.rs", "pub struct New;\n", 0).is_none());
        assert!(silence("crates/cs-model/src/secret.rs", "pub struct Secret;\n", 0).is_none());
        assert!(silence("crates/cs-model/src/secret.rs", "pub struct Secret;\n", 1).is_some());
    }

    #[test]
    fn what_is_ours_is_there() {
        for (name, _) in OURS {
            assert!(crate::codegen::root().join(name).is_file(), "{name}");
        }
    }
}
