//! The embedded engine: redb, with a file or in memory.

mod file;
mod group;
mod journal;
mod outcome;

use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{
    Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition, TableError,
};

use self::group::Group;
use self::journal::Journal;
use super::cache::{Cache, Epoch};
use super::holder::Note;
use super::overlay::{Base, ReadOnly};
use super::{Holder, Mode, Row, Store, StoreError, Work};

/// The one table.
const TABLE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("cs");

/// How long a file that another process has open is waited for, and how often it is tried.
const PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// A store in one file, or in memory.
///
/// Writers at the same time share one commit, and so one wait for the disk; each returns when its work is durable.
///
/// A file belongs to one process at a time. It has mode 0600, and gets it when it is opened: delivery, preview and access
/// values are readable in it by the design of the API, while passwords, management and session values are hashes.
///
/// While it is open, two files lie beside it: `<store>.holder`, a note of the process that has it open, and, after the first
/// write, `<store>.journal`, what was written last. A process that is killed leaves both, and the next one takes over what
/// stands in the journal: who copies or moves such a store takes the journal along. After an orderly end there is one file.
///
/// Where that journal is missing, empty, damaged before its end or of another store, the store is not opened, and nothing is
/// changed. Who cannot put it back and wants to go on without what was written last puts a file in its place that holds the word
/// `lost`.
pub struct RedbStore {
    // Dropped before the engine, because it may hold a transaction of it.
    group: Group,
    cache: Cache,
    // Dropped before the note: whoever reads the note finds the file still closed.
    database: Database,
    path: Option<PathBuf>,
    _note: Option<Note>,
}

impl RedbStore {
    /// The engine without a file, as long as this value lives: its own code at work, without a disk. A
    /// [`MemoryStore`](super::MemoryStore) does the same with less.
    ///
    /// # Errors
    ///
    /// [`StoreError::Engine`] when redb fails.
    pub fn memory() -> Result<Self, StoreError> {
        let database =
            Database::builder().create_with_backend(InMemoryBackend::new()).map_err(StoreError::engine)?;
        Self::with_table(database, None, None)
    }

    /// Opens a file, or makes it; its directory must exist. A file that another process has open is waited for, about
    /// two seconds.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`] when the other process does not let go, [`StoreError::Open`] when the file cannot be
    /// opened, is a symbolic link, is no store, or was damaged, or has not the journal that belongs to it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let failed = |error| match error {
            StoreError::Engine(source) => StoreError::Open { path: path.to_owned(), source },
            other => other,
        };
        journal::refuse_to_begin(path).map_err(failed)?;
        let mut waited = Duration::ZERO;
        let database = loop {
            match open_file(path) {
                Ok(database) => break database,
                Err(DatabaseError::DatabaseAlreadyOpen) if waited < PATIENCE => {
                    std::thread::sleep(BETWEEN_TRIES);
                    waited += BETWEEN_TRIES;
                }
                Err(DatabaseError::DatabaseAlreadyOpen) => {
                    return Err(StoreError::InUse { path: path.to_owned(), holder: Holder::of(path) });
                }
                Err(error) => {
                    return Err(StoreError::Open { path: path.to_owned(), source: Box::new(error) });
                }
            }
        };
        // That of the engine may be a file that some other program made.
        Self::with_table(database, Some(path.to_owned()), Some(Note::leave(path))).map_err(failed)
    }

    /// Makes the table, so that readers find one.
    fn with_table(database: Database, path: Option<PathBuf>, note: Option<Note>) -> Result<Self, StoreError> {
        let there = {
            let transaction = database.begin_read().map_err(StoreError::engine)?;
            match transaction.open_table(TABLE) {
                Ok(_) => true,
                Err(TableError::TableDoesNotExist(_)) => false,
                Err(error) => return Err(StoreError::engine(error)),
            }
        };
        if !there {
            let transaction = database.begin_write().map_err(StoreError::engine)?;
            transaction.open_table(TABLE).map_err(StoreError::engine)?;
            transaction.commit().map_err(StoreError::engine)?;
        }
        let journal = path.as_deref().map(|path| Journal::open(&database, path)).transpose()?;
        Ok(Self { group: Group::new(journal), cache: Cache::default(), database, path, _note: note })
    }
}

/// Opens the file once. Whatever is wrong with it is an error, and no panic: the engine checks every page first, where
/// it otherwise trusts a file that was closed in order.
fn open_file(path: &Path) -> Result<Database, DatabaseError> {
    let file = file::open_private(path)?;
    if is_ours(&file)? {
        file::make_private(&file)?;
    }
    Database::builder().set_check_integrity_on_open(true).create_with_backend(FileBackend::new(file)?)
}

/// Whether the file is empty or one of the engine: the mode of anything else is none of our business.
fn is_ours(mut file: &File) -> std::io::Result<bool> {
    let mut start = Vec::new();
    file.take(4).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(start.is_empty() || start == b"redb")
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        if let Err(error) = self.group.close(&self.database) {
            // Nothing is lost: the journal stays for the next process.
            tracing::warn!(error = &error as &dyn std::error::Error, "the store was not closed in order");
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedbStore").field(&self.describe()).finish()
    }
}

impl Store for RedbStore {
    fn transact(&self, mode: Mode, work: &mut Work<'_>) -> Result<(), StoreError> {
        match mode {
            Mode::Read => {
                let epoch = self.cache.epoch();
                let transaction = self.database.begin_read().map_err(StoreError::engine)?;
                let table = transaction.open_table(TABLE).map_err(StoreError::engine)?;
                work(&mut ReadOnly(Reading { table, cache: &self.cache, epoch })).map(drop)
            }
            Mode::Write => self.group.write(&self.database, &self.cache, work),
        }
    }

    fn waits(&self, mode: Mode) -> bool {
        mode == Mode::Write && self.path.is_some()
    }

    fn describe(&self) -> String {
        self.path.as_ref().map_or_else(|| "memory".to_owned(), |path| path.display().to_string())
    }
}

struct Reading<'a> {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    cache: &'a Cache,
    epoch: Epoch,
}

impl Base for Reading<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        get(&self.table, key)
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        scan(&self.table, prefix)
    }

    fn count(&mut self, prefix: &[u8]) -> Result<usize, StoreError> {
        count(&self.table, prefix)
    }

    fn kept(&self, _: &[u8]) -> Option<(&Cache, Epoch)> {
        Some((self.cache, self.epoch))
    }
}

fn get(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    key: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    let found = table.get(key).map_err(StoreError::engine)?;
    Ok(found.map(|value| value.value().to_vec()))
}

fn scan(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    prefix: &[u8],
) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    for item in table.range::<&[u8]>(prefix..).map_err(StoreError::engine)? {
        let (key, value) = item.map_err(StoreError::engine)?;
        if !key.value().starts_with(prefix) {
            break;
        }
        found.push((key.value().to_vec(), value.value().to_vec()));
    }
    Ok(found)
}

fn count(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    prefix: &[u8],
) -> Result<usize, StoreError> {
    let mut found = 0;
    for item in table.range::<&[u8]>(prefix..).map_err(StoreError::engine)? {
        let (key, _) = item.map_err(StoreError::engine)?;
        if !key.value().starts_with(prefix) {
            break;
        }
        found += 1;
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
