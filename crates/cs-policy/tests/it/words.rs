//! Explanations and fixes, as people read them.

use cs_policy::{Principal, Verdict, fixes, unmapped, why};
use expect_test::{Expect, expect};

use crate::ask::*;

fn tell(principal: &Principal, request: &cs_policy::Request<'_>, expected: &Expect) {
    let decision = ask(principal, request);
    let mut text = format!("{}\n", decision.verdict());
    for rule in why(&decision) {
        let sources: Vec<_> = rule.sources.iter().map(|source| source.document()).collect();
        text += &format!("{}: {} ({})\n", rule.id, rule.says, sources.join(", "));
    }
    for fix in fixes(&decision) {
        text += &format!("-> {fix}\n");
    }
    expected.assert_eq(&text);
}

#[test]
fn a_missing_module() {
    tell(
        &management("entry:rw"),
        &cma("PUT /v3/content_types/page"),
        &expect![[r#"
            not_granted
            management.module_not_granted: The token's scope does not name the module that this request works on. (seed 002)
            -> add `content_type:write` to the token's scope
        "#]],
    );
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let mut request = cma("DELETE /v3/content_types/page/entries/blt1");
    request.branch = Some("development");
    let facts =
        cs_policy::ManagementFacts { expires: "2026-01-01".parse().unwrap(), ..management_facts("entry:r") };
    tell(
        &Principal::Management(facts),
        &request,
        &expect![[r#"
            not_granted
            management.expired: The management token has expired; an expired token is not valid any more. (seed 001, seed 002, generate-management-token)
            management.write_missing: The token's scope lets it read this module, not write it. (seed 001, seed 002)
            management.branch: The token's scope does not name the branch of the request; a request that names none is for `main`. (seed 001, seed 002, CMA-doc, branches-guide)
            -> set a later expiry date on the token, or make a new one
            -> add `entry:write` to the token's scope
            -> add the branch to the token's scope
        "#]],
    );
}

#[test]
fn an_open_question() {
    tell(
        &everything(),
        &cma("POST /v3/stacks/delivery_tokens/blt1/preview_token"),
        &expect![[r#"
            undocumented
            management.preview_routes: The tokens module is closed to management tokens, yet the pages of the preview token requests show a header for one. (seed 001, seed 002, seed 002, OA3)
            -> use an authtoken of the owner, an admin or a developer: it works whichever page is right
        "#]],
    );
}

#[test]
fn a_role_that_does_not_suffice() {
    tell(
        &content_manager(),
        &cma("POST /v3/stacks/delivery_tokens"),
        &expect![[r#"
            not_granted
            authtoken.delivery_tokens: The owner, the admins and the developers of a stack make delivery and preview tokens; content managers do not, and no page gives the right to a custom role. That reading, changing and deleting them takes the same roles is inferred. (seed 001, create-delivery-token)
            -> use an authtoken of the owner, an admin or a developer of the stack
        "#]],
    );
}

#[test]
fn what_is_in_no_table() {
    tell(
        &owner(),
        &cma("GET /v3/nothing"),
        &expect![[r#"
            unmapped
            any.unmapped: The route table does not know this method and path. What is not recognised exactly is never allowed. (choice)
            -> check the method and the path against the list of routes: exact, in lower case, not percent-encoded
        "#]],
    );
    assert_eq!(unmapped(cs_policy::Kind::Access).verdict(), Verdict::Unmapped);
    assert_eq!(verdict(&owner(), &cma("get /v3/assets")), Verdict::Unmapped);
    assert_eq!(verdict(&owner(), &cma("PATCH /v3/assets")), Verdict::Unmapped);
}

/// "It cannot be used to create or update content": also where no table knows the route.
#[test]
fn what_forbids_on_whatever_route() {
    let of = |kind, request: cs_policy::Request<'_>| -> Vec<&str> {
        cs_policy::forbidden_anywhere(kind, &request).map(|rule| rule.id).collect()
    };
    let (write, read) = ("PUT /v3/content_types/page/entries/blt1", "GET /v3/nowhere");
    assert_eq!(of(cs_policy::Kind::Delivery, cda(write)), ["delivery.read_only"]);
    assert_eq!(of(cs_policy::Kind::Access, cda(write)), ["access.read_only"]);
    assert_eq!(
        of(cs_policy::Kind::Delivery, cma(write)),
        ["delivery.content_apis_only", "delivery.read_only"]
    );
    assert_eq!(of(cs_policy::Kind::Management, cda(write)), ["management.management_api_only"]);
    assert!(of(cs_policy::Kind::Delivery, cda(read)).is_empty());
    assert!(of(cs_policy::Kind::Delivery, graphql()).is_empty());
    assert!(of(cs_policy::Kind::Management, cma(write)).is_empty());
}

/// What is said of an unknown route is decided of every known one.
#[test]
fn what_forbids_on_whatever_route_forbids_on_each() {
    for route in cs_model::RouteId::all() {
        let row = route.row();
        let request = cs_policy::Request::new(row.method.as_str(), row.template).on(row.api);
        for kind in cs_policy::Kind::ALL {
            for rule in cs_policy::forbidden_anywhere(kind, &request) {
                let is_read = row.action.row().needs == cs_model::facts::Needs::Read;
                let applies = rule.about.covers(kind, cs_policy::Subject::Route(route));
                assert!(applies || is_read, "{kind} {} {}", row.method.as_str(), row.template);
            }
        }
    }
}
