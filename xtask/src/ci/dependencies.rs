//! Every dependency is justified in one line, and used.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use toml::{Table, Value};

use super::files;

/// The page that justifies them.
const PAGE: &str = "docs/decisions/dependencies.md";

/// Checks the page against `Cargo.toml`, and `Cargo.toml` against the crates; every fault is named.
pub(crate) fn check(root: &Path) -> Result<()> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let mut declared = declared(&fs::read_to_string(root.join("Cargo.toml"))?)?;
    let mut used = BTreeSet::new();
    // A workspace of its own: what it depends on is declared where it is used.
    let apart = apart(&fs::read_to_string(root.join("fuzz/Cargo.toml"))?)?;
    used.extend(apart.difference(&declared).cloned());
    declared.extend(apart);
    for path in files::below(root, &["crates", "xtask", "tests", "benches"])? {
        if path.file_name().is_some_and(|name| name == "Cargo.toml") {
            collect(&fs::read_to_string(&path)?.parse()?, &mut used);
        }
    }
    let faults = faults(&justified(&page), &declared, &used);
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    println!("{} dependencies are justified and used", declared.len());
    Ok(())
}

/// The dependencies of the workspace that are not its own crates.
fn declared(manifest: &str) -> Result<BTreeSet<String>> {
    let manifest: Table = manifest.parse()?;
    let all = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let all = all.and_then(Value::as_table).context("Cargo.toml has no [workspace.dependencies]")?;
    Ok(not_own(all))
}

/// Those of a workspace of one crate.
fn apart(manifest: &str) -> Result<BTreeSet<String>> {
    let manifest: Table = manifest.parse()?;
    let all = manifest.get("dependencies").and_then(Value::as_table);
    Ok(not_own(all.context("fuzz/Cargo.toml has no [dependencies]")?))
}

fn not_own(all: &Table) -> BTreeSet<String> {
    all.iter().filter(|(_, row)| row.get("path").is_none()).map(|(name, _)| name.clone()).collect()
}

/// The names of all tables of dependencies, also those of a platform.
fn collect(manifest: &Table, used: &mut BTreeSet<String>) {
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            used.extend(table.keys().cloned());
        } else {
            collect(table, used);
        }
    }
}

/// The rows of the page: name and reason.
fn justified(page: &str) -> Vec<(String, String)> {
    let rows =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "));
    rows.map(|(name, reason)| (name.to_owned(), reason.trim().to_owned())).collect()
}

fn faults(
    justified: &[(String, String)],
    declared: &BTreeSet<String>,
    used: &BTreeSet<String>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, reason) in justified {
        if !seen.insert(name) {
            faults.push(format!("{PAGE} justifies `{name}` twice"));
        }
        if !declared.contains(name) {
            faults.push(format!("{PAGE} justifies `{name}`, which is no dependency of the workspace"));
        }
        if reason.is_empty() {
            faults.push(format!("{PAGE} names `{name}` without a reason"));
        }
    }
    for name in declared {
        if !seen.contains(name) {
            faults.push(format!("{PAGE} lacks a line for `{name}`"));
        }
        if !used.contains(name) {
            faults.push(format!("no crate uses `{name}` of Cargo.toml"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dependencies_of_this_workspace_are_justified() {
        check(&crate::codegen::root()).unwrap();
    }

    #[test]
    fn those_of_the_fuzzer_are_asked_for_too() {
        let manifest = "[dependencies]\na = \"1\"\nb = { version = \"1\" }\nown = { path = \"x\" }";
        assert_eq!(apart(manifest).unwrap().iter().collect::<Vec<_>>(), ["a", "b"]);
        assert!(apart("[package]").is_err());
    }

    #[test]
    fn what_is_not_justified_or_not_used_is_told() {
        let declared =
            declared("[workspace.dependencies]\na = \"1\"\nb = \"1\"\nown = { path = \"x\" }").unwrap();
        let mut used = BTreeSet::new();
        let manifest = "[dependencies]\na = \"1\"\n[target.x.dev-dependencies]\nc = \"1\"";
        collect(&manifest.parse().unwrap(), &mut used);
        assert_eq!(used.iter().collect::<Vec<_>>(), ["a", "c"]);
        let page =
            justified("| dependency | why |\n|---|---|\n| `a` | it is small |\n| `c` |  |\n| `a` | again |");
        assert_eq!(
            faults(&page, &declared, &used),
            [
                "docs/decisions/dependencies.md justifies `c`, which is no dependency of the workspace",
                "docs/decisions/dependencies.md names `c` without a reason",
                "docs/decisions/dependencies.md justifies `a` twice",
                "docs/decisions/dependencies.md lacks a line for `b`",
                "no crate uses `b` of Cargo.toml",
            ]
        );
    }
}
