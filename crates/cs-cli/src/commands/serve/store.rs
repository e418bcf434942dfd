//! Where `serve` keeps its data.

use std::ffi::OsStr;
use std::path::Path;

use cs_model::Secret;
use cs_server::store::{MemoryStore, PostgresAddress, PostgresStore, RedbStore, Store};

use crate::failure::Failure;

/// The password of a database whose address names none, as PostgreSQL's own programs take it.
const PASSWORD: &str = "PGPASSWORD";

/// Opens what `--store` names: `memory`, the address of a database, or a file.
pub(super) fn open(place: &OsStr) -> Result<Box<dyn Store>, Failure> {
    match place.to_str() {
        Some("memory") => Ok(Box::new(MemoryStore::new())),
        Some(url) if PostgresAddress::is_one(url) => Ok(Box::new(PostgresStore::open(&address(url)?)?)),
        Some(url) if url.contains("://") => {
            Err(Failure::usage(format!("--store: `{}` is not the scheme of a store", scheme(url)))
                .hint("give `memory`, a path, or an address such as postgres://user@host/database"))
        }
        _ => Ok(Box::new(RedbStore::open(Path::new(place))?)),
    }
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
