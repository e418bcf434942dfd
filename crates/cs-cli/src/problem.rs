//! What is wrong with the input, printed as a compiler would.

use std::fmt;

use cs_model::{Plain, Violation, profile::Level};
use serde::Serialize;

use crate::style::{self, Styled};

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    /// The file, when it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// Its column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<usize>,
    /// Where in the token: `scope.environments[1]`, or which option of the command line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) path: String,
    /// `error` or `warning`.
    pub(crate) level: Level,
    /// The rule: `environments.too_many`.
    pub(crate) rule: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) fix: String,
}

impl Problem {
    /// Something on the command line.
    pub(crate) fn from_violation(violation: &Violation) -> Self {
        Self {
            file: None,
            line: None,
            column: None,
            path: violation.path.clone(),
            level: violation.level,
            rule: violation.rule.name(),
            message: violation.message.clone(),
            fix: violation.fix.clone(),
        }
    }

    /// An error in options of the command line.
    pub(crate) fn of_options(options: &str, rule: &'static str, message: impl Into<String>) -> Self {
        Self { file: None, path: options.to_owned(), ..Self::in_file("", 0, rule, message) }
    }

    /// An error on a line of a file; line 0 for a format that has no lines to tell.
    pub(crate) fn in_file(file: &str, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            file: Some(file.to_owned()),
            line: (line > 0).then_some(line),
            column: None,
            path: String::new(),
            level: Level::Error,
            rule,
            message: message.into(),
            fix: String::new(),
        }
    }

    /// All that is wrong with a file of `cs-policy`.
    pub(crate) fn all_in_file(file: &str, rule: &'static str, problems: &cs_policy::Problems) -> Vec<Self> {
        let items = problems.items().iter();
        items.map(|item| Self::in_file(file, item.line, rule, item.message.as_str())).collect()
    }

    /// The same with a column.
    #[must_use]
    pub(crate) const fn column(mut self, column: usize) -> Self {
        self.column = Some(column);
        self
    }

    /// The same with what to do.
    #[must_use]
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// The same, not as an error.
    #[must_use]
    pub(crate) const fn warning(mut self) -> Self {
        self.level = Level::Warning;
        self
    }

    pub(crate) fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

impl fmt::Display for Problem {
    /// `shop.toml:12:3: error[environments.unknown]: message` and, below it, the fix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = self.file.clone().unwrap_or_default();
        for number in [self.line, self.column].into_iter().flatten() {
            place.push_str(&format!(":{number}"));
        }
        if !place.is_empty() {
            write!(f, "{}: ", Styled(style::STRONG, place))?;
        }
        let colour = if self.is_error() { style::ERROR } else { style::WARNING };
        write!(f, "{}: ", Styled(colour, format_args!("{}[{}]", self.level.name(), self.rule)))?;
        if self.file.is_none() && !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", Plain(&self.message))?;
        if !self.fix.is_empty() {
            write!(f, "\n  fix: {}", Plain(&self.fix))?;
        }
        Ok(())
    }
}

/// `2 errors and 1 warning`.
pub(crate) fn count(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let warnings = problems.len() - errors;
    let some = |number: usize, noun: &str| {
        (number > 0).then(|| format!("{number} {noun}{}", if number == 1 { "" } else { "s" }))
    };
    let parts: Vec<String> =
        [some(errors, "error"), some(warnings, "warning")].into_iter().flatten().collect();
    parts.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(level: Level) -> Problem {
        Problem {
            file: Some("shop.toml".to_owned()),
            line: Some(3),
            column: Some(7),
            path: "environments".to_owned(),
            level,
            rule: "environments.unknown",
            message: "the stack has no environment `prod`".to_owned(),
            fix: "write `production`".to_owned(),
        }
    }

    #[test]
    fn looks_like_a_compiler() {
        let text = anstream::adapter::strip_str(&problem(Level::Error).to_string()).to_string();
        assert_eq!(
            text,
            "shop.toml:3:7: error[environments.unknown]: the stack has no environment `prod`\n  fix: write `production`"
        );
    }

    #[test]
    fn counts() {
        let all = [problem(Level::Error), problem(Level::Error), problem(Level::Warning)];
        assert_eq!(count(&all), "2 errors and 1 warning");
        assert_eq!(count(&all[2..]), "1 warning");
    }
}
