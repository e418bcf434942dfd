//! The journal beside a store file: what a batch changed, made durable by one write in a row.
//!
//! The engine makes a commit durable by writing every page that it touched, wherever that lies. So a batch is written to the
//! journal and synchronized there, and the engine commits it without waiting for the disk. From time to time one commit
//! of the engine is durable and takes all before it along; then the journal begins anew from its start.
//!
//! Every batch has a number, and the engine keeps the number of the last one with what it committed. So whoever opens a
//! store knows which batches of the journal are in it already. A record that was not written to its end has no valid
//! checksum; whoever wrote it was told of nothing.
//!
//! The first batch of a journal goes both ways: its record, and then a durable commit that says that from now on the store is
//! whole with its journal only. To close it takes that back before the file is removed. So a journal that is missing is told
//! from one that is not needed, at no cost for the other batches; and one that is of another store, or was damaged before its
//! end, is refused.

mod known;
mod record;
mod refusal;

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use redb::{Database, Durability, WriteTransaction};

use super::group::write;
use super::{TABLE, file};
use crate::store::StoreError;
use crate::store::overlay::Changes;
use known::{keep_number, keep_open, known};
use record::{StoreId, Tail};
use refusal::Refusal;

pub(super) use refusal::refuse_to_begin;

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
    /// Whether the engine has it durable that there is a journal.
    open: bool,
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
        let known = known(database)?;
        let path = path(store);
        let mut journal =
            Self { path, store: known.store, number: known.number, batches: 0, open: known.open, room: None };
        let mut file = file::open_if_there(&journal.path).map_err(StoreError::engine)?;
        let mut bytes = Vec::new();
        if let Some(file) = &mut file {
            file.take(LARGEST).read_to_end(&mut bytes).map_err(StoreError::engine)?;
        }
        if file.is_some() && refusal::is_given_up(&bytes) {
            journal.give_up(database)?;
            return Ok(journal);
        }
        let found = file.is_some().then_some(&*bytes);
        refusal::check_start(&journal.path, &known, found).map_err(StoreError::engine)?;
        if let Some(file) = file {
            file::make_private(&file).map_err(StoreError::engine)?;
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
        // The first record makes the engine know that there is a journal, and that takes a durable commit.
        let begins = end.is_some() && !self.open;
        let end = end.filter(|_| !begins);
        if begins {
            keep_open(&transaction, true)?;
        }
        if end.is_some() {
            transaction.set_durability(Durability::None).map_err(StoreError::engine)?;
        }
        transaction.commit().map_err(StoreError::engine)?;
        self.open |= begins;
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
        if self.batches > 0 || self.open {
            // Before the file goes: in between, a store that needs no journal has one with nothing new in it.
            self.settle(database)?;
        }
        match self.room.take() {
            Some(_) => std::fs::remove_file(&self.path).map_err(StoreError::engine),
            None => Ok(()),
        }
    }

    /// Makes durable what was committed, and that no journal is needed for it.
    fn settle(&mut self, database: &Database) -> Result<(), StoreError> {
        let transaction = database.begin_write().map_err(StoreError::engine)?;
        keep_number(&transaction, self.number)?;
        keep_open(&transaction, false)?;
        transaction.commit().map_err(StoreError::engine)?;
        (self.batches, self.open) = (0, false);
        Ok(())
    }

    /// Goes on without what stood in the journal, as an operator decided.
    fn give_up(&mut self, database: &Database) -> Result<(), StoreError> {
        tracing::warn!(journal = %self.path.display(), "the store goes on without its journal, which is said to be lost");
        // The word goes last: whoever is killed here finds it again.
        self.settle(database)?;
        std::fs::remove_file(&self.path).map_err(StoreError::engine)
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
        let mut records = record::read(&self.store, bytes);
        let newer: Vec<_> = records.by_ref().filter(|record| record.number > self.number).collect();
        for (number, record) in (self.number + 1..).zip(&newer) {
            if record.number != number {
                return Err(StoreError::engine(Refusal::Gap(self.path.clone())));
            }
        }
        let number = self.number + newer.len() as u64;
        match records.tail(number) {
            Tail::Old => {}
            Tail::CutOff(bytes) => tracing::warn!(
                bytes,
                journal = %self.path.display(),
                "the last record of the journal was not written to its end, or was damaged, and is left out"
            ),
            Tail::Damaged => return Err(StoreError::engine(Refusal::Damaged(self.path.clone()))),
        }
        if newer.is_empty() {
            return Ok(());
        }
        let transaction = database.begin_write().map_err(StoreError::engine)?;
        {
            let mut table = transaction.open_table(TABLE).map_err(StoreError::engine)?;
            for record in newer {
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

#[cfg(test)]
mod tests;
