//! Files that hold a credential each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cs_model::Secret;

use super::{Found, LookupError};
use crate::credential::Credential;
use crate::credential::oauth::{FileGrantStore, GrantStore as _, OAuth, OAuthApp};
use crate::sink::write;

/// A file that holds one credential, for its owner's eyes only; one that others may read is an error. A missing file holds
/// none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeptFile {
    path: PathBuf,
    holds: Holds,
}

#[derive(Clone, Debug)]
enum Holds {
    Value(fn(Secret) -> Credential),
    /// Boxed for its size.
    Grant(Box<OAuthApp>),
}

impl KeptFile {
    /// A file with an authtoken and nothing else.
    #[must_use]
    pub fn authtoken(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), holds: Holds::Value(Credential::Authtoken) }
    }

    /// A file with a management token and nothing else.
    #[must_use]
    pub fn management_token(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), holds: Holds::Value(Credential::Management) }
    }

    /// A file with the OAuth grant of an app, as [`FileGrantStore`] keeps it: it is refreshed, and then replaced.
    #[must_use]
    pub fn oauth_grant(path: impl Into<PathBuf>, app: OAuthApp) -> Self {
        Self { path: path.into(), holds: Holds::Grant(Box::new(app)) }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn find(self) -> Result<Option<Found>, LookupError> {
        let whence = format!("from the file `{}`", self.path.display());
        match self.holds {
            Holds::Value(kind) => {
                let content = write::read(&self.path)
                    .map_err(|source| LookupError::File { path: self.path.clone(), source })?;
                if let Some(mode) = content.wide {
                    return Err(LookupError::Wide { path: self.path, mode });
                }
                if content.text.trim().is_empty() {
                    return Ok(None);
                }
                Found::checked(&kind(Secret::new(content.text.as_str())), whence).map(Some)
            }
            Holds::Grant(app) => {
                let store = FileGrantStore::new(self.path);
                if store.load().map_err(LookupError::Grant)?.is_none() {
                    return Ok(None);
                }
                let source = Arc::new(OAuth::new(*app, store));
                Ok(Some(Found { credential: source.into(), whence }))
            }
        }
    }
}

/// The one credential of several files.
pub(super) fn find(files: Vec<KeptFile>) -> Result<Option<Found>, LookupError> {
    let mut found: Vec<(PathBuf, Found)> = Vec::new();
    for file in files {
        let path = file.path.clone();
        found.extend(file.find()?.map(|found| (path, found)));
    }
    if found.len() > 1 {
        let names = found.iter().map(|(path, _)| format!("`{}`", path.display())).collect();
        return Err(LookupError::Several { names });
    }
    Ok(found.pop().map(|(_, found)| found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert!(find(vec![KeptFile::authtoken(&path)]).unwrap().is_none(), "it is not there");
        std::fs::write(&path, "canary\n").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            mode(0o644);
            let error = find(vec![KeptFile::authtoken(&path)]).unwrap_err();
            assert!(matches!(error, LookupError::Wide { mode: 0o644, .. }), "{error:?}");
            assert!(error.fix().unwrap().contains("chmod 600"));
            mode(0o600);
        }
        assert!(find(vec![KeptFile::authtoken(&path)]).unwrap().is_some());
        let two = vec![KeptFile::authtoken(&path), KeptFile::management_token(&path)];
        assert!(matches!(find(two).unwrap_err(), LookupError::Several { .. }));
    }
}
