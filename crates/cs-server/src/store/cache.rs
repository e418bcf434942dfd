//! Values as they were read last, so that a request need not read the same stack, user and session as JSON each time.
//!
//! A value is kept with the epoch, the number of commits so far, in which it was read, and goes before a commit that changes
//! its key. So whatever is still there has not changed since, and is right for every transaction that began in its epoch
//! or later. What is read while a commit is on its way may be its old or its new state, and is not kept.
//!
//! Values lie under a hash of their key: keys begin alike for long, and a search that compares them takes several times as long.
//! Of two keys with one hash, the one that was read last is kept.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Known;

/// How many values are kept. When there are more, those go that nobody asked for since it was last so.
const MOST: usize = 512;

#[derive(Default)]
pub(super) struct Cache(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    epoch: u64,
    committing: bool,
    known: BTreeMap<u64, Kept>,
}

struct Kept {
    key: Box<[u8]>,
    /// The epoch in which it was read.
    since: u64,
    known: Known,
    /// Whether it was asked for since room was made last.
    is_used: AtomicBool,
}

impl Inner {
    /// Makes room when there is none. What is in use stays, unless that is nearly all.
    fn make_room(&mut self) {
        if self.known.len() < MOST {
            return;
        }
        self.known.retain(|_, kept| std::mem::take(kept.is_used.get_mut()));
        if self.known.len() > MOST / 2 {
            self.known.clear();
        }
    }
}

/// The epoch in which a transaction began.
#[derive(Clone, Copy)]
pub(super) struct Epoch {
    number: u64,
    /// Whether no commit was on its way.
    settled: bool,
}

impl Cache {
    /// The epoch, to be asked before a transaction begins.
    pub(super) fn epoch(&self) -> Epoch {
        let inner = self.read();
        Epoch { number: inner.epoch, settled: !inner.committing }
    }

    /// What tells the state that a transaction sees which began in this epoch from all others. `None` once a commit has begun:
    /// whether the transaction sees it is not known.
    pub(super) fn state(&self, epoch: Epoch) -> Option<u64> {
        let now = self.epoch();
        (epoch.settled && now.settled && now.number == epoch.number).then_some(epoch.number)
    }

    /// What is known under a key.
    pub(super) fn recall(&self, epoch: Epoch, key: &[u8]) -> Option<Known> {
        let inner = self.read();
        let kept = inner.known.get(&hash_of(key))?;
        if *kept.key != *key || kept.since > epoch.number {
            return None;
        }
        kept.is_used.store(true, Ordering::Relaxed);
        Some(Known::clone(&kept.known))
    }

    /// Keeps what a transaction of this epoch read.
    pub(super) fn remember(&self, epoch: Epoch, key: &[u8], make: &dyn Fn() -> Known) {
        if !epoch.settled {
            return;
        }
        let mut inner = self.write();
        if inner.committing || inner.epoch != epoch.number {
            return;
        }
        inner.make_room();
        let kept =
            Kept { key: key.into(), since: epoch.number, known: make(), is_used: AtomicBool::new(false) };
        inner.known.insert(hash_of(key), kept);
    }

