//! Questions in one line.

use cs_model::{Access, Api, Expiry, Grant, Module, Profile};
use cs_policy::{
    AccessFacts, Decision, DeliveryFacts, ManagementFacts, Principal, Request, StackRole, User, Verdict,
    decide_request, why,
};

/// When everything happens.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

/// A delivery token for `production` on `main`.
pub(crate) fn delivery() -> Principal {
    Principal::Delivery(delivery_facts())
}

pub(crate) fn delivery_facts() -> DeliveryFacts {
    DeliveryFacts {
        environments: Grant::only(["production"]),
        branches: Grant::only(["main"]),
        aliases: Grant::only(["deploy"]),
        stack_without_branches: false,
    }
}

/// Its preview token.
pub(crate) fn preview() -> Principal {
    Principal::Preview(delivery_facts())
}

/// A management token on `main`: `entry:rw,content_type:r`.
pub(crate) fn management(scope: &str) -> Principal {
    Principal::Management(management_facts(scope))
}

pub(crate) fn management_facts(scope: &str) -> ManagementFacts {
    ManagementFacts {
        scope: modules(scope),
        branches: Grant::only(["main"]),
        aliases: Grant::only(["deploy"]),
        stack_without_branches: false,
        expires: Expiry::Never,
    }
}

/// A management token that may everything, everywhere in its stack.
pub(crate) fn everything() -> Principal {
    Principal::Management(ManagementFacts {
        branches: Grant::All,
        aliases: Grant::All,
        ..management_facts("$all:rw")
    })
}

pub(crate) fn modules(scope: &str) -> std::collections::BTreeMap<Module, Access> {
    scope
        .split(',')
        .filter(|item| !item.is_empty())
        .map(|item| {
            let (module, access) = item.split_once(':').unwrap();
            (Module::from(module), access.parse().unwrap())
        })
        .collect()
}

pub(crate) fn owner() -> Principal {
    Principal::user(StackRole::Owner)
}

pub(crate) fn admin() -> Principal {
    Principal::user(StackRole::Admin)
}

pub(crate) fn developer() -> Principal {
    Principal::user(StackRole::Developer)
}

pub(crate) fn content_manager() -> Principal {
    Principal::user(StackRole::ContentManager)
}

/// A user without a role in the stack.
pub(crate) fn user() -> User {
    User::default()
}

pub(crate) fn access_token(stack_created: &str) -> Principal {
    Principal::Access(AccessFacts { stack_created: Some(stack_created.parse().unwrap()) })
}

/// A request to the management API: `GET /v3/assets`.
pub(crate) fn cma(text: &str) -> Request<'_> {
    let (method, path) = text.split_once(' ').unwrap();
    Request::new(method, path)
}

/// A request to the delivery API.
pub(crate) fn cda(text: &str) -> Request<'_> {
    cma(text).on(Api::Delivery)
}

/// A request to the preview hosts.
pub(crate) fn rest_preview(text: &str) -> Request<'_> {
    cma(text).on(Api::Preview)
}

/// A request to the GraphQL API.
pub(crate) fn graphql() -> Request<'static> {
    cma("POST /stacks/blt0123456789abcdef").on(Api::GraphQl)
}

/// The decision by the default profile.
pub(crate) fn ask(principal: &Principal, request: &Request<'_>) -> Decision {
    ask_with(&Profile::seeds(), principal, request)
}

pub(crate) fn ask_with(profile: &Profile, principal: &Principal, request: &Request<'_>) -> Decision {
    decide_request(profile, principal, request, NOW.parse().unwrap())
}

/// The verdict by the default profile.
pub(crate) fn verdict(principal: &Principal, request: &Request<'_>) -> Verdict {
    ask(principal, request).verdict()
}

#[track_caller]
pub(crate) fn allowed(principal: &Principal, request: &Request<'_>) {
    let decision = ask(principal, request);
    assert_eq!(decision.verdict(), Verdict::Allow, "{request:?}: {decision:?}");
}

/// Asserts a refusal and one of its reasons.
#[track_caller]
pub(crate) fn refused(principal: &Principal, request: &Request<'_>, verdict: Verdict, rule: &str) {
    let decision = ask(principal, request);
    assert_eq!(decision.verdict(), verdict, "{request:?}: {decision:?}");
    assert!(
        why(&decision).any(|reason| reason.id == rule),
        "{request:?}: `{rule}` is not among {decision:?}"
    );
}

#[track_caller]
pub(crate) fn forbidden(principal: &Principal, request: &Request<'_>, rule: &str) {
    refused(principal, request, Verdict::Forbidden, rule);
}

#[track_caller]
pub(crate) fn not_granted(principal: &Principal, request: &Request<'_>, rule: &str) {
    refused(principal, request, Verdict::NotGranted, rule);
}

/// Asserts that a rule is said of a request, whatever the verdict.
#[track_caller]
pub(crate) fn says(principal: &Principal, request: &Request<'_>, rule: &str) {
    let decision = ask(principal, request);
    let found = decision.rules().iter().any(|id| id.rule().id == rule);
    assert!(found, "{request:?}: `{rule}` is not among {decision:?}");
}
