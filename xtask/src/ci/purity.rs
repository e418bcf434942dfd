//! What each crate may not depend on, seen in `cargo tree`.

use std::path::Path;

use anyhow::{Result, ensure};

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
    ensure!(breaches.is_empty(), "{}", breaches.join("\n"));
    println!("{} rules hold", RULES.len());
    Ok(())
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
}
