//! Two scopes side by side: which one reaches further, and where.

use std::fmt;

use cs_model::Module;
use cs_model::facts::Needs;
use cs_model::profile::Profile;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Kind;

mod effect;
mod reach;
mod scope;

pub use scope::Scope;

pub(crate) use effect::has_effect;
use reach::Reach;

/// How one scope stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a partial order has these four outcomes")]
pub enum Order {
    /// Both reach the same.
    Equal,
    /// The second reaches less.
    Narrower,
    /// The second reaches more.
    Wider,
    /// Each reaches something that the other does not.
    Incomparable,
}

impl Order {
    /// The name in JSON: `narrower`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Narrower => "narrower",
            Self::Wider => "wider",
            Self::Incomparable => "incomparable",
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What stands between two scopes, seen from the first: what the second has more, and what it has less.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// What the second reaches and the first does not.
    pub gained: Vec<Witness>,
    /// What the first reaches and the second does not.
    pub lost: Vec<Witness>,
    /// Rights that one of them names and the other does not, and that open nothing to a management token: they make
    /// neither wider.
    pub without_effect: Vec<Witness>,
}

/// Something that one scope reaches and another does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Witness {
    /// It is a token of this kind and the other is not: what they reach has nothing in common.
    Kind(Kind),
    /// A right on a module, or on every module.
    Module {
        /// The module.
        module: Module,
        /// The right.
        right: Needs,
    },
    /// A branch. A stack without branches is all `main`.
    Branch(Reached),
    /// A branch alias.
    Alias(Reached),
    /// An environment.
    Environment(Reached),
    /// Time: it works on when the other has ended. `None` when it never ends.
    Until(Option<Timestamp>),
}

/// What of a set of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "one name, or all that a list cannot name")]
pub enum Reached {
    /// One of them.
    Named(String),
    /// All that exist or will exist, where the other has a list.
    Every,
}

/// Compares two scopes. The profile says at which edge of its last day a token with a date ends.
///
/// It is a partial order, and it agrees with decisions: what is equal or narrower is allowed nothing that the other is
/// not under the profile, whatever the request and the time. Modules that another entry grants count as granted (`asset`
/// grants `folder`), as does reading the branch list by naming a branch. A right that opens nothing under the profile, such
/// as one to a module that is closed to management tokens, is no reach: it is named and counts for nothing.
///
/// ```
/// use cs_model::{Access, Grant, ManagementTokenDraft, ModuleId, Profile};
/// use cs_policy::{Order, Scope, compare};
/// let before = ManagementTokenDraft::new("ci").module(ModuleId::Entry, Access::Read).branches(Grant::only(["main"]));
/// let after = before.clone().module(ModuleId::Entry, Access::ReadWrite);
/// let change = compare(&Scope::from(&before), &Scope::from(&after), &Profile::seeds());
/// assert_eq!(change.order(), Order::Wider);
/// assert_eq!(change.gained[0].to_string(), "`entry:write`");
/// ```
#[must_use]
pub fn compare(first: &Scope, second: &Scope, profile: &Profile) -> Comparison {
    let (left, right) = (Reach::new(first, profile), Reach::new(second, profile));
    if first.kind() != second.kind() {
        return Comparison {
            gained: vec![Witness::Kind(second.kind())],
            lost: vec![Witness::Kind(first.kind())],
            without_effect: Vec::new(),
        };
    }
    let is_reach = |witness: &Witness| match witness {
        Witness::Module { module, right } => has_effect(profile, module, *right),
        _ => true,
    };
    let (gained, mut without_effect): (Vec<_>, Vec<_>) = right.beyond(&left).into_iter().partition(is_reach);
    let (lost, idle): (Vec<_>, Vec<_>) = left.beyond(&right).into_iter().partition(is_reach);
    without_effect.extend(idle);
    without_effect.sort();
    Comparison { gained, lost, without_effect }
}

impl Comparison {
    /// How the second scope stands to the first.
    #[must_use]
    pub const fn order(&self) -> Order {
        match (self.gained.is_empty(), self.lost.is_empty()) {
            (true, true) => Order::Equal,
            (true, false) => Order::Narrower,
            (false, true) => Order::Wider,
            (false, false) => Order::Incomparable,
        }
    }

    /// Whether the second scope reaches anything that the first does not: true of wider and of incomparable ones.
    #[must_use]
    pub const fn widens(&self) -> bool {
        !self.gained.is_empty()
    }

    /// As a JSON document, `schema` 1.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let list = |witnesses: &[Witness]| witnesses.iter().map(Witness::to_json).collect::<Vec<_>>();
        json!({
            "schema": 1,
            "order": self.order().name(),
            "gained": list(&self.gained),
            "lost": list(&self.lost),
            "without_effect": list(&self.without_effect),
        })
    }
}

impl fmt::Display for Comparison {
    /// The outcome, then a line for each witness: `+` for what the second has more, `-` for what it has less, `~` for what
    /// makes no difference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.order())?;
        for (sign, witnesses) in [('+', &self.gained), ('-', &self.lost)] {
            for witness in witnesses {
                write!(f, "\n{sign} {witness}")?;
            }
        }
        for witness in &self.without_effect {
            write!(f, "\n~ {witness} grants nothing")?;
        }
        Ok(())
    }
}

impl Witness {
    /// What it is of: `module`, `branch`, `alias`, `environment`, `expiry`, `kind`.
    #[must_use]
    pub const fn dimension(&self) -> &'static str {
        match self {
            Self::Kind(_) => "kind",
            Self::Module { .. } => "module",
            Self::Branch(_) => "branch",
            Self::Alias(_) => "alias",
            Self::Environment(_) => "environment",
            Self::Until(_) => "expiry",
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Kind(kind) => kind.name().to_owned(),
            Self::Module { module, right } => format!("{module}:{}", right_name(*right)),
            Self::Branch(reached) | Self::Alias(reached) | Self::Environment(reached) => match reached {
                Reached::Named(name) => name.clone(),
                Reached::Every => "$all".to_owned(),
            },
            Self::Until(end) => end.map_or_else(|| "never".to_owned(), |end| end.to_string()),
        }
    }

    fn to_json(&self) -> Value {
        json!({ "what": self.dimension(), "value": self.value(), "says": self.to_string() })
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "what a {kind} token reaches"),
            Self::Module { .. } => write!(f, "`{}`", self.value()),
            Self::Branch(reached) => reached.write("branch", "branches", f),
            Self::Alias(reached) => reached.write("alias", "aliases", f),
            Self::Environment(reached) => reached.write("environment", "environments", f),
            Self::Until(Some(end)) => write!(f, "works until {end}"),
            Self::Until(None) => f.write_str("never expires"),
        }
    }
}

impl Reached {
    fn write(&self, one: &str, all: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "{one} `{name}`"),
            Self::Every => write!(f, "all {all}"),
        }
    }
}

pub(crate) const fn right_name(right: Needs) -> &'static str {
    match right {
        Needs::Read => "read",
        Needs::Write => "write",
    }
}
