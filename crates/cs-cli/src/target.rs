//! Where a command works: which API, which stack, which profile, and with what credential.

pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod credential;
pub(crate) mod kept;
pub(crate) mod local;
pub(crate) mod session;
pub(crate) mod trust;

use std::collections::BTreeMap;
use std::env;

use cs_model::facts::Region;
use cs_model::{Api, ApiKey, OrganizationUid, Plain, Profile, listed};

use self::config::{Config, TargetConfig};
use self::credential::Places;
use crate::args::TargetArgs;
use crate::failure::Failure;

/// The name of the target inside this program.
pub(crate) const LOCAL: &str = "local";
/// Names the stack of targets other than the local one.
pub(crate) const API_KEY: &str = "CONTENTSTACK_API_KEY";

/// Where the API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Inside this program.
    Local,
    /// At this URL.
    Url(String),
}

/// Where a command works, as far as the command line, the configuration and the environment say.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Its name: `local`, a name of the configuration file, a region or a URL.
    pub(crate) name: String,
    pub(crate) place: Place,
    /// The stack, when it is named: the local target has one of its own.
    pub(crate) api_key: Option<ApiKey>,
    /// What the target calls its stacks.
    stack_names: BTreeMap<ApiKey, String>,
    /// Whose stacks these are, and whose rate the requests are counted against, where the configuration says it.
    pub(crate) organization: Option<OrganizationUid>,
    pub(crate) profile: Profile,
    /// The places that may hold its credential.
    pub(crate) places: Places,
    /// Whether the command line names the stack.
    pub(crate) stack_given: bool,
    /// What to know of a stack that the command line names and the target's table does not.
    pub(crate) unnamed: Option<String>,
    /// The options that name all this, each with a blank before it: ` --region eu`. For hints.
    pub(crate) options: String,
}

impl Target {
    /// Puts together what was said in the three places: the command line wins over the configuration file, and that over
    /// the environment.
    pub(crate) fn resolve(args: &TargetArgs) -> Result<Self, Failure> {
        let (name, place, config) = match args {
            TargetArgs { url: Some(url), .. } => {
                (url.clone(), Place::Url(url.clone()), TargetConfig::default())
            }
            TargetArgs { region: Some(region), .. } => (
                region.clone(),
                region_url(region, &format!("there is no region `{region}`"))?,
                TargetConfig::default(),
            ),
            TargetArgs { target: Some(name), .. } if name != LOCAL => {
                let config = Config::read()?.target(name)?;
                (name.clone(), config.place()?, config)
            }
            _ => {
                // What is wrong with the whole is better known before the one target that does not need it is taken for
                // another.
                Config::read()?;
                (LOCAL.to_owned(), Place::Local, TargetConfig::default())
            }
        };
        let profile = match (&args.profile, &config.profile) {
            (Some(given), _) => profile(Some(given))?,
            (None, Some(configured)) => named_profile(configured, "the `profile` of the target is not one")?,
            (None, None) => Profile::default(),
        };
        let given = one_stack(args)?;
        let named = given.and_then(|given| config.stack(given));
        let credentials = named.map(|stack| &stack.credentials).filter(|found| found.are_named());
        let places = credentials.unwrap_or(&config.credentials).places()?;
        let unnamed = given.filter(|_| named.is_none() && !config.stacks.is_empty()).map(|given| {
            let known = listed(given, config.stacks.keys().map(String::as_str));
            format!(
                "the target names no stack `{}` (it names {known}), so it is taken for an API key",
                Plain(given)
            )
        });
        let api_key = match (given, config.api_key.clone(), &place) {
            (Some(given), _, _) => Some(match named {
                Some(stack) => stack.api_key.clone(),
                None => api_key("--stack", given)?,
            }),
            (None, Some(configured), _) => Some(configured),
            // The local target is not what the environment of a real stack is about.
            (None, None, Place::Local) => None,
            (None, None, Place::Url(_)) => match env::var(API_KEY) {
                Ok(text) if !text.is_empty() => Some(api_key(API_KEY, &text)?),
                _ => None,
            },
        };
        let stack_names = config.stacks.into_iter().map(|(name, stack)| (stack.api_key, name)).collect();
        Ok(Self {
            name,
            place,
            api_key,
            stack_names,
            organization: config.organization,
            profile,
            places,
            stack_given: given.is_some(),
            unnamed,
            options: options(args),
        })
    }

