//! Licences, bans and duplicate versions, by cargo-deny, which is installed into the target folder when missing.

use std::path::Path;

use anyhow::Result;

use crate::shell::Line;
use crate::tools::Tool;

/// In the version that `deny.toml` is written for.
const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", options: "" };

/// Checks the tree against `deny.toml`.
pub(super) fn check(root: &Path) -> Result<()> {
    Line::program(&DENY.provide(root)?)
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
