//! What each crate may not depend on, seen in `cargo tree`; and what the two pure crates may, which is all that they have.
//!
//! That these two read no clock, start no thread and do no I/O by the standard library is clippy's to see, by a `clippy.toml` in
//! their folders.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use toml::Table;

use crate::shell::Line;

/// Crates that do input or output.
const IO: [&str; 8] = ["tokio", "reqwest", "ureq", "rustls", "redb", "axum", "hyper", "postgres"];

/// Packages, the features they are built with, and what must not be in their tree.
const RULES: [(&str, &str, &[&str]); 9] = [
    ("cs-model", "", &IO),
    ("cs-policy", "", &IO),
    ("cs-transport", "trace,mock,conformance", &IO),
    ("cs-transport", "ureq", &["tokio", "reqwest", "hyper", "futures-util"]),
    ("cs-transport", "reqwest", &["ureq"]),
    ("cs-tokens", "", &["tokio", "reqwest", "ureq", "hyper", "redb", "axum"]),
    // No runtime of any kind: the blocking face needs none.
    (
        "cs-tokens",
        "ureq",
        &["tokio", "async-executor", "async-io", "async-std", "smol", "reqwest", "hyper", "redb", "axum"],
    ),
    ("cs-tokens", "keyring", &["tokio", "reqwest", "ureq", "hyper", "redb", "axum"]),
    ("cs-tokens", "reqwest", &["ureq", "redb", "axum"]),
];

/// The crates that do no I/O, read no clock and start no thread.
const PURE: [&str; 2] = ["cs-model", "cs-policy"];

/// All that is in their trees, on every system and with every feature. Who adds one sees to it that it keeps the promise: what
/// we call of it, that is, for `jiff` can read a clock.
const OF_PURE: [&str; 30] = [
    "cs-model",
    "cs-policy",
    "itoa",
    "jiff",
    "jiff-core",
    "jiff-static",
    "memchr",
    "percent-encoding",
    "portable-atomic",
    "portable-atomic-util",
    "proc-macro2",
    "quote",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "serde_path_to_error",
    "serde_spanned",
    "strsim",
    "syn",
    "thiserror",
    "thiserror-impl",
    "toml",
    "toml_datetime",
    "toml_parser",
    "toml_writer",
    "unicode-ident",
    "winnow",
    "zeroize",
    "zmij",
];

/// What clippy is told in a pure crate at the least; its file says more.
const FORBIDDEN: [&str; 8] = [
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::fs::read_to_string",
    "std::net::TcpStream",
    "std::thread::spawn",
    "std::env::var",
];

/// Checks all rules; every breach is named.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut breaches = Vec::new();
    for (package, features, banned) in RULES {
        let mut line =
            Line::new("cargo tree --edges normal --prefix none --format {p} --no-default-features --package")
                .arg(package);
        if !features.is_empty() {
            line = line.arg("--features").arg(features);
        }
        for name in breaches_in(&line.read(root)?, banned) {
            breaches.push(format!("{package} with features [{features}] depends on {name}"));
        }
    }
    let of_workspace = read(root, "clippy.toml")?;
    for package in PURE {
        let line = Line::new(
            "cargo tree --edges normal,build --target all --prefix none --format {p} --all-features --package",
        );
        for name in others_in(&line.arg(package).read(root)?) {
            breaches.push(format!(
                "{package} depends on {name}, which OF_PURE in xtask/src/ci/purity.rs does not name"
            ));
        }
        let file = format!("crates/{package}/clippy.toml");
        for path in not_forbidden(&of_workspace, &read(root, &file)?) {
            breaches.push(format!("{file} does not have `{path}`"));
        }
    }
    ensure!(breaches.is_empty(), "{}", breaches.join("\n"));
    println!("{} rules hold, and {} crates are pure", RULES.len(), PURE.len());
    Ok(())
}

fn read(root: &Path, file: &str) -> Result<Table> {
    let text = fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
    text.parse().with_context(|| format!("cannot read {file}"))
}

/// The crates in the lines of `cargo tree --format {p}` that no pure crate may have.
fn others_in(tree: &str) -> Vec<&str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut others: Vec<_> = names.filter(|name| !OF_PURE.contains(name)).collect();
    others.sort_unstable();
    others.dedup();
    others
}

/// What the `clippy.toml` of a pure crate lacks: the nearest file is the only one that clippy reads, so what that of the
/// workspace says has to be there, too.
fn not_forbidden(of_workspace: &Table, own: &Table) -> Vec<String> {
    let paths = |table: &Table| -> Vec<String> {
        let lists = ["disallowed-methods", "disallowed-types"]
            .into_iter()
            .filter_map(|key| table.get(key)?.as_array());
        lists.flatten().filter_map(|it| Some(it.get("path")?.as_str()?.to_owned())).collect()
    };
    let known = paths(own);
    let wanted = FORBIDDEN.into_iter().map(str::to_owned).chain(paths(of_workspace));
    let mut lacking: Vec<String> = wanted.filter(|path| !known.contains(path)).collect();
    let switches = of_workspace.iter().filter(|(_, value)| !value.is_array());
    lacking.extend(switches.filter(|(key, value)| own.get(*key) != Some(value)).map(|(key, _)| key.clone()));
    lacking
}

/// The banned crates in the lines of `cargo tree --format {p}`.
fn breaches_in<'a>(tree: &str, banned: &[&'a str]) -> Vec<&'a str> {
    let names: Vec<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    banned.iter().filter(|name| names.contains(name)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_of_this_workspace_are_pure() {
        check(&crate::codegen::root()).unwrap();
    }

    #[test]
    fn banned_crates_are_found_by_their_whole_name() {
        let tree = "cs-policy v0.1.0 (x)\njiff v0.2.43\ntokio-util v0.7.0\nureq v3.5.1 (*)";
        assert_eq!(breaches_in(tree, &["tokio", "ureq"]), ["ureq"]);
        assert!(breaches_in(tree, &["reqwest"]).is_empty());
    }

    #[test]
    fn a_pure_crate_has_what_is_named_and_nothing_else() {
        let tree = "cs-policy v0.1.0 (x)\njiff v0.2.43\nmio v1.0.0\nserde v1.0.229 (*)\nmio v1.0.0 (*)";
        assert_eq!(others_in(tree), ["mio"]);
    }

    #[test]
    fn clippy_is_told_all_in_a_pure_crate() {
        let root = crate::codegen::root();
        let (all, own) =
            (read(&root, "clippy.toml").unwrap(), read(&root, "crates/cs-model/clippy.toml").unwrap());
        assert_eq!(not_forbidden(&all, &own), [""; 0]);
        let lacking = not_forbidden(&all, &all);
        assert_eq!(lacking, FORBIDDEN);
        let lacking = not_forbidden(&all, &Table::new());
        for path in ["std::collections::HashMap", "serde_json::from_reader", "allow-unwrap-in-tests"] {
            assert!(lacking.iter().any(|known| known == path), "{path}");
        }
    }
}
