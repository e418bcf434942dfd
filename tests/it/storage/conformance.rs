//! What every engine has to do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use cs_server::store::{Ending, Mode, Row, Store, StoreError, Tx};

/// Runs the whole suite on an empty store. It leaves rows behind, each part under a prefix of its own.
pub(super) fn run(store: &dyn Store) {
    reads_its_own_writes(store);
    what_is_discarded_leaves_nothing(store);
    an_error_leaves_nothing(store);
    a_panic_leaves_nothing(store);
    readers_cannot_write(store);
    scans_are_sorted_and_stop_at_the_prefix(store);
    any_key_and_any_text(store);
    large_values(store);
    a_reader_sees_one_state(store);
    counting(&[store]);
    no_write_skew(&[store]);
    work_starts_afresh(store);
}

fn write<T>(store: &dyn Store, mut work: impl FnMut(&mut dyn Tx) -> Result<T, StoreError>) -> T {
    let mut value = None;
    store
        .transact(Mode::Write, &mut |tx| {
            value = Some(work(tx)?);
            Ok(Ending::Commit)
        })
        .unwrap();
    value.unwrap()
}

fn read<T>(store: &dyn Store, mut work: impl FnMut(&mut dyn Tx) -> Result<T, StoreError>) -> T {
    let mut value = None;
    store
        .transact(Mode::Read, &mut |tx| {
            value = Some(work(tx)?);
            Ok(Ending::Discard)
        })
        .unwrap();
    value.unwrap()
}

fn get(store: &dyn Store, key: &str) -> Option<String> {
    read(store, |tx| tx.get(key.as_bytes())).map(|value| String::from_utf8(value).unwrap())
}

fn keys(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect()
}

fn reads_its_own_writes(store: &dyn Store) {
    write(store, |tx| {
        for n in 0..3 {
            tx.put(format!("own/{n}").as_bytes(), b"0")?;
        }
        Ok(())
    });
    write(store, |tx| {
        tx.put(b"own/1", b"\"changed\"")?;
        tx.delete(b"own/2")?;
        tx.put(b"own/0a", b"\"new\"")?;
        tx.delete(b"own/none")?;
        tx.put(b"own/4", b"4")?;
        tx.delete(b"own/4")?;
        assert_eq!(tx.get(b"own/1")?.unwrap(), b"\"changed\"");
        assert_eq!(tx.get(b"own/2")?, None);
        assert_eq!(keys(&tx.scan(b"own/")?), ["own/0", "own/0a", "own/1"]);
        Ok(())
    });
    assert_eq!(keys(&read(store, |tx| tx.scan(b"own/"))), ["own/0", "own/0a", "own/1"]);
    assert_eq!(get(store, "own/1").unwrap(), "\"changed\"");
}

fn what_is_discarded_leaves_nothing(store: &dyn Store) {
    write(store, |tx| tx.put(b"discard/kept", b"1"));
    store
        .transact(Mode::Write, &mut |tx| {
            tx.put(b"discard/kept", b"2")?;
            tx.put(b"discard/new", b"2")?;
            assert_eq!(tx.get(b"discard/new")?.unwrap(), b"2");
            Ok(Ending::Discard)
        })
        .unwrap();
    assert_eq!(get(store, "discard/kept").unwrap(), "1");
    assert_eq!(get(store, "discard/new"), None);
}

fn an_error_leaves_nothing(store: &dyn Store) {
    let outcome = store.transact(Mode::Write, &mut |tx| {
        tx.put(b"error/new", b"1")?;
        Err(StoreError::Random)
    });
    assert!(matches!(outcome, Err(StoreError::Random)));
    assert_eq!(get(store, "error/new"), None);
}

fn a_panic_leaves_nothing(store: &dyn Store) {
    thread::scope(|scope| {
        let panics = scope.spawn(|| {
            store.transact(Mode::Write, &mut |tx| {
                tx.put(b"panic/new", b"1")?;
                panic!("on purpose")
            })
        });
        assert!(panics.join().is_err());
    });
    assert_eq!(get(store, "panic/new"), None);
    write(store, |tx| tx.put(b"panic/after", b"1"));
}

fn readers_cannot_write(store: &dyn Store) {
    for work in [|tx: &mut dyn Tx| tx.put(b"reader/a", b"1"), |tx: &mut dyn Tx| tx.delete(b"reader/a")] {
        let outcome = store.transact(Mode::Read, &mut |tx| work(tx).map(|()| Ending::Commit));
        assert!(matches!(outcome, Err(StoreError::ReadOnly)));
    }
    assert_eq!(get(store, "reader/a"), None);
}

fn scans_are_sorted_and_stop_at_the_prefix(store: &dyn Store) {
    let all = ["scan/", "scan/1", "scan/10", "scan/2", "scan/Z", "scan/a", "scan/ä", "scan0", "scam"];
    write(store, |tx| all.iter().rev().try_for_each(|key| tx.put(key.as_bytes(), b"1")));
    let found = keys(&read(store, |tx| tx.scan(b"scan/")));
    assert_eq!(found, all[..7], "in the order of bytes");
    assert_eq!(keys(&read(store, |tx| tx.scan(b"scan/1"))), ["scan/1", "scan/10"]);
    assert!(read(store, |tx| tx.scan(b"scan/none")).is_empty());
    // The last byte that there is has nothing behind it.
    write(store, |tx| tx.put(b"\xff\xff", b"1"));
    assert_eq!(read(store, |tx| tx.scan(b"\xff")).len(), 1);
    let everything = read(store, |tx| tx.scan(b""));
    assert!(everything.is_sorted_by(|one, two| one.0 < two.0));
    assert!(everything.iter().all(|(key, _)| key.first() != Some(&0)), "engines show no rows of their own");
}

