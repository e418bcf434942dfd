//! What came of the expectations of a file.

use std::fmt;

use serde_json::{Value, json};

use crate::{Decision, RuleId, Verdict, why};

/// What came of a policy test file. Writes itself as a diff: nothing expected is shown when it was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many tests the file has.
    pub tests: usize,
    /// How many decisions were made: each principal of a case with each of its requests.
    pub checks: usize,
    /// Those that were not as expected, in the order of the file.
    pub failures: Vec<Failure>,
}

/// A decision that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The id of the test.
    pub test: String,
    /// What it shows; may be empty.
    pub says: String,
    /// Who says so; may be empty.
    pub source: String,
    /// The line of the case, from 1.
    pub line: usize,
    /// The name of the principal.
    pub principal: String,
    /// The request, with what is not usual about it.
    pub request: String,
    /// The verdict that was expected.
    pub expected: Verdict,
    /// Ids of rules that were expected and did not apply, or did not warn.
    pub missing: Vec<&'static str>,
    /// What was decided.
    pub decision: Decision,
}

impl Report {
    /// Whether everything was as expected.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// As a JSON document, `schema` 1.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "schema": 1,
            "passed": self.passed(),
            "tests": self.tests,
            "checks": self.checks,
            "failures": self.failures.iter().map(Failure::to_json).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{failure}\n")?;
        }
        let (good, failed) = (self.checks - self.failures.len(), self.failures.len());
        write!(f, "{good} of {} checks in {} tests as expected, {failed} not", self.checks, self.tests)
    }
}

impl Failure {
    fn applying(&self) -> Vec<&'static str> {
        self.decision.rules().iter().map(RuleId::rule).map(|rule| rule.id).collect()
    }

    fn to_json(&self) -> Value {
        json!({
            "test": self.test,
            "says": self.says,
            "source": self.source,
            "line": self.line,
            "principal": self.principal,
            "request": self.request,
            "expected": { "verdict": self.expected.name(), "missing_rules": self.missing },
            "found": { "verdict": self.decision.verdict().name(), "rules": self.applying() },
        })
    }
}

impl fmt::Display for Failure {
    /// A diff: `-` for what was expected, `+` for what was found, then why.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: `{}` {}", self.line, self.test, self.principal, self.request)?;
        if !self.says.is_empty() {
            write!(f, "\n  {}", self.says)?;
            if !self.source.is_empty() {
                write!(f, " ({})", self.source)?;
            }
        }
        let found = self.decision.verdict();
        if found == self.expected {
            write!(f, "\n    {found}")?;
        } else {
            write!(f, "\n  - {}\n  + {found}", self.expected)?;
        }
        for rule in &self.missing {
            write!(f, "\n  - rule {rule}")?;
        }
        if !self.missing.is_empty() {
            write!(f, "\n  + rules {}", self.applying().join(", "))?;
        }
        for rule in why(&self.decision) {
            write!(f, "\n    {}: {}", rule.id, rule.says)?;
        }
        Ok(())
    }
}
