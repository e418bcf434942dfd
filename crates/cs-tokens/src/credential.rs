//! What a request authenticates itself with.

pub mod lookup;
pub mod oauth;
mod source;

use std::fmt;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::sync::OnceLock;

use bytes::Bytes;
use cs_model::{Authtoken, Secret};
use http::{HeaderMap, HeaderName, HeaderValue, header};

pub use self::source::{CredentialSource, Provided, Setting, SourceError};

use crate::Error;

/// A credential for the management API (seed 000, "Content Management API Authentication"). Its kind decides its header, and a
/// request carries one only.
///
/// `Debug` shows the kind and never the value.
///
/// ```
/// use cs_model::Secret;
/// use cs_tokens::Credential;
/// let credential = Credential::Authtoken(Secret::new("blt-not-a-real-session"));
/// assert_eq!(format!("{credential:?}"), "Authtoken(Secret([redacted]))");
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Credential {
    /// None: enough to log in (OA3).
    #[default]
    None,
    /// A user's session, in `authtoken` (seed 000, "Method 1: API Key + Authtoken"). The only credential that manages tokens (seed 001,
    /// "Authentication Tokens (Authtokens)"), besides OAuth (guide-auth).
    Authtoken(Secret),
    /// A management token, bare in `authorization` (seed 000, "Method 2: API Key + Management Token"; studio-cma).
    Management(Secret),
    /// An OAuth access token, in `authorization` after `Bearer` (CMA-doc, "Authentication"; guide-auth).
    OAuth(Secret),
}

/// The kinds of credentials. `Display` shows the name: `authtoken`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CredentialKind {
    /// None.
    None,
    /// A user's session.
    Authtoken,
    /// A management token.
    Management,
    /// An OAuth access token.
    OAuth,
}

impl CredentialKind {
    /// Its name, for messages: `authtoken`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "no credential",
            Self::Authtoken => "authtoken",
            Self::Management => "management token",
            Self::OAuth => "OAuth token",
        }
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The header of an authtoken.
pub(crate) const AUTHTOKEN: HeaderName = HeaderName::from_static("authtoken");

impl Credential {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        match self {
            Self::None => CredentialKind::None,
            Self::Authtoken(_) => CredentialKind::Authtoken,
            Self::Management(_) => CredentialKind::Management,
            Self::OAuth(_) => CredentialKind::OAuth,
        }
    }

    /// The same with white space around its value removed.
    pub(crate) fn cleaned(&self) -> Result<Self, cs_model::SecretError> {
        let clean = |secret: &Secret| Secret::from_input(secret.reveal());
        Ok(match self {
            Self::None => Self::None,
            Self::Authtoken(secret) => Self::Authtoken(clean(secret)?),
            Self::Management(secret) => Self::Management(clean(secret)?),
            Self::OAuth(secret) => Self::OAuth(clean(secret)?),
        })
    }

    /// Whether both are of one kind and hold the same value.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Authtoken(left), Self::Authtoken(right))
            | (Self::Management(left), Self::Management(right))
            | (Self::OAuth(left), Self::OAuth(right)) => left.same_as(right),
            _ => false,
        }
    }

    /// A number that tells it from others within this process, and is another one in the next.
    pub(crate) fn number(&self) -> u64 {
        // With a key that nobody knows, so that the number is no fingerprint of the value.
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let mut hasher = KEY.get_or_init(RandomState::new).build_hasher();
        match self {
            Self::None => {}
            Self::Authtoken(secret) | Self::Management(secret) | Self::OAuth(secret) => {
                secret.reveal().trim().hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Its header, marked as sensitive.
    pub(crate) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
        Ok(match self {
            Self::None => None,
            Self::Authtoken(secret) => Some((AUTHTOKEN, sensitive(secret, "")?)),
            Self::Management(secret) => Some((header::AUTHORIZATION, sensitive(secret, "")?)),
            Self::OAuth(secret) => Some((header::AUTHORIZATION, sensitive(secret, "Bearer ")?)),
        })
    }

    /// Adds its header.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        if let Some((name, value)) = self.header()? {
            headers.insert(name, value);
        }
        Ok(())
    }
}

impl From<Authtoken> for Credential {
    fn from(token: Authtoken) -> Self {
        Self::Authtoken(token.value)
    }
}

/// A header value that is never printed; surrounding white space is removed.
pub(crate) fn sensitive(secret: &Secret, prefix: &str) -> Result<HeaderValue, Error> {
    let clean = Secret::from_input(secret.reveal()).map_err(Error::Credential)?;
    // The owner overwrites the bytes when the last header that shares them goes.
    let text = zeroize::Zeroizing::new([prefix.as_bytes(), clean.reveal().as_bytes()].concat());
    // What is left after the check above are visible ASCII characters and spaces, which a header can carry.
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text))
        .map_err(|_| Error::Credential(cs_model::SecretError::NotForHeader))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(credential: &Credential) -> HeaderMap {
        let mut headers = HeaderMap::new();
        credential.add_to(&mut headers).unwrap();
        headers
    }

    #[test]
    fn each_kind_has_one_header() {
        let secret = || Secret::new(" canary\n");
        for (credential, name, value) in [
            (Credential::Authtoken(secret()), "authtoken", "canary"),
            (Credential::Management(secret()), "authorization", "canary"),
            (Credential::OAuth(secret()), "authorization", "Bearer canary"),
        ] {
            let headers = headers(&credential);
            assert_eq!(headers.len(), 1);
            assert_eq!(headers[name], value);
            assert!(headers[name].is_sensitive());
            assert!(!format!("{headers:?} {credential:?}").contains("canary"));
        }
        assert!(headers(&Credential::None).is_empty());
    }

    #[test]
    fn what_no_header_can_carry_is_refused_without_showing_it() {
        for bad in ["", " ", "a\r\ncanary: x", "canaryä"] {
            let error = Credential::OAuth(Secret::new(bad)).add_to(&mut HeaderMap::new()).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
        }
    }
}
