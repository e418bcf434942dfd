//! The file behind a store: whose it is, and that it is a file.

use std::fs::{File, OpenOptions, symlink_metadata};
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Opens a file to read and write, or makes it, readable for its owner only.
///
/// A symbolic link is refused: it may have been laid by somebody else, to have the secrets written where it points.
pub(super) fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Making a file anew follows no link, not even one that points nowhere.
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => open_existing(path),
        Ok(file) => {
            keep_name(path)?;
            Ok(file)
        }
        other => other,
    }
}

/// The same for a file that need not be there.
pub(super) fn open_if_there(path: &Path) -> std::io::Result<Option<File>> {
    match open_existing(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Waits until a new file has its name on the disk, too: what is durable in it could not be found else.
#[cfg(unix)]
fn keep_name(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere a directory cannot be opened like a file.
#[cfg(not(unix))]
fn keep_name(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn open_existing(path: &Path) -> std::io::Result<File> {
    // Asked before, because a pipe or a device must not even be opened, and after, because it may change in between.
    let before = symlink_metadata(path)?;
    refuse_all_but_files(&before)?;
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let opened = file.metadata()?;
    refuse_all_but_files(&opened)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if (before.dev(), before.ino()) != (opened.dev(), opened.ino()) {
            return Err(Error::new(ErrorKind::InvalidInput, "it was replaced while it was opened"));
        }
    }
    Ok(file)
}

fn refuse_all_but_files(metadata: &std::fs::Metadata) -> std::io::Result<()> {
    if metadata.is_symlink() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is a symbolic link"));
    }
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok(())
}

/// Takes the file away from all but its owner. Stores that an earlier version or another program made may be open to more.
#[cfg(unix)]
pub(super) fn make_private(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(std::fs::Permissions::from_mode(mode & 0o700))
}

/// Elsewhere a file has no mode; it is as private as its directory.
#[cfg(not(unix))]
pub(super) fn make_private(_: &File) -> std::io::Result<()> {
    Ok(())
}
