//! Environment variables.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use cs_model::Secret;

use super::{Found, LookupError};
use crate::credential::Credential;

/// The names of the variables that may hold a credential, by its kind. An empty variable counts as one that is not set.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "settings, made with the default's update syntax")]
pub struct Environment {
    /// Holds an authtoken.
    pub authtoken: Option<String>,
    /// Holds a management token.
    pub management: Option<String>,
    /// Holds an OAuth access token, which nobody refreshes.
    pub oauth: Option<String>,
    /// Where variables are: the process by default.
    pub reader: Reader,
}

/// Reads variables.
#[derive(Clone)]
pub struct Reader(Arc<Read>);

type Read = dyn Fn(&str) -> Option<OsString> + Send + Sync;

impl Environment {
    /// The same with variables that are elsewhere than in the process: in a test, say.
    #[must_use]
    pub fn reading(mut self, reader: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        self.reader = Reader(Arc::new(reader));
        self
    }

    /// The names of those that are set.
    #[must_use]
    pub fn set(&self) -> Vec<&str> {
        [&self.authtoken, &self.management, &self.oauth]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .filter(|name| (self.reader.0)(name).is_some_and(|value| !value.is_empty()))
            .collect()
    }

    /// The one credential that is set.
    pub(super) fn find(&self) -> Result<Option<Found>, LookupError> {
        let name = match *self.set().as_slice() {
            [] => return Ok(None),
            [name] => name,
            ref several => {
                let names = several.iter().map(|name| (*name).to_owned()).collect();
                return Err(LookupError::Several { names });
            }
        };
        let not_text = || LookupError::NotText { name: name.to_owned() };
        let text = (self.reader.0)(name).and_then(|text| text.into_string().ok()).ok_or_else(not_text)?;
        let secret = Secret::new(text);
        let credential = if self.authtoken.as_deref() == Some(name) {
            Credential::Authtoken(secret)
        } else if self.management.as_deref() == Some(name) {
            Credential::Management(secret)
        } else {
            Credential::OAuth(secret)
        };
        Found::checked(&credential, format!("from {name}")).map(Some)
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self(Arc::new(|name| env::var_os(name)))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_variable_and_two_are_one_too_many() {
        let all = Environment {
            authtoken: Some("A".to_owned()),
            management: Some("M".to_owned()),
            oauth: Some("O".to_owned()),
            ..Environment::default()
        };
        for (set, kind) in [("A", "authtoken"), ("M", "management token"), ("O", "OAuth token")] {
            let found = all.clone().reading(move |name| (name == set).then(|| "x".into())).find().unwrap();
            assert_eq!(found.unwrap().credential.kind().name(), kind);
        }
        assert!(all.clone().reading(|_| None).find().unwrap().is_none());
        let error = all.reading(|name| (name != "O").then(|| "canary".into())).find().unwrap_err();
        assert_eq!(error.to_string(), "A and M hold a credential each, and a request carries one");
        assert!(!format!("{error:?}").contains("canary"));
    }
}
