//! What a principal can do, module by module and route by route; and who of several can do one thing.

use std::collections::BTreeMap;

use cs_model::profile::Profile;
use cs_model::{Action, Api, Grant, ModuleId, RouteId};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::decide::{decide, decide_operation, decide_prepared};
use crate::rule_set::RuleSet;
use crate::{
    Context, Decision, Kind, NamedBranch, Operation, Prepared, Principal, Request, StackRole, Subject,
    Verdict,
};

/// What a principal can do everywhere at once: a decision on every route and operation.
#[derive(Clone, Debug)]
pub struct Capabilities {
    kind: Kind,
    cells: Vec<Capability>,
    operations: Vec<Decision>,
}

/// What a principal can do with one action on one module of one API: a cell of the matrix.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Capability {
    /// The API.
    pub api: Api,
    /// The module.
    pub module: ModuleId,
    /// The action.
    pub action: Action,
    /// A decision for each route of the cell, in the order of the route table. Never empty.
    pub decisions: Vec<Decision>,
}

/// Everything that a principal can do, in its own stack and where it was given something: a request that names no
/// branch when `main` is granted, else one for the first branch or alias that is.
///
/// ```
/// use cs_model::{Access, Action, Api, Grant, ModuleId, Profile};
/// use cs_policy::{ManagementFacts, Principal, Verdict, capabilities};
/// let mut facts = ManagementFacts { branches: Grant::only(["main"]), ..ManagementFacts::default() };
/// facts.scope.insert(ModuleId::Entry.into(), Access::Read);
/// let now = "2026-11-21T00:00:00Z".parse()?;
/// let matrix = capabilities(&Profile::seeds(), &Principal::Management(facts), now);
/// let verdict = |action| matrix.cell(Api::Management, ModuleId::Entry, action).unwrap().verdict();
/// assert_eq!(verdict(Action::Read), Some(Verdict::Allow));
/// assert_eq!(verdict(Action::Delete), Some(Verdict::NotGranted));
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn capabilities(profile: &Profile, principal: &Principal, now: Timestamp) -> Capabilities {
    let prepared = Prepared::new(principal);
    capabilities_in(profile, &prepared, &home(principal, &prepared), now)
}

/// [`capabilities`] for requests with these other facts: another branch, an environment, drafts.
#[must_use]
pub fn capabilities_in(
    profile: &Profile,
    prepared: &Prepared,
    context: &Context,
    now: Timestamp,
) -> Capabilities {
    let mut cells: BTreeMap<(Api, ModuleId, Action), Vec<Decision>> = BTreeMap::new();
    for id in RouteId::all() {
        let route = id.row();
        let decision = decide(profile, prepared, id, context, now);
        cells.entry((route.api, route.module, route.action)).or_default().push(decision);
    }
    let cells = cells.into_iter().map(|((api, module, action), decisions)| Capability {
        api,
        module,
        action,
        decisions,
    });
    let operations =
        Operation::all().map(|operation| decide_operation(profile, prepared, operation, context, now));
    Capabilities { kind: prepared.kind(), cells: cells.collect(), operations: operations.collect() }
}

/// A decision on one request for each of several principals, in their order. What stands beside a principal, such as
/// its name, is handed through.
///
/// ```
/// use cs_model::Profile;
/// use cs_policy::{Principal, Request, StackRole, who_can};
/// let people = [("ann", Principal::user(StackRole::Admin)), ("dev", Principal::user(StackRole::Developer))];
/// let request = Request::new("POST", "/v3/stacks/management_tokens");
/// let now = "2026-11-21T00:00:00Z".parse()?;
/// let answers = who_can(&Profile::seeds(), &request, people.iter().map(|(name, who)| (*name, who)), now);
/// let able: Vec<_> = answers.iter().filter(|(_, decision)| decision.verdict().is_allow()).collect();
/// assert_eq!(able.len(), 1);
/// assert_eq!(able[0].0, "ann");
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn who_can<'a, N>(
    profile: &Profile,
    request: &Request<'_>,
    principals: impl IntoIterator<Item = (N, &'a Principal)>,
    now: Timestamp,
) -> Vec<(N, Decision)> {
    principals
        .into_iter()
        .map(|(name, principal)| (name, decide_prepared(profile, &Prepared::new(principal), request, now)))
        .collect()
}

