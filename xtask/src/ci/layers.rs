//! Which crate of ours may depend on which, seen in what the manifests say: with every feature and on every system.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::shell::Line;

/// A crate and those of ours that it may depend on. What its tests meet is theirs, but for xtask: it has to build when
/// everything else is broken.
const LAYERS: [(&str, &[&str]); 6] = [
    ("cs-model", &[]),
    ("cs-policy", &["cs-model"]),
    ("cs-transport", &[]),
    ("cs-tokens", &["cs-model", "cs-policy", "cs-transport"]),
    // Never on cs-tokens: they meet on the wire.
    ("cs-server", &["cs-model", "cs-policy", "cs-transport"]),
    ("xtask", &[]),
];

/// Checks all crates; every breach is named.
pub(crate) fn check(root: &Path) -> Result<()> {
    let metadata = Line::new("cargo metadata --format-version 1 --no-deps").read(root)?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    let mut breaches = Vec::new();
    for (name, allowed) in LAYERS {
        let package = packages.iter().find(|package| package["name"] == name);
        let package = package.with_context(|| format!("there is no crate `{name}`"))?;
        breaches.extend(breaches_of(package, allowed));
    }
    ensure!(breaches.is_empty(), "{}", breaches.join("\n"));
    println!("{} crates keep to their layer", LAYERS.len());
    Ok(())
}

fn breaches_of(package: &Value, allowed: &[&str]) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies
        // What has a path is of this workspace, by whatever name.
        .filter(|it| it["path"].is_string() && (it["kind"] != "dev" || name == "xtask"))
        .filter_map(|it| it["name"].as_str())
        .filter(|it| !allowed.contains(it))
        .map(|it| format!("{name} depends on {it}, and must not"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_of_this_workspace_keep_to_their_layers() {
        check(&crate::codegen::root()).unwrap();
    }

    #[test]
    fn a_breach_is_named_and_tests_may_meet_others() {
        let dependency =
            |name: &str, kind: Value| serde_json::json!({ "name": name, "kind": kind, "path": "/x" });
        let of = |name: &str, dependencies: &[Value]| {
            breaches_of(&serde_json::json!({ "name": name, "dependencies": dependencies }), &["cs-model"])
        };
        let tokens = |kind| dependency("cs-tokens", kind);
        assert_eq!(of("cs-server", &[tokens(Value::Null)]), ["cs-server depends on cs-tokens, and must not"]);
        assert_eq!(of("cs-server", &[tokens("build".into())]).len(), 1);
        assert_eq!(of("cs-server", &[tokens("dev".into()), dependency("cs-model", Value::Null)]), [""; 0]);
        assert_eq!(of("xtask", &[tokens("dev".into())]).len(), 1);
        assert_eq!(of("cs-transport", &[serde_json::json!({ "name": "http", "kind": null })]), [""; 0]);
    }
}
