//! Which journals a store is not opened with, because what was acknowledged would be lost in silence.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::known::Known;
use super::record;
use crate::store::StoreError;
use crate::store::redb_store::file;

/// What an operator writes into the file of the journal to go on without it. No accident makes such a file.
const LOST: &[u8] = b"lost";

/// Why a store is not opened with what lies, or does not lie, beside it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "`{}` is not its journal, or was damaged at its start: move it away, or put the right one back", .0.display()
    )]
    Foreign(PathBuf),
    #[error(
        "its journal `{}` was damaged, and what was written after the damage would be lost: put a whole copy back, or to go on without all that stands in it, put a file of that name there that holds the word `lost`", .0.display()
    )]
    Damaged(PathBuf),
    #[error(
        "it was not closed in order, and its journal `{}` is missing or empty: put it back, or to go on without what was written last, put a file of that name there that holds the word `lost`", .0.display()
    )]
    Lost(PathBuf),
    #[error(
        "its journal `{}` goes on where the store does not end: one of them was replaced; put back the two that belong together", .0.display()
    )]
    Gap(PathBuf),
    #[error(
        "there is no store, but the journal `{}` of one: put the store back beside it, or move the journal away", .0.display()
    )]
    NoStore(PathBuf),
}

/// Whether an operator said that the store is to go on without its journal.
pub(super) fn is_given_up(bytes: &[u8]) -> bool {
    bytes.trim_ascii() == LOST
}

/// Whether the journal begins like that of this store; `None` is one that is not there.
pub(super) fn check_start(journal: &Path, known: &Known, bytes: Option<&[u8]>) -> Result<(), Refusal> {
    let blank = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let Some(bytes) = bytes.filter(|bytes| !blank(bytes)) else {
        // The first record was there before the engine was told to rely on it.
        return if known.open { Err(Refusal::Lost(journal.to_owned())) } else { Ok(()) };
    };
    let ours = record::start(&known.store);
    let start = bytes.get(..ours.len()).unwrap_or(bytes);
    let same = start.iter().zip(&ours).take_while(|(found, ours)| found == ours).count();
    // What is relied on was written whole; the first record of all may have been cut off.
    let is_ours = if known.open { same == ours.len() } else { start.get(same..).is_none_or(blank) };
    if is_ours { Ok(()) } else { Err(Refusal::Foreign(journal.to_owned())) }
}

/// Refuses to make a new store beside the journal of one that is gone: it would take the place of what may come back.
pub(in crate::store::redb_store) fn refuse_to_begin(store: &Path) -> Result<(), StoreError> {
    let journal = super::path(store);
    // The journal first: another process that makes the two right now begins with the store.
    let Some(found) = file::open_if_there(&journal).map_err(StoreError::engine)? else { return Ok(()) };
    let mut bytes = Vec::new();
    found.take(super::LARGEST).read_to_end(&mut bytes).map_err(StoreError::engine)?;
    let there = std::fs::metadata(store).is_ok_and(|store| store.len() > 0);
    if there || bytes.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    Err(StoreError::engine(Refusal::NoStore(journal)))
}
