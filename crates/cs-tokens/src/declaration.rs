//! The file that declares the tokens of a stack.
//!
//! ```toml
//! [stack]                       # optional; both keys, too
//! name = "shop"
//! api_key = "blt0123456789abcdef"
//!
//! [[delivery]]
//! name = "shop-production"
//! description = "the web shop"
//! environments = ["production"]
//! branches = ["main"]           # or "all"
//! aliases = ["deploy"]          # or "all"
//! preview = true
//! sink = { env_file = ".env.shop", variable = "DELIVERY_TOKEN", preview_variable = "PREVIEW_TOKEN" }
//!
//! [[management]]
//! name = "shop-ci"
//! scope = { entry = "rw", content_type = "r" }
//! branches = "all"
//! expires_in = "90d"            # or expires_on = "2027-06-30", or neither: never
//! notify = true
//! sink = { env_file = ".env.shop", variable = "MANAGEMENT_TOKEN" }
//! ```
//!
//! `{stack}` in `env_file`, `variable` and `preview_variable` stands for the stack, so that one file declares the tokens of
//! many: see [`Declaration::of_stack`] and [`Declaration::shared_by`].
//!
//! Reading never stops at the first fault: [`Declaration::read`] keeps what it could read and lists every
//! [`Problem`] with its line and column. Whether the names exist and the limits hold is found when a
//! [`Plan`](crate::Plan) is made; both lists are reported together.

mod blocks;
mod check;
mod names;
mod problem;
mod read;
mod sinks;
mod source;
mod stacks;

use cs_model::{ApiKey, DeliveryTokenDraft, Expiry, ManagementTokenDraft, Profile, ViolationId};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use self::check::check_alone;
pub(crate) use self::check::{Known, check};
pub use self::problem::{Place, Problem, Problems};
pub(crate) use self::source::Places;

use crate::sink::{Sink, Sinks};

/// What a file declares, with the place of everything in it.
///
/// ```
/// use cs_tokens::Declaration;
/// let declaration = Declaration::read("shop.toml", "[[delivery]]\nname = \"shop\"\nenvironmets = [\"production\"]\n");
/// let texts: Vec<_> = declaration.problems().iter().map(ToString::to_string).collect();
/// assert_eq!(texts, [
///     "shop.toml:1:1: error[sink.missing]: the delivery token `shop` has no sink",
///     "shop.toml:3:1: error[file.unknown_key]: a `[[delivery]]` block has no key `environmets`",
/// ]);
/// assert_eq!(declaration.problems()[1].fix, "did you mean `environments`?");
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Declaration {
    /// The file's name, as given.
    pub file: String,
    /// `stack.name`: for people.
    pub stack_name: Option<String>,
    /// `stack.api_key`: which stack.
    pub api_key: Option<ApiKey>,
    /// The `[[delivery]]` blocks.
    pub delivery: Vec<DeclaredDelivery>,
    /// The `[[management]]` blocks.
    pub management: Vec<DeclaredManagement>,
    problems: Vec<Problem>,
}

/// A `[[delivery]]` block.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeclaredDelivery {
    /// What the token is to be.
    pub draft: DeliveryTokenDraft,
    /// Whether it is to have a preview token.
    pub preview: bool,
    /// Where its value goes; `None` only when the file lacks it.
    pub sink: Option<Sink>,
    /// Where the value of its preview token goes.
    pub preview_sink: Option<Sink>,
    pub(crate) places: Places,
}

/// A `[[management]]` block.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeclaredManagement {
    /// What the token is to be, without its expiry when that is relative.
    pub draft: ManagementTokenDraft,
    /// When it is to end.
    pub expires: DeclaredExpiry,
    /// Where its value goes; `None` only when the file lacks it.
    pub sink: Option<Sink>,
    pub(crate) places: Places,
}

/// The expiry of a `[[management]]` block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeclaredExpiry {
    /// Neither key: never.
    #[default]
    Never,
    /// `expires_on`: a date or a time.
    On(Expiry),
    /// `expires_in`: so many days after the token is made. Resolved once, then: a token that exists and has any expiry
    /// satisfies it, until it has expired; then the days count again.
    In {
        /// How many days.
        days: u32,
    },
}

impl DeclaredDelivery {
    /// Where the block begins.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.places.block
    }
}

impl DeclaredManagement {
    /// Where the block begins.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.places.block
    }
}

impl DeclaredExpiry {
    /// Reads `90d` or `12w`: so long after the token is made. `None` for anything else.
    #[must_use]
    pub fn after(text: &str) -> Option<Self> {
        blocks::days(text).map(|days| Self::In { days })
    }

    /// Why [`DeclaredExpiry::after`] does not read a text.
    #[must_use]
    pub fn wrong_length(text: &str) -> String {
        blocks::wrong_days(text)
    }

    /// The expiry of a token made at `now`: for a relative one, the date of that day in UTC.
    #[must_use]
    pub fn resolve(&self, now: Timestamp) -> Expiry {
        match self {
            Self::Never => Expiry::Never,
            Self::On(expiry) => expiry.clone(),
            Self::In { days } => {
                let today = now.to_zoned(TimeZone::UTC).date();
                // Reading the file bounds the days, so only a clock at the end of time can overflow here.
                today.checked_add(i64::from(*days).days()).map_or(Expiry::Never, Expiry::On)
            }
        }
    }
}

impl Declaration {
    /// Reads a file's text; `file` is its name in messages. What is wrong is in [`Declaration::problems`].
    #[must_use]
    pub fn read(file: &str, text: &str) -> Self {
        read::read(file, text)
    }

    /// Reads a file's text and insists that it has no error.
    ///
    /// # Errors
    ///
    /// All problems at once.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let declaration = Self::read(file, text);
        Problems::sort_out(declaration.problems.clone())?;
        Ok(declaration)
    }

    /// What is wrong with the text itself, in its order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Everything that is wrong with the file as far as one can tell without the stack: with the text, the sinks, the
    /// drafts, and more blocks than any stack of the profile has tokens.
    #[must_use]
    pub fn check(&self, sinks: &Sinks, profile: &Profile, now: Timestamp) -> Vec<Problem> {
        check_alone(self, sinks, profile, now)
    }

    /// Whether the text is not even TOML, so that nothing of it was read.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.problems.iter().any(|problem| problem.rule == ViolationId::FileSyntax)
    }

    /// Every sink that it names.
    pub fn sinks(&self) -> impl Iterator<Item = &Sink> {
        let delivery = self.delivery.iter().flat_map(|item| item.sink.iter().chain(&item.preview_sink));
        delivery.chain(self.management.iter().filter_map(|item| item.sink.as_ref()))
    }

    /// Every sink with the key that names its variable, and the places of its block.
    pub(crate) fn placed_sinks(&self) -> impl Iterator<Item = (&Sink, &'static str, &Places)> {
        let delivery = self.delivery.iter().flat_map(|item| {
            let both = [(&item.sink, "variable"), (&item.preview_sink, "preview_variable")];
            both.into_iter().map(|(sink, key)| (sink, key, &item.places))
        });
        let management = self.management.iter().map(|item| (&item.sink, "variable", &item.places));
        delivery.chain(management).filter_map(|(sink, key, places)| Some((sink.as_ref()?, key, places)))
    }
}

/// The kinds of token that a file declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the kinds with a name and a uid of their own")]
pub enum Kind {
    /// A delivery token, with or without its preview token.
    Delivery,
    /// A management token.
    Management,
}

impl Kind {
    /// `delivery` or `management`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Management => "management",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
