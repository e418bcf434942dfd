//! What is not opened, because acknowledged writes would be lost in silence.

use redb::{ReadableDatabase as _, ReadableTable as _};

use super::*;
use crate::store::redb_store::journal::known::{keep_open, known};
use crate::store::redb_store::journal::record;

/// The files of a store with its journal, as a kill left them: four batches in the journal, one more in the store.
fn killed() -> Place {
    let place = Place::new();
    let store = place.open();
    for n in 0..5 {
        put(&store, &format!("{n}"), b"some value");
    }
    place.killed()
}

fn contents(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(place.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| *path != place.store())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    found.sort();
    found
}

/// Why it is refused, which has to leave everything where it is, however often it is tried.
fn refused(place: &Place) -> String {
    let before = contents(place);
    let reason = reason(&place.store());
    assert_eq!(super::reason(&place.store()), reason);
    assert_eq!(contents(place), before);
    assert!(reason.contains(&place.journal().display().to_string()), "{reason}");
    reason
}

/// Where the records in the journal begin, and where the last one ends.
fn places(place: &Place) -> (Vec<usize>, usize) {
    let bytes = std::fs::read(place.journal()).unwrap();
    let head = &bytes[..24];
    let begins = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(head)).collect();
    (begins, bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1)
}

fn flip(place: &Place, at: usize) {
    let mut bytes = std::fs::read(place.journal()).unwrap();
    bytes[at] ^= 0x20;
    std::fs::write(place.journal(), bytes).unwrap();
}

#[test]
fn damage_with_whole_records_behind_it() {
    let (begins, end) = places(&killed());
    assert_eq!(begins.len(), 4);
    let last = begins[3];
    // All of a head, then a place here and there.
    for at in (0..end).filter(|at| *at < 26 || at % 13 == 0) {
        let place = killed();
        flip(&place, at);
        match at {
            0..24 => assert!(refused(&place).contains("is not its journal, or was damaged"), "{at}"),
            _ if at < last => assert!(refused(&place).contains("was damaged"), "{at}"),
            // Nothing tells it from a record that was cut off.
            _ => assert_eq!(keys(&place.open()), ["0", "1", "2", "3"], "{at}"),
        }
        if at % 130 == 0 && at < last {
            std::fs::write(place.journal(), "lost\n").unwrap();
            assert_eq!(keys(&place.open()), ["0"], "an operator can go on without");
        }
    }
}

#[test]
fn a_journal_that_is_gone() {
    let gone: [fn(&Path); 4] = [
        |journal| std::fs::remove_file(journal).unwrap(),
        |journal| std::fs::write(journal, "").unwrap(),
        |journal| std::fs::write(journal, vec![0; 128 << 10]).unwrap(),
        |journal| std::fs::write(journal, vec![0; 5]).unwrap(),
    ];
    for damage in gone {
        let place = killed();
        let whole = std::fs::read(place.journal()).unwrap();
        damage(&place.journal());
        let reason = refused(&place);
        assert!(reason.contains("is missing or empty") && reason.contains("`lost`"), "{reason}");
        std::fs::write(place.journal(), whole).unwrap();
        assert_eq!(keys(&place.open()), ["0", "1", "2", "3", "4"], "put back");
        std::fs::remove_file(place.store()).unwrap();
    }
}

#[test]
fn a_journal_that_is_another() {
    let other = killed();
    let noise: Vec<u8> = (0..5000_u32).map(|n| (n * 7 + 3) as u8).collect();
    let short = std::fs::read(other.journal()).unwrap()[..20].to_vec();
    for bytes in [std::fs::read(other.journal()).unwrap(), noise, short, b"lost and found".to_vec()] {
        let place = killed();
        std::fs::write(place.journal(), &bytes).unwrap();
        assert!(refused(&place).contains("move it away, or put the right one back"));
        // Also where no journal is needed.
        let closed = Place::new();
        drop(closed.open());
        std::fs::write(closed.journal(), &bytes).unwrap();
        assert!(refused(&closed).contains("move it away"));
        std::fs::remove_file(closed.journal()).unwrap();
        assert!(keys(&closed.open()).is_empty());
    }
}

#[test]
fn a_journal_without_its_store() {
    for is_empty in [true, false] {
        let place = killed();
        let whole = std::fs::read(place.store()).unwrap();
        std::fs::remove_file(place.store()).unwrap();
        if is_empty {
            std::fs::write(place.store(), "").unwrap();
        }
        assert!(refused(&place).contains("there is no store"));
        assert_eq!(place.store().exists(), is_empty, "none is begun");
        std::fs::write(place.store(), whole).unwrap();
        assert_eq!(keys(&place.open()), ["0", "1", "2", "3", "4"]);
        // An empty one, as from a kill before anything was written, is in nobody's way.
        std::fs::remove_file(place.store()).unwrap();
        std::fs::write(place.journal(), "").unwrap();
        put(&place.open(), "a", b"1");
        assert_eq!(keys(&place.open()), ["a"]);
    }
}

#[test]
fn an_orderly_end_needs_no_journal_wherever_a_kill_comes_between() {
    let place = killed();
    let journal = std::fs::read(place.journal()).unwrap();
    drop(place.open());
    // Killed before the file was removed: what stands in it is in the store already.
    std::fs::write(place.journal(), journal).unwrap();
    let store = place.open();
    assert_eq!(keys(&store).len(), 5);
    // The old records are still there, and the engine relies on the journal again from the first write.
    assert_eq!(keys(&place.killed().open()).len(), 5);
    put(&store, "5", b"1");
    put(&store, "6", b"1");
    assert_eq!(keys(&place.killed().open()).len(), 7);
    let gone = place.killed();
    std::fs::remove_file(gone.journal()).unwrap();
    assert!(refused(&gone).contains("is missing"));
    drop(store);
    assert_eq!(keys(&place.open()).len(), 7);
}

