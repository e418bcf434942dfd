//! Profiles: which of the vendor's documents to believe, as values.
//!
//! Documents disagree about limits and rules. A [`Profile`] says, for each limit, switch and
//! contradiction, what holds and which page says so. Three come with the crate: [`Profile::seeds`]
//! (the default), [`Profile::documented_2026`] and [`Profile::live`]. Make your own with
//! [`Profile::with_limit`] and its siblings.

use std::borrow::Cow;

mod readings;

pub use readings::{ClientReadings, Readings};

use crate::facts::Served;
use crate::generated::{ContradictionId, LimitId};

/// What happens to one more than a limit allows. Both are documented, for different limits or by different pages
/// ([`ContradictionId::ManagementTokenAtLimit`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the documents know these two outcomes")]
pub enum AtLimit {
    /// It is refused.
    Refuse,
    /// It is made, and the oldest one stops working: so it is with authtokens (seed 001, "Authentication Tokens (Authtokens)").
    EvictOldest,
}

/// How a broken limit is reported by checks before a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a finding stops the request or it does not")]
pub enum Level {
    /// Stops the request.
    Error,
    /// Is shown; the request goes on.
    Warning,
}

/// A limit with its provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The number, in the unit that [`LimitId`] names; `None` when the documents give none (it depends on the plan).
    pub value: Option<u32>,
    /// What happens beyond it.
    pub at_limit: AtLimit,
    /// How checks report it.
    pub level: Level,
    /// The page that says so.
    pub source: Cow<'static, str>,
}

/// A value with the page that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The page that says so.
    pub source: Cow<'static, str>,
}

/// At which edge of its last day a token that expires on a date stops working, in UTC. A page says midnight of the date and not
/// which one (generate-management-token).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a day has two edges")]
pub enum DayEdge {
    /// At 00:00 of the date itself.
    Start,
    /// At 00:00 of the day after.
    End,
}

/// How single tokens and notices look in answers: clients and the reference page differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "two shapes are known")]
pub enum AnswerShape {
    /// `{"token": {}}` and `notice`, as the vendor's clients see them (NET, `Contentstack016_DeliveryTokenTest.cs Test003`; JS,
    /// `test/sanity-check/api/token-test.js`).
    Live,
    /// `{"tokens": [{}]}` and `notice:` where the reference page shows them (seed 002, "Get a single delivery token"; seed 002,
    /// "Update delivery token").
    Documented,
}

/// Which module names a management token's scope may hold: no page lists them (ui; faq, 06/10; third-party).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "either any name goes or a list does")]
pub enum ModuleNames {
    /// Any; unknown names are a warning.
    Open,
    /// Only those that the module table marks as grantable.
    Listed,
}

/// Questions about behaviour, each with its answer and, in [`Sourced::source`], the page that gives it. What each profile takes them
/// from stands in `docs/reference/profiles.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switches {
    /// When a token with a date as its expiry stops working (generate-management-token).
    pub expiry_day: Sourced<DayEdge>,
    /// How answers of the service look (NET, `Contentstack016_DeliveryTokenTest.cs Test003`; seed 002, "Get a single delivery token").
    pub answer_shape: Sourced<AnswerShape>,
    /// Which modules a management scope may name (choice, no page lists them).
    pub module_names: Sourced<ModuleNames>,
    /// Whether a token must name a branch or an alias (seed 002, "Create delivery token"; JS, `token-test.js`).
    pub branch_scope_required: Sourced<bool>,
    /// Whether two tokens of one kind may not share a name in a stack (NET, `Contentstack016_DeliveryTokenTest.cs Test035`).
    pub unique_names: Sourced<bool>,
    /// Whether a grant of a branch also covers requests that name an alias of it (seed 001, "Types of Tokens"; faq, 05/15).
    pub branch_covers_alias: Sourced<bool>,
    /// Whether an expired management token still counts against the limit, which is worded on how many can be created (seed 001,
    /// "Management Tokens").
    pub expired_counts: Sourced<bool>,
    /// Whether a management token's scope may stand under `Scope`, as one of the vendor's clients sends it (NET,
    /// `Contentstack.Management.Core/Models/Token/DeliveryTokenModel.cs`).
    pub capital_scope_accepted: Sourced<bool>,
    /// Whether `preview_token` is shown in lists of delivery tokens, too (JS, `previewToken-test.js`).
    pub preview_token_in_lists: Sourced<bool>,
}

