//! Expectations written by hand from the sentences of seed 000, Overview of Tokens.

use crate::ask::*;

// "You need a Delivery Token to authenticate the Content Delivery API request."
#[test]
fn the_delivery_api_takes_a_delivery_token() {
    allowed(&delivery(), &cda("GET /v3/content_types/page/entries"));
    forbidden(&everything(), &cda("GET /v3/content_types/page/entries"), "management.management_api_only");
    forbidden(&owner(), &cda("GET /v3/content_types/page/entries"), "authtoken.management_api_only");
    forbidden(&delivery(), &cma("GET /v3/content_types/page/entries"), "delivery.content_apis_only");
}

// "This token is environment-specific".
#[test]
fn a_delivery_token_is_bound_to_its_environment() {
    let mut request = cda("GET /v3/assets");
    request.environment = Some("production");
    allowed(&delivery(), &request);
    request.environment = Some("staging");
    not_granted(&delivery(), &request, "delivery.environment");
}

// "Method 1: API Key + Authtoken", "Method 2: API Key + Management Token".
#[test]
fn the_management_api_takes_an_authtoken_or_a_management_token() {
    allowed(&owner(), &cma("GET /v3/content_types"));
    allowed(&management("content_type:r"), &cma("GET /v3/content_types"));
    forbidden(&cs_policy::Principal::Anonymous, &cma("GET /v3/content_types"), "anonymous.needs_credential");
}

// "Management Tokens are restricted to the stack in which they were generated."
#[test]
fn a_management_token_works_in_its_own_stack_only() {
    let mut request = cma("GET /v3/content_types");
    request.other_stack = true;
    forbidden(&everything(), &request, "management.other_stack");
}

// "They cannot be ... used with unrelated ... modules such as organization management".
#[test]
fn organizations_are_closed_to_management_tokens() {
    forbidden(&everything(), &cma("GET /v3/organizations"), "management.organization_module");
    forbidden(&everything(), &cma("GET /v3/organizations/blt1/teams"), "management.organization_module");
}

// "... user sessions ..."
#[test]
fn user_sessions_are_closed_to_management_tokens() {
    forbidden(&everything(), &cma("POST /v3/user-session"), "management.user_session_module");
    forbidden(&everything(), &cma("DELETE /v3/user-session"), "management.user_session_module");
}

// "... or token generation."
#[test]
fn a_management_token_generates_no_tokens() {
    forbidden(&everything(), &cma("POST /v3/stacks/delivery_tokens"), "management.no_token_generation");
    forbidden(&everything(), &cma("POST /v3/stacks/management_tokens"), "management.no_token_generation");
}