/// Where a principal was given something.
fn home(principal: &Principal, prepared: &Prepared) -> Context {
    let branch =
        if prepared.unnamed.is_granted() { NamedBranch::NotNamed } else { granted(principal, prepared) };
    Context { branch, ..Context::default() }
}

fn granted(principal: &Principal, prepared: &Prepared) -> NamedBranch {
    let grants: Vec<(&Grant, &Grant)> = match principal {
        Principal::Delivery(facts) | Principal::Preview(facts) => vec![(&facts.branches, &facts.aliases)],
        Principal::Management(facts) => vec![(&facts.branches, &facts.aliases)],
        Principal::Authtoken(user) => user
            .roles
            .iter()
            .filter_map(|role| match role {
                StackRole::Custom(rules) => Some((&rules.branches, &rules.aliases)),
                _ => None,
            })
            .collect(),
        Principal::Access(_) | Principal::OAuth(_) | Principal::Anonymous => Vec::new(),
    };
    let name_of = |grant: &Grant| match grant {
        Grant::Only(names) => names.first().cloned(),
        // Any name is one of all.
        Grant::All => Some(crate::generated::DEFAULT_BRANCH.to_owned()),
        Grant::None => None,
    };
    if let Some(name) = grants.iter().find_map(|(branches, _)| name_of(branches)) {
        return NamedBranch::Branch(prepared.branch(&name));
    }
    match grants.iter().find_map(|(_, aliases)| name_of(aliases)) {
        Some(name) => NamedBranch::Alias { alias: prepared.alias(&name), of: None },
        None => NamedBranch::NotNamed,
    }
}

impl Capabilities {
    /// The kind of credential that they are about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The matrix, by API, module and action.
    #[must_use]
    pub fn cells(&self) -> &[Capability] {
        &self.cells
    }

    /// One cell; `None` where no route does this action on this module.
    #[must_use]
    pub fn cell(&self, api: Api, module: ModuleId, action: Action) -> Option<&Capability> {
        let key = (api, module, action);
        let found = self.cells.binary_search_by(|cell| (cell.api, cell.module, cell.action).cmp(&key));
        found.ok().map(|index| &self.cells[index])
    }

    /// The decision on every route.
    pub fn routes(&self) -> impl Iterator<Item = &Decision> {
        self.cells.iter().flat_map(|cell| &cell.decisions)
    }

    /// The decision on what has no route, such as `access_token:reset`.
    #[must_use]
    pub fn operations(&self) -> &[Decision] {
        &self.operations
    }

    /// As a JSON document, `schema` 1.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let cells: Vec<_> = self.cells.iter().map(Capability::to_json).collect();
        let operations: Vec<_> = self.operations.iter().map(decision_json).collect();
        json!({ "schema": 1, "kind": self.kind.name(), "capabilities": cells, "operations": operations })
    }
}

impl Capability {
    /// The verdict on all of its routes; `None` when they differ.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let first = self.decisions.first()?.verdict();
        self.decisions.iter().all(|decision| decision.verdict() == first).then_some(first)
    }

    /// On how many of its routes the verdict is allow.
    #[must_use]
    pub fn allowed(&self) -> usize {
        self.decisions.iter().filter(|decision| decision.verdict().is_allow()).count()
    }

    /// Every rule that applies to one of its routes.
    #[must_use]
    pub fn rules(&self) -> RuleSet {
        self.decisions.iter().fold(RuleSet::EMPTY, |rules, decision| rules.union(decision.rules()))
    }

    fn to_json(&self) -> Value {
        json!({
            "api": self.api.name(),
            "module": self.module.name(),
            "action": self.action.name(),
            "verdict": self.verdict().map_or("mixed", Verdict::name),
            "allowed": self.allowed(),
            "rules": ids(self.rules()),
            "routes": self.decisions.iter().map(decision_json).collect::<Vec<_>>(),
        })
    }
}

fn decision_json(decision: &Decision) -> Value {
    let mut json = json!({ "verdict": decision.verdict().name(), "rules": ids(decision.rules()) });
    match decision.subject() {
        Some(Subject::Route(route)) => {
            json["method"] = route.row().method.as_str().into();
            json["path"] = route.row().template.into();
        }
        Some(Subject::Operation(operation)) => json["operation"] = operation.row().name.into(),
        None => {}
    }
    json
}

fn ids(rules: RuleSet) -> Vec<&'static str> {
    rules.iter().map(|rule| rule.rule().id).collect()
}
