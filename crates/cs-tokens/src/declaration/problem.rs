//! What is wrong with a file: all of it at once, each with its place.

use std::fmt;
use std::sync::Arc;

use cs_model::{Level, Violation, ViolationId};
use serde::Serialize;

/// A place in a file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The file's name, as given.
    #[serde(serialize_with = "as_text")]
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

fn as_text<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that is wrong.
///
/// `Display` shows one line, `shop.toml:3:1: error[file.unknown_key]: …`; [`Problem::fix`] goes on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Which rule is broken.
    pub rule: ViolationId,
    /// Whether it stops the plan.
    pub level: Level,
    /// Where.
    pub place: Place,
    /// What is wrong: one clause in lower case, the user's words in backticks.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Problem {
    pub(crate) fn new(rule: ViolationId, place: Place, message: impl Into<String>) -> Self {
        let row = rule.row();
        Self { rule, level: row.level, place, message: message.into(), fix: row.fix.to_owned() }
    }

    pub(crate) fn of_violation(violation: Violation, place: Place) -> Self {
        let Violation { rule, level, message, fix, .. } = violation;
        Self { rule, level, place, message, fix }
    }

    /// The same with another fix, if there is one.
    pub(crate) fn with_fix(mut self, fix: Option<String>) -> Self {
        if let Some(fix) = fix {
            self.fix = fix;
        }
        self
    }

    /// The same at another level.
    pub(crate) const fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Whether it stops the plan.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self.level, Level::Error)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}[{}]: {}", self.place, self.level.name(), self.rule, self.message)
    }
}

/// Why a file is refused: at least one error, with the warnings that came with it, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
#[error("the file has {}", count(.0.iter().filter(|item| item.is_error()).count()))]
pub struct Problems(Vec<Problem>);

fn count(errors: usize) -> String {
    if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") }
}

impl Problems {
    /// `Err` with everything when at least one is an error, else `Ok` with the warnings.
    ///
    /// # Errors
    ///
    /// The problems themselves, never empty of errors.
    pub fn sort_out(mut items: Vec<Problem>) -> Result<Vec<Problem>, Self> {
        items.sort_by(|left, right| left.place.cmp(&right.place));
        if items.iter().any(Problem::is_error) { Err(Self(items)) } else { Ok(items) }
    }

    /// All of them, errors and warnings.
    #[must_use]
    pub fn items(&self) -> &[Problem] {
        &self.0
    }

    /// Gives them away.
    #[must_use]
    pub fn into_items(self) -> Vec<Problem> {
        self.0
    }
}
