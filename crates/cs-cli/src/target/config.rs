//! The configuration file: targets by name.

mod credentials;
mod file;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cs_model::{ApiKey, OrganizationUid, listed};

pub(crate) use self::credentials::Credentials;

use super::{LOCAL, Place, region_url};
use crate::failure::Failure;
use crate::paths;
use crate::problem::{self, Problem};

/// One target. Secrets are not kept here: the file names the environment variables and the files that hold them.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetConfig {
    pub(super) region: Option<String>,
    pub(super) url: Option<String>,
    pub(crate) api_key: Option<ApiKey>,
    /// Whose stacks they are, and whose rate its requests are counted against.
    pub(crate) organization: Option<OrganizationUid>,
    pub(crate) profile: Option<String>,
    pub(crate) credentials: Credentials,
    /// The stacks that it names.
    pub(crate) stacks: BTreeMap<String, StackConfig>,
}

/// One stack of a target.
#[derive(Clone, Debug)]
pub(crate) struct StackConfig {
    pub(crate) api_key: ApiKey,
    /// Its own, where it names any; else those of the target.
    pub(crate) credentials: Credentials,
}

/// The configuration with the place where it was read.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    targets: BTreeMap<String, TargetConfig>,
    /// What is wrong with targets, each with its place in the file; nothing else is.
    wrong: Vec<(String, Problem)>,
}

impl Config {
    /// Reads the file; a missing one has no targets. What is wrong with one target is told when that is asked for.
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
        let folder = path.parent().unwrap_or(Path::new("."));
        let file::Found { targets, wrong } = file::targets(&text, folder);
        let file = path.display().to_string();
        let is_about_all = wrong.iter().any(|wrong| wrong.target.is_none());
        let all = wrong.into_iter().map(|wrong| {
            let (line, column) = wrong.offset.map_or((0, 0), |offset| line_and_column(&text, offset));
            let problem = Problem { fix: wrong.fix, ..Problem::in_file(&file, line, "config", wrong.what) };
            let problem = if line > 0 { problem.column(column) } else { problem };
            (wrong.target.unwrap_or_default(), problem)
        });
        let config = Self { targets, wrong: all.collect(), path };
        if is_about_all { Err(config.failure()) } else { Ok(config) }
    }

    /// Everything that is wrong with the file.
    fn failure(&self) -> Failure {
        let problems: Vec<Problem> = self.wrong.iter().map(|(_, problem)| problem.clone()).collect();
        let message =
            format!("the configuration file `{}` has {}", self.path.display(), problem::count(&problems));
        Failure { problems, ..Failure::usage(message) }
            .hint("`cstok --help` shows the form of the configuration")
    }

    /// The target of this name.
    pub(crate) fn target(&self, name: &str) -> Result<TargetConfig, Failure> {
        if self.wrong.iter().any(|(target, _)| target == name) {
            return Err(self.failure());
        }
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

    /// The stack of this name or API key, if the target names it.
    pub(crate) fn stack(&self, given: &str) -> Option<&StackConfig> {
        let by_key = || self.stacks.values().find(|stack| stack.api_key.as_str() == given.trim());
        self.stacks.get(given).or_else(by_key)
    }
}

/// The line and the column of a byte offset, from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        let targets = file::targets(
            "[targets.staging]\nregion = \"eu\"\napi_key = \"blt1\"\norganization = \"blt9\"\nauthtoken_env = \"STAGING\"\n[targets.here]\nurl = \"http://127.0.0.1:1\"\n\
             [targets.here.stacks.shop]\napi_key = \"blt2\"\nmanagement_token_file = \"shop.token\"",
            Path::new("/etc"),
        )
        .targets;
        let staging = &targets["staging"];
        let places = staging.credentials.places().unwrap();
        assert_eq!(places.environment.authtoken.as_deref(), Some("STAGING"));
        assert_eq!(places.environment.oauth, None);
        assert_eq!(staging.organization.as_ref().map(OrganizationUid::as_str), Some("blt9"));
        assert!(matches!(staging.place(), Ok(Place::Url(url)) if url == "https://eu-api.contentstack.com"));
        let here = &targets["here"];
        assert!(!here.credentials.are_named());
        assert!(here.credentials.places().unwrap().environment.oauth.is_some(), "the usual ones");
        let shop = here.stack("shop").unwrap();
        assert_eq!(shop.api_key.as_str(), "blt2");
        assert!(here.stack("blt2").is_some() && here.stack("blt3").is_none());
        assert_eq!(shop.credentials.places().unwrap().files[0].path(), Path::new("/etc/shop.token"));
    }

    #[test]
    fn places_count_from_one() {
        assert_eq!(line_and_column("a\nbc", 3), (2, 2));
        assert_eq!(line_and_column("", 0), (1, 1));
    }
}
