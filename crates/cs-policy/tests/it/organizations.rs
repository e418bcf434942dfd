//! What needs a place in the organization, and not a role in a stack.

use cs_policy::{OAuthFacts, OrganizationRole, Principal, StackRole, User};

use crate::ask::*;

fn of_organization(organization: OrganizationRole) -> Principal {
    Principal::Authtoken(User { roles: vec![StackRole::Owner], organization, ..User::default() })
}

#[test]
fn teams_are_changed_by_those_who_may_add_users() {
    let (member, admin) =
        (of_organization(OrganizationRole::Member), of_organization(OrganizationRole::Admin));
    for request in [
        "POST /v3/organizations/blt1/teams",
        "PUT /v3/organizations/blt1/teams/t1",
        "DELETE /v3/organizations/blt1/teams/t1",
        "POST /v3/organizations/blt1/teams/t1/users",
        "POST /v3/organizations/blt1/teams/t1/stack_role_mappings",
    ] {
        not_granted(&member, &cma(request), "authtoken.organization_teams");
        allowed(&admin, &cma(request));
    }
    allowed(&member, &cma("GET /v3/organizations/blt1/teams"));
}

#[test]
fn logs_are_read_by_owners_and_admins() {
    for request in ["GET /v3/organizations/blt1/logs", "GET /v3/organizations/blt1/logs/l1"] {
        not_granted(&of_organization(OrganizationRole::Member), &cma(request), "authtoken.organization_logs");
        allowed(&of_organization(OrganizationRole::Owner), &cma(request));
    }
}

#[test]
fn scopes_that_a_guide_names_reach_what_they_are_named_for() {
    let oauth = |scope: &str| Principal::OAuth(OAuthFacts { scopes: [scope.to_owned()].into() });
    allowed(&oauth("organization.logs:read"), &cma("GET /v3/organizations/blt1/logs"));
    allowed(&oauth("organization.roles:read"), &cma("GET /v3/organizations/blt1/roles"));
    not_granted(
        &oauth("organization.roles:read"),
        &cma("GET /v3/organizations/blt1/logs"),
        "oauth.scope_missing",
    );
}
