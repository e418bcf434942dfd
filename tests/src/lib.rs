//! What the cross-crate tests share: the built `cstok`, a running service, the repository's files.
#![forbid(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

mod console;
mod postgres;
mod served;

use std::path::{Path, PathBuf};
use std::process::Command;

pub use console::{Step, normalise, steps};
pub use postgres::Postgres;
pub use served::Served;

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The `cstok` that was built beside these tests; builds it when only these tests were.
///
/// # Errors
///
/// When it is not there and cannot be built.
pub fn cstok() -> std::io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let target = test.ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf();
    let binary = target.join("cstok");
    if !binary.exists() {
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "cs-cli", "--bin", "cstok"])
            .current_dir(root())
            .status()?;
        if !status.success() {
            return Err(std::io::Error::other("cstok could not be built"));
        }
    }
    Ok(binary)
}
