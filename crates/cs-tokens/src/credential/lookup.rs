//! Where a credential may be, and in which order to look: given outright, environment, files that a target names, keyring,
//! prompt. The first place that has one wins; a place that has two is an error, because a request carries one.
//!
//! ```
//! use cs_model::Secret;
//! use cs_tokens::Credential;
//! use cs_tokens::credential::lookup::{Environment, Lookup};
//!
//! let found = Lookup::new()
//!     .environment(Environment { authtoken: Some("SHOP_AUTHTOKEN".to_owned()), ..Environment::default() })
//!     .prompt(|| Ok(Some(Credential::Authtoken(Secret::new("what somebody types")))))
//!     .find()?
//!     .ok_or("no credential")?;
//! assert_eq!(found.whence, "from the prompt");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod environment;
mod file;
#[cfg(feature = "keyring")]
mod keyring;

use std::fmt;
use std::io;
use std::path::PathBuf;

use cs_model::SecretError;

pub use self::environment::{Environment, Reader};
pub use self::file::KeptFile;
#[cfg(feature = "keyring")]
pub use self::keyring::{Keyring, KeyringError};
use super::oauth::GrantStoreError;
use super::{Credential, Provided};

/// A credential with the words that say where it was.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found {
    /// The credential, or its source: for [`ClientBuilder::credential_source`](crate::ClientBuilder::credential_source).
    pub credential: Provided,
    /// `from CONTENTSTACK_AUTHTOKEN`, `from the prompt`.
    pub whence: String,
}

/// Asks somebody; `None` when they have none to give.
type Prompt<'a> = Box<dyn FnOnce() -> io::Result<Option<Credential>> + 'a>;

/// Places to look at, in the order of this module whatever the order of the calls.
#[derive(Default)]
pub struct Lookup<'a> {
    given: Option<Credential>,
    environment: Option<Environment>,
    files: Vec<KeptFile>,
    #[cfg(feature = "keyring")]
    keyring: Option<Keyring>,
    prompt: Option<Prompt<'a>>,
}

impl<'a> Lookup<'a> {
    /// No place at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that is at hand; [`Credential::None`] is none.
    #[must_use]
    pub fn given(mut self, credential: Credential) -> Self {
        self.given = Some(credential).filter(|credential| !matches!(credential, Credential::None));
        self
    }

    /// Environment variables.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// A file that holds one, as a target names it. Several may be named, and one may be there.
    #[must_use]
    pub fn file(mut self, file: KeptFile) -> Self {
        self.files.push(file);
        self
    }

    /// The keyring of the operating system.
    #[cfg(feature = "keyring")]
    #[must_use]
    pub fn keyring(mut self, keyring: Keyring) -> Self {
        self.keyring = Some(keyring);
        self
    }

    /// Somebody to ask, when there is none anywhere else.
    #[must_use]
    pub fn prompt(mut self, ask: impl FnOnce() -> io::Result<Option<Credential>> + 'a) -> Self {
        self.prompt = Some(Box::new(ask));
        self
    }

    /// Looks. Values are trimmed; one that no header can carry is an error, which never shows it.
    ///
    /// # Errors
    ///
    /// [`LookupError`], of the first place that has something.
    pub fn find(self) -> Result<Option<Found>, LookupError> {
        if let Some(credential) = self.given {
            return Found::checked(&credential, "given outright".to_owned()).map(Some);
        }
        if let Some(found) = self.environment.as_ref().map(Environment::find).transpose()?.flatten() {
            return Ok(Some(found));
        }
        if let Some(found) = file::find(self.files)? {
            return Ok(Some(found));
        }
        #[cfg(feature = "keyring")]
        if let Some(found) = self.keyring.as_ref().map(Keyring::find).transpose()?.flatten() {
            return Ok(Some(found));
        }
        let Some(ask) = self.prompt else { return Ok(None) };
        match ask().map_err(LookupError::Prompt)? {
            None | Some(Credential::None) => Ok(None),
            Some(credential) => Found::checked(&credential, "from the prompt".to_owned()).map(Some),
        }
    }
}

