mod refused;

use std::path::{Path, PathBuf};

use crate::store::{Ending, Mode, RedbStore, Store, StoreError};

fn put(store: &RedbStore, key: &str, value: &[u8]) {
    let work = &mut |tx: &mut dyn crate::store::Tx| tx.put(key.as_bytes(), value).map(|()| Ending::Commit);
    store.transact(Mode::Write, work).unwrap();
}

fn remove(store: &RedbStore, key: &str) {
    let work = &mut |tx: &mut dyn crate::store::Tx| tx.delete(key.as_bytes()).map(|()| Ending::Commit);
    store.transact(Mode::Write, work).unwrap();
}

fn keys(store: &RedbStore) -> Vec<String> {
    let mut found = Vec::new();
    let read = &mut |tx: &mut dyn crate::store::Tx| {
        found = tx.scan(b"")?.into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect();
        Ok(Ending::Discard)
    };
    store.transact(Mode::Read, read).unwrap();
    found
}

/// A folder for a store, and what a kill would leave of it at some moment.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn store(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn journal(&self) -> PathBuf {
        super::path(&self.store())
    }

    /// The files as they are now, in another folder: the process that has them open knows nothing of it.
    fn killed(&self) -> Self {
        let copy = Self::new();
        for (from, to) in [(self.store(), copy.store()), (self.journal(), copy.journal())] {
            if from.exists() {
                std::fs::copy(from, to).unwrap();
            }
        }
        copy
    }

    fn open(&self) -> RedbStore {
        RedbStore::open(self.store()).unwrap()
    }
}

fn reason(path: &Path) -> String {
    match RedbStore::open(path).unwrap_err() {
        StoreError::Open { source, .. } => source.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_committed_is_there_after_a_kill_and_only_with_its_journal() {
    let place = Place::new();
    let store = place.open();
    put(&store, "a", b"1");
    put(&store, "b", b"1");
    remove(&store, "a");
    let killed = place.killed();
    assert_eq!(keys(&killed.open()), ["b"]);
    assert!(!killed.journal().exists(), "closed in order");
    assert_eq!(keys(&killed.open()), ["b"], "it was made durable in the store");
    let killed = place.killed();
    std::fs::write(killed.journal(), "lost").unwrap();
    assert_eq!(
        keys(&killed.open()),
        ["a"],
        "the engine had made the first one durable, with which the journal began"
    );
}

#[test]
fn a_kill_while_what_a_kill_left_is_taken_over() {
    let place = Place::new();
    let store = place.open();
    for n in 0..5 {
        put(&store, &format!("{n}"), b"1");
    }
    let first = place.killed();
    let second = {
        let _open = first.open();
        first.killed()
    };
    let store = second.open();
    put(&store, "5", b"1");
    assert_eq!(keys(&second.killed().open()), ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn a_record_that_is_cut_off_is_left_out_and_all_before_it_stay() {
    let place = Place::new();
    let store = place.open();
    // Durable without the journal, and shorter than what is written over it.
    put(&store, "d", b"");
    let mut ends = Vec::new();
    for n in 0..3 {
        put(&store, &format!("{n}"), b"some value");
        let bytes = std::fs::read(place.journal()).unwrap();
        ends.push(bytes.iter().rposition(|byte| *byte != 0).unwrap());
    }
    let all = std::fs::read(place.journal()).unwrap();
    for (whole, end) in ends.iter().enumerate() {
        let killed = place.killed();
        std::fs::write(killed.journal(), &all[..*end]).unwrap();
        assert_eq!(keys(&killed.open()).len(), 1 + whole);
    }
}

#[test]
fn a_journal_begins_anew_and_what_stood_there_does_no_harm() {
    let place = Place::new();
    let store = place.open();
    let large = vec![b'x'; 100 << 10];
    for n in 0..30 {
        // The same few keys: an old record that came back would show an old value.
        put(&store, &format!("{}", n % 3), &large);
        put(&store, "last", format!("{n}").as_bytes());
        let killed = place.killed();
        let killed = killed.open();
        let mut last = Vec::new();
        let read = &mut |tx: &mut dyn crate::store::Tx| {
            last = tx.get(b"last")?.unwrap();
            Ok(Ending::Discard)
        };
        killed.transact(Mode::Read, read).unwrap();
        assert_eq!(String::from_utf8(last).unwrap(), format!("{n}"));
    }
    assert!(std::fs::metadata(place.journal()).unwrap().len() <= super::LARGEST);
    // One that no journal holds.
    put(&store, "endless", &vec![b'x'; 2 << 20]);
    assert_eq!(keys(&place.killed().open()), ["0", "1", "2", "endless", "last"]);
}

#[test]
fn many_small_batches_are_made_durable_by_the_engine_now_and_then() {
    let place = Place::new();
    let store = place.open();
    for n in 0..super::MOST_BATCHES + 10 {
        put(&store, &format!("{n:05}"), b"1");
    }
    let killed = place.killed();
    assert_eq!(keys(&killed.open()).len(), super::MOST_BATCHES + 10);
    let killed = place.killed();
    std::fs::write(killed.journal(), "lost").unwrap();
    assert_eq!(keys(&killed.open()).len(), super::MOST_BATCHES + 2);
}

#[test]
fn a_journal_that_does_not_fit_is_refused() {
    let place = Place::new();
    let store = place.open();
    let young = place.killed();
    put(&store, "a", b"1");
    let old = place.killed();
    for n in 0..super::MOST_BATCHES + 1 {
        put(&store, &format!("b{n}"), b"1");
    }
    // Somebody put an older copy of the store in its place.
    std::fs::copy(place.journal(), young.journal()).unwrap();
    assert!(reason(&young.store()).contains("one of them was replaced"));
    // An older journal holds nothing that the store has not.
    std::fs::copy(place.store(), old.store()).unwrap();
    assert_eq!(keys(&old.open()).len(), super::MOST_BATCHES + 2);
}

#[test]
fn without_a_journal_the_engine_itself_is_durable() {
    let place = Place::new();
    let store = place.open();
    // Something that is no file is in its way.
    std::fs::create_dir(place.journal()).unwrap();
    put(&store, "a", b"1");
    put(&store, "b", b"1");
    let killed = Place::new();
    std::fs::copy(place.store(), killed.store()).unwrap();
    assert_eq!(keys(&killed.open()), ["a", "b"]);
    drop(store);
    assert!(reason(&place.store()).contains("not a file"));
}

#[cfg(unix)]
#[test]
fn a_journal_is_private_and_follows_no_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let place = Place::new();
    let store = place.open();
    put(&store, "a", b"1");
    assert_eq!(std::fs::metadata(place.journal()).unwrap().permissions().mode() & 0o777, 0o600);
    let killed = place.killed();
    let elsewhere = killed.0.path().join("elsewhere");
    std::fs::rename(killed.journal(), &elsewhere).unwrap();
    symlink(&elsewhere, killed.journal()).unwrap();
    assert!(reason(&killed.store()).contains("symbolic link"));
}