/// What a client makes of a contradiction before it sends anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "these are the four ways to read a contradiction")]
pub enum ClientReading {
    /// It is allowed.
    Allow,
    /// It is allowed, with a warning.
    Warn,
    /// It is refused: the rules that the contradiction names stand.
    Deny,
    /// The profile does not settle it: the verdict is `Undocumented`.
    Unsettled,
}

/// What the service makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a service answers or refuses")]
pub enum ServiceReading {
    /// It answers.
    Allow,
    /// It refuses.
    Deny,
}

/// How a profile reads one contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Before a request is sent, and in explanations.
    pub client: ClientReading,
    /// In the service.
    pub service: ServiceReading,
    /// Why.
    pub why: Cow<'static, str>,
}

/// Which documents to believe. See the [module page](self).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// Its name: `seeds`.
    pub name: Cow<'static, str>,
    /// What it stands for, in a sentence.
    pub says: Cow<'static, str>,
    /// One row for each [`LimitId`], in its order; [`Profile::limit`] finds one.
    pub limits: [Limit; LimitId::COUNT],
    /// Behaviour.
    pub switches: Switches,
    /// One row for each [`ContradictionId`], in its order.
    pub readings: Readings,
}

impl Limit {
    /// Whether `count` is more than it allows.
    #[must_use]
    pub fn is_exceeded_by(&self, count: usize) -> bool {
        self.value.is_some_and(|most| count > most as usize)
    }
}

/// How many more a limit allows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Headroom {
    /// How many there are.
    pub used: u32,
    /// How many there may be; `None` when the profile gives no number.
    pub limit: Option<u32>,
}

impl Headroom {
    /// How many more may be made; `None` when the profile gives no number.
    #[must_use]
    pub fn left(&self) -> Option<u32> {
        self.limit.map(|limit| limit.saturating_sub(self.used))
    }
}

impl Profile {
    /// What the five pages say that this project starts from (`seed 000` to `seed 004`), and others only where these are silent: the
    /// default.
    #[must_use]
    pub const fn seeds() -> Self {
        crate::generated::SEEDS
    }

    /// What newer pages of the vendor say.
    #[must_use]
    pub const fn documented_2026() -> Self {
        crate::generated::DOCUMENTED_2026
    }

    /// What the vendor's own clients show of the live service.
    #[must_use]
    pub const fn live() -> Self {
        crate::generated::LIVE
    }

