//! Compilers: the one that checks are made with, and the oldest that the crates promise to build with.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::shell::Line;

/// Why something is not done with this compiler, if it is not the one that `Cargo.toml` names. Patch releases do not matter.
pub(crate) fn other(root: &Path) -> Result<Option<String>> {
    let wanted = named(root, &["metadata", "rust"])?;
    let version = Line::new("rustc --version").read(root)?;
    if is_of(&version, &wanted) {
        return Ok(None);
    }
    Ok(Some(format!(
        "it needs Rust {wanted}, and this is {version}; install it by `rustup toolchain install {wanted}` \
         and say RUSTUP_TOOLCHAIN={wanted}"
    )))
}

/// The oldest version that the crates build with, `rust-version` of the workspace.
pub(crate) fn oldest(root: &Path) -> Result<String> {
    named(root, &["package", "rust-version"])
}

/// The name of an installed toolchain of this version, which may be of two numbers.
pub(crate) fn installed(root: &Path, version: &str) -> Option<String> {
    let list = Line::new("rustup toolchain list").read(root).ok()?;
    find(&list, version).map(str::to_owned)
}

fn find<'a>(list: &'a str, version: &str) -> Option<&'a str> {
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| !name.is_empty()).find(|name| {
        let rest = name.strip_prefix(version);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    })
}

/// Whether what `rustc --version` says has the first two numbers of a version.
fn is_of(said: &str, wanted: &str) -> bool {
    let minor = |version: &str| version.split('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    said.split_whitespace().nth(1).is_some_and(|version| minor(version) == minor(wanted))
}

fn named(root: &Path, path: &[&str]) -> Result<String> {
    let text = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let manifest: toml::Table = text.parse()?;
    let found = path.iter().fold(manifest.get("workspace"), |at, key| at.and_then(|it| it.get(key)));
    let found = found.and_then(toml::Value::as_str).map(str::to_owned);
    found.with_context(|| format!("Cargo.toml has no `workspace.{}`", path.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_names_both() {
        let root = crate::codegen::root();
        assert!(named(&root, &["metadata", "rust"]).unwrap().split('.').count() == 3);
        assert!(!oldest(&root).unwrap().is_empty());
    }

    /// Workflows have no xtask yet when they install a compiler: they look for these lines.
    #[test]
    fn workflows_find_both_by_a_line() {
        let root = crate::codegen::root();
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        for (start, version) in [
            ("rust = \"", named(&root, &["metadata", "rust"]).unwrap()),
            ("rust-version = \"", oldest(&root).unwrap()),
        ] {
            let lines: Vec<_> = manifest.lines().filter(|line| line.starts_with(start)).collect();
            assert_eq!(lines, [format!("{start}{version}\"")]);
            let action = fs::read_to_string(root.join(".github/actions/rust/action.yml")).unwrap();
            assert!(action.contains(&format!("s/^{start}")), "{action}");
        }
    }

    /// What is older than that is in no lock file: cargo would refuse to build it.
    #[test]
    fn every_dependency_builds_with_the_oldest() {
        let root = crate::codegen::root();
        let numbers =
            |text: &str| text.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
        let metadata =
            Line::new("cargo metadata --format-version 1 --all-features --locked").read(&root).unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
        let oldest = numbers(&oldest(&root).unwrap());
        let too_new: Vec<_> = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|package| {
                let needs = numbers(package["rust_version"].as_str().unwrap_or("0"));
                needs.iter().take(2).gt(oldest.iter().take(2))
            })
            .map(|package| package["id"].to_string())
            .collect();
        assert!(too_new.is_empty(), "{too_new:?}");
    }

    #[test]
    fn versions_are_compared_by_two_numbers() {
        assert!(is_of("rustc 1.95.2 (59807616e 2026-04-14)", "1.95.0"));
        assert!(!is_of("rustc 1.96.0 (59807616e 2026-04-14)", "1.95.0") && !is_of("", "1.95.0"));
        let list =
            "stable-x86_64-unknown-linux-gnu (active, default)\n1.90.1-x86_64-unknown-linux-gnu\n1.9-x\n";
        assert_eq!(find(list, "1.90"), Some("1.90.1-x86_64-unknown-linux-gnu"));
        assert_eq!(find(list, "1.9"), Some("1.9-x"));
        assert_eq!(find(list, "1.89"), None);
    }
}
