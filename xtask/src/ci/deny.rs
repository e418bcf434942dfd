//! Licences, bans and duplicate versions, by cargo-deny, which is installed into the target folder when missing.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::api;
use crate::shell::Line;

/// The version that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// Checks the tree against `deny.toml`.
pub(super) fn check(root: &Path) -> Result<()> {
    let tools = api::target(root)?.join("tools");
    let program = provide(root, &tools)?;
    // As cargo would start it: with its own name first.
    Line::new(&program.to_string_lossy())
        .arg("--locked")
        .arg("check")
        .arg("--deny")
        .arg("warnings")
        .arg("--hide-inclusion-graph")
        .arg("licenses")
        .arg("bans")
        .arg("sources")
        .run(root)
}

fn provide(root: &Path, tools: &Path) -> Result<PathBuf> {
    let program = tools.join("bin/cargo-deny");
    if !is_there(&program, root) {
        println!("installing cargo-deny {VERSION} into {}", tools.display());
        // Unoptimised: it is built more often than it is waited for.
        Line::new("cargo install --quiet --locked --profile dev --version")
            .arg(VERSION)
            .arg("--root")
            .arg(tools.to_string_lossy())
            .arg("cargo-deny")
            .run(root)?;
    }
    Ok(program)
}

fn is_there(program: &Path, root: &Path) -> bool {
    let version = Line::new(&program.to_string_lossy()).arg("--version").read(root);
    version.is_ok_and(|version| version == format!("cargo-deny {VERSION}"))
}
