//! Each crate alone with no feature, with each, and with all: the lines are made from the manifests, so that a new feature is
//! checked without a word here.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::Line;

/// The checks of all crates that are published.
pub(super) fn builds(root: &Path) -> Result<Vec<String>> {
    let metadata = Line::new("cargo metadata --format-version 1 --no-deps").read(root)?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    Ok(packages.iter().filter(|package| package["publish"].is_null()).flat_map(lines_of).collect())
}

fn lines_of(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let features = package["features"].as_object().into_iter().flatten();
    let mut features: Vec<&str> =
        features.map(|(feature, _)| feature.as_str()).filter(|feature| *feature != "default").collect();
    features.sort_unstable();
    let base = format!("cargo clippy --quiet -p {name} --no-default-features");
    let strict = |line: String| format!("{line} -- -D warnings");
    let mut lines = vec![strict(base.clone())];
    lines.extend(features.iter().map(|feature| strict(format!("{base} --features {feature}"))));
    // With one feature, all is that one; without, it is none.
    if features.len() > 1 {
        lines.push(strict(format!("cargo clippy --quiet -p {name} --all-features")));
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
                "cargo clippy --quiet -p a --no-default-features -- -D warnings",
                "cargo clippy --quiet -p a --no-default-features --features x -- -D warnings",
                "cargo clippy --quiet -p a --no-default-features --features y -- -D warnings",
                "cargo clippy --quiet -p a --all-features -- -D warnings",
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
    }
}
