//! Sessions that `login` keeps for one address: in a file, or in the keyring of the system.

use cs_model::Secret;
#[cfg(feature = "keyring")]
use cs_tokens::credential::lookup::{Keyring, KeyringError, Lookup, LookupError};
#[cfg(feature = "keyring")]
use cs_tokens::{Credential, Provided};

#[cfg(feature = "keyring")]
use super::credential;
use super::session::Session;
use crate::failure::Failure;

/// The service under which the keyring has the entries of this program.
#[cfg(feature = "keyring")]
const SERVICE: &str = "cstok";

/// Where a session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file that only its owner can read.
    File,
    /// The keyring of the operating system.
    Keyring,
}

/// A session that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) place: Place,
    /// Who logged in; a keyring does not say.
    pub(crate) email: Option<String>,
    pub(crate) authtoken: Secret,
}

/// The places for the sessions of one address.
#[derive(Debug)]
pub(crate) struct Places {
    url: String,
    #[cfg(feature = "keyring")]
    keyring: Keyring,
}

impl Place {
    /// In the order in which commands look at them.
    pub(crate) const ALL: [Self; 2] = [Self::File, Self::Keyring];
}

impl Places {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            #[cfg(feature = "keyring")]
            keyring: Keyring::new(SERVICE, url),
        }
    }

    /// Refuses a place that this program does not have.
    pub(crate) fn check(&self, place: Place) -> Result<(), Failure> {
        if place == Place::Keyring && cfg!(not(feature = "keyring")) {
            return Err(Failure::usage("this build of cstok has no keyring")
                .hint("leave --keyring out, or build cstok with `--features keyring`"));
        }
        Ok(())
    }

    /// The session that is kept at a place, for whoever ends it.
    pub(crate) fn at(&self, place: Place) -> Result<Option<Kept>, Failure> {
        if place == Place::Keyring {
            return self.in_keyring();
        }
        let session = Session::find_to_end(&self.url)?;
        Ok(session.map(|Session { email, authtoken, .. }| Kept { place, email: Some(email), authtoken }))
    }

    /// Keeps a session at a place, and at no other. Says where it is.
    pub(crate) fn keep(&self, session: &Session, place: Place) -> Result<String, Failure> {
        self.check(place)?;
        match place {
            Place::File => {
                let path = session.keep()?;
                // A keyring that is locked does not keep anybody from using a file, which commands look at first.
                let _ = self.forget(Place::Keyring);
                Ok(path.display().to_string())
            }
            Place::Keyring => {
                self.keep_in_keyring(session)?;
                self.forget(Place::File)?;
                Ok("the keyring".to_owned())
            }
        }
    }

    /// Whether a place keeps this session.
    pub(crate) fn has(&self, place: Place, authtoken: &Secret) -> bool {
        self.at(place).is_ok_and(|kept| kept.is_some_and(|kept| kept.authtoken.same_as(authtoken)))
    }

    /// Forgets the session that is kept at a place.
    pub(crate) fn forget(&self, place: Place) -> Result<(), Failure> {
        match place {
            Place::File => Session::forget(&self.url),
            Place::Keyring => self.forget_in_keyring(),
        }
    }
}

#[cfg(feature = "keyring")]
impl Places {
    /// The session in the keyring. What others keep there for this address, a management token say, is none.
    fn in_keyring(&self) -> Result<Option<Kept>, Failure> {
        let found = Lookup::new().keyring(self.keyring.clone()).find().map_err(|error| match error {
            LookupError::Keyring(error) => failure("read", error),
            other => credential::failure(&other),
        })?;
        Ok(found.and_then(|found| match found.credential {
            Provided::Fixed(Credential::Authtoken(authtoken)) => {
                Some(Kept { place: Place::Keyring, email: None, authtoken })
            }
            _ => None,
        }))
    }

    fn keep_in_keyring(&self, session: &Session) -> Result<(), Failure> {
        let authtoken = Credential::Authtoken(session.authtoken.clone());
        self.keyring.keep(&authtoken).map_err(|error| failure("written", error))
    }

    fn forget_in_keyring(&self) -> Result<(), Failure> {
        if self.in_keyring()?.is_none() {
            return Ok(());
        }
        self.keyring.forget().map_err(|error| failure("written", error))
    }
}

#[cfg(not(feature = "keyring"))]
impl Places {
    const fn in_keyring(&self) -> Result<Option<Kept>, Failure> {
        Ok(None)
    }

    fn keep_in_keyring(&self, _: &Session) -> Result<(), Failure> {
        self.check(Place::Keyring)
    }

    const fn forget_in_keyring(&self) -> Result<(), Failure> {
        Ok(())
    }
}

#[cfg(feature = "keyring")]
fn failure(done: &str, error: KeyringError) -> Failure {
    Failure::unexpected(format!("the keyring cannot be {done}"), &error)
        .hint("unlock or start the keyring of the system, or leave --keyring out")
}

#[cfg(all(test, feature = "keyring"))]
mod tests {
    use std::sync::Arc;

    use keyring_core::api::CredentialStore;
    use keyring_core::mock::Store;

    use super::*;

    const URL: &str = "https://api.keyring.example";

    fn places(store: &Arc<Store>) -> Places {
        let store: Arc<CredentialStore> = store.clone();
        Places { url: URL.to_owned(), keyring: Keyring::of_store(store, SERVICE, URL) }
    }

    fn session(value: &str) -> Session {
        Session::new(URL, "me@example.com", Secret::new(value))
    }

    #[test]
    fn the_keyring_keeps_one_session_until_it_is_forgotten() {
        let store = Store::new().unwrap();
        let places = places(&store);
        assert!(places.in_keyring().unwrap().is_none());
        for value in ["first", "second"] {
            places.keep_in_keyring(&session(value)).unwrap();
            let kept = places.in_keyring().unwrap().unwrap();
            assert_eq!((kept.place, kept.authtoken.reveal()), (Place::Keyring, value));
            assert!(!format!("{kept:?} {places:?}").contains(value));
        }
        places.forget(Place::Keyring).unwrap();
        assert!(places.in_keyring().unwrap().is_none());
    }

    #[test]
    fn what_others_keep_for_the_address_stays() {
        let store = Store::new().unwrap();
        let places = places(&store);
        places.keyring.keep(&Credential::Management(Secret::new("of a build"))).unwrap();
        assert!(places.in_keyring().unwrap().is_none(), "a management token is no session");
        places.forget(Place::Keyring).unwrap();
        assert!(Lookup::new().keyring(places.keyring.clone()).find().unwrap().is_some());
    }

    #[test]
    fn commands_find_what_login_kept() {
        let store = Store::new().unwrap();
        let places = places(&store);
        places.keep_in_keyring(&session("kept")).unwrap();
        let found = Lookup::new().keyring(places.keyring.clone()).find().unwrap().unwrap();
        assert_eq!(found.whence, format!("from the keyring, for `{URL}`"));
    }
}
