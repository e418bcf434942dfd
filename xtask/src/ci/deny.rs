//! Licences, bans and duplicate versions, and what is known against a dependency, by cargo-deny, which is installed into the
//! target folder when missing.

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

/// Looks for advisories of RustSec against what `Cargo.lock` names, or answers why it could not: without a network there is no
/// list of today, and one of another day would say nothing.
pub(super) fn advisories(root: &Path) -> Result<Option<String>> {
    let deny = Line::program(&DENY.provide(root)?).arg("--locked");
    if let Err(error) = deny.clone().arg("fetch").arg("db").read(root) {
        println!("{error:#}");
        return Ok(Some("the list of RustSec could not be fetched".to_owned()));
    }
    deny.arg("check").arg("--disable-fetch").arg("--hide-inclusion-graph").arg("advisories").run(root)?;
    Ok(None)
}
