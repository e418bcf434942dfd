//! One batch as it stands in the journal: a head, the keys with what they became, a checksum over all of it.

use sha2::{Digest as _, Sha256};

use crate::store::overlay::Changes;

/// Tells one store from all others, so that a journal that was left behind is not taken for that of a new store.
pub(super) type StoreId = [u8; 16];

/// A batch that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) changes: Changes,
}

/// What a record begins with; another form of it gets another number.
const MAGIC: &[u8; 8] = b"cs-jrnl1";
const HEAD: usize = MAGIC.len() + size_of::<StoreId>() + 2 * size_of::<u64>();
const CHECKSUM: usize = 32;

/// In the place of a length: the key was removed.
const REMOVED: u32 = u32::MAX;

pub(super) fn encode(store: &StoreId, number: u64, changes: &Changes) -> Vec<u8> {
    let of =
        |(key, change): (&Vec<u8>, &Option<Vec<u8>>)| 8 + key.len() + change.as_ref().map_or(0, Vec::len);
    let length: usize = changes.iter().map(of).sum();
    let mut record = Vec::with_capacity(HEAD + length + CHECKSUM);
    record.extend_from_slice(&start(store));
    record.extend_from_slice(&number.to_le_bytes());
    record.extend_from_slice(&(length as u64).to_le_bytes());
    for (key, change) in changes {
        // No request is as long as a number of 32 bits tells.
        record.extend_from_slice(&(key.len() as u32).to_le_bytes());
        let length = change.as_ref().map_or(REMOVED, |value| value.len() as u32);
        record.extend_from_slice(&length.to_le_bytes());
        record.extend_from_slice(key);
        record.extend_from_slice(change.as_deref().unwrap_or_default());
    }
    let checksum = Sha256::digest(&record);
    record.extend_from_slice(&checksum);
    record
}

/// The records at the start of these bytes, up to the first that is not whole or not of this store.
pub(super) const fn read<'a>(store: &'a StoreId, bytes: &'a [u8]) -> Records<'a> {
    Records { store, rest: bytes }
}

/// Records in a row.
#[derive(Debug)]
pub(super) struct Records<'a> {
    store: &'a StoreId,
    rest: &'a [u8],
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let (record, rest) = read_one(self.store, self.rest)?;
        self.rest = rest;
        Some(record)
    }
}

/// What stands behind the last record that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing, or what is left of earlier rounds.
    Old,
    /// The next record, not whole: so many bytes.
    CutOff(usize),
    /// Something that is not whole, with whole records behind it that are newer than all that was read.
    Damaged,
}

impl Records<'_> {
    /// What stands behind them, when `last` is the number of the last batch that is known.
    ///
    /// A record is written when the one before it is durable, and after a durable commit of the engine the numbers go on while
    /// the places begin anew. So records of earlier rounds have lower numbers, and of a batch that failed, which has the number
    /// of the next one, the record lies exactly where the next one is written. None that is newer lies behind a cut.
    pub(super) fn tail(&self, last: u64) -> Tail {
        let head = start(self.store);
        let is_newer = |at: &[u8]| {
            let number = at.strip_prefix(head.as_slice()).and_then(<[u8]>::first_chunk);
            number.is_some_and(|number| u64::from_le_bytes(*number) > last)
                && read_one(self.store, at).is_some()
        };
        if (0..self.rest.len()).filter_map(|at| self.rest.get(at..)).any(is_newer) {
            return Tail::Damaged;
        }
        let next = [&head[..], &(last + 1).to_le_bytes()].concat();
        // Damage to its head leaves most of it; what stood there before has hardly anything in common with it.
        let same = self.rest.iter().zip(&next).filter(|(found, next)| found == next).count();
        if same * 2 <= next.len() {
            return Tail::Old;
        }
        let written = self.rest.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        let length = self.rest.get(next.len()..).and_then(<[u8]>::first_chunk);
        let length = length.and_then(|length| usize::try_from(u64::from_le_bytes(*length)).ok());
        Tail::CutOff(length.map_or(written, |length| written.min(length.saturating_add(HEAD + CHECKSUM))))
    }
}

/// What each record of a store begins with.
pub(super) fn start(store: &StoreId) -> Vec<u8> {
    [&MAGIC[..], store].concat()
}

fn read_one<'a>(store: &StoreId, bytes: &'a [u8]) -> Option<(Record, &'a [u8])> {
    let rest = bytes.strip_prefix(MAGIC)?.strip_prefix(store)?;
    let (number, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (payload, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let (checksum, rest) = rest.split_at_checked(CHECKSUM)?;
    let covered = bytes.get(..HEAD + payload.len())?;
    if *Sha256::digest(covered) != *checksum {
        return None;
    }
    Some((Record { number: u64::from_le_bytes(*number), changes: read_changes(payload)? }, rest))
}

fn read_changes(mut payload: &[u8]) -> Option<Changes> {
    let mut changes = Changes::new();
    while !payload.is_empty() {
        let (key, rest) = payload.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*key) as usize)?;
        let (change, rest) = match u32::from_le_bytes(*length) {
            REMOVED => (None, rest),
            length => {
                let (value, rest) = rest.split_at_checked(length as usize)?;
                (Some(value.to_vec()), rest)
            }
        };
        changes.insert(key.to_vec(), change);
        payload = rest;
    }
    Some(changes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STORE: StoreId = *b"one store of all";

    fn changes() -> impl Strategy<Value = Changes> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..20);
        prop::collection::btree_map(bytes(), prop::option::of(bytes()), 0..6)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_up_to_where_it_is_damaged(
            batches in prop::collection::vec(changes(), 1..5),
            at in any::<prop::sample::Index>(),
            flip in 1..=u8::MAX,
        ) {
            let mut bytes = Vec::new();
            let mut ends = Vec::new();
            let mut written = Vec::new();
            for (number, changes) in (7..).zip(batches) {
                bytes.extend(encode(&STORE, number, &changes));
                ends.push(bytes.len());
                written.push(Record { number, changes });
            }
            prop_assert_eq!(&read(&STORE, &bytes).collect::<Vec<_>>(), &written);
            prop_assert_eq!(read(b"another than one", &bytes).count(), 0);
            let at = at.index(bytes.len());
            let whole = ends.iter().filter(|end| **end <= at).count();
            prop_assert_eq!(&*read(&STORE, &bytes[..at]).collect::<Vec<_>>(), &written[..whole]);
            bytes[at] ^= flip;
            prop_assert_eq!(&*read(&STORE, &bytes).collect::<Vec<_>>(), &written[..whole]);
        }

        #[test]
        fn no_bytes_are_too_odd(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = [&MAGIC[..], &STORE, &payload].concat();
            prop_assert_eq!(read(&STORE, &bytes).count(), 0);
            // A valid checksum over a payload that is none.
            bytes.truncate(MAGIC.len() + STORE.len());
            bytes.extend([0; 8]);
            bytes.extend((payload.len() as u64).to_le_bytes());
            bytes.extend(&payload);
            let checksum = Sha256::digest(&bytes);
            bytes.extend(checksum);
            prop_assert!(read(&STORE, &bytes).count() <= 1);
        }
    }
}
