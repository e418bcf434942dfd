//! Who has a store file open: a note beside it, for the next process that wants it.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The process that has a store file open, as it wrote itself into `<store>.holder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// The program that it runs, without arguments: these may name what is nobody's business.
    pub program: String,
}

impl Holder {
    fn me() -> Self {
        let program = std::env::current_exe()
            .ok()
            .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        Self { pid: std::process::id(), program: program.unwrap_or_else(|| "unknown".to_owned()) }
    }

    /// Reads the note beside a store; `None` when there is none that can be read.
    pub(super) fn of(store: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(note(store)).ok()?).ok()
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} (`{}`)", self.pid, self.program)
    }
}

/// The note of this process, removed when it is dropped. One that a killed process left is overwritten by the next.
#[derive(Debug)]
pub(super) struct Note(PathBuf);

impl Note {
    /// Leaves a note. Without one the next process is told less, so a failure is no reason to stop.
    pub(super) fn leave(store: &Path) -> Self {
        let path = note(store);
        if let Ok(text) = serde_json::to_vec(&Holder::me()) {
            let _ = std::fs::write(&path, text);
        }
        Self(path)
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn note(store: &Path) -> PathBuf {
    let mut name = OsString::from(store);
    name.push(".holder");
    name.into()
}
