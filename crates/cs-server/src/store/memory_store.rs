//! The engine for memory: a sorted map, for tests and for services that need not outlive their process.
//!
//! Readers run side by side over one state. One writer at a time gathers what it writes beside the table, and readers wait
//! only while that is put into it. There is no disk, so there is nothing to be made durable and nothing to share a commit for.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use super::cache::{Cache, Epoch};
use super::overlay::{Base, Changes, Overlay, ReadOnly};
use super::{Ending, Mode, Row, Store, StoreError, Work};

type Table = BTreeMap<Box<[u8]>, Box<[u8]>>;

/// A store that lives as long as this value.
///
/// A piece of work must not begin another transaction of the same store: it would wait for itself.
#[derive(Default)]
pub struct MemoryStore {
    table: RwLock<Table>,
    /// Held by the one that writes, from its first look at the table to its last change.
    writer: Mutex<()>,
    cache: Cache,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // A work that panicked had written to its overlay only, so both locks guard a whole state in any case.
    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, work: &mut Work<'_>) -> Result<(), StoreError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = {
            let table = self.read();
            let mut overlay =
                Overlay::new(View { table: &table, cache: &self.cache, epoch: self.cache.epoch() });
            match work(&mut overlay)? {
                Ending::Commit => overlay.into_changes(),
                Ending::Discard => return Ok(()),
            }
        };
        if !changes.is_empty() {
            let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
            self.cache.during_commit(changes.keys(), || ());
            apply(&mut table, changes);
        }
        Ok(())
    }
}

fn apply(table: &mut Table, changes: Changes) {
    for (key, change) in changes {
        match change {
            Some(value) => table.insert(key.into_boxed_slice(), value.into_boxed_slice()),
            None => table.remove(key.as_slice()),
        };
    }
}

// It holds values of tokens.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

impl Store for MemoryStore {
    fn transact(&self, mode: Mode, work: &mut Work<'_>) -> Result<(), StoreError> {
        match mode {
            Mode::Read => {
                let table = self.read();
                // Asked under the lock that a commit needs for itself, so it is the epoch of this state.
                let epoch = self.cache.epoch();
                work(&mut ReadOnly(View { table: &table, cache: &self.cache, epoch })).map(drop)
            }
            Mode::Write => self.write(work),
        }
    }

    fn waits(&self, _: Mode) -> bool {
        false
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }
}

/// One state of the table.
struct View<'a> {
    table: &'a Table,
    cache: &'a Cache,
    epoch: Epoch,
}

impl View<'_> {
    fn under<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let from = self.table.range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded));
        from.map(|(key, value)| (&**key, &**value)).take_while(move |(key, _)| key.starts_with(prefix))
    }
}

impl Base for View<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.table.get(key).map(|value| value.to_vec()))
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        Ok(self.under(prefix).map(|(key, value)| (key.to_vec(), value.to_vec())).collect())
    }

    fn count(&mut self, prefix: &[u8]) -> Result<usize, StoreError> {
        Ok(self.under(prefix).count())
    }

    fn kept(&self, _: &[u8]) -> Option<(&Cache, Epoch)> {
        Some((self.cache, self.epoch))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn put(store: &MemoryStore, key: &[u8]) {
        let work = &mut |tx: &mut dyn super::super::Tx| tx.put(key, b"0").map(|()| Ending::Commit);
        store.transact(Mode::Write, work).unwrap();
    }

    fn look<T>(store: &MemoryStore, mode: Mode, ask: impl Fn(&mut dyn super::super::Tx) -> T) -> T {
        let mut answer = None;
        store
            .transact(mode, &mut |tx| {
                answer = Some(ask(tx));
                Ok(Ending::Discard)
            })
            .unwrap();
        answer.unwrap()
    }

    #[test]
    fn a_panic_takes_nothing_along() {
        let store = MemoryStore::new();
        put(&store, b"a");
        let bad = || {
            store.transact(Mode::Write, &mut |tx| {
                tx.put(b"b", b"0")?;
                panic!("on purpose")
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(bad)).is_err());
        put(&store, b"c");
        let keys = look(&store, Mode::Read, |tx| tx.scan(b"").unwrap());
        assert_eq!(keys.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), [b"a", b"c"]);
    }

    #[test]
    fn the_state_is_another_after_each_commit_and_no_other_one_without() {
        let store = MemoryStore::new();
        let state = |mode| look(&store, mode, |tx| tx.state()).unwrap();
        let before = state(Mode::Read);
        look(&store, Mode::Write, |tx| tx.put(b"a", b"0").unwrap());
        assert_eq!(state(Mode::Write), before, "it was discarded");
        put(&store, b"a");
        assert_ne!(state(Mode::Read), before);
        assert_eq!(state(Mode::Read), state(Mode::Write));
        let own = look(&store, Mode::Write, |tx| {
            tx.put(b"a", b"1").unwrap();
            tx.state()
        });
        assert_eq!(own, None, "what it wrote itself is no state that anybody saw");
    }
}
