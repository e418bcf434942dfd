//! Where grants are kept.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cs_model::Revealed;
use cs_model::endpoint::json_body;
use zeroize::Zeroizing;

use super::OAuthGrant;
use crate::sink::write;

/// Keeps the one grant of an app and a user.
///
/// What [`save`](Self::save) has taken must be there after a crash: the pair before does not work any more.
pub trait GrantStore: fmt::Debug + Send + Sync {
    /// The grant that is kept, if there is one. Called again before a refresh, because another process may have been
    /// faster.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError>;

    /// Keeps a grant in place of the one before. It must wait for nobody: its caller may be one of many on a thread.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError>;

    /// Called before a refresh token is used up: makes sure that [`save`](Self::save) will work, and that no other process
    /// refreshes the same grant until what it gives back is dropped. `None` while another one does; it must not wait
    /// itself, because its caller waits on the transport's clock and calls again.
    ///
    /// By default it makes sure of nothing: then a pair that cannot be kept is lost with the process, and of two processes
    /// that refresh at once the slower one is refused.
    ///
    /// # Errors
    ///
    /// When nothing could be kept. The refresh token is not used then, and the grant still works.
    fn prepare(&self) -> Result<Option<Prepared>, GrantStoreError> {
        Ok(Some(Prepared::default()))
    }
}

/// The right to refresh the grant of a store, until it is dropped.
#[derive(Default)]
pub struct Prepared(Option<Box<dyn Send + Sync>>);

impl Prepared {
    /// A right that ends when `held` is dropped: a lock, say.
    pub fn holding(held: impl Send + Sync + 'static) -> Self {
        Self(Some(Box::new(held)))
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.0.is_some()).finish()
    }
}

/// Why a store cannot read or write. No message holds a part of a grant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantStoreError {
    /// The file cannot be read.
    #[error("the file `{}` cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("the file `{}` cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others than its owner may read the file.
    #[error("the file `{}` has mode {mode:o}, so that others can read it", path.display())]
    Wide {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The kept text is no grant.
    #[error("what is kept is no OAuth grant: {what}")]
    Form {
        /// Where it does not fit, without a part of it.
        what: String,
    },
    /// Any other store.
    #[error("the store of the OAuth grant failed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What the name of the lock file ends with: another one than that under which the file is replaced, which is held while the
/// refresh holds this one.
const LOCK: &str = ".refresh.lock";
/// More bytes than a grant has.
const ROOM: usize = 16 * 1024;

/// Keeps a grant in memory: it is gone with the process, and without its refresh token another one is needed then.
#[derive(Debug, Default)]
pub struct MemoryGrantStore(Mutex<Option<OAuthGrant>>);

impl MemoryGrantStore {
    /// A store with a grant in it.
    pub const fn with(grant: OAuthGrant) -> Self {
        Self(Mutex::new(Some(grant)))
    }
}

impl GrantStore for MemoryGrantStore {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(grant.clone());
        Ok(())
    }
}

/// Keeps a grant in a JSON file for its owner's eyes only (mode 0600), replaced as a whole; one process refreshes at a time. Its
/// folder must be writable: a refresh is not begun before a file of the same size was made there and removed, and a file
/// beside it, with `.refresh.lock` behind its name, is locked meanwhile.
///
/// `{"access_token": "...", "refresh_token": "...", "expires_at": "2026-11-21T13:00:00Z"}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGrantStore {
    path: PathBuf,
}

impl FileGrantStore {
    /// A store in this file, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl GrantStore for FileGrantStore {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        let path = &self.path;
        let content =
            write::read(path).map_err(|source| GrantStoreError::Read { path: path.clone(), source })?;
        if let Some(mode) = content.wide {
            return Err(GrantStoreError::Wide { path: path.clone(), mode });
        }
        if content.text.trim().is_empty() {
            return Ok(None);
        }
        from_json(&content.text).map(Some)
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        let path = &self.path;
        let text = to_json(grant)?;
        write::put(path, &text).map_err(|source| GrantStoreError::Write { path: path.clone(), source })
    }

    fn prepare(&self) -> Result<Option<Prepared>, GrantStoreError> {
        let path = &self.path;
        let prepared = write::reserve(path, LOCK, ROOM);
        let prepared = prepared.map_err(|source| GrantStoreError::Write { path: path.clone(), source })?;
        Ok(prepared.map(Prepared::holding))
    }
}

/// A grant from the text that a store keeps.
pub(crate) fn from_json(text: &str) -> Result<OAuthGrant, GrantStoreError> {
    // Of what the parser says only the place: the rest may repeat what it found.
    serde_json::from_str(text).map_err(|error| GrantStoreError::Form {
        what: format!("line {}, column {}", error.line(), error.column()),
    })
}

/// The text for a store.
pub(crate) fn to_json(grant: &OAuthGrant) -> Result<Zeroizing<String>, GrantStoreError> {
    // What it grows in is overwritten, and what comes of it is in one piece: no copy of a secret stays behind.
    let body = json_body(&Revealed(grant)).map_err(|error| GrantStoreError::Other(Box::new(error)))?;
    let text = std::str::from_utf8(&body).map_err(|error| GrantStoreError::Other(Box::new(error)))?;
    Ok(Zeroizing::new([text, "\n"].concat()))
}

#[cfg(test)]
mod tests {
    use cs_model::Secret;

    use super::*;

    #[test]
    fn a_file_keeps_a_grant_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileGrantStore::new(folder.path().join("grant.json"));
        assert!(store.load().unwrap().is_none());
        let grant =
            OAuthGrant::new(Secret::new("canary-a"), Secret::new("canary-r"), jiff::Timestamp::UNIX_EPOCH);
        store.save(&grant).unwrap();
        assert!(store.load().unwrap().unwrap().same_as(&grant));
        assert!(!format!("{store:?} {grant:?}").contains("canary"));
        let text = to_json(&grant).unwrap();
        assert_eq!(text.capacity(), text.len(), "it never grew");
        assert_eq!(std::fs::read_to_string(store.path()).unwrap(), *text);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(store.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            std::fs::set_permissions(store.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
            assert!(matches!(store.load().unwrap_err(), GrantStoreError::Wide { mode: 0o640, .. }));
            store.save(&grant).unwrap();
        }
        std::fs::write(store.path(), r#"{"access_token": "canary", "expires_at": "canary"}"#).unwrap();
        let error = store.load().unwrap_err();
        assert!(matches!(&error, GrantStoreError::Form { .. }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
    }
}
