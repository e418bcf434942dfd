use super::*;
use crate::store::run;

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
