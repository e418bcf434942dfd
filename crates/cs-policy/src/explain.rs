//! Decisions in words: complete by themselves, with the pages that say so.

use std::fmt;

use cs_model::Source;

use crate::{Decision, Kind, Rule, Subject, Verdict, why};

/// Puts a decision into words. Writes itself as a few lines: the verdict, then each rule that led to it with its sources,
/// then warnings.
///
/// The text stands alone: who reads it needs none of the documents, and finds each by title, heading, date and address.
///
/// ```
/// use cs_model::Profile;
/// use cs_policy::{ManagementFacts, Principal, Request, decide_request, explain};
/// let token = Principal::Management(ManagementFacts::default());
/// let request = Request::new("POST", "/v3/stacks/share");
/// let decision = decide_request(&Profile::seeds(), &token, &request, "2026-11-21T00:00:00Z".parse()?);
/// let text = explain(&decision).to_string();
/// assert!(text.starts_with("forbidden: a management token on POST /v3/stacks/share\n"));
/// assert!(text.contains("A management token cannot invite users to the stack or remove them from it."));
/// assert!(text.contains("\"Types of Tokens\", Management Tokens"));
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub const fn explain(decision: &Decision) -> Explanation {
    Explanation { decision: *decision }
}

/// A decision in words: see [`explain`].
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    decision: Decision,
}

impl Explanation {
    /// The reasons, the weightiest first. Never empty.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> + use<> {
        why(&self.decision).map(|rule| Reason { rule })
    }

    /// What decided nothing and should be known.
    pub fn warnings(&self) -> impl Iterator<Item = Reason> + use<> {
        self.decision.warnings().map(|rule| Reason { rule })
    }
}

/// A rule as a reason. Writes itself as its sentence.
#[derive(Clone, Copy, Debug)]
pub struct Reason {
    rule: &'static Rule,
}

impl Reason {
    /// The row of the rule: its effect, its condition, and the contradictions that touch it.
    #[must_use]
    pub const fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// The rule as a sentence.
    #[must_use]
    pub const fn says(&self) -> &'static str {
        self.rule.says
    }

    /// Who says so. Never empty.
    pub fn citations(&self) -> impl Iterator<Item = Citation> + use<> {
        self.rule.sources.iter().map(Citation::of)
    }
}

/// A source that can be found without this project's list of documents.
///
/// Writes itself as `"Types of Tokens", Management Tokens (seed 001, https://…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Citation {
    /// The id of the document: `seed 001`.
    pub document: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The heading or place in it; empty when the whole document says so.
    pub place: &'static str,
    /// Its date; empty when it shows none.
    pub date: &'static str,
    /// Its address; empty when it has none.
    pub url: &'static str,
}

impl Citation {
    /// A source with the title, date and address of its document.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        let row = source.row();
        Self { document: row.id, title: row.title, place: source.place(), date: row.date, url: row.url }
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.title)?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, " ({}", self.document)?;
        for part in [self.date, self.url].into_iter().filter(|part| !part.is_empty()) {
            write!(f, ", {part}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.says())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", verdict(self.decision.verdict()), kind(self.decision.kind()))?;
        match self.decision.subject() {
            Some(Subject::Route(id)) => {
                writeln!(f, " on {} {}", id.row().method.as_str(), id.row().template)?;
            }
            Some(Subject::Operation(operation)) => writeln!(f, " and `{}`", operation.row().name)?,
            None => writeln!(f, " on a request that no table knows")?,
        }
        for reason in self.reasons() {
            writeln!(f, "- {reason} [{}]", reason.rule.id)?;
            for citation in reason.citations() {
                writeln!(f, "  source: {citation}")?;
            }
        }
        for warning in self.warnings() {
            writeln!(f, "- warning: {warning} [{}]", warning.rule.id)?;
        }
        Ok(())
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::NotGranted => "not granted",
        Verdict::Undocumented => "undocumented",
        Verdict::Forbidden => "forbidden",
        Verdict::Unmapped => "unmapped",
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Delivery => "a delivery token",
        Kind::Preview => "a preview token",
        Kind::Management => "a management token",
        Kind::Authtoken => "an authtoken",
        Kind::Access => "a legacy access token",
        Kind::OAuth => "an OAuth token",
        Kind::Anonymous => "no credential",
    }
}
