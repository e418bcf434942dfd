//! The journal beside a store file: what a batch changed, made durable by one write in a row.
//!
//! The engine makes a commit durable by writing every page that it touched, wherever that lies. So a batch is written to the
//! journal and synchronized there, and the engine commits it without waiting for the disk. From time to time one commit
//! of the engine is durable and takes all before it along; then the journal begins anew from its start.
//!
//! Every batch has a number, and the engine keeps the number of the last one with what it committed. So whoever opens a
//! store knows which batches of the journal are in it already. A record that was not written to its end has no valid
//! checksum; whoever wrote it was told of nothing.

mod record;

use std::ffi::OsString;
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use redb::{Database, Durability, TableDefinition, TableError, WriteTransaction};

use super::group::write;
use super::{TABLE, file};
use crate::store::StoreError;
use crate::store::overlay::Changes;
use record::StoreId;

/// What the engine knows of the journal.
const KNOWN: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("cs_journal");
const STORE: &str = "store";
const NUMBER: &str = "number";

/// How large the journal may become. Opening a store after a kill reads that much at the most.
const LARGEST: u64 = 1 << 20;

/// How many batches it may hold: pages that they no longer use are given back by a durable commit only.
const MOST_BATCHES: usize = 256;

/// How much it grows at once. To write where zeros were written before changes no metadata, for which the disk would be waited
/// for, too.
const STEP: u64 = 128 << 10;

/// The journal of one open store.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    store: StoreId,
    /// The number of the last batch that the engine committed.
    number: u64,
    /// How many batches stand in it that no durable commit took along.
    batches: usize,
    room: Option<Room>,
}

/// The file, made when the first batch is written.
#[derive(Debug)]
struct Room {
    file: File,
    /// Where the next record begins.
    end: u64,
    /// Up to where there is something to write over.
    length: u64,
}

impl Journal {
    /// Opens the journal of a store, and brings the store up to what stands in it.
    pub(super) fn open(database: &Database, store: &Path) -> Result<Self, StoreError> {
        let (id, number) = known(database)?;
        let mut journal = Self { path: path(store), store: id, number, batches: 0, room: None };
        if let Some(mut file) = file::open_if_there(&journal.path).map_err(StoreError::engine)? {
            file::make_private(&file).map_err(StoreError::engine)?;
            let mut bytes = Vec::new();
            (&mut file).take(LARGEST).read_to_end(&mut bytes).map_err(StoreError::engine)?;
            journal.replay(database, &bytes)?;
            journal.room = Some(Room { file, end: 0, length: bytes.len() as u64 });
        }
        Ok(journal)
    }

