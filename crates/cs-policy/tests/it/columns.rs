//! The verdicts agree with the columns of the route table, or the exception is listed here with its reason.

use std::collections::BTreeMap;

use cs_model::{Documented, Expiry, Grant, Profile, RouteId};
use cs_policy::{
    AccessFacts, BodyFacts, Context, DeliveryFacts, Kind, ManagementFacts, OAuthFacts, OrganizationRole,
    Prepared, Principal, StackRole, User, Verdict, decide, oauth_scope, why,
};

use crate::ask::{NOW, modules};

/// A principal of each kind with everything that it can be given.
pub(crate) fn mightiest(kind: Kind) -> Principal {
    let delivery = || DeliveryFacts {
        // Of more than one it would be denied in `seeds`.
        environments: Grant::only(["production"]),
        branches: Grant::All,
        aliases: Grant::All,
        stack_without_branches: false,
    };
    match kind {
        Kind::Delivery => Principal::Delivery(delivery()),
        Kind::Preview => Principal::Preview(delivery()),
        Kind::Management => Principal::Management(ManagementFacts {
            scope: modules("$all:rw"),
            branches: Grant::All,
            aliases: Grant::All,
            stack_without_branches: false,
            expires: Expiry::Never,
        }),
        Kind::Authtoken => Principal::Authtoken(User {
            roles: vec![StackRole::Owner],
            organization: OrganizationRole::Owner,
            ..User::default()
        }),
        Kind::Access => Principal::Access(AccessFacts::default()),
        Kind::OAuth => Principal::OAuth(OAuthFacts {
            scopes: RouteId::all().filter_map(oauth_scope).map(str::to_owned).collect(),
        }),
        Kind::Anonymous => Principal::Anonymous,
    }
}

/// Nothing in the request stands in the way.
fn easiest() -> Context {
    let body = BodyFacts { stage_open_to_all: true, ..BodyFacts::default() };
    Context { body, ..Context::default() }
}

/// Where the verdict of the default profile differs from the column, and why.
fn exceptions() -> BTreeMap<(Kind, &'static str), &'static str> {
    let mut list = BTreeMap::new();
    for route in [
        "POST /v3/stacks/delivery_tokens/{delivery_token_uid}/preview_token",
        "DELETE /v3/stacks/delivery_tokens/{delivery_token_uid}/preview_token",
    ] {
        list.insert(
            (Kind::Management, route),
            "the tokens module is closed, another page shows the header: left open",
        );
    }
    list.insert(
        (Kind::Management, "GET /v3/stacks/users"),
        "the pages about management tokens close inviting only",
    );
    for route in ["GET /v3/bulk/jobs/{job_id}", "GET /v3/bulk/jobs/{job_id}/items"] {
        list.insert((Kind::Authtoken, route), "an authtoken reads everything in the stack");
    }
    for route in [
        "POST /v3/user-session",
        "POST /v3/user/activate/{user_activation_token}",
        "POST /v3/user/forgot_password",
        "POST /v3/user/reset_password",
        "GET /v3/stacks/accept_ownership/{ownership_token}",
    ] {
        list.insert((Kind::Authtoken, route), "no credential is needed, so having one does not matter");
    }
    for route in ["GET /stacks/{api_key}", "POST /stacks/{api_key}"] {
        list.insert((Kind::Access, route), "the page on access tokens names the REST delivery API only");
    }
    list
}

#[test]
fn verdicts_agree_with_the_documented_credentials() {
    let exceptions = exceptions();
    let mut met: Vec<&(Kind, &str)> = Vec::new();
    for kind in Kind::ALL {
        let prepared = Prepared::new(&mightiest(kind));
        for id in RouteId::all() {
            let route = id.row();
            let name = format!("{} {}", route.method.as_str(), route.template);
            let decision = decide(&Profile::seeds(), &prepared, id, &easiest(), NOW.parse().unwrap());
            let agrees = match kind.documented(route, oauth_scope(id).is_some()) {
                Documented::Yes => decision.verdict() == Verdict::Allow,
                Documented::No => decision.verdict() != Verdict::Allow,
                // The documents say nothing that could be disagreed with.
                Documented::Silent => true,
            };
            let exception = exceptions.keys().find(|(of, route)| *of == kind && *route == name);
            assert_ne!(agrees, exception.is_some(), "{kind} on {name} ({:?}): {decision:?}", route.api);
            met.extend(exception);
        }
    }
    assert_eq!(met.len(), exceptions.len(), "an exception that is none");
}

#[test]
fn every_route_has_a_verdict_and_a_rule_for_every_kind() {
    for kind in Kind::ALL {
        for principal in [mightiest(kind), weakest(kind)] {
            let prepared = Prepared::new(&principal);
            for id in RouteId::all() {
                let decision =
                    decide(&Profile::seeds(), &prepared, id, &Context::default(), NOW.parse().unwrap());
                assert_ne!(decision.verdict(), Verdict::Unmapped);
                assert!(why(&decision).next().is_some(), "{kind} on {:?}", id.row());
                let by_default = decision.rules().contains(cs_policy::rules::ANY_NOTHING_ALLOWS);
                assert!(!by_default, "no rule decides {kind} on {:?}", id.row());
            }
        }
    }
}

/// A principal of each kind that was given nothing.
fn weakest(kind: Kind) -> Principal {
    match kind {
        Kind::Delivery => Principal::Delivery(DeliveryFacts::default()),
        Kind::Preview => Principal::Preview(DeliveryFacts::default()),
        Kind::Management => Principal::Management(ManagementFacts::default()),
        Kind::Authtoken => Principal::Authtoken(User::default()),
        Kind::Access => Principal::Access(AccessFacts::default()),
        Kind::OAuth => Principal::OAuth(OAuthFacts::default()),
        Kind::Anonymous => Principal::Anonymous,
    }
}
