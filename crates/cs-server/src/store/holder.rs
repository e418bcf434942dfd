//! Who has a store file open: a note beside it, for the next process that wants it.

use std::ffi::OsString;
use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;
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
        let path = note(store);
        // Anything may lie there; what is no small file was not written here.
        let found = std::fs::symlink_metadata(&path).ok()?;
        if !found.is_file() || found.len() > LARGEST_NOTE {
            return None;
        }
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} (`{}`)", self.pid, self.program)
    }
}

/// How many bytes a note may have: a number and the name of a file.
const LARGEST_NOTE: u64 = 4096;

/// The note of this process, removed when it is dropped. One that a killed process left is replaced by the next.
#[derive(Debug)]
pub(super) struct Note(PathBuf);

impl Note {
    /// Leaves a note. Without one the next process is told less, so a failure is no reason to stop.
    pub(super) fn leave(store: &Path) -> Self {
        if let Ok(text) = serde_json::to_vec(&Holder::me()) {
            let _ = replace(&note(store), &text);
        }
        Self(store.to_owned())
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // The store is closed already: the note may be that of the next process.
        if Holder::of(&self.0).is_some_and(|holder| holder.pid == std::process::id()) {
            let _ = std::fs::remove_file(note(&self.0));
        }
    }
}

/// Puts a new file in the place of what is there, a link included, so that nothing is ever written through one.
fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut name = OsString::from(path);
    name.push(format!(".{}", std::process::id()));
    let fresh = PathBuf::from(name);
    // Left by a killed process with our number, if anything.
    let _ = std::fs::remove_file(&fresh);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&fresh).and_then(|mut file| file.write_all(text));
    let replaced = written.and_then(|()| std::fs::rename(&fresh, path));
    if replaced.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    replaced
}

fn note(store: &Path) -> PathBuf {
    let mut name = OsString::from(store);
    name.push(".holder");
    name.into()
}
