//! Group commit: many writers share one commit, and so one wait for the disk.
//!
//! ```text
//! writer 1   apply  wait ............ done
//! writer 2          apply  wait ..... done
//! writer 3                 apply  commit  done      the last in line commits for all
//! ```
//!
//! Writers apply one after another to one open transaction of the engine, under a lock; the transaction is the batch. Who
//! finds nobody behind it in line commits the batch, and all whose work is in it return. A lone writer so commits at once,
//! and those that come while the disk is busy make up the next batch. Readers see a batch once it is durable, never before.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, Durability, ReadableTable, Table, WriteTransaction};

use super::journal::Journal;
use super::outcome::Outcome;
use super::{TABLE, count, get, scan};
use crate::store::cache::{Cache, Epoch};
use crate::store::overlay::{Base, Changes, Overlay, touches};
use crate::store::{Ending, Row, StoreError, Work};

/// How much work one batch holds: an endless line of writers must not keep the first one waiting for ever.
const LARGEST_BATCH: usize = 256;

/// Of how many commits in memory one is made as if for a disk: only such a one gives back the pages that are no longer used.
const COMMITS_IN_MEMORY: usize = 32;

/// The line of writers.
#[derive(Default)]
pub(super) struct Group {
    /// Where there is a disk to wait for. Used by who holds the lock of the open batch.
    journal: Option<Mutex<Journal>>,
    /// How many batches were begun.
    begun: AtomicUsize,
    /// How many stand in line and have not applied their work.
    in_line: AtomicUsize,
    open: Mutex<Option<Batch>>,
    /// How many batches were committed, so that tests can tell that work shares them.
    #[cfg(test)]
    commits: AtomicUsize,
}

/// The transaction that is open, with the work of some writers in it.
struct Batch {
    transaction: WriteTransaction,
    contents: Contents,
    /// All that was written.
    changes: Changes,
    size: usize,
    outcome: Arc<Outcome>,
}

/// What a batch holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contents {
    Nothing,
    /// Work, all of it whole.
    Whole,
    /// A piece of work of which only a part could be written: nothing of the batch may stay.
    Torn,
}

impl Group {
    pub(super) fn new(journal: Option<Journal>) -> Self {
        Self { journal: journal.map(Mutex::new), ..Self::default() }
    }

    /// Gives back what it has of the engine, and makes all that it committed part of the one file.
    pub(super) fn close(&mut self, database: &Database) -> Result<(), StoreError> {
        drop(self.lock().take());
        let journal =
            self.journal.take().map(|journal| journal.into_inner().unwrap_or_else(PoisonError::into_inner));
        journal.map_or(Ok(()), |mut journal| journal.close(database))
    }

    /// Whether the next batch is to be made durable. In memory nothing is.
    fn is_durable(&self) -> bool {
        self.journal.is_some() || self.begun.fetch_add(1, Ordering::Relaxed).is_multiple_of(COMMITS_IN_MEMORY)
    }

    /// Runs work that writes; what it wrote is durable when this returns.
    pub(super) fn write(
        &self,
        database: &Database,
        cache: &Cache,
        work: &mut Work<'_>,
    ) -> Result<(), StoreError> {
        self.in_line.fetch_add(1, Ordering::SeqCst);
        let mut open = self.lock();
        let place = Place { group: self, others: open.as_ref().map(|batch| Arc::clone(&batch.outcome)) };
        let applied = self.apply(&mut open, database, cache, work);
        drop(place);
        let batch = open.as_ref().map(|batch| Arc::clone(&batch.outcome));
        // What was found may be what others wrote in this batch. So also who wrote nothing waits until it is true.
        let settled = batch.map_or(Ok(()), |outcome| self.settle(open, cache, &outcome));
        applied.and(settled)
    }

