//! Where `cstok` keeps its files.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::failure::Failure;

/// Names the folder for the local store and sessions, in place of the user's data directory.
pub(crate) const DATA_DIR: &str = "CSTOK_DATA_DIR";
/// Names the configuration file, in place of the one in the user's configuration directory.
pub(crate) const CONFIG: &str = "CSTOK_CONFIG";

/// The folder for the local store and sessions, which need not exist: what only reads can do without.
pub(crate) fn data_dir() -> Result<PathBuf, Failure> {
    match set(DATA_DIR) {
        Some(dir) => Ok(dir),
        None => Ok(base()?.data_dir().join("cstok")),
    }
}

/// The same, made for this user alone when it is missing.
pub(crate) fn made_data_dir() -> Result<PathBuf, Failure> {
    let dir = data_dir()?;
    make_private_dir(&dir).map_err(|error| {
        Failure::usage(format!("the data directory `{}` cannot be made", dir.display()))
            .caused_by(&error)
            .hint(format!("name another one with {DATA_DIR}"))
    })?;
    Ok(dir)
}

/// The configuration file, which need not exist.
pub(crate) fn config_file() -> Result<PathBuf, Failure> {
    match set(CONFIG) {
        Some(file) => Ok(file),
        None => Ok(base()?.config_dir().join("cstok").join("config.toml")),
    }
}

/// Writes a file that only this user can read, so that it is there whole or not at all.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    make_private_dir(folder)?;
    // Made with mode 0600 by `tempfile`, in the same folder, so that the rename cannot cross file systems.
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn base() -> Result<impl BaseStrategy, Failure> {
    etcetera::choose_base_strategy().map_err(|error| {
        Failure::usage("there is no home directory")
            .caused_by(&error)
            .hint(format!("set {DATA_DIR} and {CONFIG}"))
    })
}

fn make_private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
