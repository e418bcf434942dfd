//! Which credential a command uses, and where it comes from.

use std::env;

use cs_model::Secret;
use cs_tokens::Credential;

use crate::failure::Failure;

/// Names an authtoken.
pub(crate) const AUTHTOKEN: &str = "CONTENTSTACK_AUTHTOKEN";
/// Names a management token.
pub(crate) const MANAGEMENT_TOKEN: &str = "CONTENTSTACK_MANAGEMENT_TOKEN";
/// Names an OAuth token.
pub(crate) const OAUTH_TOKEN: &str = "CONTENTSTACK_OAUTH_TOKEN";

/// The environment variables that may hold a credential, by its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variables {
    pub(crate) authtoken: Option<String>,
    pub(crate) management: Option<String>,
    pub(crate) oauth: Option<String>,
    /// Whether the configuration names them. Then a name is shown only when a variable of it is set: somebody may have put
    /// the credential itself in its place.
    pub(crate) configured: bool,
}

/// A credential with the words that say where it comes from.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) credential: Credential,
    /// `from CONTENTSTACK_AUTHTOKEN`, `of the demo owner`.
    pub(crate) whence: String,
}

impl Variables {
    /// Those that hold whatever the target is called.
    pub(crate) fn usual() -> Self {
        Self {
            authtoken: Some(AUTHTOKEN.to_owned()),
            management: Some(MANAGEMENT_TOKEN.to_owned()),
            oauth: Some(OAUTH_TOKEN.to_owned()),
            configured: false,
        }
    }

    /// The same without that of a management token, for a request that sends one beside another credential.
    pub(crate) fn without_management(mut self) -> Self {
        self.management = None;
        self
    }

    /// What to set for a credential, in words.
    pub(crate) fn describe(&self) -> String {
        let keys = ["authtoken_env", "management_token_env", "oauth_token_env"];
        let named: Vec<String> = keys
            .into_iter()
            .zip([&self.authtoken, &self.management, &self.oauth])
            .filter_map(|(key, name)| {
                let name = name.as_ref()?;
                Some(if self.configured { format!("the variable that `{key}` names") } else { name.clone() })
            })
            .collect();
        named.join(" or ")
    }

    /// Those that are set, in words for people.
    pub(crate) fn set(&self) -> Vec<&str> {
        [&self.authtoken, &self.management, &self.oauth]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .filter(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
            .collect()
    }

    /// The one credential that is set; an error when several are.
    pub(crate) fn read(&self) -> Result<Option<Found>, Failure> {
        let set = self.set();
        let name = match set.as_slice() {
            [] => return Ok(None),
            [name] => *name,
            several => {
                return Err(Failure::usage(format!(
                    "{} hold a credential each, and a request carries one",
                    several.join(" and ")
                ))
                .hint("unset all but the one to use"));
            }
        };
        let secret = secret_of(name)?;
        let credential = if self.authtoken.as_deref() == Some(name) {
            Credential::Authtoken(secret)
        } else if self.management.as_deref() == Some(name) {
            Credential::Management(secret)
        } else {
            Credential::OAuth(secret)
        };
        Ok(Some(Found { credential, whence: format!("from {name}") }))
    }
}

/// The secret in a variable.
pub(crate) fn secret_of(name: &str) -> Result<Secret, Failure> {
    let text = env::var(name).map_err(|_| Failure::usage(format!("{name} is not set, or not text")))?;
    Secret::from_input(&text)
        .map_err(|error| Failure::usage(format!("{name} holds no credential")).caused_by(&error))
}