    /// Runs a commit that changes these keys. Lists of all that begins with one part of a key go with it.
    pub(super) fn during_commit<'a, T>(
        &self,
        keys: impl Iterator<Item = &'a Vec<u8>>,
        commit: impl FnOnce() -> T,
    ) -> T {
        {
            let mut inner = self.write();
            inner.committing = true;
            for key in keys {
                // Another key of the same hash may go with it, and is read again.
                inner.known.remove(&hash_of(key));
                let mut lists = DefaultHasher::new();
                for part in key.split_inclusive(|byte| *byte == b'/').filter(|part| part.ends_with(b"/")) {
                    lists.write(part);
                    inner.known.remove(&lists.finish());
                }
            }
        }
        let _window = Window(self);
        commit()
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        // Each change of it is whole whatever happened to a thread that held the lock.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hash in which a key may be written in parts.
fn hash_of(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    hasher.finish()
}

/// A commit on its way; a failed one may have changed something, too.
struct Window<'a>(&'a Cache);

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.write();
        inner.epoch += 1;
        inner.committing = false;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn remember(cache: &Cache, epoch: Epoch, key: &str, value: u32) {
        cache.remember(epoch, key.as_bytes(), &|| Arc::new(value));
    }

    fn recall(cache: &Cache, epoch: Epoch, key: &str) -> Option<u32> {
        cache.recall(epoch, key.as_bytes()).map(|known| *known.downcast::<u32>().unwrap())
    }

    fn commit(cache: &Cache, keys: &[&str]) {
        let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.as_bytes().to_vec()).collect();
        cache.during_commit(keys.iter(), || ());
    }

    #[test]
    fn a_commit_takes_what_it_changes_and_lists_of_it() {
        let cache = Cache::default();
        let first = cache.epoch();
        for key in ["env/a/1", "env/a/", "env/b/", "stack/a"] {
            remember(&cache, first, key, 1);
        }
        commit(&cache, &["env/a/2"]);
        let second = cache.epoch();
        assert_eq!(recall(&cache, second, "env/a/1"), Some(1));
        assert_eq!(recall(&cache, second, "env/b/"), Some(1));
        assert_eq!(recall(&cache, second, "env/a/"), None);
        commit(&cache, &["env/a/1"]);
        assert_eq!(recall(&cache, cache.epoch(), "env/a/1"), None);
        assert_eq!(recall(&cache, cache.epoch(), "stack/a"), Some(1));
    }

    #[test]
    fn what_is_newer_than_a_transaction_is_not_shown_to_it() {
        let cache = Cache::default();
        let old = cache.epoch();
        commit(&cache, &["a"]);
        remember(&cache, cache.epoch(), "a", 2);
        assert_eq!(recall(&cache, old, "a"), None);
        assert_eq!(recall(&cache, cache.epoch(), "a"), Some(2));
        // Nor does what an old one read become known.
        remember(&cache, old, "b", 1);
        assert_eq!(recall(&cache, cache.epoch(), "b"), None);
    }

    #[test]
    fn during_a_commit_nothing_is_kept() {
        let cache = Cache::default();
        let before = cache.epoch();
        remember(&cache, before, "kept", 1);
        cache.during_commit([b"a".to_vec()].iter(), || {
            let within = cache.epoch();
            remember(&cache, within, "a", 1);
            remember(&cache, before, "a", 1);
            assert_eq!(recall(&cache, within, "kept"), Some(1));
        });
        assert_eq!(recall(&cache, cache.epoch(), "a"), None);
        remember(&cache, cache.epoch(), "a", 2);
        for n in 0..MOST {
            remember(&cache, cache.epoch(), &format!("{n}"), 1);
        }
        assert!(cache.read().known.len() <= MOST);
    }

    #[test]
    fn a_key_has_the_hash_of_its_parts() {
        let mut parts = DefaultHasher::new();
        for part in ["delivery/", "blt0123456789abcdef/", "blt1"] {
            parts.write(part.as_bytes());
        }
        assert_eq!(parts.finish(), hash_of(b"delivery/blt0123456789abcdef/blt1"));
    }

    #[test]
    fn what_is_in_use_outlives_what_is_not() {
        let cache = Cache::default();
        let epoch = cache.epoch();
        remember(&cache, epoch, "used", 1);
        for n in 0..4 * MOST {
            remember(&cache, epoch, &format!("{n}"), 1);
            assert_eq!(recall(&cache, epoch, "used"), Some(1), "{n}");
        }
        assert!(cache.read().known.len() <= MOST);
        // When all are in use, none is worth more than the others.
        for n in 0..4 * MOST {
            remember(&cache, epoch, &format!("all {n}"), 1);
            recall(&cache, epoch, &format!("all {n}"));
        }
        assert!(cache.read().known.len() <= MOST);
    }
}
