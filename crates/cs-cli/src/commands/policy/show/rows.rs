//! What `cstok policy show` tells of each row.

use std::collections::BTreeSet;

use cs_model::facts::{ErrorRow, ModuleRow, Reach, SourceDocument, ViolationRow};
use cs_model::generated::{CONTRADICTIONS, ContradictionId, MODULES};
use cs_model::profile::ServiceReading;
use cs_model::{Documented, Profile, Source};
use cs_policy::lint::LintRow;
use cs_policy::{Citation, Kind, Operation, Rule, RuleId, Subject};
use serde::Serialize;

use crate::claim::{self, Claim as Claimed};
use crate::commands::can::reading::client;
use crate::commands::can::verdict::{CitationShown, citations, source};

#[derive(Serialize)]
pub(super) struct SourceShown {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) says: &'static str,
    pub(super) date: &'static str,
    pub(super) url: &'static str,
    pub(super) claims: Vec<&'static str>,
    pub(super) rules: Vec<&'static str>,
}

#[derive(Serialize)]
pub(super) struct OperationShown {
    pub(super) id: &'static str,
    pub(super) says: &'static str,
    pub(super) rules: Vec<&'static str>,
    pub(super) sources: Vec<String>,
    pub(super) citations: Vec<CitationShown>,
}

#[derive(Serialize)]
pub(super) struct RuleShown {
    pub(super) id: &'static str,
    pub(super) effect: &'static str,
    pub(super) says: &'static str,
    pub(super) when: &'static str,
    pub(super) fix: &'static str,
    pub(super) kinds: Vec<&'static str>,
    pub(super) routes: Vec<String>,
    pub(super) operations: Vec<&'static str>,
    pub(super) replaces: Vec<&'static str>,
    pub(super) conflicts: Vec<&'static str>,
    pub(super) claims: Vec<&'static str>,
    pub(super) sources: Vec<String>,
    pub(super) citations: Vec<CitationShown>,
}

#[derive(Serialize)]
pub(super) struct LintShown {
    pub(super) id: &'static str,
    pub(super) severity: &'static str,
    pub(super) says: &'static str,
    pub(super) why: &'static str,
    pub(super) fix: &'static str,
    pub(super) kinds: Vec<&'static str>,
    pub(super) sources: Vec<String>,
    pub(super) citations: Vec<CitationShown>,
}

#[derive(Serialize)]
pub(super) struct ViolationShown {
    pub(super) id: &'static str,
    pub(super) level: &'static str,
    pub(super) says: &'static str,
    pub(super) fix: &'static str,
    pub(super) sources: Vec<String>,
    pub(super) citations: Vec<CitationShown>,
}

#[derive(Serialize)]
pub(super) struct ErrorShown {
    pub(super) id: &'static str,
    /// The vendor's number, or else that of our service.
    pub(super) error_code: Option<u32>,
    pub(super) statuses: &'static [u16],
    pub(super) key: &'static str,
    /// Whether status, number or key are a choice of this project.
    pub(super) chosen: bool,
    pub(super) cause: &'static str,
    pub(super) fix: &'static str,
    pub(super) sources: Vec<String>,
    pub(super) citations: Vec<CitationShown>,
}

#[derive(Serialize)]
pub(super) struct ModuleShown {
    pub(super) id: &'static str,
    pub(super) says: &'static str,
    /// The module whose grant it takes: itself, mostly.
    pub(super) granted_by: &'static str,
    /// Whether the documents have it in scopes of management tokens.
    pub(super) management_scope: &'static str,
    pub(super) reach: &'static str,
    pub(super) sources: Vec<String>,
    pub(super) citations: Vec<CitationShown>,
}

#[derive(Serialize)]
pub(super) struct ClaimShown {
    pub(super) id: &'static str,
    pub(super) says: &'static str,
    pub(super) carried_by: Vec<String>,
    pub(super) tests: Vec<String>,
    pub(super) sources: Vec<String>,
    pub(super) citations: Vec<CitationShown>,
}

#[derive(Serialize)]
pub(super) struct ContradictionShown {
    pub(super) id: &'static str,
    pub(super) question: &'static str,
    pub(super) claims: Vec<Claim>,
    pub(super) profile: String,
    pub(super) client: &'static str,
    pub(super) service: &'static str,
    pub(super) why: String,
    pub(super) rules: Vec<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Claim {
    pub(super) says: &'static str,
    pub(super) source: String,
    pub(super) title: &'static str,
}

fn sources(sources: &[Source]) -> Vec<String> {
    sources.iter().map(source).collect()
}

impl RuleShown {
    pub(super) fn new(rule: &'static Rule) -> Self {
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
            claims: claim::carried_by(&format!("rule:{}", rule.id)),
            sources: sources(rule.sources),
            citations: citations(rule.sources),
        }
    }
}

impl SourceShown {
    pub(super) fn new(row: &'static SourceDocument) -> Self {
        let cites = |rule: &&'static Rule| rule.sources.iter().any(|source| source.document() == row.id);
        Self {
            id: row.id,
            title: row.title,
            says: row.says,
            date: row.date,
            url: row.url,
            claims: claim::of_document(row.id),
            rules: RuleId::all().map(RuleId::rule).filter(cites).map(|rule| rule.id).collect(),
        }
    }
}

impl OperationShown {
    pub(super) fn new(operation: Operation) -> Self {
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
    pub(super) fn new(row: &'static LintRow) -> Self {
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

impl ViolationShown {
    pub(super) fn new(row: &'static ViolationRow) -> Self {
        Self {
            id: row.name,
            level: row.level.name(),
            says: row.says,
            fix: row.fix,
            sources: sources(row.sources),
            citations: citations(row.sources),
        }
    }
}

impl ErrorShown {
    pub(super) fn new(row: &'static ErrorRow) -> Self {
        Self {
            id: row.id,
            error_code: row.sent_code(),
            statuses: row.statuses,
            key: row.key,
            chosen: row.chosen,
            cause: row.cause,
            fix: row.fix,
            sources: sources(row.sources),
            citations: citations(row.sources),
        }
    }
}

impl ModuleShown {
    pub(super) fn new(row: &'static ModuleRow) -> Self {
        Self {
            id: row.name,
            says: row.says,
            granted_by: MODULES[row.granted_by as usize].name,
            management_scope: match row.management_scope {
                Documented::Yes => "yes",
                Documented::No => "no",
                Documented::Silent => "silent",
            },
            reach: match row.reach {
                Reach::Branch => "one branch",
                Reach::Global => "all branches",
                // Organizations, users, sessions.
                _ => "outside of stacks",
            },
            sources: sources(row.sources),
            citations: citations(row.sources),
        }
    }
}

impl ClaimShown {
    pub(super) fn new(row: &Claimed) -> Self {
        let of = std::slice::from_ref(&row.source);
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            id: row.id,
            says: row.says,
            carried_by: owned(&row.carried_by),
            tests: owned(&row.tests),
            sources: sources(of),
            citations: citations(of),
        }
    }
}

impl ContradictionShown {
    pub(super) fn new(id: ContradictionId, profile: &Profile) -> Self {
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

const fn service(reading: ServiceReading) -> &'static str {
    match reading {
        ServiceReading::Allow => "allow",
        ServiceReading::Deny => "deny",
    }
}