#[test]
fn a_store_that_was_read_only_needs_no_journal() {
    let place = killed();
    drop(place.open());
    let store = place.open();
    assert_eq!(keys(&store).len(), 5);
    assert!(!place.journal().exists());
    assert_eq!(keys(&place.killed().open()).len(), 5);
}

/// What an earlier version left: batches in the journal, and no key that says so.
#[test]
fn a_store_of_an_earlier_version_opens_as_before() {
    let of_old = || {
        let place = killed();
        let database = redb::Database::open(place.store()).unwrap();
        let transaction = database.begin_write().unwrap();
        keep_open(&transaction, false).unwrap();
        transaction.commit().unwrap();
        assert!(!known(&database).unwrap().open);
        drop(database);
        place
    };
    let place = of_old();
    assert_eq!(keys(&place.open()).len(), 5);
    assert_eq!(keys(&place.open()).len(), 5);
    let place = of_old();
    std::fs::remove_file(place.journal()).unwrap();
    assert_eq!(keys(&place.open()).len(), 1, "nothing tells that there was one");
    // Its very first record was cut off.
    let place = of_old();
    let bytes = std::fs::read(place.journal()).unwrap();
    std::fs::write(place.journal(), [&bytes[..20], &[0; 1000]].concat()).unwrap();
    assert_eq!(keys(&place.open()).len(), 1);
    let place = of_old();
    let (begins, _) = places(&place);
    flip(&place, begins[2] + 50);
    assert!(refused(&place).contains("was damaged"));
}

#[test]
fn what_the_engine_knows_costs_one_durable_commit_for_a_journal() {
    let place = Place::new();
    let store = place.open();
    let known = || {
        let transaction = store.database.begin_read().unwrap();
        let table = transaction.open_table(redb::TableDefinition::<&str, &[u8]>::new("cs_journal")).unwrap();
        table.iter().unwrap().map(|row| row.unwrap().0.value().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(known(), ["number", "store"]);
    put(&store, "a", b"1");
    assert_eq!(known(), ["number", "open", "store"]);
    let durable = std::fs::read(place.store()).unwrap();
    put(&store, "b", b"1");
    put(&store, "c", b"1");
    // What is durable is the same as before: with its part of the journal it is what was written.
    let before = Place::new();
    std::fs::write(before.store(), durable).unwrap();
    std::fs::copy(place.journal(), before.journal()).unwrap();
    assert_eq!(keys(&before.open()), ["a", "b", "c"]);
}

/// What is said while a store is opened.
fn said(place: &Place) -> String {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let log = tracing_subscriber::fmt().with_ansi(false).without_time();
    tracing::subscriber::with_default(log.with_writer(std::sync::Mutex::new(writer)).finish(), || {
        place.open()
    });
    std::io::read_to_string(&mut reader).unwrap()
}

#[test]
fn a_record_that_was_cut_off_is_told_once() {
    assert_eq!(said(&killed()), "");
    let place = killed();
    let (begins, _) = places(&place);
    let mut bytes = std::fs::read(place.journal()).unwrap();
    bytes[begins[3] + 60..].fill(0);
    std::fs::write(place.journal(), bytes).unwrap();
    let log = said(&place);
    assert_eq!(log.matches("WARN").count(), 1, "{log}");
    assert!(log.contains("was not written to its end") && log.contains("bytes=60 "), "{log}");
    assert_eq!(said(&place), "");
}

#[test]
fn what_stands_behind_the_last_record_is_told_apart() {
    let store: record::StoreId = *b"one store of all";
    let encode = |number, length| {
        let changes = [(b"key".to_vec(), Some(vec![b'x'; length]))].into();
        record::encode(&store, number, &changes)
    };
    let tail = |bytes: &[u8], known: u64| {
        let mut records = record::read(&store, bytes);
        let last = records.by_ref().map(|record| record.number).max();
        records.tail(known.max(last.unwrap_or_default()))
    };
    let (first, second, third) = (encode(7, 100), encode(8, 100), encode(9, 100));
    let size = second.len();
    assert_eq!(tail(&[&first[..], &[0; 500]].concat(), 0), record::Tail::Old);
    for cut in 33..size {
        let bytes = [&first[..], &second[..cut], &[0; 500]].concat();
        let record::Tail::CutOff(dropped) = tail(&bytes, 0) else { panic!("{cut}") };
        assert!((cut - 8..=cut.max(40)).contains(&dropped), "{cut} {dropped}");
        // Over what an earlier round left, of which the end may be whole.
        let earlier = [encode(2, 100), encode(3, 10), encode(4, 300), encode(5, 0)].concat();
        let old = [&first[..], &second[..cut], &earlier[first.len() + cut..]].concat();
        assert_eq!(tail(&old, 6), record::Tail::CutOff(size), "{cut}");
        let damaged = [&first[..], &second[..cut], &third].concat();
        assert_eq!(tail(&damaged, 0), record::Tail::Damaged);
    }
    // A round that has come less far than the one before: nothing was cut off.
    let earlier = [encode(2, 100), encode(3, 77), encode(4, 300)].concat();
    for length in 0..300 {
        let now = encode(7, length);
        let bytes = [&now[..], &earlier[now.len().min(earlier.len())..]].concat();
        assert_eq!(tail(&bytes, 6), record::Tail::Old, "{length}");
    }
    // A batch that failed, and the next one with its number and place.
    let failed = [encode(8, 300), vec![0; 100]].concat();
    let bytes = [&first[..], &second, &failed[second.len()..]].concat();
    assert_eq!(tail(&bytes, 0), record::Tail::Old);
}
