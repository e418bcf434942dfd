//! One writer at a time: env files are read, changed and replaced, and two who do that at once lose a value.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for whoever writes to the same folder. They hold the lock for one small file, so this is plenty.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to look.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to replace a file, until it is dropped. The system takes it back from a process that dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: File,
    /// A file that exists for the lock only.
    beside: Option<PathBuf>,
}

/// Waits until nobody else replaces the file. [`ErrorKind::TimedOut`] when that takes too long.
pub(crate) fn lock(path: &Path, folder: &Path) -> io::Result<Lock> {
    let deadline = Instant::now() + PATIENCE;
    // The folder is there anyway, so that locking it leaves nothing behind. The file itself would not do: it is
    // replaced, and whoever waited would hold a lock on a file that no path leads to any more.
    if cfg!(unix) {
        match File::open(folder).and_then(|file| wait(&file, deadline).map(|()| file)) {
            Ok(held) => return Ok(Lock { _held: held, beside: None }),
            Err(error) if error.kind() == ErrorKind::TimedOut => return Err(error),
            // Some network file systems lock no folders.
            Err(_) => {}
        }
    }
    beside(path, folder, deadline)
}

/// Locks a file of its own beside `path`, with `suffix` behind its name, if nobody else has; without waiting.
pub(crate) fn try_lock(path: &Path, folder: &Path, suffix: &str) -> io::Result<Option<Lock>> {
    let beside = named(path, folder, suffix);
    loop {
        let file = open(&beside)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, &beside) => return Ok(Some(Lock { _held: file, beside: Some(beside) })),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Some network file systems lock nothing: there it is as without a lock.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                return Ok(Some(Lock { _held: file, beside: None }));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn named(path: &Path, folder: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.join(format!("{name}{suffix}"))
}

fn open(beside: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    // Whoever may open it may lock it, and keep its owner waiting.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(beside)
}

/// Locks a file of its own beside `path`, and removes it afterwards.
fn beside(path: &Path, folder: &Path, deadline: Instant) -> io::Result<Lock> {
    let beside = named(path, folder, ".lock");
    loop {
        let file = open(&beside)?;
        wait(&file, deadline)?;
        // Its holder removed it while we waited: then others lock another file of this name.
        if is_at(&file, &beside) {
            return Ok(Lock { _held: file, beside: Some(beside) });
        }
    }
}

fn wait(file: &File, deadline: Instant) -> io::Result<()> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(ErrorKind::TimedOut, "another process is writing to its folder"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whether an open file is the one that a path leads to.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(found)) => (open.dev(), open.ino()) == (found.dev(), found.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // An empty file that stays is no harm: the next one uses it.
            let _ = fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let soon = || Instant::now() + Duration::from_millis(60);
        let held = beside(&path, folder.path(), soon()).unwrap();
        let second = beside(&path, folder.path(), soon()).unwrap_err();
        assert_eq!(second.kind(), ErrorKind::TimedOut);
        drop(held);
        drop(beside(&path, folder.path(), soon()).unwrap());
        drop(lock(&path, folder.path()).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_lock_of_its_own_is_taken_at_once_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grant.json");
        let take = || try_lock(&path, folder.path(), ".refresh.lock").unwrap();
        let held = take().unwrap();
        assert!(take().is_none());
        // What is written meanwhile has another lock.
        drop(lock(&path, folder.path()).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let found = fs::metadata(folder.path().join("grant.json.refresh.lock")).unwrap();
            assert_eq!(found.permissions().mode() & 0o777, 0o600, "nobody else may hold it");
        }
        drop(held);
        drop(take().unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn threads_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        for way in [lock, |path: &Path, folder: &Path| beside(path, folder, Instant::now() + PATIENCE)] {
            fs::write(&path, "0").unwrap();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for _ in 0..10 {
                            let _lock = way(&path, folder.path()).unwrap();
                            let count: u32 = fs::read_to_string(&path).unwrap().parse().unwrap();
                            fs::write(&path, (count + 1).to_string()).unwrap();
                        }
                    });
                }
            });
            assert_eq!(fs::read_to_string(&path).unwrap(), "40");
        }
    }
}
