//! The store: one keyed table behind a small trait.
//!
//! Keys are bytes, values are JSON as bytes. Every rule of the service is written above this trait, so another engine
//! changes no rule. [`RedbStore`] is the embedded engine, for a file; [`MemoryStore`] is the one without; `PostgresStore`
//! (feature `postgres`) is the one that many processes share.

mod cache;
mod error;
mod holder;
pub(crate) mod keys;
mod memory_store;
mod overlay;
#[cfg(feature = "postgres")]
mod postgres_store;
mod redb_store;
mod table;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

pub use error::StoreError;
pub use holder::Holder;
pub use memory_store::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres_store::{PostgresAddress, PostgresStore};
pub use redb_store::RedbStore;

pub(crate) use table::{Record, delete_all, exists, get_json, get_known, next_number, put_json, scan_json};

/// What a piece of work may do with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a transaction reads only, or it reads and writes")]
pub enum Mode {
    /// Reads one consistent state; any number at a time.
    Read,
    /// Reads and writes; one after another, or as if.
    Write,
}

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "what was written stays or goes")]
pub enum Ending {
    /// What it wrote is to stay. When `transact` returns, it is durable.
    Commit,
    /// What it wrote is to go.
    Discard,
}

/// A key with its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// A view of the table within one transaction.
pub trait Tx {
    /// The value of a key.
    ///
    /// # Errors
    ///
    /// When the engine fails.
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// All keys that begin with `prefix`, with their values, sorted by key.
    ///
    /// # Errors
    ///
    /// When the engine fails.
    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError>;

    /// How many keys begin with `prefix`.
    ///
    /// # Errors
    ///
    /// When the engine fails.
    fn count(&mut self, prefix: &[u8]) -> Result<usize, StoreError> {
        self.scan(prefix).map(|rows| rows.len())
    }

    /// Writes a value, which is JSON; the key begins with another byte than NUL.
    ///
    /// # Errors
    ///
    /// When the engine fails, and in a transaction that only reads.
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Removes a key; nothing happens when it is not there.
    ///
    /// # Errors
    ///
    /// When the engine fails, and in a transaction that only reads.
    fn delete(&mut self, key: &[u8]) -> Result<(), StoreError>;

    /// What the value of a key, or all under a prefix that ends with a slash, became when it was read last, if it is still the
    /// same. An engine that cannot know that keeps nothing.
    fn recall(&mut self, _key: &[u8]) -> Option<Known> {
        None
    }

    /// Keeps what a value, or all under a prefix, became, as long as it stays the same.
    fn remember(&mut self, _key: &[u8], _make: &dyn Fn() -> Known) {}

    /// A number that tells the state that the transaction sees from every other of this store: where two transactions see the
    /// same number, what one of them found is true for the other. `None` from an engine that cannot know, and where the
    /// transaction sees what is not committed.
    fn state(&mut self) -> Option<u64> {
        None
    }
}

/// A value in the form that the service works with.
pub type Known = Arc<dyn Any + Send + Sync>;

/// A piece of work: may run more than once, so it draws nothing and keeps nothing from an earlier run.
pub type Work<'a> = dyn FnMut(&mut dyn Tx) -> Result<Ending, StoreError> + 'a;

/// An engine.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Runs a piece of work in a transaction of its own, seeing one state, all of it or nothing.
    ///
    /// The work runs again when the engine had to give way to another transaction. With [`Ending::Commit`] in
    /// [`Mode::Write`], what it wrote is durable when this returns.
    ///
    /// # Errors
    ///
    /// What the work returned, or the engine's own failure; then nothing was written.
    fn transact(&self, mode: Mode, work: &mut Work<'_>) -> Result<(), StoreError>;

    /// Whether it can be read now; an engine that would wait for another machine does so for about this long at most.
    ///
    /// # Errors
    ///
    /// The engine's own failure: why nothing can be read now.
    fn check(&self, _patience: Duration) -> Result<(), StoreError> {
        self.transact(Mode::Read, &mut |tx| tx.get(keys::COUNTER.as_bytes()).map(|_| Ending::Discard))
    }

    /// Whether a transaction may wait for a disk or another machine, so that async code leaves it to another thread.
    fn waits(&self, _mode: Mode) -> bool {
        true
    }

    /// What it is, for people: `memory`, the path of the file, or the address without its password.
    fn describe(&self) -> String;
}

impl<S: Store + ?Sized> Store for Box<S> {
    fn transact(&self, mode: Mode, work: &mut Work<'_>) -> Result<(), StoreError> {
        (**self).transact(mode, work)
    }

    fn check(&self, patience: Duration) -> Result<(), StoreError> {
        (**self).check(patience)
    }

    fn waits(&self, mode: Mode) -> bool {
        (**self).waits(mode)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}

/// Runs work that gives a value back. A value that [`Keep::keeps`] is committed, any other is not.
///
/// # Errors
///
/// As with [`Store::transact`].
pub(crate) fn run<T: Keep>(
    store: &dyn Store,
    mode: Mode,
    mut work: impl FnMut(&mut dyn Tx) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut outcome = None;
    store.transact(mode, &mut |tx| {
        let value = work(tx)?;
        let ending = if value.keeps() { Ending::Commit } else { Ending::Discard };
        outcome = Some(value);
        Ok(ending)
    })?;
    outcome.ok_or(StoreError::NotRun)
}

/// Says of the outcome of a piece of work whether what it wrote is to stay.
pub(crate) trait Keep {
    /// Whether it is.
    fn keeps(&self) -> bool;
}

impl<T, E> Keep for Result<T, E> {
    /// A refusal leaves nothing behind.
    fn keeps(&self) -> bool {
        self.is_ok()
    }
}

/// An outcome that keeps what was written, also when it is a refusal: a failed login is counted.
#[derive(Debug)]
pub(crate) struct Always<T>(pub(crate) T);

impl<T> Keep for Always<T> {
    fn keeps(&self) -> bool {
        true
    }
}
