//! `cstok policy show`

mod rows;

use cs_model::generated::{CONTRADICTIONS, ContradictionId, SOURCES};
use cs_model::{Profile, listed};
use cs_policy::lint::LintId;
use cs_policy::{Operation, RuleId};
use serde::Serialize;

use self::rows::{ClaimShown, ContradictionShown, LintShown, OperationShown, RuleShown, SourceShown};
use crate::args::policy::PolicyShowArgs;
use crate::claim;
use crate::commands::can::verdict::CitationShown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::show::NOTHING;
use crate::style::{self, Styled};

/// What an id stands for.
#[derive(Serialize)]
#[serde(untagged)]
enum Document {
    Rule { rule: RuleShown },
    Lint { lint: LintShown },
    Claim { claim: ClaimShown },
    Contradiction { contradiction: ContradictionShown },
    Source { source: SourceShown },
    Operation { operation: OperationShown },
}

/// Tells everything about one row.
pub(super) fn run(args: &PolicyShowArgs, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    let id = args.id.as_str();
    let document = if let Some(rule) = RuleId::find(id) {
        Document::Rule { rule: RuleShown::new(rule.rule()) }
    } else if let Some(lint) = LintId::find(id) {
        Document::Lint { lint: LintShown::new(lint.row()) }
    } else if let Some(row) = claim::find(id) {
        Document::Claim { claim: ClaimShown::new(&row) }
    } else if let Some(found) = contradiction(id) {
        Document::Contradiction { contradiction: ContradictionShown::new(found, profile) }
    } else if let Some(row) = SOURCES.iter().find(|row| row.id == id) {
        Document::Source { source: SourceShown::new(row) }
    } else if let Some(operation) = Operation::find(id) {
        Document::Operation { operation: OperationShown::new(operation) }
    } else {
        return Err(unknown(id));
    };
    output.document(&document)?;
    print(&document, output)?;
    Ok(Exit::Ok)
}

fn contradiction(id: &str) -> Option<ContradictionId> {
    ContradictionId::ALL.into_iter().find(|each| CONTRADICTIONS[*each as usize].id == id)
}

/// Names what is near: what has the same last word or holds the text, else what is spelled alike.
fn unknown(id: &str) -> Failure {
    let rules = RuleId::all().map(|rule| rule.rule().id);
    let lints = LintId::ALL.into_iter().map(LintId::name);
    let contradictions = CONTRADICTIONS.iter().map(|row| row.id);
    let sources = SOURCES.iter().map(|row| row.id);
    let operations = Operation::all().map(|operation| operation.row().name);
    let all: Vec<&str> = rules
        .chain(lints)
        .chain(claim::ids())
        .chain(contradictions)
        .chain(sources)
        .chain(operations)
        .collect();
    let word = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let is_near = |known: &&str| word(known) == word(id) || known.contains(id);
    let mut near: Vec<&str> = all.iter().copied().filter(is_near).collect();
    if near.is_empty() {
        near = all;
    }
    let message = format!("there is no rule, lint, claim, contradiction, source or operation `{id}`");
    Failure::new(Exit::Invalid, "rule.unknown", message)
        .hint(format!("one of {}", listed(id, near)))
        .hint("`cstok policy export --format json` lists all rules, and `cstok policy show \"seed 001\"` the claims of a page")
}

fn cited(citations: &[CitationShown]) -> Vec<String> {
    citations.iter().map(ToString::to_string).collect()
}

fn print(document: &Document, output: &Output) -> Result<(), Failure> {
    let title = |id: &str, what: &str| output.print(format_args!("{} ({what})", Styled(style::STRONG, id)));
    let fact = |name: &str, value: &str| {
        let value = if value.is_empty() { NOTHING } else { value };
        output.print(format_args!("  {name:<10} {value}"))
    };
    let list = |name: &str, items: &[String]| {
        for (index, item) in items.iter().enumerate() {
            fact(if index == 0 { name } else { "" }, item)?;
        }
        Ok(())
    };
    match document {
        Document::Rule { rule } => {
            title(rule.id, rule.effect)?;
            output.print(format_args!("  {}", rule.says))?;
            fact("kinds", &rule.kinds.join(", "))?;
            fact("when", rule.when)?;
            fact("fix", rule.fix)?;
            fact("replaces", &rule.replaces.join(", "))?;
            fact("conflicts", &rule.conflicts.join(", "))?;
            fact("claims", &rule.claims.join(", "))?;
            list("sources", &cited(&rule.citations))?;
            fact("operations", &rule.operations.join(", "))?;
            list("routes", &rule.routes)
        }
        Document::Lint { lint } => {
            title(lint.id, lint.severity)?;
            output.print(format_args!("  {}", lint.says))?;
            output.print(format_args!("  {}", lint.why))?;
            fact("kinds", &lint.kinds.join(", "))?;
            fact("fix", lint.fix)?;
            list("sources", &cited(&lint.citations))
        }
        Document::Claim { claim: row } => {
            title(row.id, "claim")?;
            output.print(format_args!("  {}", row.says))?;
            list("sources", &cited(&row.citations))?;
            list("carried by", &row.carried_by)?;
            list("shown by", &row.tests)
        }
        Document::Contradiction { contradiction: row } => {
            title(row.id, "contradiction")?;
            output.print(format_args!("  {}", row.question))?;
            for claim in &row.claims {
                output.print(format_args!("  - {} ({}: {})", claim.says, claim.source, claim.title))?;
            }
            fact("profile", &format!("{}: {}", row.profile, row.why))?;
            fact("client", row.client)?;
            fact("service", row.service)?;
            fact("rules", &row.rules.join(", "))
        }
        Document::Source { source: row } => {
            title(row.id, "source")?;
            output.print(format_args!("  {}", row.title))?;
            output.print(format_args!("  {}", row.says))?;
            fact("date", row.date)?;
            fact("url", row.url)?;
            fact("claims", &row.claims.join(", "))?;
            fact("rules", &row.rules.join(", "))
        }
        Document::Operation { operation: row } => {
            title(row.id, "no route")?;
            output.print(format_args!("  {}", row.says))?;
            list("sources", &cited(&row.citations))?;
            fact("rules", &row.rules.join(", "))
        }
    }
}
