//! The one decision function.
//!
//! Which rules are about a kind and a route is known when the crate is compiled. What is left at run time: find the
//! conditions that hold, take the rules that name them, let the profile settle contradictions, and read the verdict off
//! the effects. Total; no allocation, no clock.

use cs_model::profile::{ClientReading, Profile, ServiceReading};
use cs_model::{Method, RouteId};
use jiff::Timestamp;

use crate::condition::{Condition, Conditions};
use crate::decision::{Decision, Verdict};
use crate::generated::{CLASS_OF, OAUTH_SCOPE_OF, rule};
use crate::prepared::edge_index;
use crate::request::NamedBranch;
use crate::rule_set::RuleSet;
use crate::subject::{Operation, Subject};
use crate::tables::{BY_CONDITION, CLASSES, EFFECTS, FACTS, SETTLEMENTS, Settlement};
use crate::{Context, Kind, Prepared, Principal, Request};

/// Decides whether a principal may use a route.
///
/// Contradictions are read as the profile tells clients to; see [`decide_in_service`].
#[must_use]
pub fn decide(
    profile: &Profile,
    prepared: &Prepared,
    route: RouteId,
    context: &Context,
    now: Timestamp,
) -> Decision {
    evaluate(profile, Side::Client, prepared, Subject::Route(route), context, now)
}

/// Decides as the service does: contradictions are read as the profile tells the service to, which settles all.
#[must_use]
pub fn decide_in_service(
    profile: &Profile,
    prepared: &Prepared,
    route: RouteId,
    context: &Context,
    now: Timestamp,
) -> Decision {
    evaluate(profile, Side::Service, prepared, Subject::Route(route), context, now)
}

/// Decides whether a principal may do something for which no route is documented.
#[must_use]
pub fn decide_operation(
    profile: &Profile,
    prepared: &Prepared,
    operation: Operation,
    context: &Context,
    now: Timestamp,
) -> Decision {
    evaluate(profile, Side::Client, prepared, Subject::Operation(operation), context, now)
}

/// Decides about a request as it is written down. What is not in the route table is [`Verdict::Unmapped`].
///
/// Makes the principal ready each time; for many requests of one principal use [`decide_prepared`].
///
/// ```
/// use cs_model::Profile;
/// use cs_policy::{Principal, Request, StackRole, Verdict, decide_request};
/// let developer = Principal::user(StackRole::Developer);
/// let now = "2026-11-21T00:00:00Z".parse()?;
/// let request = Request::new("POST", "/v3/stacks/management_tokens");
/// let decision = decide_request(&Profile::seeds(), &developer, &request, now);
/// assert_eq!(decision.verdict(), Verdict::NotGranted);
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn decide_request(
    profile: &Profile,
    principal: &Principal,
    request: &Request<'_>,
    now: Timestamp,
) -> Decision {
    decide_prepared(profile, &Prepared::new(principal), request, now)
}

/// [`decide_request`] for a principal that was made ready before.
#[must_use]
pub fn decide_prepared(
    profile: &Profile,
    prepared: &Prepared,
    request: &Request<'_>,
    now: Timestamp,
) -> Decision {
    // A query string is no part of the path, and log lines have it.
    let path = request.path.split_once('?').map_or(request.path, |(path, _)| path);
    let route = Method::parse(request.method).and_then(|method| crate::classify(request.api, method, path));
    match route {
        Some(route) => decide(profile, prepared, route, &request.context(prepared), now),
        None => unmapped(prepared.kind),
    }
}

/// The decision on a request that the route table does not know.
#[must_use]
pub const fn unmapped(kind: Kind) -> Decision {
    Decision {
        verdict: Verdict::Unmapped,
        kind,
        subject: None,
        rules: RuleSet::EMPTY.with(rule::ANY_UNMAPPED),
        warned: 0,
        unsettled: 0,
    }
}

/// Whose readings of contradictions count.
#[derive(Clone, Copy)]
enum Side {
    Client,
    Service,
}

fn evaluate(
    profile: &Profile,
    side: Side,
    prepared: &Prepared,
    subject: Subject,
    context: &Context,
    now: Timestamp,
) -> Decision {
    let class = &CLASSES[usize::from(CLASS_OF[prepared.kind as usize][subject.index()])];
    let mut rules = class.always;
    if class.conditions != Conditions::NONE {
        let held = conditions(profile, prepared, subject, context, now).intersection(class.conditions);
        for number in held.numbers() {
            rules = rules.union(class.rules.intersection(BY_CONDITION[number]));
        }
    }
    let mut decision = Decision {
        verdict: Verdict::Forbidden,
        kind: prepared.kind,
        subject: Some(subject),
        rules,
        warned: 0,
        unsettled: 0,
    };
    let allowed = settle(profile, side, &mut decision);
    decision.verdict = verdict(&decision, allowed);
    if decision.verdict == Verdict::Forbidden && decision.rules.intersection(EFFECTS.forbid).is_empty() {
        decision.rules = decision.rules.with(rule::ANY_NOTHING_ALLOWS);
    }
    decision
}

