//! What the cross-crate tests share: the built `cstok`, a running service, a proxy that breaks connections, the
//! repository's files.
#![forbid(unsafe_code)]

mod api;
mod book;
mod console;
mod fault_proxy;
mod postgres;
mod served;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;
use std::{fs, io};

pub use api::{Answer, Api};
pub use console::{File, Step, files, normalise, steps};
pub use fault_proxy::{Fault, FaultProxy};
pub use postgres::Postgres;
pub use served::Served;

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Whether there is time for more: `cargo xtask ci --deep`.
#[must_use]
pub fn is_deep() -> bool {
    std::env::var_os("CS_DEEP").is_some()
}

/// The `cstok` that was built beside these tests; builds it when it is missing or older than its sources, as after running
/// these tests alone.
///
/// # Errors
///
/// When it is not there and cannot be built.
pub fn cstok() -> io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let target = test.ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf();
    let binary = target.join(format!("cstok{}", std::env::consts::EXE_SUFFIX));
    // The tests of one process share what they find.
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build_when_stale(&binary).map_err(|error| error.to_string()));
    built.clone().map(|()| binary).map_err(io::Error::other)
}

fn build_when_stale(binary: &Path) -> io::Result<()> {
    let built = fs::metadata(binary).and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    if !is_changed_since(&root().join("crates"), built)? {
        return Ok(());
    }
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", "cs-cli", "--bin", "cstok"]).current_dir(root());
    if binary.parent().is_some_and(|folder| folder.ends_with("release")) {
        build.arg("--release");
    }
    if !build.status()?.success() {
        return Err(io::Error::other("cstok could not be built"));
    }
    // Cargo leaves a program alone that would come out the same; with a new time the next test need not ask again. Where that
    // cannot be, it does.
    let _ = fs::File::open(binary).and_then(|file| file.set_modified(SystemTime::now()));
    Ok(())
}

/// Whether a source file or a manifest below a folder has changed since then. Tests are no part of the program.
fn is_changed_since(folder: &Path, then: SystemTime) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let changed = if path.is_dir() {
            !path.ends_with("tests") && is_changed_since(&path, then)?
        } else {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("rs" | "toml")) && fs::metadata(&path)?.modified()? > then
        };
        if changed {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_a_source_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a/src");
        fs::create_dir_all(&source).unwrap();
        fs::create_dir_all(folder.path().join("a/tests")).unwrap();
        let before = SystemTime::now() - std::time::Duration::from_secs(60);
        fs::write(folder.path().join("a/README.md"), "").unwrap();
        fs::write(folder.path().join("a/tests/it.rs"), "").unwrap();
        assert!(!is_changed_since(folder.path(), before).unwrap());
        fs::write(source.join("lib.rs"), "").unwrap();
        assert!(is_changed_since(folder.path(), before).unwrap());
        assert!(
            !is_changed_since(folder.path(), SystemTime::now() + std::time::Duration::from_secs(60)).unwrap()
        );
    }
}
