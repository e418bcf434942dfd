//! What lints are told besides the tokens.

use std::collections::BTreeSet;

use cs_model::profile::Profile;
use cs_model::{LimitId, StackNames};
use jiff::Timestamp;

use crate::generated::{PRODUCTION, ROTATION_SLOTS, SOON_DAYS};

/// How to lint. Make it with [`Options::new`] and change what is different.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options<'a> {
    /// Which documents to believe: limits, and at which edge of its last day a token ends.
    pub profile: &'a Profile,
    /// The time of the lint.
    pub now: Timestamp,
    /// How many days before its end a token expires soon. At first the days of the profile's e-mail notice.
    pub soon_days: u32,
    /// Names of environments that hold what visitors see, in lower case: `production`, `prod` and `live` at first.
    pub production: BTreeSet<String>,
    /// What the stack has, when known: then a list of all branches is told from a list of some.
    pub names: Option<&'a StackNames>,
    /// How many places under the limit must be free for a rotation: one at first.
    pub rotation_slots: u32,
}

impl<'a> Options<'a> {
    /// The usual ones: `soon_days`, `production` and `rotation_slots` as their fields say, and nothing known of the stack.
    #[must_use]
    pub fn new(profile: &'a Profile, now: Timestamp) -> Self {
        Self {
            profile,
            now,
            soon_days: profile.limit(LimitId::ExpiryNoticeDays).value.unwrap_or(SOON_DAYS),
            production: PRODUCTION.into_iter().map(str::to_owned).collect(),
            names: None,
            rotation_slots: ROTATION_SLOTS,
        }
    }

    /// The same with another number of days.
    #[must_use]
    pub const fn soon_days(mut self, days: u32) -> Self {
        self.soon_days = days;
        self
    }

    /// The same with other names of production environments.
    #[must_use]
    pub fn production<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.production = names.into_iter().map(|name| name.as_ref().to_lowercase()).collect();
        self
    }

    /// The same with what the stack has.
    #[must_use]
    pub const fn names(mut self, names: &'a StackNames) -> Self {
        self.names = Some(names);
        self
    }

    /// The same with another number of places that a rotation needs.
    #[must_use]
    pub const fn rotation_slots(mut self, slots: u32) -> Self {
        self.rotation_slots = slots;
        self
    }

    /// Whether an environment of this name holds what visitors see.
    #[must_use]
    pub fn is_production(&self, environment: &str) -> bool {
        self.production.contains(&environment.to_lowercase())
    }
}