    /// What stands for a stack in sinks: what the target calls it, or else its API key.
    pub(crate) fn name_of<'a>(&'a self, api_key: &'a ApiKey) -> &'a str {
        self.stack_names.get(api_key).map_or(api_key.as_str(), String::as_str)
    }

    /// What stands in sinks for the stack that is named, if one is.
    pub(crate) fn stack_name(&self) -> Option<&str> {
        self.api_key.as_ref().map(|api_key| self.name_of(api_key))
    }

    /// How to come by another credential where one was refused. What a variable holds is taken before a session.
    pub(crate) fn login_anew_hints(&self) -> Vec<String> {
        let set = self.places.set();
        if self.is_local() || set.is_empty() {
            return self.login_hints();
        }
        let set = set.join(" and ");
        vec![format!("set another value in {set}, or unset it and log in: cstok login EMAIL{}", self.options)]
    }

    /// How to come by a credential for it.
    pub(crate) fn login_hints(&self) -> Vec<String> {
        let log_in = format!("log in: cstok login EMAIL{}", self.options);
        // The local target reads no variable.
        if self.is_local() { vec![log_in] } else { vec![log_in, self.places.describe()] }
    }

    /// Whether it is the one inside this program.
    pub(crate) fn is_local(&self) -> bool {
        self.place == Place::Local
    }
}

fn options(args: &TargetArgs) -> String {
    let TargetArgs { target, url, region, stack, all_stacks: _, profile } = args;
    let named = [("target", target), ("url", url), ("region", region)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let stacks = stack.iter().map(|stack| ("stack", stack));
    let profile = profile.iter().map(|profile| ("profile", profile));
    named.chain(stacks).chain(profile).map(|(name, value)| format!(" --{name} {value}")).collect()
}

/// The one stack that is named, if any.
fn one_stack(args: &TargetArgs) -> Result<Option<&str>, Failure> {
    match args.stack.as_slice() {
        _ if args.all_stacks => {
            Err(Failure::usage("the command works on one stack").hint("leave --all-stacks out"))
        }
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            Err(Failure::usage(format!("{} stacks are named, and the command works on one", several.len())))
        }
    }
}

/// The profile of this name, or the default.
pub(crate) fn profile(name: Option<&str>) -> Result<Profile, Failure> {
    let Some(name) = name else { return Ok(Profile::default()) };
    named_profile(name, &format!("there is no profile `{name}`"))
}

fn named_profile(name: &str, otherwise: &str) -> Result<Profile, Failure> {
    Profile::find(name).ok_or_else(|| {
        Failure::usage(otherwise)
            .hint(format!("one of {}", Profile::NAMES.map(|name| format!("`{name}`")).join(", ")))
    })
}

pub(crate) fn api_key(whence: &str, text: &str) -> Result<ApiKey, Failure> {
    text.trim().parse().map_err(|error| {
        let failure = Failure::usage(format!("{whence} holds no api_key"));
        // Variables of this kind hold secrets, and somebody may have put one into the wrong variable.
        if whence == API_KEY {
            failure.hint("an API key has letters and digits only")
        } else {
            failure.caused_by(&error)
        }
    })
}

/// The API of a region; `otherwise` is what to say when there is none.
fn region_url(name: &str, otherwise: &str) -> Result<Place, Failure> {
    match Region::find(name) {
        Some(region) => Ok(Place::Url(format!("https://{}", region.host(Api::Management)))),
        None => {
            let known: Vec<String> =
                cs_model::generated::REGIONS.iter().map(|region| format!("`{}`", region.id)).collect();
            Err(Failure::usage(otherwise).hint(format!("one of {}", known.join(", "))))
        }
    }
}
