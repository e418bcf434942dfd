//! A decision in JSON and in words.

use cs_model::Source;
use cs_policy::{Decision, Remedy, Rule, Verdict, why};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::Output;
use crate::style::{self, Styled};

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
    says: &'static str,
    sources: Vec<String>,
}

/// One of the changes that together would allow it.
#[derive(Serialize)]
struct FixShown {
    /// What sort of change: `add_scope`.
    change: &'static str,
    /// The change in words, with its values.
    detail: String,
}

impl Document {
    pub(crate) fn new(decision: &Decision, remedy: &Remedy) -> Self {
        Self {
            verdict: decision.verdict().name(),
            route: RouteShown::of(decision),
            rules: why(decision).map(RuleShown::new).collect(),
            fix: remedy
                .changes()
                .iter()
                .map(|change| FixShown { change: change.kind(), detail: change.to_string() })
                .collect(),
            warnings: decision.warnings().map(RuleShown::new).collect(),
        }
    }
}

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
    pub(crate) fn new(rule: &'static Rule) -> Self {
        Self { id: rule.id, says: rule.says, sources: rule.sources.iter().map(source).collect() }
    }
}

/// `seed 001, "Delivery Tokens"`
pub(crate) fn source(source: &Source) -> String {
    if source.place.is_empty() {
        source.document.to_owned()
    } else {
        format!("{}, \"{}\"", source.document, source.place)
    }
}

/// Shows a decision: what was asked, by whom, and why it is decided so.
pub(super) fn print(
    decision: &Decision,
    remedy: &Remedy,
    asked: &str,
    who: &str,
    output: &Output,
) -> Result<(), Failure> {
    let verdict = decision.verdict();
    let colour = if verdict.is_allow() { style::ADDED } else { style::ERROR };
    output.print(format_args!("{}: {asked} as {who}", Styled(colour, headline(verdict))))?;
    if let Some(route) = RouteShown::of(decision) {
        output.print(format_args!("  route  {} {}", route.method, route.path))?;
        output.print(format_args!("  module {}, action {}", route.module, route.action))?;
    }
    for rule in why(decision) {
        rule_lines("because", rule, output)?;
    }
    for rule in decision.warnings() {
        rule_lines("warning", rule, output)?;
    }
    for change in remedy.changes() {
        output.print(format_args!("  fix: {change}"))?;
    }
    if matches!(remedy, Remedy::Impossible { .. }) && verdict != Verdict::Unmapped {
        output.print("  fix: none; nothing that a credential can be given would allow it")?;
    }
    Ok(())
}

fn rule_lines(word: &str, rule: &Rule, output: &Output) -> Result<(), Failure> {
    output.print(format_args!(
        "  {word}: {} {}",
        rule.says,
        Styled(style::QUIET, format_args!("[{}]", rule.id))
    ))?;
    let sources: Vec<String> = rule.sources.iter().map(source).collect();
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
