//! Decisions by Cedar's authorizer, on a compact policy set with the same answers.
//!
//! The policies hold the logic, once for each condition; which kinds of credential a condition binds on a route stands in
//! the attributes of the route, as a table would hold it. That is the shape in which Cedar is fast: few policies.

use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Entities, EntityUid, PolicySet, Request};
use cs_model::facts::Needs;
use cs_model::profile::ClientReading;
use cs_model::{Grant, Module, ModuleId, Profile, RouteId};
use cs_policy::{
    Condition, Effect, Kind, OrganizationRole, Principal, RULES, Rule, RuleId, StackRole, Subject,
    oauth_scope,
};
use serde_json::{Value, json};

use cs_bench_load::load::{BRANCHES, Load, Question};

/// The policies.
const POLICIES: &str = include_str!("policies.cedar");

/// The authorizer with all that it reads.
#[derive(Debug)]
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

/// Conditions that bind kinds on routes, and the attributes that list these kinds.
const BINDING: [(Condition, &str); 15] = [
    (Condition::ModuleNotGranted, "scoped"),
    (Condition::OauthScopeMissing, "oauth"),
    (Condition::BranchMissing, "branched"),
    (Condition::EnvironmentMissing, "placed"),
    (Condition::Draft, "published"),
    (Condition::OtherStack, "own_stack"),
    (Condition::Expired, "expiring"),
    (Condition::NoRole, "members"),
    (Condition::BelowDeveloper, "developers"),
    (Condition::BelowAdmin, "admins"),
    (Condition::NotOwner, "owners"),
    (Condition::ContentManager, "managers"),
    (Condition::CustomRoleLacks, "custom"),
    (Condition::StageClosed, "staged"),
    (Condition::EntryHidden, "hiding"),
];

impl Cedar {
    /// With the principals, the routes and the questions of the load.
    ///
    /// # Panics
    /// If the policies or what they read are not well-formed.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a measurement that cannot be set up has nothing to say")]
    pub fn new(profile: &Profile, load: &Load) -> Self {
        let principals = load.principals.iter().enumerate().map(|(number, principal)| {
            json!({ "uid": uid("Principal", number), "attrs": facts(profile, load, principal), "parents": [] })
        });
        let routes = RouteId::all().map(|route| {
            json!({ "uid": uid("Route", route.index()), "attrs": about(profile, route), "parents": [] })
        });
        let all: Vec<Value> = principals.chain(routes).collect();
        let entities = Entities::from_json_value(Value::Array(all), None).expect("entities");
        let requests = load.questions.iter().map(request).collect();
        let policies = PolicySet::from_str(POLICIES).expect("policies");
        Self { authorizer: Authorizer::new(), policies, entities, requests }
    }

    /// How many policies there are.
    #[must_use]
    pub fn policies(&self) -> usize {
        self.policies.policies().count()
    }

    /// Whether the question with this number is answered with an allow.
    #[must_use]
    pub fn allows(&self, question: usize) -> bool {
        let answer = self.authorizer.is_authorized(&self.requests[question], &self.policies, &self.entities);
        answer.decision() == cedar_policy::Decision::Allow
    }
}

fn uid(of: &str, number: usize) -> Value {
    json!({ "type": of, "id": number.to_string() })
}

#[expect(clippy::expect_used, reason = "a measurement that cannot be set up has nothing to say")]
fn request(question: &Question) -> Request {
    let id = |text: String| EntityUid::from_str(&text).expect("an entity");
    let branch = BRANCHES[usize::from(question.branch)].unwrap_or("main");
    let context = json!({
        "branch": branch,
        "draft": question.context.draft,
        "other_stack": question.context.other_stack,
        "stage_open_to_all": question.context.body.stage_open_to_all,
        "user_named": question.context.body.user_named,
        "environment_missing": question.context.environment.is_some_and(|id| !id.is_granted()),
    });
    Request::new(
        id(format!("Principal::\"{}\"", question.principal)),
        id("Action::\"request\"".to_owned()),
        id(format!("Route::\"{}\"", question.route.index())),
        Context::from_json_value(context, None).expect("a context"),
        None,
    )
    .expect("a request")
}

/// What the policies read of a principal.
fn facts(profile: &Profile, load: &Load, principal: &Principal) -> Value {
    let mut facts = json!({
        "kind": principal.kind().name(), "read": [], "write": [], "scopes": [], "branches": [],
        "all_branches": true, "expired": false, "rank": 0, "place": 0,
    });
    let bind = |facts: &mut Value, grant: &Grant| {
        if let Grant::Only(names) = grant {
            facts["branches"] = json!(names);
            facts["all_branches"] = json!(false);
        }
    };
    match principal {
        Principal::Delivery(given) | Principal::Preview(given) => bind(&mut facts, &given.branches),
        Principal::Management(given) => {
            bind(&mut facts, &given.branches);
            scope(&mut facts, &given.scope);
            if !given.branches.is_none() {
                push(&mut facts["read"], ModuleId::Branch.name());
            }
            let ends = given.expires.ends_at(profile.switches.expiry_day.value);
            facts["expired"] = json!(ends.is_some_and(|ends| ends <= load.now));
        }
        Principal::Authtoken(user) => {
            for role in &user.roles {
                let rank = match role {
                    StackRole::Custom(rules) => {
                        bind(&mut facts, &rules.branches);
                        scope(&mut facts, &rules.grants);
                        1
                    }
                    StackRole::ContentManager => 2,
                    StackRole::Developer => 3,
                    StackRole::Admin => 4,
                    StackRole::Owner => 5,
                };
                facts["rank"] = json!(rank);
            }
            facts["place"] = json!(match user.organization {
                OrganizationRole::Member => 0,
                OrganizationRole::Admin => 1,
                OrganizationRole::Owner => 2,
            });
        }
        Principal::OAuth(given) => facts["scopes"] = json!(given.scopes),
        Principal::Access(_) | Principal::Anonymous => {}
    }
    facts
}