    /// Commits what a batch changed; it is durable when this returns.
    pub(super) fn commit(
        &mut self,
        mut transaction: WriteTransaction,
        changes: &Changes,
    ) -> Result<(), StoreError> {
        let number = self.number + 1;
        keep_number(&transaction, number)?;
        let end = self.append(number, changes).unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the journal of the store was not written"
            );
            None
        });
        if end.is_some() {
            transaction.set_durability(Durability::None).map_err(StoreError::engine)?;
        }
        transaction.commit().map_err(StoreError::engine)?;
        self.number = number;
        self.batches = if end.is_some() { self.batches + 1 } else { 0 };
        if let Some(room) = &mut self.room {
            // Not before the engine has it: of a batch that failed, the next one takes number and place.
            room.end = end.unwrap_or_default();
        }
        Ok(())
    }

    /// Makes the engine durable, and removes the journal: what is closed is one file.
    pub(super) fn close(&mut self, database: &Database) -> Result<(), StoreError> {
        if self.batches > 0 {
            let transaction = database.begin_write().map_err(StoreError::engine)?;
            keep_number(&transaction, self.number)?;
            transaction.commit().map_err(StoreError::engine)?;
            self.batches = 0;
        }
        match self.room.take() {
            Some(_) => std::fs::remove_file(&self.path).map_err(StoreError::engine),
            None => Ok(()),
        }
    }

    /// Writes a record and waits for the disk. Where the record ends; `None` when there is no room for it.
    fn append(&mut self, number: u64, changes: &Changes) -> std::io::Result<Option<u64>> {
        if self.batches >= MOST_BATCHES {
            return Ok(None);
        }
        let record = record::encode(&self.store, number, changes);
        let room = match &mut self.room {
            Some(room) => room,
            none => none.insert(Room { file: file::open_private(&self.path)?, end: 0, length: 0 }),
        };
        let end = room.end + record.len() as u64;
        if end > LARGEST {
            return Ok(None);
        }
        room.grow_to(end)?;
        room.file.seek(SeekFrom::Start(room.end))?;
        room.file.write_all(&record)?;
        room.file.sync_data()?;
        Ok(Some(end))
    }

    /// Takes over what the engine had not made durable when the process ended.
    fn replay(&mut self, database: &Database, bytes: &[u8]) -> Result<(), StoreError> {
        let mut newer =
            record::read(&self.store, bytes).filter(|record| record.number > self.number).peekable();
        if newer.peek().is_none() {
            return Ok(());
        }
        let transaction = database.begin_write().map_err(StoreError::engine)?;
        let mut number = self.number;
        {
            let mut table = transaction.open_table(TABLE).map_err(StoreError::engine)?;
            for record in newer {
                number += 1;
                if record.number != number {
                    let reason = "its journal goes on where the store does not end: one of them was replaced";
                    return Err(StoreError::engine(Error::new(ErrorKind::InvalidData, reason)));
                }
                write(&mut table, &record.changes)?;
            }
        }
        keep_number(&transaction, number)?;
        transaction.commit().map_err(StoreError::engine)?;
        self.number = number;
        Ok(())
    }
}

impl Room {
    /// Writes zeros up to a step behind `end`, unless something stands there.
    fn grow_to(&mut self, end: u64) -> std::io::Result<()> {
        if end > self.length {
            let length = end.next_multiple_of(STEP);
            self.file.seek(SeekFrom::Start(self.length))?;
            std::io::copy(&mut std::io::repeat(0).take(length - self.length), &mut self.file)?;
            self.file.sync_all()?;
            self.length = length;
        }
        Ok(())
    }
}

/// Where the journal of a store lies.
fn path(store: &Path) -> PathBuf {
    let mut name = OsString::from(store);
    name.push(".journal");
    name.into()
}

/// Which store this is, and the number of the last batch in it. A store that has no journal yet gets ready for one.
fn known(database: &Database) -> Result<(StoreId, u64), StoreError> {
    let found = {
        let transaction = redb::ReadableDatabase::begin_read(database).map_err(StoreError::engine)?;
        match transaction.open_table(KNOWN) {
            Ok(table) => {
                let of = |key: &str| table.get(key).map_err(StoreError::engine);
                of(STORE)?.zip(of(NUMBER)?).and_then(|(store, number)| {
                    let number = number.value().try_into().ok().map(u64::from_le_bytes);
                    store.value().try_into().ok().zip(number)
                })
            }
            Err(TableError::TableDoesNotExist(_)) => None,
            Err(error) => return Err(StoreError::engine(error)),
        }
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let mut store = StoreId::default();
    getrandom::fill(&mut store).map_err(|_| StoreError::Random)?;
    let transaction = database.begin_write().map_err(StoreError::engine)?;
    {
        let mut table = transaction.open_table(KNOWN).map_err(StoreError::engine)?;
        table.insert(STORE, store.as_slice()).map_err(StoreError::engine)?;
    }
    keep_number(&transaction, 0)?;
    transaction.commit().map_err(StoreError::engine)?;
    Ok((store, 0))
}

fn keep_number(transaction: &WriteTransaction, number: u64) -> Result<(), StoreError> {
    let mut table = transaction.open_table(KNOWN).map_err(StoreError::engine)?;
    table.insert(NUMBER, number.to_le_bytes().as_slice()).map_err(StoreError::engine)?;
    Ok(())
}

#[cfg(test)]
mod tests;
