//! The one decision function.
//!
//! Which rules are about a kind and a route is known when the crate is compiled. What is left at run time: find the
//! conditions that hold, take the rules that name them, let the profile settle contradictions, and read the verdict off
//! the effects. Total; no allocation, no clock.

use cs_model::generated::ContradictionId;
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
use crate::{BranchId, Context, Kind, Prepared, Principal, Request};

/// Decides whether a principal may use a route.
///
/// Contradictions are read as the profile tells clients to; see [`decide_in_service`].
///
/// ```
/// use cs_model::{Api, Method, Profile};
/// use cs_policy::{Context, Prepared, Principal, StackRole, Verdict, classify, decide};
/// let developer = Prepared::new(&Principal::user(StackRole::Developer));
/// let route = classify(Api::Management, Method::Post, "/v3/stacks/delivery_tokens").unwrap();
/// let now = "2026-11-21T00:00:00Z".parse()?;
/// let decision = decide(&Profile::seeds(), &developer, route, &Context::default(), now);
/// assert_eq!(decision.verdict(), Verdict::Allow);
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
#[inline(always)]
pub fn decide(
    profile: &Profile,
    prepared: &Prepared,
    route: RouteId,
    context: &Context,
    now: Timestamp,
) -> Decision {
    if let Some(table) = &prepared.table
        && let Some(decision) = table.get(profile, prepared, route, context, now)
    {
        let mut decision = *decision;
        decision.subject = Some(Subject::Route(route));
        return decision;
    }
    by_rules(profile, prepared, Subject::Route(route), context, now)
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
    in_service(profile, prepared, Subject::Route(route), context, now)
}

/// Decides as the service does about something for which no route is documented.
#[must_use]
pub fn decide_operation_in_service(
    profile: &Profile,
    prepared: &Prepared,
    operation: Operation,
    context: &Context,
    now: Timestamp,
) -> Decision {
    in_service(profile, prepared, Subject::Operation(operation), context, now)
}

