//! What was found, in forms to show and to hand on.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Baseline, Finding, Severity, Silence, sarif};

/// What was found, with what a baseline silences set apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What counts, those of the baseline itself included.
    pub findings: Vec<Finding>,
    /// What is accepted for now.
    pub silenced: Vec<Silenced>,
    /// The API key of the stack, when it is known: it tells tokens of one name in two stacks apart.
    pub stack: Option<String>,
}

/// A finding that is accepted for now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Silenced {
    /// What was found.
    pub finding: Finding,
    /// The entry that accepts it.
    pub by: Silence,
}

impl Report {
    /// The heads of [`Report::rows`].
    pub const HEAD: [&'static str; 5] = ["severity", "id", "subject", "reason", "fix"];

    /// Sorts findings by a baseline. Entries that have ended or match nothing are findings themselves.
    #[must_use]
    pub fn new(findings: Vec<Finding>, baseline: &Baseline, now: Timestamp) -> Self {
        let (findings, silenced) = baseline.sift(findings, now);
        Self { findings, silenced, stack: None }
    }

    /// The same about the stack with this API key.
    #[must_use]
    pub fn of_stack(mut self, api_key: impl Into<String>) -> Self {
        self.stack = Some(api_key.into());
        self
    }

    /// Whether nothing counts.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings of this weight count.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// A row for each finding that counts, for a table.
    pub fn rows(&self) -> impl Iterator<Item = [String; 5]> {
        self.findings.iter().map(|finding| {
            [
                finding.severity.name().to_owned(),
                finding.id.name().to_owned(),
                finding.subject.clone(),
                finding.reason.clone(),
                finding.fix.clone(),
            ]
        })
    }

    /// As a JSON document, `schema` 1.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let silenced = self.silenced.iter().map(|silenced| {
            let mut item = finding_json(&silenced.finding);
            item["silenced"] =
                json!({ "reason": silenced.by.reason, "until": silenced.by.until.to_string() });
            item
        });
        json!({
            "schema": 1,
            "findings": self.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "silenced": silenced.collect::<Vec<_>>(),
            "summary": {
                "error": self.count(Severity::Error),
                "warning": self.count(Severity::Warning),
                "note": self.count(Severity::Note),
                "silenced": self.silenced.len(),
            },
        })
    }

    /// As a SARIF 2.1.0 document. Silenced findings are in it as suppressed results.
    #[must_use]
    pub fn to_sarif(&self) -> Value {
        sarif::document(self)
    }
}

/// A finding is texts throughout, so it always becomes a value.
fn finding_json(finding: &Finding) -> Value {
    serde_json::to_value(finding).unwrap_or_default()
}
