//! Sessions that `login` keeps: one file for each API address, for this user's eyes only.
//!
//! The file is `sessions/<address>.json` in the data directory, with mode 0600 in folders with mode 0700, and replaced as
//! a whole; one that others may read is not used. It names the address that made the session, and the session is sent to no other.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use cs_model::{Revealed, Secret};
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::paths;

/// More than any session has.
const MOST_BYTES: u64 = 64 * 1024;

/// A session that was kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    schema: u32,
    /// The API that made it: a URL, or `local`.
    pub(crate) url: String,
    /// Who logged in.
    pub(crate) email: String,
    /// Its value.
    pub(crate) authtoken: Secret,
}

impl Session {
    /// A session of this user at this address.
    pub(crate) fn new(url: &str, email: &str, authtoken: Secret) -> Self {
        Self { schema: crate::output::SCHEMA, url: url.to_owned(), email: email.to_owned(), authtoken }
    }

    /// The session that is kept for an address, if there is one. One that others may read is refused.
    pub(crate) fn find(url: &str) -> Result<Option<Self>, Failure> {
        let Some((session, wide)) = Self::read(url)? else { return Ok(None) };
        let Some(mode) = wide else { return Ok(Some(session)) };
        let path = path(url)?;
        let message =
            format!("the session `{}` has mode {mode:o}, so that others can read it", path.display());
        Err(Failure::usage(message)
            .hint("when others may have read it, end it: cstok logout, for the same target")
            .hint(format!("else: chmod 600 {}", path.display())))
    }

    /// The same for whoever ends it, whoever else may read it.
    pub(crate) fn find_to_end(url: &str) -> Result<Option<Self>, Failure> {
        Ok(Self::read(url)?.map(|(session, _)| session))
    }

    /// The session of an address, with the mode of its file when that lets others in.
    fn read(url: &str) -> Result<Option<(Self, Option<u32>)>, Failure> {
        let path = path(url)?;
        let message = format!("the session `{}` cannot be read", path.display());
        let (text, wide) = match contents(&path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::unexpected(message, &error)),
        };
        let session: Self = serde_json::from_str(text.reveal()).map_err(|error| {
            // Of what the parser says only the place: the rest may repeat what it found.
            let place = format!("line {}, column {}", error.line(), error.column());
            Failure::new(Exit::Unexpected, "unexpected", format!("{message}: it is none ({place})"))
                .hint("delete the file and log in again")
        })?;
        // Two addresses could share a file name; a session goes back only to where it came from.
        Ok((session.url == url).then_some((session, wide)))
    }

    /// Keeps it, in place of an earlier one. Gives back the file.
    pub(crate) fn keep(&self) -> Result<PathBuf, Failure> {
        let path = path(&self.url)?;
        let wrong = |error: &dyn std::error::Error| {
            Failure::unexpected(format!("the session `{}` cannot be written", path.display()), error)
        };
        let text = serde_json::to_string_pretty(&Revealed(self)).map_err(|error| wrong(&error))?;
        let text = Secret::new(text);
        paths::write_private(&path, text.reveal().as_bytes()).map_err(|error| wrong(&error))?;
        Ok(path)
    }

    /// Forgets the session of an address.
    pub(crate) fn forget(url: &str) -> Result<(), Failure> {
        let path = path(url)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::unexpected(
                format!("the session `{}` cannot be deleted", path.display()),
                &error,
            )),
            _ => Ok(()),
        }
    }
}

/// The text of a file, and its mode when that lets others than its owner in.
fn contents(path: &Path) -> io::Result<(Secret, Option<u32>)> {
    let found = fs::metadata(path)?;
    if !found.is_file() || found.len() > MOST_BYTES {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is no file of this program"));
    }
    Ok((Secret::new(fs::read_to_string(path)?), wide(&found)))
}

#[cfg(unix)]
fn wide(found: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
const fn wide(_: &fs::Metadata) -> Option<u32> {
    None
}

/// The file of an address: its letters, digits, dots and dashes, and `_` for the rest.
fn path(url: &str) -> Result<PathBuf, Failure> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = url.trim_start_matches("https://").chars().map(plain).collect();
    Ok(paths::data_dir()?.join("sessions").join(format!("{name}.json")))
}