#[inline]
fn in_service(
    profile: &Profile,
    prepared: &Prepared,
    subject: Subject,
    context: &Context,
    now: Timestamp,
) -> Decision {
    let held = held(prepared, subject).union(asked(profile, prepared, context, now));
    evaluate(prepared.kind, subject, held, |contradiction| match profile.reading(contradiction).service {
        ServiceReading::Allow => ClientReading::Allow,
        ServiceReading::Deny => ClientReading::Deny,
    })
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
    by_rules(profile, prepared, Subject::Operation(operation), context, now)
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

/// Decides by the rules, with the client's readings.
#[inline(never)]
fn by_rules(
    profile: &Profile,
    prepared: &Prepared,
    subject: Subject,
    context: &Context,
    now: Timestamp,
) -> Decision {
    let held = held(prepared, subject).union(asked(profile, prepared, context, now));
    evaluate(prepared.kind, subject, held, |contradiction| profile.readings.client().get(contradiction))
}

/// Decides by the rules, given the conditions that hold.
pub(crate) fn evaluate(
    kind: Kind,
    subject: Subject,
    held: Conditions,
    reading: impl Fn(ContradictionId) -> ClientReading,
) -> Decision {
    let class = &CLASSES[usize::from(CLASS_OF[kind as usize][subject.index()])];
    let mut rules = class.always;
    for number in held.intersection(class.conditions).numbers() {
        rules = rules.union(class.rules.intersection(BY_CONDITION[number]));
    }
    let mut decision = Decision {
        verdict: Verdict::Forbidden,
        kind,
        subject: Some(subject),
        rules,
        warned: 0,
        unsettled: 0,
    };
    let allowed = settle(reading, &mut decision);
    decision.verdict = verdict(&decision, allowed);
    if decision.verdict == Verdict::Forbidden && decision.rules.intersection(EFFECTS.forbid).is_empty() {
        decision.rules = decision.rules.with(rule::ANY_NOTHING_ALLOWS);
    }
    decision
}

/// Lets the profile settle the contradictions that apply: puts aside the rules that one replaces, unless the profile
/// sides with them. Answers whether one of them grants.
fn settle(reading: impl Fn(ContradictionId) -> ClientReading, decision: &mut Decision) -> bool {
    let applying = decision.rules.intersection(EFFECTS.contradiction);
    let mut allowed = false;
    for id in applying.iter() {
        let Settlement { contradiction, replaces } = SETTLEMENTS[id.index()];
        match reading(contradiction) {
            ClientReading::Deny => continue,
            ClientReading::Allow => allowed = true,
            ClientReading::Warn => {
                allowed = true;
                decision.warned |= 1 << contradiction as u8;
            }
            ClientReading::Unsettled => decision.unsettled |= 1 << contradiction as u8,
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

/// The conditions that hold for this principal on this subject, whatever the request says besides.
pub(crate) fn held(prepared: &Prepared, subject: Subject) -> Conditions {
    let index = subject.index();
    let facts = FACTS[index];
    let reads = prepared.read & facts.modules != 0;
    let writes = prepared.write & facts.modules != 0;
    let granted = if facts.writes { writes } else { reads };
    let closed = if facts.writes { prepared.no_write } else { prepared.no_read } & facts.modules != 0;
    Conditions::NONE
        .with(Condition::ModuleNotGranted, !reads && !writes)
        .with(Condition::WriteMissing, facts.writes && reads && !writes)
        .with(Condition::ReadMissing, !facts.writes && writes && !reads)
        .with(Condition::ContentManager, prepared.content_manager && !granted)
        .with(Condition::CustomRoleLacks, closed || prepared.custom_only && !granted)
        .with(Condition::OauthScopeMissing, oauth_scope_missing(prepared, index))
        .union(prepared.held)
}

/// The conditions that the rest of a request meets, on any subject.
fn asked(profile: &Profile, prepared: &Prepared, context: &Context, now: Timestamp) -> Conditions {
    let branch = match context.branch {
        NamedBranch::NotNamed => prepared.unnamed,
        NamedBranch::Branch(branch) => branch,
        // An alias is judged as such.
        NamedBranch::Alias { .. } => BranchId::GRANTED,
    };
    let answers_request = context.body.publish_request.is_some();
    Conditions::NONE
        .with(Condition::Expired, expired(profile, prepared, now))
        .with(Condition::BranchMissing, !branch.is_granted())
        .with(Condition::AliasMissing, alias_missing(profile, context))
        .with(Condition::EnvironmentMissing, context.environment.is_some_and(|id| !id.is_granted()))
        .with(Condition::EnvironmentNotNamed, context.environment.is_none())
        .with(Condition::Draft, context.draft)
        .with(Condition::OtherStack, context.other_stack)
        .with(Condition::StageChange, !answers_request)
        .with(Condition::StageOpenToAll, !answers_request & context.body.stage_open_to_all)
        .with(
            Condition::StageClosed,
            !answers_request & !context.body.stage_open_to_all & !context.body.user_named,
        )
        .with(Condition::NotApprover, answers_request & !context.body.user_named)
        .with(Condition::PublishRequest, answers_request)
        .with(Condition::ApproversNamed, context.body.approvers_named)
        .intersection(prepared.asked)
}

/// Whether the token has ended, by the profile's reading of its last day.
#[inline]
pub(crate) fn expired(profile: &Profile, prepared: &Prepared, now: Timestamp) -> bool {
    prepared.ends[edge_index(profile.switches.expiry_day.value)] <= (now.as_second(), now.subsec_nanosecond())
}

#[inline(never)]
pub(crate) fn alias_missing(profile: &Profile, context: &Context) -> bool {
    let NamedBranch::Alias { alias, of } = context.branch else { return false };
    let covered = profile.switches.branch_covers_alias.value && of.is_some_and(|branch| branch.is_granted());
    !alias.is_granted() && !covered
}

fn oauth_scope_missing(prepared: &Prepared, index: usize) -> bool {
    // Operations come after the routes in the tables and take no scope.
    let number = OAUTH_SCOPE_OF.get(index).copied().unwrap_or(crate::oauth::NO_SCOPE);
    number == crate::oauth::NO_SCOPE || prepared.oauth >> number & 1 == 0
}