/// Lets the profile settle the contradictions that apply: puts aside the rules that one replaces, unless the profile
/// sides with them. Answers whether one of them grants.
fn settle(profile: &Profile, side: Side, decision: &mut Decision) -> bool {
    let applying = decision.rules.intersection(EFFECTS.contradiction);
    let mut allowed = false;
    for id in applying.iter() {
        let Settlement { contradiction, replaces } = SETTLEMENTS[id.index()];
        let reading = &profile.readings[usize::from(contradiction)];
        let reading = match (side, reading.service) {
            (Side::Client, _) => reading.client,
            (Side::Service, ServiceReading::Allow) => ClientReading::Allow,
            (Side::Service, ServiceReading::Deny) => ClientReading::Deny,
        };
        match reading {
            ClientReading::Deny => continue,
            ClientReading::Allow => allowed = true,
            ClientReading::Warn => {
                allowed = true;
                decision.warned |= 1 << contradiction;
            }
            ClientReading::Unsettled => decision.unsettled |= 1 << contradiction,
        }
        decision.rules = decision.rules.difference(replaces);
    }
    allowed
}

/// Forbidden before undocumented before not granted before allow; and what nothing allows is forbidden.
fn verdict(decision: &Decision, allowed: bool) -> Verdict {
    let any = |effect: RuleSet| !decision.rules.intersection(effect).is_empty();
    if any(EFFECTS.forbid) {
        Verdict::Forbidden
    } else if decision.unsettled != 0 {
        Verdict::Undocumented
    } else if any(EFFECTS.needs) {
        Verdict::NotGranted
    } else if allowed || any(EFFECTS.allow) {
        Verdict::Allow
    } else {
        Verdict::Forbidden
    }
}

/// The conditions that hold.
fn conditions(
    profile: &Profile,
    prepared: &Prepared,
    subject: Subject,
    context: &Context,
    now: Timestamp,
) -> Conditions {
    let index = subject.index();
    let facts = FACTS[index];
    let reads = prepared.read & facts.modules != 0;
    let writes = prepared.write & facts.modules != 0;
    let granted = if facts.writes { writes } else { reads };
    let closed = if facts.writes { prepared.no_write } else { prepared.no_read } & facts.modules != 0;
    let (branch_missing, alias_missing) = branch(profile, prepared, context);
    let ends = prepared.ends[edge_index(profile.switches.expiry_day.value)];
    let answers_request = context.body.publish_request.is_some();

    let held = Conditions::NONE
        .with(Condition::Expired, ends.is_some_and(|ends| ends <= now))
        .with(Condition::ModuleNotGranted, !reads && !writes)
        .with(Condition::WriteMissing, facts.writes && reads && !writes)
        .with(Condition::ReadMissing, !facts.writes && writes && !reads)
        .with(Condition::BranchMissing, branch_missing)
        .with(Condition::AliasMissing, alias_missing)
        .with(Condition::EnvironmentMissing, context.environment.is_some_and(|id| !id.is_granted()))
        .with(Condition::Draft, context.draft)
        .with(Condition::OtherStack, context.other_stack)
        .with(Condition::ContentManager, prepared.content_manager && !granted)
        .with(Condition::CustomRoleLacks, closed || prepared.custom_only && !granted)
        .with(Condition::OauthScopeMissing, oauth_scope_missing(prepared, index))
        .with(Condition::StageChange, !answers_request)
        .with(Condition::StageOpenToAll, !answers_request && context.body.stage_open_to_all)
        .with(Condition::PublishRequest, answers_request)
        .with(Condition::ApproversNamed, context.body.approvers_named);
    held.union(prepared.held)
}

/// Whether the branch, and whether the alias of the request is missing.
fn branch(profile: &Profile, prepared: &Prepared, context: &Context) -> (bool, bool) {
    if !prepared.branch_bound {
        return (false, false);
    }
    match context.branch {
        NamedBranch::NotNamed => (!prepared.default_branch, false),
        NamedBranch::Branch(branch) => (!branch.is_granted(), false),
        NamedBranch::Alias { alias, of } => {
            let covered =
                profile.switches.branch_covers_alias.value && of.is_some_and(|branch| branch.is_granted());
            (false, !alias.is_granted() && !covered)
        }
    }
}

fn oauth_scope_missing(prepared: &Prepared, index: usize) -> bool {
    // Operations come after the routes in the tables and take no scope.
    let number = OAUTH_SCOPE_OF.get(index).copied().unwrap_or(crate::oauth::NO_SCOPE);
    number == crate::oauth::NO_SCOPE || prepared.oauth >> number & 1 == 0
}
