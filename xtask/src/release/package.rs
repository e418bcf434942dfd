//! The packages: as they would be uploaded, unpacked outside the workspace, built and tested against each other.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::api::{LIBRARIES, PROGRAM};
use crate::shell::Line;

use super::version::Version;

fn names() -> impl Iterator<Item = &'static str> {
    LIBRARIES.into_iter().chain([PROGRAM])
}

/// Packs all crates, unpacks them into an empty folder and runs their tests there.
///
/// The crates find each other through `[patch.crates-io]`, the one thing that a user's workspace would not have; each has
/// the files that its package holds and no other.
pub(crate) fn check(clone: &Path, folder: &Path, target: &Path, next: Version) -> Result<()> {
    let mut pack = Line::new("cargo package --quiet --no-verify --target-dir").arg(target.to_string_lossy());
    for name in names() {
        pack = pack.arg("--package").arg(name);
    }
    pack.run(clone)?;

    unpacked(clone, target, next, folder)
}

fn unpacked(clone: &Path, target: &Path, next: Version, folder: &Path) -> Result<()> {
    for name in names() {
        let archive = target.join("package").join(format!("{name}-{next}.crate"));
        Line::new("tar -xzf").arg(archive.to_string_lossy()).run(folder)?;
    }
    fs::write(folder.join("Cargo.toml"), manifest(next)).context("cannot write the manifest")?;
    // The very versions that the workspace was tested with.
    fs::copy(clone.join("Cargo.lock"), folder.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    let here = |line: &str| Line::new(line).var("CARGO_TARGET_DIR", &target.to_string_lossy());
    let nextest = Line::new("cargo nextest --version").works(folder);
    let tests = if nextest { "cargo nextest run --no-fail-fast" } else { "cargo test --no-fail-fast" };
    for name in names() {
        println!("{name} {next}, from its package");
        for line in lines(name, tests) {
            here(&line).run(folder)?;
        }
    }
    let left = Line::new("cargo metadata --format-version 1 --no-deps").read(folder)?;
    ensure!(!left.contains(&*clone.to_string_lossy()), "a package reaches into the workspace");
    Ok(())
}

/// What is run of a package: its tests, the examples of its docs and its README where it is a library, and, since what one
/// feature brings can hide what another lacks, a look at it without any.
fn lines(name: &str, tests: &str) -> Vec<String> {
    let mut lines = vec![format!("{tests} --all-features --package {name}")];
    if LIBRARIES.contains(&name) {
        lines.push(format!("cargo test --doc --all-features --package {name}"));
    }
    lines.push(format!("cargo check --no-default-features --package {name}"));
    lines
}

/// A workspace of the unpacked packages, each in place of the published one.
fn manifest(next: Version) -> String {
    let members: Vec<_> = names().map(|name| format!("\"{name}-{next}\"")).collect();
    let patches: String = names().map(|name| format!("{name} = {{ path = \"{name}-{next}\" }}\n")).collect();
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[patch.crates-io]\n{patches}\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.argon2]\nopt-level = 3\n",
        members.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_of_packages_names_each_twice() {
        let text = manifest(Version { major: 1, minor: 2, patch: 3 });
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["workspace"]["members"].as_array().unwrap().len(), 6);
        assert_eq!(read["patch"]["crates-io"].as_table().unwrap().len(), 6);
        assert_eq!(read["patch"]["crates-io"]["cs-cli"]["path"].as_str(), Some("cs-cli-1.2.3"));
    }

    #[test]
    fn libraries_show_that_their_examples_run() {
        let lines = |name| lines(name, "cargo nextest run");
        assert_eq!(
            lines("cs-model"),
            [
                "cargo nextest run --all-features --package cs-model",
                "cargo test --doc --all-features --package cs-model",
                "cargo check --no-default-features --package cs-model",
            ]
        );
        assert_eq!(lines(PROGRAM).len(), 2);
    }

    #[test]
    fn every_crate_that_can_be_published_is() {
        let root = crate::codegen::root();
        let metadata = Line::new("cargo metadata --format-version 1 --no-deps").read(&root).unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
        let mut published: Vec<_> = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|package| package["publish"].is_null())
            .map(|package| package["name"].as_str().unwrap().to_owned())
            .collect();
        published.sort_unstable();
        let mut ours: Vec<_> = names().map(str::to_owned).collect();
        ours.sort_unstable();
        assert_eq!(published, ours);
    }
}
