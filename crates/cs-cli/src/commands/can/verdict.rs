//! A decision in JSON and in words.

use std::borrow::Cow;
use std::fmt;

use cs_model::{Profile, Source};
use cs_policy::{Citation, Decision, Remedy, Rule, RuleId, Verdict, why};
use serde::Serialize;

use super::reading::{self, ReadingShown};
use crate::failure::Failure;
use crate::output::Output;
use crate::problem::Problem;
use crate::style::{self, Styled};

/// A decision with all that is told of it.
pub(super) struct Judged<'a> {
    pub(super) decision: &'a Decision,
    /// Rules that forbid the request whatever its route is.
    pub(super) anywhere: &'a [&'static Rule],
    /// What would change it.
    pub(super) remedy: &'a Remedy,
    /// What it was judged by.
    pub(super) profile: &'a Profile,
}

/// The document of `can`.
#[derive(Serialize)]
pub(crate) struct Document {
    verdict: &'static str,
    route: Option<RouteShown>,
    rules: Vec<RuleShown>,
    fix: Vec<FixShown>,
    warnings: Vec<RuleShown>,
}

/// A route in JSON.
#[derive(Serialize)]
pub(crate) struct RouteShown {
    method: &'static str,
    path: &'static str,
    module: &'static str,
    action: &'static str,
}

/// A rule in JSON.
#[derive(Serialize)]
pub(crate) struct RuleShown {
    id: &'static str,
    effect: &'static str,
    says: Cow<'static, str>,
    sources: Vec<String>,
    citations: Vec<CitationShown>,
    /// For a contradiction: how the profile reads it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<ReadingShown>,
}

/// A source with what it takes to look it up.
#[derive(Serialize)]
pub(crate) struct CitationShown {
    document: &'static str,
    title: &'static str,
    place: &'static str,
    /// None where the document shows no date.
    date: Option<&'static str>,
    /// None where it has no address.
    url: Option<&'static str>,
}

/// One of the changes that together would allow it.
#[derive(Serialize)]
struct FixShown {
    /// What sort of change: `add_scope`; `none` where nothing helps.
    change: &'static str,
    /// The change in words, with its values.
    detail: String,
}

impl Document {
    /// `warnings` are about the input: what of it was not judged, or decides nothing.
    pub(super) fn new(judged: &Judged<'_>, warnings: &[Problem]) -> Self {
        let Judged { decision, anywhere, remedy, profile } = *judged;
        let rules = why(decision).chain(anywhere.iter().copied()).chain(beside(decision));
        let of_input = warnings.iter().map(RuleShown::of_problem);
        Self {
            verdict: decision.verdict().name(),
            route: RouteShown::of(decision),
            rules: rules.map(|rule| RuleShown::new(rule, profile)).collect(),
            fix: FixShown::of(decision, remedy),
            warnings: decision.warnings().map(|rule| RuleShown::new(rule, profile)).chain(of_input).collect(),
        }
    }
}

impl FixShown {
    /// The changes, or the one entry that says that there are none.
    fn of(decision: &Decision, remedy: &Remedy) -> Vec<Self> {
        match remedy {
            Remedy::Impossible { because } if decision.verdict() != Verdict::Unmapped => {
                let by = because.map(|rule| format!(" [{}]", rule.id)).unwrap_or_default();
                vec![Self { change: "none", detail: format!("{NO_FIX}{by}") }]
            }
            _ => remedy
                .changes()
                .iter()
                .map(|change| Self { change: change.kind(), detail: change.to_string() })
                .collect(),
        }
    }
}

/// What is said where nothing helps.
const NO_FIX: &str = "nothing that a credential can be given would allow it";

impl RouteShown {
    /// The route of a decision, if it is about one.
    pub(crate) fn of(decision: &Decision) -> Option<Self> {
        let row = decision.route()?.row();
        Some(Self {
            method: row.method.as_str(),
            path: row.template,
            module: row.module.name(),
            action: row.action.name(),
        })
    }
}

impl RuleShown {
    fn new(rule: &'static Rule, profile: &Profile) -> Self {
        Self {
            id: rule.id,
            effect: rule.effect.name(),
            says: rule.says.into(),
            sources: rule.sources.iter().map(source).collect(),
            citations: citations(rule.sources),
            reading: ReadingShown::of(rule, profile),
        }
    }

