//! The same suite over every engine.

use cs_server::store::{MemoryStore, PostgresAddress, PostgresStore, RedbStore};
use cs_tests::Postgres;

use super::conformance;

#[test]
fn memory_conforms() {
    conformance::run(&MemoryStore::new());
}

#[test]
fn the_embedded_engine_conforms_without_a_file() {
    conformance::run(&RedbStore::memory().unwrap());
}

#[test]
fn a_file_conforms() {
    let folder = tempfile::tempdir().unwrap();
    conformance::run(&RedbStore::open(folder.path().join("store.redb")).unwrap());
}

#[test]
fn postgresql_conforms() {
    let postgres = Postgres::start().unwrap();
    let address = PostgresAddress::parse(&postgres.url()).unwrap();
    conformance::run(&PostgresStore::open(&address).unwrap());
}

/// What is read on one replica is what was written on another.
#[test]
fn replicas_share_one_database() {
    let postgres = Postgres::start().unwrap();
    let address = PostgresAddress::parse(&postgres.url()).unwrap();
    let replicas: Vec<PostgresStore> = (0..3).map(|_| PostgresStore::open(&address).unwrap()).collect();
    let replicas: Vec<&dyn cs_server::store::Store> = replicas.iter().map(|store| store as _).collect();
    conformance::counting(&replicas);
    conformance::no_write_skew(&replicas);
}
