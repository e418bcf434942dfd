//! `cstok policy show`

use std::collections::BTreeSet;

use cs_model::facts::SourceDocument;
use cs_model::generated::{CONTRADICTIONS, ContradictionId, SOURCES};
use cs_model::profile::{ClientReading, ServiceReading};
use cs_model::{Profile, Source};
use cs_policy::lint::{LintId, LintRow};
use cs_policy::{Citation, Kind, Operation, Rule, RuleId, Subject};
use serde::Serialize;

use crate::args::policy::PolicyShowArgs;
use crate::commands::can::verdict::{CitationShown, citations, source};
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
    Contradiction { contradiction: ContradictionShown },
    Source { source: SourceShown },
    Operation { operation: OperationShown },
}

#[derive(Serialize)]
struct SourceShown {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    date: &'static str,
    url: &'static str,
    rules: Vec<&'static str>,
}

#[derive(Serialize)]
struct OperationShown {
    id: &'static str,
    says: &'static str,
    rules: Vec<&'static str>,
    sources: Vec<String>,
    citations: Vec<CitationShown>,
}

#[derive(Serialize)]
struct RuleShown {
    id: &'static str,
    effect: &'static str,
    says: &'static str,
    when: &'static str,
    fix: &'static str,
    kinds: Vec<&'static str>,
    routes: Vec<String>,
    operations: Vec<&'static str>,
    replaces: Vec<&'static str>,
    conflicts: Vec<&'static str>,
    sources: Vec<String>,
    citations: Vec<CitationShown>,
}

#[derive(Serialize)]
struct LintShown {
    id: &'static str,
    severity: &'static str,
    says: &'static str,
    why: &'static str,
    fix: &'static str,
    kinds: Vec<&'static str>,
    sources: Vec<String>,
    citations: Vec<CitationShown>,
}

#[derive(Serialize)]
struct ContradictionShown {
    id: &'static str,
    question: &'static str,
    claims: Vec<Claim>,
    profile: String,
    client: &'static str,
    service: &'static str,
    why: String,
    rules: Vec<&'static str>,
}

#[derive(Serialize)]
struct Claim {
    says: &'static str,
    source: String,
    title: &'static str,
}

/// Tells everything about one row.
pub(super) fn run(args: &PolicyShowArgs, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    let id = args.id.as_str();
    let document = if let Some(rule) = RuleId::find(id) {
        Document::Rule { rule: RuleShown::new(rule.rule()) }
    } else if let Some(lint) = LintId::find(id) {
        Document::Lint { lint: LintShown::new(lint.row()) }
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

fn unknown(id: &str) -> Failure {
    let lints = LintId::ALL.into_iter().map(LintId::name);
    let rows = CONTRADICTIONS.iter().map(|row| row.id);
    let operations = Operation::all().map(|operation| operation.row().name);
    let others = SOURCES.iter().map(|row| row.id).chain(operations);
    let all: Vec<&str> =
        RuleId::all().map(|rule| rule.rule().id).chain(lints).chain(rows).chain(others).collect();
    let word = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let near: Vec<String> = all
        .iter()
        .filter(|known| word(known) == word(id) || known.contains(id) || known.starts_with(&format!("{id}.")))
        .map(|known| format!("`{known}`"))
        .take(8)
        .collect();
    let failure = Failure::new(Exit::Invalid, "rule.unknown", format!("there is no rule `{id}`"));
    let failure = if near.is_empty() { failure } else { failure.hint(format!("one of {}", near.join(", "))) };
    failure.hint("`cstok policy export --format json` lists all rules")
}

fn cited(citations: &[CitationShown]) -> Vec<String> {
    citations.iter().map(ToString::to_string).collect()
}

fn sources(sources: &[Source]) -> Vec<String> {
    sources.iter().map(source).collect()
}

impl RuleShown {
    fn new(rule: &'static Rule) -> Self {
        let covered = |subject: Subject| Kind::ALL.into_iter().any(|kind| rule.about.covers(kind, subject));
        let routes = cs_model::RouteId::all().filter(|id| covered(Subject::Route(*id)));
        let operations = Operation::all().filter(|operation| covered(Subject::Operation(*operation)));
        Self {
            id: rule.id,
            effect: rule.effect.name(),
            says: rule.says,
            when: rule.when.name(),
            fix: rule.fix,
            kinds: rule.about.kinds.iter().map(|kind| kind.name()).collect(),
            routes: routes
                .map(|id| id.row())
                .map(|row| format!("{}: {} {}", row.api.name(), row.method.as_str(), row.template))
                .collect(),
            operations: operations.map(|operation| operation.row().name).collect(),
            replaces: rule.replaces.iter().map(|id| id.rule().id).collect(),
            conflicts: rule.conflicts.iter().map(|id| CONTRADICTIONS[*id as usize].id).collect(),
            sources: sources(rule.sources),
            citations: citations(rule.sources),
        }
    }
}

impl SourceShown {
    fn new(row: &'static SourceDocument) -> Self {
        let cites = |rule: &&'static Rule| rule.sources.iter().any(|source| source.document == row.id);
        Self {
            id: row.id,
            title: row.title,
            says: row.says,
            date: row.date,
            url: row.url,
            rules: RuleId::all().map(RuleId::rule).filter(cites).map(|rule| rule.id).collect(),
        }
    }
}

impl OperationShown {
    fn new(operation: Operation) -> Self {
        let subject = Subject::Operation(operation);
        let about = |rule: &&'static Rule| Kind::ALL.into_iter().any(|kind| rule.about.covers(kind, subject));
        let row = operation.row();
        Self {
            id: row.name,
            says: row.says,
            rules: RuleId::all().map(RuleId::rule).filter(about).map(|rule| rule.id).collect(),
            sources: sources(row.sources),
            citations: citations(row.sources),
        }
    }
}

impl LintShown {
    fn new(row: &'static LintRow) -> Self {
        Self {
            id: row.name,
            severity: row.severity.name(),
            says: row.says,
            why: row.why,
            fix: row.fix,
            kinds: row.kinds.iter().map(|kind| kind.name()).collect(),
            sources: sources(row.sources),
            citations: citations(row.sources),
        }
    }
}

impl ContradictionShown {
    fn new(id: ContradictionId, profile: &Profile) -> Self {
        let (row, reading) = (&CONTRADICTIONS[id as usize], profile.reading(id));
        let touched: BTreeSet<&str> = RuleId::all()
            .map(RuleId::rule)
            .filter(|rule| {
                rule.conflicts.contains(&id) || rule.effect == cs_policy::Effect::Contradiction(id)
            })
            .map(|rule| rule.id)
            .collect();
        Self {
            id: row.id,
            question: row.question,
            claims: row
                .claims
                .iter()
                .map(|claim| Claim {
                    says: claim.says,
                    source: source(&claim.source),
                    title: Citation::of(&claim.source).title,
                })
                .collect(),
            profile: profile.name.to_string(),
            client: client(reading.client),
            service: service(reading.service),
            why: reading.why.to_string(),
            rules: touched.into_iter().collect(),
        }
    }
}

const fn client(reading: ClientReading) -> &'static str {
    match reading {
        ClientReading::Allow => "allow",
        ClientReading::Warn => "warn",
        ClientReading::Deny => "deny",
        ClientReading::Unsettled => "unsettled",
    }
}

const fn service(reading: ServiceReading) -> &'static str {
    match reading {
        ServiceReading::Allow => "allow",
        ServiceReading::Deny => "deny",
    }
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
