use super::*;
use crate::store::{Ending, run};

fn put(store: &dyn Store, key: &str, ending: Ending) -> Result<(), StoreError> {
    store.transact(Mode::Write, &mut |tx| {
        tx.put(key.as_bytes(), b"1")?;
        Ok(ending)
    })
}

fn has(store: &dyn Store, key: &str) -> bool {
    let read = run(store, Mode::Read, |tx| Ok(Ok::<_, ()>(tx.get(key.as_bytes())?.is_some())));
    read.unwrap().unwrap()
}

#[test]
fn commit_stays_and_discard_goes() {
    let store = RedbStore::memory().unwrap();
    put(&store, "a", Ending::Commit).unwrap();
    put(&store, "b", Ending::Discard).unwrap();
    assert!(has(&store, "a"));
    assert!(!has(&store, "b"));
    assert!(matches!(
        store.transact(Mode::Write, &mut |tx| {
            tx.put(b"c", b"1")?;
            Err(StoreError::Random)
        }),
        Err(StoreError::Random)
    ));
    assert!(!has(&store, "c"));
}

#[test]
fn a_reader_cannot_write() {
    let store = RedbStore::memory().unwrap();
    let outcome = store.transact(Mode::Read, &mut |tx| tx.put(b"a", b"1").map(|()| Ending::Commit));
    assert!(matches!(outcome, Err(StoreError::ReadOnly)));
}

#[test]
fn a_scan_stops_at_the_prefix() {
    let store = RedbStore::memory().unwrap();
    for key in ["a/", "a/1", "a/2", "a0", "b"] {
        put(&store, key, Ending::Commit).unwrap();
    }
    let keys = run(&store, Mode::Read, |tx| Ok(Ok::<_, ()>(tx.scan(b"a/")?))).unwrap().unwrap();
    let keys: Vec<_> = keys.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect();
    assert_eq!(keys, ["a/", "a/1", "a/2"]);
}

#[test]
fn a_file_is_private_and_survives() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.redb");
    let store = RedbStore::open(&path).unwrap();
    put(&store, "a", Ending::Commit).unwrap();
    assert!(directory.path().join("store.redb.holder").exists());
    drop(store);
    assert!(!directory.path().join("store.redb.holder").exists());
    assert!(has(&RedbStore::open(&path).unwrap(), "a"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_second_opener_is_told_who_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.redb");
    let _store = RedbStore::open(&path).unwrap();
    let error = RedbStore::open(&path).unwrap_err();
    let StoreError::InUse { holder: Some(holder), .. } = &error else { panic!("{error:?}") };
    assert_eq!(holder.pid, std::process::id());
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
}

#[test]
fn what_is_no_store_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    std::fs::write(&path, "not a store, and long enough to be read as one").unwrap();
    assert!(matches!(RedbStore::open(&path), Err(StoreError::Open { .. })));
    assert!(matches!(RedbStore::open(directory.path().join("no/such/place")), Err(StoreError::Open { .. })));
}

/// A store whose pages hold something, closed in order.
fn a_file_with(rows: usize, path: &Path) -> Vec<u8> {
    let store = RedbStore::open(path).unwrap();
    store
        .transact(Mode::Write, &mut |tx| {
            for row in 0..rows {
                tx.put(format!("key {row}").as_bytes(), &[b'x'; 300])?;
            }
            Ok(Ending::Commit)
        })
        .unwrap();
    drop(store);
    std::fs::read(path).unwrap()
}

#[test]
fn a_damaged_file_is_refused_without_a_panic() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.redb");
    let whole = a_file_with(200, &path);
    let mut seed = 7_u64;
    let mut random = move || {
        // xorshift: the same damage in every run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let opened = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let opened = RedbStore::open(&path);
        assert!(matches!(opened, Ok(_) | Err(StoreError::Open { .. })), "{opened:?}");
        // What opens can be read.
        opened.is_ok_and(|store| {
            store.transact(Mode::Read, &mut |tx| tx.scan(b"").map(|_| Ending::Discard)).unwrap();
            true
        })
    };
    let noise: Vec<u8> = whole.iter().map(|_| random() as u8).collect();
    assert!(!opened(&[&whole[..4096], &noise[4096..]].concat()), "the head whole, the rest noise");
    assert!(!opened(&whole[..whole.len() / 2]), "cut in half");
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..(1 + random() % 64) {
            let at = random() as usize % bytes.len();
            bytes[at] = random() as u8;
        }
        opened(&bytes);
        let mut bytes = whole.clone();
        let page = (random() as usize % (bytes.len() / 4096)) * 4096;
        bytes[page..page + 4096].copy_from_slice(&noise[page..page + 4096]);
        opened(&bytes);
    }
    assert!(opened(&whole));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    fn open_up(path: &Path) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }

    #[test]
    fn links_are_refused_wherever_they_point() {
        let directory = tempfile::tempdir().unwrap();
        let (link, target) = (directory.path().join("link"), directory.path().join("target"));
        symlink(&target, &link).unwrap();
        assert!(matches!(RedbStore::open(&link), Err(StoreError::Open { .. })));
        assert!(!target.exists(), "nothing is made behind a link");
        drop(RedbStore::open(&target).unwrap());
        assert!(matches!(RedbStore::open(&link), Err(StoreError::Open { .. })));
        assert!(matches!(RedbStore::open(directory.path()), Err(StoreError::Open { .. })));
    }

    #[test]
    fn files_that_others_may_read_are_closed_to_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.redb");
        std::fs::write(&path, "").unwrap();
        open_up(&path);
        drop(RedbStore::open(&path).unwrap());
        assert_eq!(mode(&path), 0o600, "an empty file that was there");
        open_up(&path);
        drop(RedbStore::open(&path).unwrap());
        assert_eq!(mode(&path), 0o600, "a store that was there");
        let notes = directory.path().join("notes.txt");
        std::fs::write(&notes, "not a store, and long enough to be read as one").unwrap();
        open_up(&notes);
        assert!(RedbStore::open(&notes).is_err());
        assert_eq!(mode(&notes), 0o644, "what is no store is left alone");
    }

    #[test]
    fn the_note_is_private_and_follows_no_link() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.redb");
        let (note, victim) = (directory.path().join("store.redb.holder"), directory.path().join("victim"));
        std::fs::write(&victim, "precious").unwrap();
        symlink(&victim, &note).unwrap();
        let store = RedbStore::open(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
        let found = std::fs::symlink_metadata(&note).unwrap();
        assert!(found.is_file());
        assert_eq!(found.mode() & 0o777, 0o600);
        drop(store);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "the store and the victim");
    }
}
