//! Reading and replacing env files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// More than any env file has; a bigger file is something else.
const MOST_BYTES: u64 = 1024 * 1024;

/// The file's text, empty when there is none. Refuses what is not a plain file.
pub(crate) fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Zeroizing::default()),
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
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(io::Error::new(ErrorKind::InvalidData, "it is not text in UTF-8")),
    }
}

/// The file's text, once it is sure that it could be replaced; else why not.
pub(crate) fn inspect(path: &Path) -> Result<Zeroizing<String>, String> {
    let text = read(path).map_err(|error| reason(&error))?;
    let folder = folder(path);
    let probe = temporary(path);
    let made = create(&probe);
    // Whether it was made or not, nothing of it may stay.
    let removed = fs::remove_file(&probe);
    match made.and(removed) {
        Ok(()) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(format!("there is no folder `{}`", folder.display()))
        }
        Err(error) => {
            Err(format!("nothing can be written to folder `{}`: {}", folder.display(), reason(&error)))
        }
    }
}

/// Replaces the file as a whole: readers see the old text or the new one, never a part. Only its owner may read it.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
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

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A name beside the file that nothing else uses.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder(path).join(format!("{name}.{:016x}.tmp", fastrand::u64(..)))
}

/// What an error of the system means, without its number.
fn reason(error: &io::Error) -> String {
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

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "A=1\n").unwrap();
        replace(&path, "A=2\n").unwrap();
        assert_eq!(read(&path).unwrap().as_str(), "A=2\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_cannot_be_written_is_found_before() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(inspect(&folder.path().join(".env")).unwrap().as_str(), "");
        let missing = inspect(&folder.path().join("no/.env")).unwrap_err();
        assert!(missing.starts_with("there is no folder"), "{missing}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(inspect(&file.join(".env")).is_err());
        assert_eq!(inspect(folder.path()).unwrap_err(), "it is not a file");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no probe stays");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join(".env");
        std::os::unix::fs::symlink("elsewhere", &link).unwrap();
        assert_eq!(inspect(&link).unwrap_err(), "it is a symbolic link");
    }
}
