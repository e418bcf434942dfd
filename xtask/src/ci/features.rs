//! Each crate alone with no feature, with each, and with all: the lines are made from the manifests, so that a new feature is
//! checked without a word here.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::Line;
use crate::test::Runner;

/// The checks of all crates that are published.
pub(super) fn builds(root: &Path) -> Result<Vec<String>> {
    lines(root, "cargo clippy --quiet", " -- -D warnings")
}

/// That their tests compile with no feature: otherwise they have all features of all crates, and use what is there by chance.
pub(super) fn builds_of_tests(root: &Path) -> Result<Vec<String>> {
    let lines = lines(root, "cargo clippy --quiet --tests", "")?;
    let with_none = lines.into_iter().filter(|line| line.ends_with("--no-default-features"));
    Ok(with_none.map(|line| format!("{line} -- -D warnings")).collect())
}

/// Their tests, which otherwise run with all features of all crates.
pub(super) fn tests(root: &Path, runner: Runner) -> Result<Vec<String>> {
    lines(root, runner.some(), "")
}

fn lines(root: &Path, program: &str, end: &str) -> Result<Vec<String>> {
    let metadata = Line::new("cargo metadata --format-version 1 --no-deps").read(root)?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    let published = packages.iter().filter(|package| package["publish"].is_null());
    Ok(published.flat_map(lines_of).map(|options| format!("{program} {options}{end}")).collect())
}

/// The options that choose a package with no feature, each and all.
fn lines_of(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let features = package["features"].as_object().into_iter().flatten();
    let mut features: Vec<&str> =
        features.map(|(feature, _)| feature.as_str()).filter(|feature| *feature != "default").collect();
    features.sort_unstable();
    let base = format!("-p {name} --no-default-features");
    let mut lines = vec![base.clone()];
    lines.extend(features.iter().map(|feature| format!("{base} --features {feature}")));
    // With one feature, all is that one; without, it is none.
    if features.len() > 1 {
        lines.push(format!("-p {name} --all-features"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_alone_and_all_of_them() {
        let package =
            serde_json::json!({ "name": "a", "features": { "default": ["x"], "x": [], "y": ["dep:b"] } });
        assert_eq!(
            lines_of(&package),
            [
                "-p a --no-default-features",
                "-p a --no-default-features --features x",
                "-p a --no-default-features --features y",
                "-p a --all-features",
            ]
        );
        assert_eq!(lines_of(&serde_json::json!({ "name": "b", "features": {} })).len(), 1);
    }

    #[test]
    fn the_crates_of_this_workspace() {
        let lines = builds(&crate::codegen::root()).unwrap();
        for line in [
            "cargo clippy --quiet -p cs-model --no-default-features -- -D warnings",
            "cargo clippy --quiet -p cs-tokens --no-default-features --features ureq -- -D warnings",
            "cargo clippy --quiet -p cs-server --all-features -- -D warnings",
        ] {
            assert!(lines.iter().any(|known| known == line), "{line}");
        }
        assert!(!lines.iter().any(|line| line.contains("xtask")));
        let of_tests = builds_of_tests(&crate::codegen::root()).unwrap();
        let none = "cargo clippy --quiet --tests -p cs-tokens --no-default-features -- -D warnings";
        assert!(of_tests.iter().any(|line| line == none));
        let tests = tests(&crate::codegen::root(), Runner::Nextest).unwrap();
        assert!(
            tests
                .contains(&"cargo nextest run -p cs-tokens --no-default-features --features ureq".to_owned())
        );
        assert_eq!(tests.len(), lines.len());
        let without = super::tests(&crate::codegen::root(), Runner::Cargo).unwrap();
        assert!(without.contains(&"cargo test --tests -p cs-model --no-default-features".to_owned()));
    }
}
