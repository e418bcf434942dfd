//! The keyring of the operating system: Keychain, Credential Manager, or the Secret Service.

use std::fmt;
use std::sync::Arc;

use cs_model::Secret;
use keyring::{Entry, Error};
use keyring_core::api::CredentialStore;
use zeroize::Zeroizing;

use super::{Found, LookupError};
use crate::credential::Credential;
use crate::credential::oauth::{
    GrantStore, GrantStoreError, OAuth, OAuthApp, OAuthGrant, from_json, to_json,
};

/// Opens the entry of a service and a user.
type Open = dyn Fn(&str, &str) -> keyring::Result<Entry> + Send + Sync;

/// The entries of one target in the keyring: service `cstok` or an application's own name, user `TARGET authtoken`, say.
#[derive(Clone)]
pub struct Keyring {
    service: String,
    target: String,
    app: Option<OAuthApp>,
    open: Arc<Open>,
}

/// A kind of entry: the second word of its user.
const AUTHTOKEN: &str = "authtoken";
const MANAGEMENT_TOKEN: &str = "management_token";
const OAUTH_GRANT: &str = "oauth_grant";
const KINDS: [&str; 3] = [AUTHTOKEN, MANAGEMENT_TOKEN, OAUTH_GRANT];

impl Keyring {
    /// The entries that a service keeps for a target.
    #[must_use]
    pub fn new(service: impl Into<String>, target: impl Into<String>) -> Self {
        Self { service: service.into(), target: target.into(), app: None, open: Arc::new(Entry::new) }
    }

    /// The same in a store of one's own: another than the system's, or one in memory.
    #[must_use]
    pub fn of_store(
        store: Arc<CredentialStore>,
        service: impl Into<String>,
        target: impl Into<String>,
    ) -> Self {
        let open = move |service: &str, user: &str| Ok(Entry { inner: store.build(service, user, None)? });
        Self { open: Arc::new(open), ..Self::new(service, target) }
    }

    /// Looks for the OAuth grant of this app, too. Keyrings have no locks: of two processes that refresh it at once, the slower
    /// one is refused, so one that shares its grant with others keeps it in a
    /// [`FileGrantStore`](crate::credential::oauth::FileGrantStore).
    #[must_use]
    pub fn oauth_app(mut self, app: OAuthApp) -> Self {
        self.app = Some(app);
        self
    }

    /// Keeps a credential in place of the one before, which stays when the new one cannot be kept.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Missing`] without a keyring, or what it says when it is locked or fails; an OAuth access token is none to keep, because it ends within the hour: keep its grant with
    /// [`GrantStore::save`].
    pub fn keep(&self, credential: &Credential) -> Result<(), KeyringError> {
        let (kind, secret) = match credential {
            Credential::Authtoken(secret) => (AUTHTOKEN, secret),
            Credential::Management(secret) => (MANAGEMENT_TOKEN, secret),
            Credential::None | Credential::OAuth(_) => return Err(KeyringError::NotToKeep),
        };
        self.entry(kind)?.set_password(secret.reveal()).map_err(|error| KeyringError::of(&error))?;
        KINDS.into_iter().filter(|other| *other != kind).try_for_each(|other| self.delete(other))
    }

    /// Forgets what is kept for the target; nothing kept is no error.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Missing`] without a keyring, or what it says when it is locked or fails.
    pub fn forget(&self) -> Result<(), KeyringError> {
        KINDS.into_iter().try_for_each(|kind| self.delete(kind))
    }

    fn delete(&self, kind: &str) -> Result<(), KeyringError> {
        match self.entry(kind)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(KeyringError::of(&error)),
        }
    }

    /// The one credential that is kept. A machine without a keyring has none.
    pub(super) fn find(&self) -> Result<Option<Found>, LookupError> {
        let whence = format!("from the keyring, for `{}`", self.target);
        for (kind, credential) in [
            (AUTHTOKEN, Credential::Authtoken as fn(Secret) -> Credential),
            (MANAGEMENT_TOKEN, Credential::Management),
        ] {
            match self.read(kind) {
                Ok(Some(text)) => {
                    return Found::checked(&credential(Secret::new(text.as_str())), whence).map(Some);
                }
                Ok(None) => {}
                Err(KeyringError::Missing) => return Ok(None),
                Err(error) => return Err(LookupError::Keyring(error)),
            }
        }
        let Some(app) = &self.app else { return Ok(None) };
        if self.load().map_err(LookupError::Grant)?.is_none() {
            return Ok(None);
        }
        let source = Arc::new(OAuth::new(app.clone(), self.clone()));
        Ok(Some(Found { credential: source.into(), whence }))
    }

    fn entry(&self, kind: &str) -> Result<Entry, KeyringError> {
        (self.open)(&self.service, &format!("{} {kind}", self.target))
            .map_err(|error| KeyringError::of(&error))
    }

    fn read(&self, kind: &str) -> Result<Option<Zeroizing<String>>, KeyringError> {
        match self.entry(kind)?.get_password() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(KeyringError::of(&error)),
        }
    }
}

