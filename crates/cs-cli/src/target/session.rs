//! Sessions that `login` keeps: one file for each API address, for this user's eyes only.
//!
//! The file is `sessions/<address>.json` in the data directory, with mode 0600 in folders with mode 0700, and replaced as
//! a whole. It names the address that made the session, and the session is sent to no other.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use cs_model::{Revealed, Secret};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::paths;

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

    /// The session that is kept for an address, if there is one.
    pub(crate) fn find(url: &str) -> Result<Option<Self>, Failure> {
        let path = path(url)?;
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::unexpected(
                    format!("the session `{}` cannot be read", path.display()),
                    &error,
                ));
            }
        };
        let session: Self = serde_json::from_slice(&text).map_err(|error| {
            Failure::unexpected(format!("the session `{}` cannot be read", path.display()), &error)
                .hint("delete the file and log in again")
        })?;
        // Two addresses could share a file name; a session goes back only to where it came from.
        Ok((session.url == url).then_some(session))
    }

    /// Keeps it, in place of an earlier one. Gives back the file.
    pub(crate) fn keep(&self) -> Result<PathBuf, Failure> {
        let path = path(&self.url)?;
        let wrong = |error: &dyn std::error::Error| {
            Failure::unexpected(format!("the session `{}` cannot be written", path.display()), error)
        };
        let text = serde_json::to_vec_pretty(&Revealed(self)).map_err(|error| wrong(&error))?;
        paths::write_private(&path, &text).map_err(|error| wrong(&error))?;
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

/// The file of an address: its letters, digits, dots and dashes, and `_` for the rest.
fn path(url: &str) -> Result<PathBuf, Failure> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = url.trim_start_matches("https://").chars().map(plain).collect();
    Ok(paths::data_dir()?.join("sessions").join(format!("{name}.json")))
}