/// Values come back byte for byte: also what some kinds of JSON column refuse or rewrite.
fn any_key_and_any_text(store: &dyn Store) {
    let values = [
        r#"{"b":1,"a":[1.0,1e2,-0],"b":"twice"}"#,
        r#"{ "space" : true }"#,
        "\"\\u0000 \\ud83d\\ude00 \u{1f600} %_'\\\"\"",
        "null",
        "123456789012345678901234567890.5",
    ];
    for (n, value) in values.iter().enumerate() {
        let key = [b"any/", format!("{n}/ '\"%_\\ é").as_bytes(), &[0, 255, 1]].concat();
        write(store, |tx| tx.put(&key, value.as_bytes()));
        assert_eq!(read(store, |tx| tx.get(&key)).unwrap(), value.as_bytes());
    }
}

fn large_values(store: &dyn Store) {
    let large = format!("\"{}\"", "x".repeat(3 << 20));
    write(store, |tx| tx.put(b"large/one", large.as_bytes()));
    assert_eq!(get(store, "large/one").unwrap().len(), large.len());
    // A kilobyte is the longest key that the service makes.
    let key = format!("large/{}", "k".repeat(1000));
    write(store, |tx| tx.put(key.as_bytes(), b"1"));
    assert_eq!(get(store, &key).unwrap(), "1");
    write(store, |tx| (0..2000).try_for_each(|n| tx.put(format!("many/{n:04}").as_bytes(), b"1")));
    assert_eq!(read(store, |tx| tx.scan(b"many/")).len(), 2000);
    write(store, |tx| (0..2000).try_for_each(|n| tx.delete(format!("many/{n:04}").as_bytes())));
    assert!(read(store, |tx| tx.scan(b"many/")).is_empty());
}

/// Whether the engine lets the writer go first or has it wait for the reader.
fn a_reader_sees_one_state(store: &dyn Store) {
    write(store, |tx| tx.put(b"state/a", b"1").and_then(|()| tx.put(b"state/b", b"1")));
    let change = || write(store, |tx| tx.put(b"state/b", b"2").and_then(|()| tx.put(b"state/c", b"2")));
    let mut seen = Vec::new();
    thread::scope(|scope| {
        store
            .transact(Mode::Read, &mut |tx| {
                seen = vec![tx.get(b"state/a")?.unwrap()];
                let (done, wait) = mpsc::channel();
                scope.spawn(move || {
                    change();
                    // Nobody waits any more when the reader was done first.
                    let _ = done.send(());
                });
                let _ = wait.recv_timeout(Duration::from_millis(500));
                seen.push(tx.get(b"state/b")?.unwrap());
                assert_eq!(keys(&tx.scan(b"state/")?), ["state/a", "state/b"]);
                Ok(Ending::Discard)
            })
            .unwrap();
    });
    assert_eq!(seen, [b"1", b"1"]);
    assert_eq!(get(store, "state/b").unwrap(), "2");
}

/// Many add to one number, on any of the stores, which share one table: none is lost.
pub(super) fn counting(stores: &[&dyn Store]) {
    const THREADS: usize = 12;
    const ROUNDS: usize = 8;
    write(stores[0], |tx| tx.put(b"count/all", b"0"));
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for n in 0..THREADS {
            let (store, start) = (stores[n % stores.len()], &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..ROUNDS {
                    write(store, |tx| {
                        let before = String::from_utf8(tx.get(b"count/all")?.unwrap()).unwrap();
                        let next = before.parse::<usize>().unwrap() + 1;
                        tx.put(b"count/all", next.to_string().as_bytes())?;
                        tx.put(format!("count/by/{n}/{round}").as_bytes(), next.to_string().as_bytes())
                    });
                }
            });
        }
    });
    assert_eq!(get(stores[0], "count/all").unwrap(), (THREADS * ROUNDS).to_string());
    let mut given: Vec<Vec<u8>> =
        read(stores[0], |tx| tx.scan(b"count/by/")).into_iter().map(|(_, value)| value).collect();
    given.sort();
    given.dedup();
    assert_eq!(given.len(), THREADS * ROUNDS, "no number twice");
}

/// Each takes a place if fewer than all are taken; both look at everything and write something of their own.
pub(super) fn no_write_skew(stores: &[&dyn Store]) {
    const PLACES: usize = 5;
    const THREADS: usize = 12;
    let (start, taken) = (Barrier::new(THREADS), AtomicUsize::new(0));
    thread::scope(|scope| {
        for n in 0..THREADS {
            let (store, start, taken) = (stores[n % stores.len()], &start, &taken);
            scope.spawn(move || {
                start.wait();
                let got = write(store, |tx| {
                    let free = tx.scan(b"skew/")?.len() < PLACES;
                    if free {
                        tx.put(format!("skew/{n:02}").as_bytes(), b"1")?;
                    }
                    Ok(free)
                });
                taken.fetch_add(usize::from(got), Ordering::SeqCst);
            });
        }
    });
    assert_eq!(taken.load(Ordering::SeqCst), PLACES);
    assert_eq!(read(stores[0], |tx| tx.scan(b"skew/")).len(), PLACES);
}

/// Nothing of an earlier run is there when work runs again.
fn work_starts_afresh(store: &dyn Store) {
    write(store, |tx| tx.put(b"again/n", b"0"));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                write(store, |tx| {
                    assert_eq!(tx.get(b"again/mark")?, None);
                    tx.put(b"again/mark", b"1")?;
                    let n: usize = String::from_utf8(tx.get(b"again/n")?.unwrap()).unwrap().parse().unwrap();
                    tx.put(b"again/n", (n + 1).to_string().as_bytes())?;
                    tx.delete(b"again/mark")
                });
            });
        }
    });
    assert_eq!(get(store, "again/n").unwrap(), "8");
}
