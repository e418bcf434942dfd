//! What a check finds: all of it at once. The rules and what each rests on stand in [`ViolationId`].

use std::fmt;

use serde::{Serialize, Serializer};

use crate::facts::ViolationRow;
use crate::generated::{VIOLATIONS, ViolationId};
use crate::profile::Level;

impl ViolationId {
    /// Its row in the table of violations.
    #[must_use]
    pub const fn row(self) -> &'static ViolationRow {
        &VIOLATIONS[self as usize]
    }

    /// Its stable name: `environments.too_many`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }
}

impl fmt::Display for ViolationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for ViolationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Level {
    /// `error` or `warning`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// Which rule is broken.
    pub rule: ViolationId,
    /// Whether it stops the request.
    pub level: Level,
    /// Where in the draft: `name`, `scope.environments[1]`, `expires_on`.
    pub path: String,
    /// What is wrong with this value: one clause in lower case, the value in backticks.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Violation {
    /// A violation at the usual level of its rule, with the usual fix.
    pub fn new(rule: ViolationId, path: impl Into<String>, message: impl Into<String>) -> Self {
        let row = rule.row();
        Self { rule, level: row.level, path: path.into(), message: message.into(), fix: row.fix.to_owned() }
    }

    /// The same at another level.
    #[must_use]
    pub const fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The same with a more exact fix.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// Whether it stops the request.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self.level, Level::Error)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.message, self.rule)
    }
}

/// Why a draft was refused: at least one error, and the warnings that came with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
#[error("{}", summary(.0))]
pub struct Violations(Vec<Violation>);

fn summary(items: &[Violation]) -> String {
    let errors: Vec<String> = items.iter().filter(|item| item.is_error()).map(ToString::to_string).collect();
    errors.join("; ")
}

impl Violations {
    /// `Err` with everything when at least one is an error, else `Ok` with the warnings.
    ///
    /// # Errors
    ///
    /// The violations themselves, never empty of errors.
    pub fn sort_out(items: Vec<Violation>) -> Result<Vec<Violation>, Self> {
        if items.iter().any(Violation::is_error) { Err(Self(items)) } else { Ok(items) }
    }

    /// All of them, errors and warnings, in the order of the draft.
    #[must_use]
    pub fn items(&self) -> &[Violation] {
        &self.0
    }

    /// All of them, as a list of one's own.
    #[must_use]
    pub fn into_items(self) -> Vec<Violation> {
        self.0
    }
}
