//! Expectations written by hand from the sentences of seeds 003 (the blog post) and 004 (How is it different from Authtoken).

use crate::ask::*;

// 003: "These tokens are not user-specific and can be used by anyone who has access". 004: "role-specific permissions are not
// applicable".
#[test]
fn no_role_limits_a_management_token() {
    says(&management("content_type:rw"), &cma("DELETE /v3/content_types/page"), "management.no_role_limits");
    allowed(&management("content_type:rw"), &cma("DELETE /v3/content_types/page"));
}

// 003: "... requests on all modules of the stack."
#[test]
fn all_modules_of_the_stack_can_be_granted() {
    for route in [
        "GET /v3/content_types",
        "GET /v3/global_fields",
        "GET /v3/content_types/page/entries",
        "GET /v3/assets",
        "GET /v3/environments",
        "GET /v3/locales",
        "GET /v3/extensions",
        "GET /v3/labels",
        "GET /v3/releases",
        "GET /v3/workflows",
        "GET /v3/workflows/publishing_rules",
        "GET /v3/roles",
        "GET /v3/webhooks",
        "GET /v3/taxonomies",
        "GET /v3/stacks/branches",
        "GET /v3/audit-logs",
        "GET /v3/publish-queue",
        "GET /v3/bulk/jobs",
    ] {
        allowed(&everything(), &cma(route));
    }
}

// 003, 004: "this person would be able to make API requests that appeared to be coming from you."
#[test]
fn an_authtoken_is_personal() {
    says(&owner(), &cma("POST /v3/user-session"), "session.personal");
}

// 003: "They can do everything that Authtokens can do", which 001 and 004 take back: the exceptions stand.
#[test]
fn not_everything_that_authtokens_can_do() {
    for route in ["GET /v3/user", "PUT /v3/stacks", "GET /v3/organizations", "GET /v3/user/assignments"] {
        let decision = ask(&everything(), &cma(route));
        assert!(!decision.verdict().is_allow(), "{route}");
        says(&everything(), &cma(route), "management.as_an_authtoken");
    }
}

// 004: "... except for a few exceptions related to Users".
#[test]
fn exceptions_about_users() {
    forbidden(&everything(), &cma("POST /v3/stacks/share"), "management.no_invitations");
    forbidden(&everything(), &cma("POST /v3/stacks/users/roles"), "management.not_documented");
    let decision = ask(&everything(), &cma("GET /v3/stacks/users"));
    assert!(decision.verdict().is_allow());
    assert!(decision.warnings().any(|rule| rule.id == "management.stack_users"));
}

// 004: "... Workflows".
#[test]
fn exceptions_about_workflows() {
    let mut request = cma("POST /v3/content_types/page/entries/blt1/workflow");
    forbidden(&everything(), &request, "management.no_stage_changes");
    request.body.stage_open_to_all = true;
    allowed(&everything(), &request);
    allowed(&everything(), &cma("PUT /v3/workflows/blt1"));
}

// 004: "... and Publish Rules."
#[test]
fn exceptions_about_publish_rules() {
    let mut request = cma("POST /v3/workflows/publishing_rules");
    allowed(&everything(), &request);
    request.body.approvers_named = true;
    forbidden(&everything(), &request, "management.no_approvers");
    allowed(&owner(), &request);
}

// 004: "Only the owner or admin of a stack can create Management Tokens."
#[test]
fn only_owner_or_admin() {
    not_granted(&content_manager(), &cma("POST /v3/stacks/management_tokens"), "authtoken.management_tokens");
}
