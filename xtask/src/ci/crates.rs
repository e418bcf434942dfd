//! What every crate tells those who meet it: a README that its documentation runs, what is in its scope and what is not, its
//! features, the keys of its manifest by which it is found, and the licences in its package. That each public item is described, and each error, is the compiler's job
//! (`missing_docs`, `missing_errors_doc`).

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use toml::{Table, Value};

use crate::api::{LIBRARIES, PROGRAM};

/// What a manifest says of the crate.
const KEYS: [&str; 6] = ["description", "license", "repository", "readme", "keywords", "categories"];

/// Where those look who want a program; the categories of the workspace are for libraries.
const AMONG_PROGRAMS: &str = "command-line-utilities";

/// What a package has to hold: both licences ask to go along with every copy.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Checks all libraries, and the licences of all that is published; every fault is named.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut faults = Vec::new();
    for name in LIBRARIES.into_iter().chain([PROGRAM]) {
        for licence in LICENCES {
            // Links are followed, by us as by `cargo package`.
            let read = |folder: &Path| fs::read(folder.join(licence)).ok();
            if read(root).is_none() || read(&root.join("crates").join(name)) != read(root) {
                faults.push(format!("crates/{name}: {licence} of the workspace is not there: link it"));
            }
        }
    }
    for name in LIBRARIES {
        let folder = root.join("crates").join(name);
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
        let found = faults_of(&read("Cargo.toml").parse()?, &read("src/lib.rs"), &read("README.md"));
        faults.extend(found.into_iter().map(|fault| format!("crates/{name}: {fault}")));
    }
    let program: Table = fs::read_to_string(root.join("crates").join(PROGRAM).join("Cargo.toml"))?.parse()?;
    if !is_found_among_programs(&program) {
        faults.push(format!("crates/{PROGRAM}: Cargo.toml has no category `{AMONG_PROGRAMS}` of its own"));
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    println!("{} libraries say what they are", LIBRARIES.len());
    Ok(())
}

fn faults_of(manifest: &Table, library: &str, readme: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let package = manifest.get("package").and_then(Value::as_table).cloned().unwrap_or_default();
    for key in KEYS.iter().filter(|key| !package.contains_key(**key)) {
        faults.push(format!("Cargo.toml has no `package.{key}`"));
    }
    let docs_rs = package.get("metadata").and_then(|it| it.get("docs")).and_then(|it| it.get("rs"));
    if docs_rs.and_then(|it| it.get("all-features")).and_then(Value::as_bool) != Some(true) {
        faults.push("docs.rs is not told to show all features".to_owned());
    }
    let features = features(manifest);
    if !features.is_empty() && !library.contains("#![cfg_attr(docsrs, feature(doc_cfg))]") {
        faults.push("src/lib.rs does not let docs.rs label what needs a feature".to_owned());
    }
    // The words before the first item: what a reader of docs.rs sees first.
    let head: String = library
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("//!") || line.starts_with("#!["))
        .collect::<Vec<_>>()
        .join("\n");
    if !head.to_lowercase().contains("out of scope") {
        faults.push("src/lib.rs does not say at its top what is out of scope".to_owned());
    }
    let (_, told) = head.split_once("//! # Features").unwrap_or_default();
    for feature in features.iter().filter(|feature| !told.contains(&format!("`{feature}`"))) {
        faults.push(format!("src/lib.rs does not say at its top, under `# Features`, what `{feature}` is"));
    }
    if !library.contains("include_str!(\"../README.md\")") {
        faults.push("the examples of README.md are not run: src/lib.rs does not include it".to_owned());
    }
    if !readme.contains("```rust") {
        faults.push("README.md has no example".to_owned());
    }
    faults
}

fn is_found_among_programs(manifest: &Table) -> bool {
    let package = manifest.get("package").and_then(Value::as_table);
    let categories = package.and_then(|it| it.get("categories")).and_then(Value::as_array);
    categories.is_some_and(|all| all.iter().any(|it| it.as_str() == Some(AMONG_PROGRAMS)))
}

/// What can be turned on.
fn features(manifest: &Table) -> Vec<String> {
    let table = manifest.get("features").and_then(Value::as_table);
    table.into_iter().flat_map(Table::keys).filter(|name| *name != "default").cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_of_this_workspace_say_what_they_are() {
        check(&crate::codegen::root()).unwrap();
    }

    #[test]
    fn a_program_is_found_among_programs() {
        let found = |categories: &str| {
            is_found_among_programs(&format!("[package]\ncategories{categories}").parse().unwrap())
        };
        assert!(found(" = [\"authentication\", \"command-line-utilities\"]"));
        assert!(!found(" = [\"api-bindings\"]"));
        assert!(!found(".workspace = true"));
    }

    #[test]
    fn what_is_not_said_is_told() {
        let manifest = "[package]\ndescription = \"x\"\nlicense = \"MIT\"\nrepository = \"x\"\nreadme = \"x\"\n\
            keywords = []\ncategories = []\n[package.metadata.docs.rs]\nall-features = true";
        let library = "//! A crate.\n//!\n//! Out of scope: all.\n\n#[doc = include_str!(\"../README.md\")]\nstruct Readme;";
        assert_eq!(faults_of(&manifest.parse().unwrap(), library, "```rust\n```"), [""; 0]);
        assert_eq!(faults_of(&Table::new(), "", "").len(), KEYS.len() + 4);
        let featured =
            format!("{manifest}\n[features]\ndefault = []\nserver = []\ntls = []\n").parse().unwrap();
        assert_eq!(faults_of(&featured, library, "```rust\n```").len(), 3);
        let told = "//! Out of scope: all.\n//!\n//! # Features\n//!\n//! `server` and `tls`.\n\
            #![cfg_attr(docsrs, feature(doc_cfg))]\n#[doc = include_str!(\"../README.md\")]\nstruct R;";
        assert_eq!(faults_of(&featured, told, "```rust\n```"), [""; 0]);
        let late =
            "//! A crate.\npub mod x;\n// out of scope\n#[doc = include_str!(\"../README.md\")]\nstruct R;";
        assert_eq!(faults_of(&manifest.parse().unwrap(), late, "```rust\n```").len(), 1);
    }
}
