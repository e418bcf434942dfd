//! Which credential a command uses, and where it comes from.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cs_model::Secret;
use cs_tokens::Provided;
use cs_tokens::credential::lookup::{Environment, Found, KeptFile, Lookup, LookupError};

use crate::failure::Failure;

/// Names an authtoken.
pub(crate) const AUTHTOKEN: &str = "CONTENTSTACK_AUTHTOKEN";
/// Names a management token.
pub(crate) const MANAGEMENT_TOKEN: &str = "CONTENTSTACK_MANAGEMENT_TOKEN";
/// Names an OAuth token.
pub(crate) const OAUTH_TOKEN: &str = "CONTENTSTACK_OAUTH_TOKEN";

/// The credentials of this process that change, by their files. A grant is refreshed once, however many stacks are worked on:
/// its refresh token works once.
static SOURCES: Mutex<BTreeMap<Vec<PathBuf>, Provided>> = Mutex::new(BTreeMap::new());

/// The environment variables and files that may hold a credential.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    pub(crate) environment: Environment,
    pub(crate) files: Vec<KeptFile>,
    /// Whether the configuration names them. Then a name is shown only when a variable of it is set: somebody may have put
    /// the credential itself in its place.
    pub(crate) configured: bool,
}

impl Places {
    /// The variables that hold whatever the target is called.
    pub(crate) fn usual() -> Self {
        let environment = Environment {
            authtoken: Some(AUTHTOKEN.to_owned()),
            management: Some(MANAGEMENT_TOKEN.to_owned()),
            oauth: Some(OAUTH_TOKEN.to_owned()),
            ..Environment::default()
        };
        Self { environment, ..Self::default() }
    }

    /// The same without that of a management token, for a request that sends one beside another credential.
    pub(crate) fn without_management(mut self) -> Self {
        self.environment.management = None;
        self
    }

    /// What to set for a credential, in words.
    pub(crate) fn describe(&self) -> String {
        let keys = ["authtoken_env", "management_token_env", "oauth_token_env"];
        let Environment { authtoken, management, oauth, .. } = &self.environment;
        let variables = keys.into_iter().zip([authtoken, management, oauth]).filter_map(|(key, name)| {
            let name = name.as_ref()?;
            Some(if self.configured { format!("the variable that `{key}` names") } else { name.clone() })
        });
        let named: Vec<String> = variables.collect();
        let files: Vec<String> =
            self.files.iter().map(|file| format!("`{}`", file.path().display())).collect();
        match (named.is_empty(), files.is_empty()) {
            (true, false) => format!("or write the file {}", files.join(" or ")),
            (false, false) => {
                format!("or set {}, or write the file {}", named.join(" or "), files.join(" or "))
            }
            (_, true) => format!("or set {}", named.join(" or ")),
        }
    }

    /// Those variables that are set.
    pub(crate) fn set(&self) -> Vec<&str> {
        self.environment.set()
    }

    /// The one credential that is there; an error when several are.
    pub(crate) fn find(&self) -> Result<Option<Found>, Failure> {
        // Held meanwhile, so that no second source is made of what one has.
        let mut sources = SOURCES.lock().unwrap_or_else(PoisonError::into_inner);
        let lookup = Lookup::new().environment(self.environment.clone());
        let found = self.files.iter().cloned().fold(lookup, Lookup::file).find();
        let Some(mut found) = found.map_err(|error| failure(&error))? else { return Ok(None) };
        if matches!(found.credential, Provided::Source(_)) {
            let files = self.files.iter().map(|file| file.path().to_owned()).collect();
            found.credential = sources.entry(files).or_insert(found.credential).clone();
        }
        Ok(Some(found))
    }
}

/// Why there is no credential although something is there.
pub(crate) fn failure(error: &LookupError) -> Failure {
    let failure = Failure::usage(error.to_string());
    let failure = match std::error::Error::source(error) {
        Some(source) => failure.caused_by(source),
        None => failure,
    };
    error.fix().into_iter().fold(failure, Failure::hint)
}

/// The secret in a variable.
pub(crate) fn secret_of(name: &str) -> Result<Secret, Failure> {
    let text = env::var(name).map_err(|_| Failure::usage(format!("{name} is not set, or not text")))?;
    Secret::from_input(&text)
        .map_err(|error| Failure::usage(format!("{name} holds no credential")).caused_by(&error))
}