    /// Runs the work over the open batch, and adds what it wrote if that is to stay.
    fn apply(
        &self,
        open: &mut Option<Batch>,
        database: &Database,
        cache: &Cache,
        work: &mut Work<'_>,
    ) -> Result<(), StoreError> {
        let batch = match open {
            Some(batch) => batch,
            None => open.insert(Batch::begin(database, self.is_durable())?),
        };
        batch.size += 1;
        let mut table = batch.transaction.open_table(TABLE).map_err(StoreError::engine)?;
        // Nobody else commits while the lock is held.
        let base = Writing { table: &table, cache, epoch: cache.epoch(), changes: &batch.changes };
        let mut overlay = Overlay::new(base);
        let ending = work(&mut overlay)?;
        let changes = overlay.into_changes();
        if ending == Ending::Commit && !changes.is_empty() {
            let before = std::mem::replace(&mut batch.contents, Contents::Torn);
            write(&mut table, &changes)?;
            batch.changes.extend(changes);
            batch.contents = if before == Contents::Torn { before } else { Contents::Whole };
        }
        Ok(())
    }

    /// Waits until the batch is durable, or makes it so.
    fn settle<'a>(
        &'a self,
        mut open: MutexGuard<'a, Option<Batch>>,
        cache: &Cache,
        outcome: &Arc<Outcome>,
    ) -> Result<(), StoreError> {
        loop {
            let is_last = self.in_line.load(Ordering::SeqCst) == 0;
            let is_own = |batch: &Batch| Arc::ptr_eq(&batch.outcome, outcome);
            if let Some(batch) =
                open.take_if(|batch| is_own(batch) && (is_last || batch.size >= LARGEST_BATCH))
            {
                #[cfg(test)]
                self.commits.fetch_add(1, Ordering::SeqCst);
                batch.commit(cache, self.journal.as_ref());
            }
            let calls = outcome.calls();
            drop(open);
            if let Some(settled) = outcome.wait(calls) {
                return settled.map_err(StoreError::engine);
            }
            open = self.lock();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Batch>> {
        // A work that panicked had written to its overlay only.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in line, given back under the lock when the work was applied, or panicked.
struct Place<'a> {
    group: &'a Group,
    /// The batch that was open already, in which others have work.
    others: Option<Arc<Outcome>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.group.in_line.fetch_sub(1, Ordering::SeqCst);
        // Else the last in line settles the batch itself. One that panics does not, and others may wait for it.
        if std::thread::panicking() {
            self.others.iter().for_each(|others| others.call());
        }
    }
}

impl Batch {
    fn begin(database: &Database, durable: bool) -> Result<Self, StoreError> {
        let mut transaction = database.begin_write().map_err(StoreError::engine)?;
        if !durable {
            transaction.set_durability(Durability::None).map_err(StoreError::engine)?;
        }
        Ok(Self {
            transaction,
            contents: Contents::Nothing,
            changes: Changes::new(),
            size: 0,
            outcome: Arc::default(),
        })
    }

    fn commit(self, cache: &Cache, journal: Option<&Mutex<Journal>>) {
        let done = match self.contents {
            Contents::Nothing => self.transaction.abort().map_err(StoreError::engine),
            Contents::Whole => {
                let commit = || match journal {
                    // Each change of it is whole.
                    Some(journal) => journal
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .commit(self.transaction, &self.changes),
                    None => self.transaction.commit().map_err(StoreError::engine),
                };
                cache.during_commit(self.changes.keys(), commit)
            }
            Contents::Torn => {
                drop(self.transaction);
                Err(StoreError::Torn)
            }
        };
        self.outcome.settle(done.map_err(Into::into));
    }
}

pub(super) fn write(
    table: &mut Table<'_, &'static [u8], &'static [u8]>,
    changes: &Changes,
) -> Result<(), StoreError> {
    for (key, change) in changes {
        match change {
            Some(value) => table.insert(key.as_slice(), value.as_slice()).map(drop),
            None => table.remove(key.as_slice()).map(drop),
        }
        .map_err(StoreError::engine)?;
    }
    Ok(())
}

/// The table with what the batch holds so far.
struct Writing<'a, T> {
    table: &'a T,
    cache: &'a Cache,
    epoch: Epoch,
    /// What the batch wrote: no reader knows of it.
    changes: &'a Changes,
}