/// Keeps the grant of the target's app.
impl GrantStore for Keyring {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        let text = self.read(OAUTH_GRANT).map_err(|error| GrantStoreError::Other(Box::new(error)))?;
        text.map(|text| from_json(&text)).transpose()
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        let text = to_json(grant)?;
        self.entry(OAUTH_GRANT)
            .and_then(|entry| entry.set_password(&text).map_err(|error| KeyringError::of(&error)))
            .map_err(|error| GrantStoreError::Other(Box::new(error)))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("service", &self.service)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// Why the keyring cannot be read or written. The library's own errors may hold what they found, so none is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// There is no keyring on this machine, or nobody runs it.
    #[error("there is no keyring")]
    Missing,
    /// It is locked, or this program may not open it.
    #[error("the keyring is locked")]
    Locked,
    /// What is kept is not text, or several entries fit.
    #[error("what the keyring keeps is no credential")]
    Form,
    /// This kind of credential is not kept.
    #[error("a credential of this kind is not kept")]
    NotToKeep,
    /// The keyring failed.
    #[error("the keyring failed")]
    Failed,
}

impl KeyringError {
    fn of(error: &Error) -> Self {
        match error {
            Error::NoDefaultStore => Self::Missing,
            Error::NoStorageAccess(_) => Self::Locked,
            Error::BadEncoding(_)
            | Error::BadDataFormat(..)
            | Error::BadStoreFormat(_)
            | Error::Ambiguous(_) => Self::Form,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::mock::{Cred, Store};

    use super::*;
    use crate::CredentialKind;
    use crate::credential::lookup::Lookup;

    fn mocked(store: &Arc<Store>, target: &str) -> Keyring {
        Keyring::of_store(store.clone(), "cstok", target)
    }

    #[test]
    fn what_is_kept_is_found_for_its_target_alone() {
        let store = Store::new().unwrap();
        let (eu, na) = (mocked(&store, "eu"), mocked(&store, "na"));
        assert!(eu.find().unwrap().is_none());
        eu.keep(&Credential::Authtoken(Secret::new("canary"))).unwrap();
        let found = Lookup::new().keyring(eu.clone()).find().unwrap().unwrap();
        assert_eq!(found.whence, "from the keyring, for `eu`");
        assert!(!format!("{found:?} {eu:?}").contains("canary"));
        assert!(na.find().unwrap().is_none());
        eu.keep(&Credential::Management(Secret::new("canary"))).unwrap();
        let found = eu.find().unwrap().unwrap();
        assert_eq!(found.credential.kind(), CredentialKind::Management, "it takes the place of the other");
        eu.forget().unwrap();
        assert!(eu.find().unwrap().is_none());
        let oauth = Credential::OAuth(Secret::new("x"));
        assert_eq!(eu.keep(&oauth).unwrap_err(), KeyringError::NotToKeep);
    }

    #[test]
    fn what_was_kept_stays_when_the_next_one_cannot_be_kept() {
        let store = Store::new().unwrap();
        let keyring = mocked(&store, "eu");
        let value = || match keyring.find().unwrap().unwrap().credential {
            crate::Provided::Fixed(Credential::Authtoken(secret)) => secret.reveal().to_owned(),
            other => panic!("{other:?}"),
        };
        keyring.keep(&Credential::Authtoken(Secret::new("first"))).unwrap();
        for next in [Credential::Authtoken, Credential::Management] {
            let next = next(Secret::new("second"));
            let user = if matches!(next, Credential::Management(_)) {
                "eu management_token"
            } else {
                "eu authtoken"
            };
            let entry = store.build("cstok", user, None).unwrap();
            entry.as_any().downcast_ref::<Cred>().unwrap().set_error(Error::NoStorageAccess("locked".into()));
            assert_eq!(keyring.keep(&next).unwrap_err(), KeyringError::Locked);
            assert_eq!(value(), "first");
        }
        keyring.keep(&Credential::Authtoken(Secret::new("second"))).unwrap();
        assert_eq!(value(), "second");
    }

    #[test]
    fn a_grant_is_kept_as_any_store_keeps_it() {
        let keyring =
            mocked(&Store::new().unwrap(), "eu").oauth_app(OAuthApp::new("app", "https://app.example"));
        let grant = OAuthGrant::new(Secret::new("a"), Secret::new("r"), jiff::Timestamp::UNIX_EPOCH);
        keyring.save(&grant).unwrap();
        assert!(keyring.load().unwrap().unwrap().refresh_token.same_as(&grant.refresh_token));
        assert_eq!(keyring.find().unwrap().unwrap().credential.kind(), CredentialKind::OAuth);
    }

    #[test]
    fn a_failing_keyring_shows_nothing_of_what_it_holds() {
        let store = Store::new().unwrap();
        let keyring = mocked(&store, "eu");
        keyring.keep(&Credential::Authtoken(Secret::new("canary"))).unwrap();
        for (error, kind) in [
            (Error::BadEncoding(b"canary".to_vec()), KeyringError::Form),
            (Error::NoStorageAccess("locked".into()), KeyringError::Locked),
            (Error::PlatformFailure("canary".into()), KeyringError::Failed),
        ] {
            let entry = store.build("cstok", "eu authtoken", None).unwrap();
            entry.as_any().downcast_ref::<Cred>().unwrap().set_error(error);
            let error = keyring.find().unwrap_err();
            assert!(matches!(error, LookupError::Keyring(found) if found == kind), "{error:?}");
            assert!(!format!("{error:?} {error}").contains("canary"));
        }
        let none = Keyring { open: Arc::new(|_, _| Err(Error::NoDefaultStore)), ..keyring };
        assert!(none.find().unwrap().is_none(), "a machine without a keyring has none");
    }
}
