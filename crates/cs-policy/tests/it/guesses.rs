//! Verdicts that rest on a guess, or on a credential that no login gives, come with a warning.

use cs_policy::{OrganizationRole, Principal, StackRole, User};

use crate::ask::*;

fn warns(principal: &Principal, request: &str) -> Vec<&'static str> {
    ask(principal, &cma(request)).warnings().map(|rule| rule.id).collect()
}

#[test]
fn a_scope_with_a_name_that_no_page_shows_is_a_guess() {
    for (scope, request) in [
        ("taxonomy:r", "GET /v3/taxonomies"),
        ("taxonomy:r", "GET /v3/taxonomies/colours/terms"),
        ("bulk:rw", "POST /v3/bulk/publish"),
        ("publish_queue:r", "GET /v3/publish-queue"),
        ("audit_log:r", "GET /v3/audit-logs"),
        ("publish_rule:rw", "POST /v3/workflows/publishing_rules"),
        ("metadata:r", "GET /v3/metadata"),
        ("variant_group:r", "GET /v3/variant_groups"),
    ] {
        assert_eq!(warns(&management(scope), request), ["management.scope_name_unknown"], "{request}");
        allowed(&management(scope), &cma(request));
    }
    for (scope, request) in [
        ("content_type:r", "GET /v3/content_types"),
        ("entry:rw", "POST /v3/content_types/page/entries"),
        ("asset:rw", "POST /v3/assets/folders"),
        ("$all:rw", "PUT /v3/webhooks/blt1"),
    ] {
        assert!(warns(&management(scope), request).is_empty(), "{request}");
    }
    assert!(warns(&owner(), "POST /v3/bulk/publish").is_empty());
}

#[test]
fn that_workflows_grant_stage_changes_is_a_reading() {
    let request = "POST /v3/content_types/page/entries/blt1/workflow";
    assert_eq!(warns(&management("workflow:rw"), request), ["management.stage_scope"]);
    assert!(warns(&management("workflow:rw"), "PUT /v3/workflows/blt1").is_empty());
    assert!(warns(&owner(), request).is_empty());
}

#[test]
fn an_authtoken_that_no_login_gives_is_told_wherever_it_is_used() {
    let member = User { roles: vec![StackRole::Owner], ..user() };
    let request = "GET /v3/content_types";
    let warned = |user: &User, request: &str| warns(&Principal::Authtoken(user.clone()), request);
    let idp = User { sso: true, access_without_sso: true, idp_login: true, ..member.clone() };
    assert_eq!(warned(&idp, request), ["authtoken.identity_provider_user"]);
    assert_eq!(warned(&idp, "DELETE /v3/user-session"), ["authtoken.identity_provider_user"]);
    allowed(&Principal::Authtoken(idp.clone()), &cma(request));
    let sso = User { sso: true, ..member.clone() };
    assert_eq!(warned(&sso, request), ["authtoken.sso_user"]);
    let trusted = User { access_without_sso: true, ..sso.clone() };
    assert!(warned(&trusted, request).is_empty());
    let strict = User { strict_mode: true, ..trusted };
    assert_eq!(warned(&strict, request), ["authtoken.strict_mode_user"]);
    let owner = User { organization: OrganizationRole::Owner, ..sso };
    assert!(warned(&owner, request).is_empty());
    // There the rules of the login say it.
    assert!(warned(&idp, "POST /v3/user-session").is_empty());
    assert!(warned(&member, request).is_empty());
}