    /// A warning about the input, in the place of one that a document gives.
    pub(crate) fn of_problem(problem: &Problem) -> Self {
        let file = problem.file.iter().map(|file| format!("{file}: "));
        let fix = Some(&problem.fix).filter(|fix| !fix.is_empty()).map(|fix| format!("; {fix}"));
        Self {
            id: problem.rule,
            effect: problem.level.name(),
            says: file.chain([problem.message.clone()]).chain(fix).collect::<String>().into(),
            sources: Vec::new(),
            citations: Vec::new(),
            reading: None,
        }
    }
}

/// What applies and does not decide: after what does, so that the first rule stays the reason.
fn beside(decision: &Decision) -> impl Iterator<Item = &'static Rule> + use<> {
    let reasons: Vec<&str> = why(decision).map(|rule| rule.id).collect();
    decision.rules().iter().map(RuleId::rule).filter(move |rule| !reasons.contains(&rule.id))
}

/// Sources as they are looked up.
pub(crate) fn citations(sources: &[Source]) -> Vec<CitationShown> {
    let citations = sources.iter().map(Citation::of);
    citations
        .map(|Citation { document, title, place, date, url, .. }| CitationShown {
            document,
            title,
            place,
            date: Some(date).filter(|date| !date.is_empty()),
            url: Some(url).filter(|url| !url.is_empty()),
        })
        .collect()
}

impl fmt::Display for CitationShown {
    /// `OA3 (Content Management API, OpenAPI 3.0.0), "Roles"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.document)?;
        if !self.title.is_empty() {
            write!(f, " ({})", self.title)?;
        }
        if self.place.is_empty() { Ok(()) } else { write!(f, ", \"{}\"", self.place) }
    }
}

/// `seed 001, "Delivery Tokens"`
pub(crate) fn source(source: &Source) -> String {
    if source.place().is_empty() {
        source.document().to_owned()
    } else {
        format!("{}, \"{}\"", source.document(), source.place())
    }
}

/// Shows a decision: what was asked, by whom, and why it is decided so.
pub(super) fn print(judged: &Judged<'_>, asked: &str, who: &str, output: &Output) -> Result<(), Failure> {
    let Judged { decision, anywhere, remedy, profile } = *judged;
    let verdict = decision.verdict();
    let colour = if verdict.is_allow() { style::ADDED } else { style::ERROR };
    output.print(format_args!("{}: {asked} as {who}", Styled(colour, headline(verdict))))?;
    if let Some(route) = RouteShown::of(decision) {
        output.print(format_args!("  route  {} {}", route.method, route.path))?;
        output.print(format_args!("  module {}, action {}", route.module, route.action))?;
    }
    for rule in why(decision) {
        rule_lines("because", rule, profile, output)?;
    }
    for rule in anywhere {
        rule_lines("also", rule, profile, output)?;
    }
    for rule in decision.warnings() {
        rule_lines("warning", rule, profile, output)?;
    }
    match remedy.changes() {
        [] => {}
        [change] => output.print(format_args!("  fix: {change}"))?,
        changes => {
            output.print("  fix, all of:")?;
            for change in changes {
                output.print(format_args!("    {change}"))?;
            }
        }
    }
    if matches!(remedy, Remedy::Impossible { .. }) && verdict != Verdict::Unmapped {
        output.print(format_args!("  fix: none; {NO_FIX}"))?;
    }
    // They decide nothing, and whoever asks often knows them: the names are enough.
    let notes: Vec<_> = decision.notes().map(|rule| rule.id).collect();
    if !notes.is_empty() {
        let names = notes.join(", ");
        output.print(Styled(style::QUIET, format_args!("  see also: {names} (cstok policy show ID)")))?;
    }
    Ok(())
}

fn rule_lines(word: &str, rule: &Rule, profile: &Profile, output: &Output) -> Result<(), Failure> {
    output.print(format_args!(
        "  {word}: {} {}",
        rule.says,
        Styled(style::QUIET, format_args!("[{}]", rule.id))
    ))?;
    if let Some(reading) = reading::line(rule, profile) {
        output.print(format_args!("    {reading}"))?;
    }
    let sources: Vec<String> = citations(rule.sources).iter().map(ToString::to_string).collect();
    output.print(Styled(style::QUIET, format_args!("    {}", sources.join("; "))))
}

/// A verdict in words.
pub(crate) const fn headline(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::NotGranted => "not granted",
        Verdict::Undocumented => "undocumented",
        Verdict::Forbidden => "forbidden",
        Verdict::Unmapped => "unmapped: no document knows this request",
    }
}
