//! Reading and replacing env files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::sink::lock::{Lock, lock, try_lock};

/// More than any env file has; a bigger file is something else.
const MOST_BYTES: u64 = 1024 * 1024;

/// What our temporary files end with, after the name of the file that they are to replace and a random number. They begin
/// with that name, so that a pattern such as `.env.*` keeps them out of repositories, too.
const TEMPORARY: &str = ".cstok-tmp";

/// Bits of a file's mode that let others than its owner in.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// A file's text and mode.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) text: Zeroizing<String>,
    /// The mode, when it lets others than the owner in.
    pub(crate) wide: Option<u32>,
}

/// The file's text, empty when there is none. Refuses what is not a plain file.
pub(crate) fn read(path: &Path) -> io::Result<Content> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::default()),
        Err(error) => return Err(error),
    };
    if found.is_symlink() {
        // Replacing it would cut the link, and writing through it would put a secret where nobody looked.
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is a symbolic link"));
    }
    if !found.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    if found.len() > MOST_BYTES {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is too big for an env file"));
    }
    let bytes = Zeroizing::new(fs::read(path)?);
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Content { text: Zeroizing::new(text.to_owned()), wide: wide(&found) }),
        Err(_) => Err(io::Error::new(ErrorKind::InvalidData, "it is not text in UTF-8")),
    }
}

#[cfg(unix)]
fn wide(found: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o777;
    (mode & OTHERS != 0).then_some(mode)
}

#[cfg(not(unix))]
const fn wide(_: &fs::Metadata) -> Option<u32> {
    None
}

/// The place of a file without detours: two names of one file come to the same. Its folder must be there.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, String> {
    let Some(name) = path.file_name() else { return Err("it is not a file".to_owned()) };
    let folder = folder(path);
    match fs::canonicalize(&folder) {
        Ok(folder) if !folder.is_dir() => Err(format!("`{}` is not a folder", folder.display())),
        Ok(folder) => Ok(folder.join(name)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(format!("there is no folder `{}`", folder.display()))
        }
        Err(error) => Err(format!("its folder cannot be entered: {}", reason(&error))),
    }
}

/// Whether files can be made in a folder: finds out by making one, which is removed at once.
pub(crate) fn try_folder(folder: &Path) -> Result<(), String> {
    let probe = temporary(&folder.join(".env"));
    let outcome = create(&probe).and_then(|_| match fs::remove_file(&probe) {
        // Someone who cleaned up after others was faster.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    });
    outcome.map_err(|error| {
        format!("nothing can be written to folder `{}`: {}", folder.display(), reason(&error))
    })
}

/// Makes sure that a file can be replaced by one of up to so many bytes, and that nobody else does the same until the lock is
/// dropped; `None` while somebody does. Never waits.
pub(crate) fn reserve(path: &Path, suffix: &str, bytes: usize) -> io::Result<Option<Lock>> {
    let Some(lock) = try_lock(path, &folder(path), suffix)? else { return Ok(None) };
    let probe = temporary(path);
    let room = vec![b' '; bytes];
    // To the disk: a system that is out of space may say so no earlier.
    let written = create(&probe).and_then(|mut file| file.write_all(&room).and_then(|()| file.sync_all()));
    let removed = fs::remove_file(&probe);
    written?;
    match removed {
        // Someone who cleaned up after others was faster.
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(Some(lock)),
    }
}

/// Reads a file, and replaces it by what `change` makes of its text: `None` leaves it as it is. Nobody else does so at the
/// same time.
pub(crate) fn edit<E: From<io::Error>>(
    path: &Path,
    change: impl FnOnce(&Content) -> Result<Option<Zeroizing<String>>, E>,
) -> Result<(), E> {
    let _lock = lock(path, &folder(path))?;
    match change(&read(path)?)? {
        Some(text) => Ok(replace(path, &text)?),
        None => Ok(()),
    }
}

/// Replaces a file that nobody changes by what is in it, and so without a lock: nobody is waited for.
pub(crate) fn put(path: &Path, text: &str) -> io::Result<()> {
    // Of two that replace it at once, one may clean up after the other.
    for _ in 0..2 {
        match replace(path, text) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            outcome => return outcome,
        }
    }
    replace(path, text)
}

/// Replaces the file as a whole: readers see the old text or the new one, never a part. Only its owner may read it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    remove_stale(path);
    let temporary = temporary(path);
    let written = write_out(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The file holds a secret; when it cannot even be removed, the first error says more than the second.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(&folder(path))
}

fn write_out(path: &Path, text: &str) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Removes what a process that was killed left behind. Where nobody else is kept out by a lock, it may be what is about to
/// take the place of the file: see [`put`].
fn remove_stale(path: &Path) {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { return };
    let is_ours = |found: &str| {
        let number = found.strip_prefix(&name).and_then(|rest| rest.strip_suffix(TEMPORARY));
        number.is_some_and(|number| {
            number.len() == 17
                && number.starts_with('.')
                && number[1..].bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    // What cannot be removed now may be removable the next time; the file itself is what matters here.
    for entry in fs::read_dir(folder(path)).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_ours) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A new file that only its owner may read.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Makes the renaming last through a crash.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

pub(crate) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A name beside the file that nothing else uses.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder(path).join(format!("{name}.{:016x}{TEMPORARY}", fastrand::u64(..)))
}

/// What an error of the system means, without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "it is not there".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::NotADirectory => "it is not a folder".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        ErrorKind::StorageFull => "no space is left".to_owned(),
        _ if error.raw_os_error().is_none() => error.to_string(),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, text: &str) {
        edit(path, |_| Ok::<_, io::Error>(Some(Zeroizing::new(text.to_owned())))).unwrap();
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "A=1\n").unwrap();
        put(&path, "A=2\n");
        assert_eq!(read(&path).unwrap().text.as_str(), "A=2\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(read(&path).unwrap().wide, None);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert_eq!(read(&path).unwrap().wide, Some(0o640));
        }
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env.x");
        let stale = temporary(&path);
        assert!(stale.file_name().unwrap().to_str().unwrap().starts_with(".env.x."));
        fs::write(&stale, "A=secret\n").unwrap();
        let others = [".env.x.mine", ".env.x.0000000000000000.tmp", ".env.y.0123456789abcdef.cstok-tmp"];
        for other in others {
            fs::write(folder.path().join(other), "").unwrap();
        }
        put(&path, "A=2\n");
        assert!(!stale.exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1 + others.len(), "nothing else goes");
    }

    #[test]
    fn what_cannot_be_written_is_found_before() {
        let folder = tempfile::tempdir().unwrap();
        try_folder(folder.path()).unwrap();
        assert_eq!(read(&folder.path().join(".env")).unwrap().text.as_str(), "");
        let missing = resolve(&folder.path().join("no/.env")).unwrap_err();
        assert!(missing.starts_with("there is no folder"), "{missing}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(resolve(&file.join(".env")).is_err());
        assert!(try_folder(&file).is_err());
        assert_eq!(read(folder.path()).unwrap_err().to_string(), "it is not a file");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no probe stays");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_but_folders_may_be_linked() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join(".env");
        std::os::unix::fs::symlink("elsewhere", &link).unwrap();
        assert_eq!(read(&link).unwrap_err().to_string(), "it is a symbolic link");
        fs::create_dir(folder.path().join("real")).unwrap();
        std::os::unix::fs::symlink("real", folder.path().join("linked")).unwrap();
        let one = resolve(&folder.path().join("linked/../real/.env")).unwrap();
        assert_eq!(one, resolve(&folder.path().join("linked/.env")).unwrap());
    }
}
