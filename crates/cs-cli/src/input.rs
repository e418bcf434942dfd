//! Reading the files that commands are given.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::exit::Exit;
use crate::failure::Failure;

/// The name that stands for standard input.
pub(crate) const STDIN: &str = "-";

/// More than any file of tokens or answer has: a stack has some dozens of tokens.
const MOST_BYTES: u64 = 1024 * 1024;

/// The text of a file, or of standard input for `-`.
///
/// Anything that is no plain file is refused: reading a pipe that nobody writes to would never end.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    if path == Path::new(STDIN) {
        return limited(io::stdin().lock(), path);
    }
    let found = fs::metadata(path).map_err(|error| unreadable(path).caused_by(&error))?;
    if !found.is_file() {
        let what = if found.is_dir() { "a folder" } else { "not a plain file" };
        let message = format!("`{}` is {what}", path.display());
        let failure = Failure::new(Exit::Invalid, "file.unreadable", message);
        return Err(if found.is_dir() { failure } else { failure.hint("`-` reads standard input") });
    }
    if found.len() > MOST_BYTES {
        return Err(too_big(path));
    }
    limited(File::open(path).map_err(|error| unreadable(path).caused_by(&error))?, path)
}

fn limited(from: impl Read, path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = from.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path).caused_by(&error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_big(path));
    }
    let text = String::from_utf8(bytes).map_err(|error| unreadable(path).caused_by(&error.utf8_error()))?;
    // Some editors begin files with this mark, which says nothing here.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn unreadable(path: &Path) -> Failure {
    let message = format!("the file `{}` cannot be read", path.display());
    Failure::new(Exit::Invalid, "file.unreadable", message)
}

fn too_big(path: &Path) -> Failure {
    let message = format!("`{}` has more than {MOST_BYTES} bytes, the most that is read", path.display());
    Failure::new(Exit::Invalid, "file.too_big", message)
}