impl<T: ReadableTable<&'static [u8], &'static [u8]>> Base for Writing<'_, T> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        get(self.table, key)
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        scan(self.table, prefix)
    }

    fn count(&mut self, prefix: &[u8]) -> Result<usize, StoreError> {
        count(self.table, prefix)
    }

    fn kept(&self, prefix: &[u8]) -> Option<(&Cache, Epoch)> {
        (!touches(self.changes, prefix)).then_some((self.cache, self.epoch))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::store::{Mode, RedbStore, Store as _};

    fn keys(store: &RedbStore) -> usize {
        let mut found = 0;
        let count = &mut |tx: &mut dyn crate::store::Tx| {
            found = tx.scan(b"")?.len();
            Ok(Ending::Discard)
        };
        store.transact(Mode::Read, count).unwrap();
        found
    }

    /// Lets `others` get in line while the work of the first is applied.
    fn wait_for_line(store: &RedbStore, others: usize) {
        while store.group.in_line.load(Ordering::SeqCst) < others + 1 {
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn those_in_line_share_one_commit() {
        let store = RedbStore::memory().unwrap();
        let write = |n: usize| {
            store.transact(Mode::Write, &mut |tx| {
                if tx.get(b"first")?.is_none() {
                    wait_for_line(&store, 7);
                    tx.put(b"first", b"0")?;
                }
                tx.put(format!("key {n}").as_bytes(), b"0")?;
                Ok(Ending::Commit)
            })
        };
        thread::scope(|scope| {
            for n in 0..8 {
                scope.spawn(move || write(n).unwrap());
            }
        });
        assert_eq!(store.group.commits.load(Ordering::SeqCst), 1);
        assert_eq!(keys(&store), 9);
        write(8).unwrap();
        assert_eq!(store.group.commits.load(Ordering::SeqCst), 2, "one alone waits for nobody");
    }

    #[test]
    fn writers_that_come_again_share_commits_and_all_are_done() {
        const WRITERS: usize = 16;
        const EACH: usize = 40;
        let folder = tempfile::tempdir().unwrap();
        let store = RedbStore::open(folder.path().join("store")).unwrap();
        let write = |key: String| {
            store.transact(Mode::Write, &mut |tx| {
                tx.put(key.as_bytes(), b"0")?;
                Ok(Ending::Commit)
            })
        };
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || (0..EACH).for_each(|n| write(format!("{writer}/{n}")).unwrap()));
            }
        });
        assert_eq!(keys(&store), WRITERS * EACH);
        let commits = store.group.commits.load(Ordering::SeqCst);
        assert!(commits < WRITERS * EACH / 2, "{commits}");
    }

    #[test]
    fn a_panic_takes_nobody_along() {
        let store = RedbStore::memory().unwrap();
        thread::scope(|scope| {
            let good = scope.spawn(|| {
                store.transact(Mode::Write, &mut |tx| {
                    wait_for_line(&store, 1);
                    tx.put(b"good", b"0")?;
                    Ok(Ending::Commit)
                })
            });
            let bad = || {
                store.transact(Mode::Write, &mut |tx| {
                    tx.put(b"bad", b"0")?;
                    panic!("on purpose")
                })
            };
            while store.group.in_line.load(Ordering::SeqCst) == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            assert!(catch_unwind(AssertUnwindSafe(bad)).is_err());
            good.join().unwrap().unwrap();
        });
        assert_eq!(keys(&store), 1);
    }

    #[test]
    fn a_batch_that_is_torn_stays_for_nobody() {
        let store = RedbStore::memory().unwrap();
        let write = |key: &[u8]| {
            store.transact(Mode::Write, &mut |tx| {
                tx.put(key, b"0")?;
                Ok(Ending::Commit)
            })
        };
        // As if the work before this one had failed half way.
        let mut batch = Batch::begin(&store.database, true).unwrap();
        batch.contents = Contents::Torn;
        *store.group.lock() = Some(batch);
        assert!(write(b"a").is_err());
        assert_eq!(keys(&store), 0);
        write(b"a").unwrap();
        assert_eq!(keys(&store), 1);
    }
}
