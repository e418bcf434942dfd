//! What is risky, odd or about to break in tokens that every check lets pass.
//!
//! [`check`] looks at one draft or token and its neighbours, [`check_stack`] at all tokens of a stack at once. Both take
//! the time as an argument and read nothing. A [`Baseline`] silences what is known and accepted, for a time; a
//! [`Report`] puts the rest into rows, JSON or SARIF.
//!
//! ```
//! use cs_model::{Access, Grant, ManagementTokenDraft, Module, Profile};
//! use cs_policy::lint::{self, Baseline, Options, Report, Token};
//!
//! let draft = ManagementTokenDraft::new("ci").module(Module::All, Access::ReadWrite).branches(Grant::only(["main"]));
//! let profile = Profile::seeds();
//! let options = Options::new(&profile, "2026-11-21T00:00:00Z".parse()?);
//! let findings = lint::check(&Token::from(&draft), &[], &options);
//! let ids: Vec<_> = findings.iter().map(|finding| finding.id.name()).collect();
//! assert_eq!(ids, ["expiry.never", "scope.all_write"]);
//!
//! let baseline = Baseline::parse("
//!     [[silence]]
//!     lint = 'expiry.never'
//!     subject = 'management/ci'
//!     reason = 'the pipeline moves to short-lived tokens in spring'
//!     until = '2027-03-31'
//! ")?;
//! let report = Report::new(findings, &baseline, options.now);
//! assert_eq!(report.findings[0].id.name(), "scope.all_write");
//! assert_eq!(report.silenced.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use cs_model::Source;
use serde::{Serialize, Serializer};

mod baseline;
mod expiry;
mod neighbours;
mod options;
mod report;
mod sarif;
mod scope;
mod token;

pub use baseline::{Baseline, Silence};
use neighbours::Classes;
pub use options::Options;
pub use report::{Report, Silenced};
pub use token::{Origin, Token};

pub use crate::generated::{LINTS, LintId};

use crate::Kind;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the three levels of SARIF")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A risk.
    Warning,
    /// It does not work, or does not protect.
    Error,
}

impl Severity {
    /// The name, which is also the level in SARIF: `warning`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Something a lint can find: a row of `xtask/spec/lints.toml`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LintRow {
    /// Its number.
    pub id: LintId,
    /// Its stable name: `expiry.never`.
    pub name: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Kinds of token in which it is found; none for findings about the baseline.
    pub kinds: &'static [Kind],
    /// What is wrong, in a sentence.
    pub says: &'static str,
    /// What can come of it, in a sentence.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Where it comes from.
    pub sources: &'static [Source],
}

impl LintId {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static LintRow {
        &LINTS[self as usize]
    }

    /// Its stable name: `expiry.never`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The lint of this name.
    ///
    /// ```
    /// use cs_policy::lint::LintId;
    /// assert_eq!(LintId::find("scope.all_write"), Some(LintId::ScopeAllWrite));
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.name() == name)
    }
}

impl fmt::Display for LintId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for LintId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Which lint found it.
    pub id: LintId,
    /// How much it weighs.
    pub severity: Severity,
    /// What it was found in: `management/ci`, kind and name of a token; the kind alone for what concerns all of them;
    /// `baseline/` with lint and subject for an entry of the baseline. With `id` it names the finding in a baseline.
    pub subject: String,
    /// What of the token it is about, where one lint can find several things in it: `webhook`, `branches`; else empty.
    #[serde(skip)]
    pub about: String,
    /// What is wrong, with its values: one clause in lower case, names in backticks.
    pub reason: String,
    /// What to do.
    pub fix: String,
    /// Where it stands, when the caller said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl Finding {
    fn new(id: LintId, subject: String, reason: impl Into<String>) -> Self {
        let row = id.row();
        Self {
            id,
            severity: row.severity,
            subject,
            about: String::new(),
            reason: reason.into(),
            fix: row.fix.to_owned(),
            origin: None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {} ({})", self.severity, self.subject, self.reason, self.id)
    }
}

/// Everything that is found in one token, in the order of [`LINTS`].
///
/// `neighbours` are the other tokens of its stack, as far as they are known; the token itself may be among them. Drafts
/// count as if they were made.
#[must_use]
pub fn check(token: &Token, neighbours: &[Token], options: &Options<'_>) -> Vec<Finding> {
    let others: Vec<&Token> = neighbours.iter().filter(|other| !token.is_same_as(other)).collect();
    let classes = Classes::new(std::iter::once(token).chain(others.iter().copied()), options);
    let mut findings = of_one(token, 0, &classes, options);
    let all = others.iter().copied().chain([token]);
    findings.extend(neighbours::headroom(token.kind, all, options));
    sorted(findings)
}

/// Everything that is found in the tokens of one stack: by token in their order, then what concerns all of a kind.
#[must_use]
pub fn check_stack(tokens: &[Token], options: &Options<'_>) -> Vec<Finding> {
    let (mut findings, classes) = (Vec::new(), Classes::new(tokens.iter(), options));
    for (index, token) in tokens.iter().enumerate() {
        findings.extend(sorted(of_one(token, index, &classes, options)));
    }
    for kind in [Kind::Delivery, Kind::Management] {
        findings.extend(neighbours::headroom(kind, tokens.iter(), options));
    }
    findings
}

/// What is found in the token at this place of the classes, but for the limits of its kind.
fn of_one(token: &Token, index: usize, classes: &Classes<'_>, options: &Options<'_>) -> Vec<Finding> {
    let mut found = Found { token, list: Vec::new() };
    expiry::check(&mut found, options);
    scope::check(&mut found, options);
    neighbours::same_scope(&mut found, index, classes);
    found.list
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.id);
    findings
}

/// What was found in one token so far.
struct Found<'a> {
    token: &'a Token,
    list: Vec<Finding>,
}

impl Found<'_> {
    fn push(&mut self, id: LintId, reason: impl Into<String>) {
        self.push_about(id, "", reason);
    }

    /// The same for a lint that can find several things in one token: `about` tells them apart.
    fn push_about(&mut self, id: LintId, about: &str, reason: impl Into<String>) {
        let mut finding = Finding::new(id, self.token.subject(), reason);
        about.clone_into(&mut finding.about);
        finding.origin.clone_from(&self.token.origin);
        self.list.push(finding);
    }
}
