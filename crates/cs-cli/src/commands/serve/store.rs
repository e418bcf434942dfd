//! Where `serve` keeps its data.

use std::ffi::OsStr;
use std::path::Path;

use cs_model::Secret;
use cs_server::store::{MemoryStore, PostgresAddress, PostgresStore, RedbStore, Store};

use crate::failure::Failure;

/// The password of a database whose address names none, as PostgreSQL's own programs take it.
const PASSWORD: &str = "PGPASSWORD";

/// What `--store` names, read before anything is touched: a slip is told of whatever else is in the way.
#[derive(Debug)]
pub(super) enum Place<'a> {
    Memory,
    File(&'a Path),
    Database(Box<PostgresAddress>),
}

impl<'a> Place<'a> {
    pub(super) fn read(place: &'a OsStr) -> Result<Self, Failure> {
        match place.to_str() {
            Some("memory") => Ok(Self::Memory),
            Some(url) if PostgresAddress::is_one(url) => Ok(Self::Database(Box::new(address(url)?))),
            Some(url) if url.contains("://") => {
                Err(Failure::usage(format!("--store: `{}` is not the scheme of a store", scheme(url)))
                    .hint("give `memory`, a path, or an address such as postgres://user@host/database"))
            }
            _ if is_path(Path::new(place)) => Ok(Self::File(Path::new(place))),
            _ => Err(misspelt(&place.to_string_lossy())),
        }
    }

    pub(super) fn open(&self) -> Result<Box<dyn Store>, Failure> {
        Ok(match self {
            Self::Memory => Box::new(MemoryStore::new()),
            Self::File(path) => Box::new(RedbStore::open(path)?),
            Self::Database(address) => Box::new(PostgresStore::open(address)?),
        })
    }
}

/// Whether a path is meant: one that is there, or looks like one. Any other word may be a slip, of which a file would be left.
fn is_path(path: &Path) -> bool {
    let has_folder = path.parent().is_some_and(|parent| !parent.as_os_str().is_empty());
    has_folder || path.extension().is_some_and(|end| end == "redb") || path.exists()
}

fn misspelt(word: &str) -> Failure {
    let file = if word.is_empty() { "store" } else { word };
    Failure::usage(format!(
        "--store: `{word}` is neither `memory`, nor a file, nor the address of a database"
    ))
    .hint(format!("to keep data in a new file, say `{file}.redb` or `./{file}`; to keep none, say `memory`"))
}

/// What stands before `://`: the rest of an address can hold a password.
fn scheme(url: &str) -> &str {
    url.split_once("://").map_or("", |(scheme, _)| scheme)
}

fn address(url: &str) -> Result<PostgresAddress, Failure> {
    let address = PostgresAddress::parse(url)?;
    Ok(match std::env::var(PASSWORD) {
        Ok(password) => address.or_password(&Secret::new(password)),
        Err(_) => address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_may_be_slips_are_no_files() {
        for word in ["memmory", "Memory", "postgres", "foo", "", "redb", "foo.db"] {
            assert!(!is_path(Path::new(word)), "{word}");
        }
        for path in ["foo.redb", "./foo", "a/b", "/tmp/x", "Cargo.toml", "src"] {
            assert!(is_path(Path::new(path)), "{path}");
        }
    }
}
