//! The configuration file: targets by name.

mod file;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use cs_model::{ApiKey, listed};

use super::credential::Variables;
use super::{LOCAL, Place, region_url};
use crate::failure::Failure;
use crate::paths;

/// One target. Secrets are not kept here: the file names the environment variables that hold them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TargetConfig {
    pub(super) region: Option<String>,
    pub(super) url: Option<String>,
    pub(crate) api_key: Option<ApiKey>,
    pub(crate) profile: Option<String>,
    pub(super) authtoken_env: Option<String>,
    pub(super) management_token_env: Option<String>,
    pub(super) oauth_token_env: Option<String>,
}

/// The configuration with the place where it was read.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    targets: BTreeMap<String, TargetConfig>,
}

impl Config {
    /// Reads the file; a missing one has no targets.
    pub(crate) fn read() -> Result<Self, Failure> {
        let path = paths::config_file()?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let message = format!("the configuration file `{}` cannot be read", path.display());
                return Err(Failure::usage(message).caused_by(&error));
            }
        };
        let targets = file::targets(&text).map_err(|wrong| {
            let place = wrong.offset.map_or(String::new(), |offset| line_and_column(&text, offset));
            Failure::usage(format!("{}{place}: {}", path.display(), wrong.what))
                .hint("`cstok --help` shows the form of the configuration")
        })?;
        Ok(Self { path, targets })
    }

    /// The target of this name.
    pub(crate) fn target(&self, name: &str) -> Result<TargetConfig, Failure> {
        self.targets.get(name).cloned().ok_or_else(|| {
            let known = listed(name, std::iter::once(LOCAL).chain(self.targets.keys().map(String::as_str)));
            Failure::usage(format!("there is no target `{name}`"))
                .hint(format!("one of {known}"))
                .hint(format!("or add a table [targets.{name}] to {}", self.path.display()))
        })
    }
}

impl TargetConfig {
    /// Where it is.
    pub(crate) fn place(&self) -> Result<Place, Failure> {
        match (&self.url, &self.region) {
            (Some(url), None) => Ok(Place::Url(url.clone())),
            (None, Some(region)) => region_url(region, "the `region` of the target is not one"),
            (Some(_), Some(_)) => Err(Failure::usage("the target has both a `url` and a `region`")
                .hint("keep one of them in the configuration file")),
            (None, None) => Err(Failure::usage("the target has neither a `url` nor a `region`")
                .hint("add one of them to the configuration file")),
        }
    }

    /// The variables that it names for credentials; the usual ones when it names none.
    pub(crate) fn variables(&self) -> Variables {
        let (authtoken, management, oauth) =
            (self.authtoken_env.clone(), self.management_token_env.clone(), self.oauth_token_env.clone());
        if authtoken.is_none() && management.is_none() && oauth.is_none() {
            return Variables::usual();
        }
        Variables { authtoken, management, oauth, configured: true }
    }
}

/// `:3:7` for a byte offset.
fn line_and_column(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    format!(":{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        let targets = file::targets(
            "[targets.staging]\nregion = \"eu\"\napi_key = \"blt1\"\nauthtoken_env = \"STAGING\"\n[targets.here]\nurl = \"http://127.0.0.1:1\"",
        )
        .unwrap();
        let staging = &targets["staging"];
        assert_eq!(staging.variables().authtoken.as_deref(), Some("STAGING"));
        assert_eq!(staging.variables().oauth, None);
        assert!(matches!(staging.place(), Ok(Place::Url(url)) if url == "https://eu-api.contentstack.com"));
        assert_eq!(targets["here"].variables(), Variables::usual());
    }

    #[test]
    fn places_count_from_one() {
        assert_eq!(line_and_column("a\nbc", 3), ":2:2");
        assert_eq!(line_and_column("", 0), ":1:1");
    }
}