    /// The names of those that come with the crate.
    pub const NAMES: [&'static str; 3] = ["seeds", "documented-2026", "live"];

    /// One of those that come with the crate, by name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "seeds" => Some(Self::seeds()),
            "documented-2026" => Some(Self::documented_2026()),
            "live" => Some(Self::live()),
            _ => None,
        }
    }

    /// What this profile says of a limit: the number, and who says so. Its unit stands in the row of the limit.
    ///
    /// ```
    /// use cs_model::{LimitId, Profile};
    /// assert_eq!(Profile::seeds().limit(LimitId::DeliveryTokensPerStack).value, Some(20));
    /// ```
    #[must_use]
    pub const fn limit(&self, id: LimitId) -> &Limit {
        &self.limits[id as usize]
    }

    /// Whether the service holds to a limit, where it counts requests by time if any limit is of that kind.
    ///
    /// ```
    /// use cs_model::{Profile, generated::LimitId};
    /// let seeds = Profile::seeds();
    /// assert!(seeds.is_served(LimitId::DeliveryTokensPerStack));
    /// assert!(!seeds.is_served(LimitId::TokenNameLength), "only the form in the web app counts to it");
    /// ```
    #[must_use]
    pub fn is_served(&self, id: LimitId) -> bool {
        let limit = self.limit(id);
        limit.value.is_some()
            && match id.row().served {
                Served::Always | Served::PerTime => true,
                Served::Errors => limit.level == Level::Error,
                Served::Unless(contradiction) => self.reading(contradiction).service == ServiceReading::Deny,
            }
    }

    /// How it reads a contradiction.
    #[must_use]
    pub const fn reading(&self, id: ContradictionId) -> &Reading {
        self.readings.get(id)
    }

    /// How many more a limit allows when `used` are there.
    ///
    /// ```
    /// use cs_model::{LimitId, Profile};
    /// let tokens = Profile::seeds().headroom(LimitId::ManagementTokensPerStack, 7);
    /// assert_eq!(tokens.left(), Some(3));
    /// ```
    #[must_use]
    pub const fn headroom(&self, id: LimitId, used: u32) -> Headroom {
        Headroom { used, limit: self.limit(id).value }
    }

    /// The limit as a clause for messages: the number, the profile and the page.
    #[must_use]
    pub fn limit_sentence(&self, id: LimitId) -> String {
        let limit = self.limit(id);
        match limit.value {
            Some(most) => format!("profile `{}` allows {most} ({})", self.name, limit.source),
            None => format!("profile `{}` gives no number ({})", self.name, limit.source),
        }
    }

    /// The same with another number for a limit, and where it comes from.
    ///
    /// ```
    /// use cs_model::{Profile, generated::LimitId};
    /// let ours = Profile::seeds().with_limit(LimitId::ManagementTokensPerStack, Some(50), "our contract");
    /// assert_eq!(ours.limit(LimitId::ManagementTokensPerStack).value, Some(50));
    /// ```
    #[must_use]
    pub fn with_limit(
        mut self,
        id: LimitId,
        value: Option<u32>,
        source: impl Into<Cow<'static, str>>,
    ) -> Self {
        let limit = &mut self.limits[id as usize];
        limit.value = value;
        limit.source = source.into();
        self
    }

    /// The same with a switch set, and where that comes from; `None` when there is no such switch, or it cannot be that.
    ///
    /// ```
    /// use cs_model::Profile;
    /// let printed = Profile::seeds().with_switch("answer_shape", "documented", "a test").unwrap();
    /// assert_ne!(printed.switches, Profile::seeds().switches);
    /// assert_eq!(Profile::seeds().with_switch("answer_shape", "round", "a test"), None);
    /// ```
    #[must_use]
    pub fn with_switch(
        mut self,
        name: &str,
        value: &str,
        source: impl Into<Cow<'static, str>>,
    ) -> Option<Self> {
        if !self.switches.set(name, value) {
            return None;
        }
        *self.switches.source_mut(name)? = source.into();
        Some(self)
    }

    /// The same with another reading of a contradiction.
    #[must_use]
    pub fn with_reading(mut self, id: ContradictionId, reading: Reading) -> Self {
        self.readings.set(id, reading);
        self
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::seeds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::SWITCHES;

    #[test]
    fn every_switch_can_be_set_by_name_to_each_of_its_values() {
        for (index, row) in SWITCHES.iter().enumerate() {
            for value in row.values {
                let profile = Profile::seeds().with_switch(row.name, value, "a test").unwrap();
                assert_eq!(profile.switches.values()[index], *value, "{}", row.name);
                let rest = profile.switches.values().into_iter().zip(Profile::seeds().switches.values());
                assert!(rest.enumerate().all(|(other, (a, b))| other == index || a == b), "{}", row.name);
            }
            assert_eq!(Profile::seeds().with_switch(row.name, "neither", "a test"), None);
        }
    }
}
