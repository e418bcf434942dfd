//! What a piece of work wrote, beside what it found: until it is known to stay, nothing else sees it.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::cache::{Cache, Epoch};
use super::{Known, Row, StoreError, Tx};

/// What lies under an [`Overlay`]: one state of the table.
pub(super) trait Base {
    /// The value of a key.
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// All rows whose keys begin with `prefix`, sorted by key.
    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError>;

    /// How many keys begin with `prefix`.
    fn count(&mut self, prefix: &[u8]) -> Result<usize, StoreError> {
        self.scan(prefix).map(|rows| rows.len())
    }

    /// Where what was read of keys that begin with this is kept, and the epoch of this state there; `None` where nothing is kept, and
    /// where this state holds something under them that is not committed.
    fn kept(&self, _prefix: &[u8]) -> Option<(&Cache, Epoch)> {
        None
    }
}

/// As [`Tx::recall`].
fn recall(base: &impl Base, key: &[u8]) -> Option<Known> {
    let (cache, epoch) = base.kept(key)?;
    cache.recall(epoch, key)
}

/// As [`Tx::remember`].
fn remember(base: &impl Base, key: &[u8], make: &dyn Fn() -> Known) {
    if let Some((cache, epoch)) = base.kept(key) {
        cache.remember(epoch, key, make);
    }
}

/// As [`Tx::state`].
fn state(base: &impl Base) -> Option<u64> {
    // Whatever the key: all of them begin with nothing.
    let (cache, epoch) = base.kept(b"")?;
    cache.state(epoch)
}

/// Whether any key among the changes begins with this.
pub(super) fn touches<V>(changes: &BTreeMap<Vec<u8>, V>, prefix: &[u8]) -> bool {
    let from = (Bound::Included(prefix), Bound::Unbounded);
    changes.range::<[u8], _>(from).next().is_some_and(|(key, _)| key.starts_with(prefix))
}

/// Keys with what they became: a value, or nothing.
pub(super) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A transaction that gathers what is written, and reads through it.
pub(super) struct Overlay<B> {
    base: B,
    changes: Changes,
}

impl<B: Base> Overlay<B> {
    pub(super) const fn new(base: B) -> Self {
        Self { base, changes: Changes::new() }
    }

    /// What was written.
    pub(super) fn into_changes(self) -> Changes {
        self.changes
    }
}

impl<B: Base> Tx for Overlay<B> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.changes.get(key) {
            Some(change) => Ok(change.clone()),
            None => self.base.get(key),
        }
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        let found = self.base.scan(prefix)?;
        let mut changed =
            self.changes.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix)).peekable();
        if changed.peek().is_none() {
            return Ok(found);
        }
        let mut rows: BTreeMap<Vec<u8>, Vec<u8>> = found.into_iter().collect();
        for (key, change) in changed {
            match change {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(rows.into_iter().collect())
    }

    fn count(&mut self, prefix: &[u8]) -> Result<usize, StoreError> {
        if touches(&self.changes, prefix) {
            self.scan(prefix).map(|rows| rows.len())
        } else {
            self.base.count(prefix)
        }
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.changes.insert(key.to_vec(), Some(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.changes.insert(key.to_vec(), None);
        Ok(())
    }

    fn recall(&mut self, key: &[u8]) -> Option<Known> {
        if touches(&self.changes, key) { None } else { recall(&self.base, key) }
    }

    fn remember(&mut self, key: &[u8], make: &dyn Fn() -> Known) {
        if !touches(&self.changes, key) {
            remember(&self.base, key, make);
        }
    }

    fn state(&mut self) -> Option<u64> {
        if self.changes.is_empty() { state(&self.base) } else { None }
    }
}

/// A transaction that only reads.
pub(super) struct ReadOnly<B>(pub(super) B);

impl<B: Base> Tx for ReadOnly<B> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key)
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.0.scan(prefix)
    }

    fn count(&mut self, prefix: &[u8]) -> Result<usize, StoreError> {
        self.0.count(prefix)
    }

    fn put(&mut self, _: &[u8], _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn delete(&mut self, _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn recall(&mut self, key: &[u8]) -> Option<Known> {
        recall(&self.0, key)
    }

    fn remember(&mut self, key: &[u8], make: &dyn Fn() -> Known) {
        remember(&self.0, key, make);
    }

    fn state(&mut self) -> Option<u64> {
        state(&self.0)
    }
}