impl Found {
    /// A credential that a header can carry.
    fn checked(credential: &Credential, whence: String) -> Result<Self, LookupError> {
        match credential.cleaned() {
            Ok(credential) => Ok(Self { credential: credential.into(), whence }),
            Err(source) => Err(LookupError::Value { whence, source }),
        }
    }
}

impl fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lookup = f.debug_struct("Lookup");
        lookup
            .field("given", &self.given)
            .field("environment", &self.environment)
            .field("files", &self.files);
        #[cfg(feature = "keyring")]
        lookup.field("keyring", &self.keyring);
        lookup.field("prompt", &self.prompt.is_some()).finish()
    }
}

/// Why a place that has something has no credential.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// Two credentials in one place.
    #[error("{} hold a credential each, and a request carries one", names.join(" and "))]
    Several {
        /// Their names.
        names: Vec<String>,
    },
    /// A value that no header can carry.
    #[error("the value {whence} is no credential")]
    Value {
        /// Where it was.
        whence: String,
        /// Why.
        #[source]
        source: SecretError,
    },
    /// A variable that is not text.
    #[error("{name} is not text")]
    NotText {
        /// Its name.
        name: String,
    },
    /// A file that others may read.
    #[error("the file `{}` has mode {mode:o}, so that others can read it", path.display())]
    Wide {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file that cannot be read.
    #[error("the file `{}` cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A grant that cannot be read.
    #[error("the OAuth grant cannot be read")]
    Grant(#[source] GrantStoreError),
    /// The keyring does not open.
    #[cfg(feature = "keyring")]
    #[error("the keyring cannot be asked")]
    Keyring(#[source] KeyringError),
    /// Nobody can be asked.
    #[error("the credential cannot be asked for")]
    Prompt(#[source] io::Error),
}

impl LookupError {
    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> Option<String> {
        match self {
            Self::Several { .. } => Some("keep the one to use, and take the others away".to_owned()),
            Self::Wide { path, .. } | Self::Grant(GrantStoreError::Wide { path, .. }) => {
                Some(format!("chmod 600 {}", path.display()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use cs_model::Secret;

    use super::*;
    use crate::CredentialKind;

    fn authtoken(value: &str) -> Credential {
        Credential::Authtoken(Secret::new(value))
    }

    fn environment(value: &'static str) -> Environment {
        Environment { authtoken: Some("A".to_owned()), ..Environment::default() }
            .reading(move |_| Some(value.into()))
    }

    #[test]
    fn the_first_place_that_has_one_wins() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        crate::sink::write::edit(&path, |_| Ok::<_, io::Error>(Some("kept\n".to_owned().into()))).unwrap();
        let file = || KeptFile::management_token(&path);
        let places = [
            Lookup::new().given(authtoken("x")).environment(environment("x")).file(file()),
            Lookup::new().file(file()).environment(environment("x")),
            Lookup::new().prompt(|| unreachable!()).environment(environment("")).file(file()),
            Lookup::new().environment(environment("")).prompt(|| Ok(Some(authtoken(" x\n")))),
        ];
        let whence: Vec<String> = places.map(|place| place.find().unwrap().unwrap().whence).into();
        let path = format!("from the file `{}`", path.display());
        assert_eq!(whence, ["given outright", "from A", &path, "from the prompt"]);
        assert!(Lookup::new().prompt(|| Ok(None)).find().unwrap().is_none());
        let found = Lookup::new().file(file()).find().unwrap().unwrap();
        assert_eq!(found.credential.kind(), CredentialKind::Management);
    }

    #[test]
    fn a_value_that_no_header_can_carry_is_refused_without_showing_it() {
        for lookup in [
            Lookup::new().given(authtoken("canary\u{7}")),
            Lookup::new().environment(environment("canary\nx: y")),
            Lookup::new().prompt(|| Ok(Some(authtoken("canaryä")))),
        ] {
            assert!(!format!("{lookup:?}").contains("canary"));
            let error = lookup.find().unwrap_err();
            assert!(matches!(error, LookupError::Value { .. }), "{error:?}");
            assert!(!format!("{error:?} {error}").contains("canary"));
        }
    }
}