fn scope(facts: &mut Value, scope: &std::collections::BTreeMap<Module, cs_model::Access>) {
    for (module, access) in scope {
        let names: Vec<&str> = match module {
            Module::All => ModuleId::ALL.iter().map(|id| id.name()).collect(),
            Module::Known(id) => vec![id.name()],
            _ => vec![],
        };
        for name in names {
            if access.reads() {
                push(&mut facts["read"], name);
            }
            if access.writes() {
                push(&mut facts["write"], name);
            }
        }
    }
}

fn push(list: &mut Value, name: &str) {
    if let Some(list) = list.as_array_mut() {
        list.push(json!(name));
    }
}

/// What the policies read of a route.
fn about(profile: &Profile, route: RouteId) -> Value {
    let row = route.row();
    let kinds = |picked: &dyn Fn(Kind) -> bool| {
        let names: Vec<_> = Kind::ALL.into_iter().filter(|kind| picked(*kind)).map(Kind::name).collect();
        json!(names)
    };
    let mut about = json!({
        "opens": kinds(&|kind| opens(profile, kind, route)),
        "module": row.module.row().granted_by.name(),
        "own_module": row.module.name(),
        "writes": row.action.row().needs == Needs::Write,
        "scope": oauth_scope(route).unwrap_or_default(),
        "place": place(profile, route),
    });
    for (condition, name) in BINDING {
        about[name] = kinds(&|kind| binds(profile, kind, route, condition));
    }
    about
}

/// The place in the organization that the route takes.
fn place(profile: &Profile, route: RouteId) -> u8 {
    let takes = |condition| binds(profile, Kind::Authtoken, route, condition);
    if takes(Condition::NotOrganizationOwner) { 2 } else { u8::from(takes(Condition::NotOrganizationAdmin)) }
}

fn covering(kind: Kind, route: RouteId) -> impl Iterator<Item = (RuleId, &'static Rule)> {
    let about = move |rule: &Rule| rule.about.covers(kind, Subject::Route(route));
    RuleId::all().zip(&RULES).filter(move |(_, rule)| about(rule))
}

/// Whether the kind is let in, whatever it was given. A request of the load answers no publish request, so what holds for
/// a change of stage always holds.
fn opens(profile: &Profile, kind: Kind, route: RouteId) -> bool {
    let always = [Condition::Always, Condition::StageChange];
    let settled: Vec<_> = settled(profile, kind, route, &always).collect();
    let stands = |effect: Effect| {
        covering(kind, route).any(|(id, rule)| {
            rule.effect == effect
                && always.contains(&rule.when)
                && !settled.iter().any(|(_, rule)| rule.replaces.contains(&id))
        })
    };
    let unsettled = settled.iter().any(|(reading, _)| *reading == ClientReading::Unsettled);
    let allowed = settled.iter().any(|(reading, _)| *reading != ClientReading::Unsettled);
    !stands(Effect::Forbid) && !unsettled && (allowed || stands(Effect::Allow))
}

/// Whether the condition, where it holds, keeps the kind out.
fn binds(profile: &Profile, kind: Kind, route: RouteId, condition: Condition) -> bool {
    let settled: Vec<_> = settled(profile, kind, route, &[Condition::Always, condition]).collect();
    covering(kind, route).any(|(id, rule)| {
        matches!(rule.effect, Effect::Forbid | Effect::Needs)
            && rule.when == condition
            && !settled.iter().any(|(_, rule)| rule.replaces.contains(&id))
    })
}

/// The contradictions that put other rules aside under one of these conditions.
fn settled(
    profile: &Profile,
    kind: Kind,
    route: RouteId,
    conditions: &[Condition],
) -> impl Iterator<Item = (ClientReading, &'static Rule)> {
    covering(kind, route).filter_map(move |(_, rule)| match rule.effect {
        Effect::Contradiction(id) if conditions.contains(&rule.when) => {
            let reading = profile.reading(id).client;
            (reading != ClientReading::Deny).then_some((reading, rule))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_the_policy_does() {
        let (profile, load) = (Profile::seeds(), Load::new());
        let cedar = Cedar::new(&profile, &load);
        let mut differences = Vec::new();
        for (number, question) in load.questions.iter().enumerate() {
            let prepared = &load.prepared[usize::from(question.principal)];
            let decision = cs_policy::decide(&profile, prepared, question.route, &question.context, load.now);
            if decision.verdict().is_allow() != cedar.allows(number) {
                differences.push(format!("{} {decision:?}", load.path(question)));
            }
        }
        assert!(
            differences.is_empty(),
            "{}: {}",
            differences.len(),
            differences[..differences.len().min(9)].join("\n")
        );
    }
}
