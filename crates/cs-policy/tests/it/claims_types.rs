//! Expectations written by hand from the sentences of seed 001, Types of Tokens.

use cs_model::{Expiry, Grant};
use cs_policy::{Operation, Prepared, Principal, PublishAnswer, StackRole, User, Verdict, decide_operation};

use crate::ask::*;

const ENTRIES: &str = "GET /v3/content_types/page/entries";

// "Both the delivery and management tokens can be assigned to all the branches or to a specific branch."
#[test]
fn tokens_reach_all_branches_or_some() {
    let mut request = cda(ENTRIES);
    request.branch = Some("development");
    not_granted(&delivery(), &request, "delivery.branch");
    let all = cs_policy::DeliveryFacts { branches: Grant::All, ..delivery_facts() };
    allowed(&Principal::Delivery(all), &request);

    request.api = cs_model::Api::Management;
    not_granted(&management("entry:r"), &request, "management.branch");
    allowed(&everything(), &request);
    request.branch = Some("main");
    allowed(&management("entry:r"), &request);
    says(&owner(), &cma("POST /v3/stacks/delivery_tokens"), "tokens.branches");
}

// "You can also assign them to all the aliases or a specific alias".
#[test]
fn tokens_reach_all_aliases_or_some() {
    let mut request = cda(ENTRIES);
    request.alias = Some("deploy");
    allowed(&delivery(), &request);
    request.alias = Some("release");
    not_granted(&delivery(), &request, "delivery.alias");
    request.api = cs_model::Api::Management;
    not_granted(&management("entry:r"), &request, "management.alias");
    allowed(&everything(), &request);
}

// "Refer to our Global Modules document": what is the same in all branches is not limited by branch.
#[test]
fn global_modules_are_not_limited_by_branch() {
    let mut request = cma("GET /v3/environments");
    request.branch = Some("development");
    allowed(&management("environment:r"), &request);
    says(&management("environment:r"), &request, "management.global_modules");
}

// ---- Delivery Tokens

// "A Delivery Token is a read-only, environment-specific token to fetch published content of an environment."
#[test]
fn a_delivery_token_reads_published_content() {
    for path in [ENTRIES, "GET /v3/assets", "GET /v3/content_types", "GET /v3/stacks/sync"] {
        allowed(&delivery(), &cda(path));
    }
    allowed(&delivery(), &graphql());
}

// "It needs to be used along with the stack API key".
#[test]
fn a_delivery_token_works_in_its_own_stack_only() {
    let mut request = cda(ENTRIES);
    request.other_stack = true;
    forbidden(&delivery(), &request, "delivery.other_stack");
}

// "A Delivery Token cannot be used for multiple environments, but multiple Delivery Tokens can be associated with a single
// environment."
#[test]
fn one_environment_per_token_and_many_tokens_per_environment() {
    says(&owner(), &cma("POST /v3/stacks/delivery_tokens"), "delivery.one_environment");
}

// "Stack owner, admins, and developers can create Delivery Tokens".
#[test]
fn who_creates_delivery_tokens() {
    let request = cma("POST /v3/stacks/delivery_tokens");
    for principal in [owner(), admin(), developer()] {
        allowed(&principal, &request);
    }
    not_granted(&content_manager(), &request, "authtoken.delivery_tokens");
}

// "A single delivery token cannot be used to fetch content of more than one environment."
#[test]
fn no_content_of_another_environment() {
    for environment in ["staging", "development"] {
        let mut request = graphql();
        request.environment = Some(environment);
        not_granted(&delivery(), &request, "delivery.environment");
    }
}

// "It cannot be used to fetch unpublished or draft content."
#[test]
fn a_delivery_token_reads_no_drafts() {
    let mut request = cda(ENTRIES);
    request.draft = true;
    forbidden(&delivery(), &request, "delivery.no_drafts");
}

// "It cannot be used to create or update content."
#[test]
fn a_delivery_token_writes_nothing() {
    for route in [
        "POST /v3/content_types/page/entries",
        "PUT /v3/content_types/page/entries/blt1",
        "DELETE /v3/assets/blt1",
    ] {
        forbidden(&delivery(), &cma(route), "delivery.read_only");
    }
}

// "It remains constant for a particular environment and cannot be reset".
#[test]
fn a_delivery_token_cannot_be_reset() {
    says(&owner(), &cma("PUT /v3/stacks/delivery_tokens/blt1"), "delivery.constant");
    assert_eq!(verdict(&owner(), &cma("POST /v3/stacks/delivery_tokens/blt1/reset")), Verdict::Unmapped);
}

// "A maximum of 20 delivery tokens can be created for a stack."
#[test]
fn delivery_tokens_are_limited() {
    says(&owner(), &cma("POST /v3/stacks/delivery_tokens"), "delivery.limit");
}

// ---- Access Tokens

// "We have stopped supporting Access Tokens for all stacks created after December 16, 2020."
#[test]
fn newer_stacks_have_no_access_token() {
    allowed(&access_token("2020-12-16"), &cda(ENTRIES));
    forbidden(&access_token("2020-12-17"), &cda(ENTRIES), "access.retired");
}

// One page ends them "after December 16, 2020", another has them for stacks "created before 2020-12-16": the day itself is a reading.
#[test]
fn a_stack_of_the_last_day_has_an_access_token_or_not() {
    let reset = Operation::find("access_token:reset").unwrap();
    let now = NOW.parse().unwrap();
    for (profile, expected) in [
        (cs_model::Profile::seeds(), Verdict::Allow),
        (cs_model::Profile::documented_2026(), Verdict::Allow),
        (cs_model::Profile::live(), Verdict::Forbidden),
    ] {
        for (day, expected) in
            [("2020-12-15", Verdict::Allow), ("2020-12-16", expected), ("2020-12-17", Verdict::Forbidden)]
        {
            let verdict =
                cs_policy::decide_request(&profile, &access_token(day), &cda(ENTRIES), now).verdict();
            assert_eq!(verdict, expected, "{} {day}", profile.name);
            let stack_created = Some(day.parse().unwrap());
            let owner = User { roles: vec![StackRole::Owner], stack_created, ..user() };
            let owner = Prepared::new(&Principal::Authtoken(owner));
            let decision = decide_operation(&profile, &owner, reset, &cs_policy::Context::default(), now);
            assert_eq!(decision.verdict(), expected, "{} {day}", profile.name);
            let got_one =
                cs_policy::AccessFacts::of_stack_created_on(day.parse().unwrap(), &profile).is_some();
            assert_eq!(got_one, expected == Verdict::Allow);
        }
    }
}

// "We recommend using Delivery Tokens ... and Management Tokens".
#[test]
fn access_tokens_come_with_a_warning() {
    let decision = ask(&access_token("2019-01-01"), &cda(ENTRIES));
    assert!(decision.warnings().any(|rule| rule.id == "access.legacy"));
}

// "Access Token is a read-only, stack-level token to retrieve published as well as unpublished (draft) content irrespective
// of the environment".
#[test]
fn an_access_token_reads_drafts_of_every_environment() {
    let mut request = cda(ENTRIES);
    request.draft = true;
    request.environment = Some("anywhere");
    request.branch = Some("development");
    allowed(&access_token("2019-01-01"), &request);
    forbidden(&access_token("2019-01-01"), &cma("PUT /v3/assets/blt1"), "access.read_only");
}

// "It needs to be used along with the stack API key to make authorized Content Delivery API requests."
#[test]
fn an_access_token_works_on_the_delivery_api_of_its_stack() {
    let token = access_token("2019-01-01");
    forbidden(&token, &cma(ENTRIES), "access.delivery_api_only");
    let mut request = cda(ENTRIES);
    request.other_stack = true;
    forbidden(&token, &request, "delivery.other_stack");
}

// "We have stopped supporting Access Tokens for all stacks created after December 16, 2020."
#[test]
fn on_newer_stacks_there_is_no_access_token_to_reset() {
    let reset = Operation::find("access_token:reset").unwrap();
    for (created, expected) in [
        (None, Verdict::Allow),
        (Some("2020-12-16"), Verdict::Allow),
        (Some("2020-12-17"), Verdict::Forbidden),
    ] {
        for role in [StackRole::Owner, StackRole::Admin, StackRole::Developer] {
            let stack_created = created.map(|day| day.parse().unwrap());
            let user = Principal::Authtoken(User { roles: vec![role], stack_created, ..user() });
            let (profile, now) = (cs_model::Profile::seeds(), NOW.parse().unwrap());
            let decision =
                decide_operation(&profile, &Prepared::new(&user), reset, &cs_policy::Context::default(), now);
            assert_eq!(decision.verdict(), expected, "{created:?}");
            let retired = cs_policy::why(&decision).any(|rule| rule.id == "authtoken.access_token_retired");
            assert_eq!(retired, expected == Verdict::Forbidden);
            // The age of the stack is nothing to its other requests.
            allowed(&user, &cma(ENTRIES));
        }
    }
}

// "An Access Token need not be created since it is available by default. However, it can be reset. Only stack owner, admins
// and developers can reset it."
#[test]
fn who_resets_the_access_token() {
    let reset = Operation::find("access_token:reset").unwrap();
    let decide = |principal: &Principal| {
        let profile = cs_model::Profile::seeds();
        let context = cs_policy::Context::default();
        decide_operation(&profile, &Prepared::new(principal), reset, &context, NOW.parse().unwrap())
    };
    for principal in [owner(), admin(), developer()] {
        let decision = decide(&principal);
        assert_eq!(decision.verdict(), Verdict::Allow);
        assert!(decision.notes().any(|rule| rule.id == "access.exists_by_default"));
    }
    assert_eq!(decide(&content_manager()).verdict(), Verdict::NotGranted);
    for principal in [delivery(), preview(), everything(), access_token("2019-01-01"), Principal::Anonymous] {
        assert_eq!(decide(&principal).verdict(), Verdict::Forbidden, "{principal:?}");
    }
}

// ---- Authtokens

// "An Authtoken is a read-write token to create, read, update, or delete content and other elements of your stack."
#[test]
fn an_authtoken_reads_and_writes() {
    for route in
        [ENTRIES, "POST /v3/content_types", "PUT /v3/environments/production", "DELETE /v3/locales/fr-fr"]
    {
        allowed(&owner(), &cma(route));
    }
}

// "It is a user-specific token, used along with the stack API key": the role in another stack is another one.
#[test]
fn a_role_in_one_stack_opens_nothing_in_another() {
    let mut request = cma(ENTRIES);
    request.other_stack = true;
    not_granted(&owner(), &request, "authtoken.other_stack");
}

// "Authtoken can be retrieved by logging in", "You can generate multiple authtokens by executing the ... request multiple
// times."
#[test]
fn logging_in_makes_an_authtoken() {
    allowed(&Principal::Anonymous, &cma("POST /v3/user-session"));
    says(&Principal::Anonymous, &cma("POST /v3/user-session"), "session.each_login");
}

// "It can be used to create delivery tokens and management tokens."
#[test]
fn an_authtoken_creates_tokens() {
    allowed(&owner(), &cma("POST /v3/stacks/delivery_tokens"));
    allowed(&owner(), &cma("POST /v3/stacks/management_tokens"));
}

// "It does not have an expiration time limit." "A maximum of 20 authtokens can be actively used by a user." "If the 21st
// authtoken is generated, the oldest authtoken will expire."
#[test]
fn authtokens_do_not_expire_by_time_but_by_number() {
    says(&owner(), &cma("POST /v3/user-session"), "session.no_time_limit");
    says(&owner(), &cma("POST /v3/user-session"), "session.each_login");
}

// "For SSO-enabled organizations, it can be generated by only the owner of an SSO-enabled organization and users with
// permission to access the organization without SSO."
#[test]
fn who_gets_an_authtoken_under_single_sign_on() {
    let login = cma("POST /v3/user-session");
    let sso = User { sso: true, ..user() };
    not_granted(&Principal::Authtoken(sso.clone()), &login, "session.sso");
    let owner = User { organization: cs_policy::OrganizationRole::Owner, ..sso.clone() };
    allowed(&Principal::Authtoken(owner.clone()), &login);
    let trusted = User { access_without_sso: true, ..sso };
    allowed(&Principal::Authtoken(trusted.clone()), &login);
    not_granted(&Principal::Authtoken(User { strict_mode: true, ..trusted }), &login, "session.strict_mode");
    allowed(&Principal::Authtoken(User { strict_mode: true, ..owner }), &login);
    allowed(&Principal::Authtoken(user()), &login);
}

// "It cannot be generated by users who access the organization through Identity Provider login credentials."
#[test]
fn no_authtoken_through_an_identity_provider() {
    let user = User { idp_login: true, access_without_sso: true, ..user() };
    forbidden(&Principal::Authtoken(user), &cma("POST /v3/user-session"), "session.identity_provider");
}

// ---- Management Tokens

// "A Management Token is a stack-level, read-write token to manage the content and other elements of your stack".
#[test]
fn a_management_token_manages_the_stack() {
    for route in [
        ENTRIES,
        "POST /v3/content_types",
        "PUT /v3/assets/blt1",
        "DELETE /v3/labels/blt1",
        "GET /v3/audit-logs",
        "POST /v3/releases/blt1/deploy",
        "POST /v3/roles",
        "POST /v3/bulk/publish",
        "GET /v3/publish-queue",
    ] {
        allowed(&everything(), &cma(route));
    }
}

// "Only the stack owner or admins can create Management Tokens." "It cannot be generated by developers or content managers
// of the stack."
#[test]
fn who_creates_management_tokens() {
    let request = cma("POST /v3/stacks/management_tokens");
    allowed(&owner(), &request);
    allowed(&admin(), &request);
    not_granted(&developer(), &request, "authtoken.management_tokens");
    not_granted(&content_manager(), &request, "authtoken.management_tokens");
}

// "... can define if the token should be read-only or write-only".
#[test]
fn read_only_and_write_only() {
    let (read, write) = (cma(ENTRIES), cma("POST /v3/content_types/page/entries"));
    allowed(&management("entry:r"), &read);
    not_granted(&management("entry:r"), &write, "management.write_missing");
    allowed(&management("entry:w"), &write);
    not_granted(&management("entry:w"), &read, "management.read_missing");
    allowed(&management("entry:rw"), &read);
    allowed(&management("entry:rw"), &write);
    says(&owner(), &cma("POST /v3/stacks/management_tokens"), "management.access_choice");
}

// "... and if the token should expire on a specific date."
#[test]
fn an_expired_token_opens_nothing() {
    let expiring = |text: &str| {
        let expires: Expiry = text.parse().unwrap();
        Principal::Management(cs_policy::ManagementFacts { expires, ..management_facts("entry:r") })
    };
    allowed(&expiring("2026-11-22"), &cma(ENTRIES));
    not_granted(&expiring("2026-11-21"), &cma(ENTRIES), "management.expired");
    not_granted(&expiring("2020-12-10"), &cma(ENTRIES), "management.expired");
    says(&owner(), &cma("POST /v3/stacks/management_tokens"), "management.expiry_choice");
}

// "A maximum of 10 Management Tokens can be created per stack."
#[test]
fn management_tokens_are_limited() {
    says(&owner(), &cma("POST /v3/stacks/management_tokens"), "management.limit");
}

// "It cannot be used to create Delivery Tokens."
#[test]
fn a_management_token_creates_no_delivery_tokens() {
    forbidden(
        &everything(),
        &cma("POST /v3/stacks/delivery_tokens"),
        "management.no_delivery_token_creation",
    );
}

// "It cannot be used to perform any read/write actions related to the following modules: organization, stack, user session,
// and tokens."
#[test]
fn what_is_closed_to_management_tokens() {
    for (route, rule) in [
        ("GET /v3/organizations/blt1", "management.organization_module"),
        ("POST /v3/organizations/blt1/share", "management.organization_module"),
        ("GET /v3/stacks", "management.stack_module"),
        ("PUT /v3/stacks", "management.stack_module"),
        ("GET /v3/stacks/settings", "management.stack_module"),
        ("DELETE /v3/user-session", "management.user_session_module"),
        ("GET /v3/stacks/delivery_tokens", "management.tokens_module"),
        ("PUT /v3/stacks/delivery_tokens/blt1", "management.tokens_module"),
        ("GET /v3/stacks/management_tokens/blt1", "management.tokens_module"),
        ("DELETE /v3/stacks/management_tokens/blt1", "management.tokens_module"),
    ] {
        forbidden(&everything(), &cma(route), rule);
    }
}

// "It cannot be used to invite users to and remove users from the stack."
#[test]
fn a_management_token_invites_and_removes_nobody() {
    forbidden(&everything(), &cma("POST /v3/stacks/share"), "management.no_invitations");
    forbidden(&everything(), &cma("POST /v3/stacks/unshare"), "management.no_invitations");
}

// "It cannot be used to accept/reject a received publish/unpublish request for an entry."
#[test]
fn a_management_token_answers_no_publish_request() {
    for answer in [PublishAnswer::Accept, PublishAnswer::Reject] {
        let mut request = cma("POST /v3/content_types/page/entries/blt1/workflow");
        request.body.publish_request = Some(answer);
        forbidden(&everything(), &request, "management.no_publish_request_answers");
        allowed(&owner(), &request);
    }
}

// "For SSO-enabled organizations ... users can directly use the Content Management APIs ... using the management token."
#[test]
fn single_sign_on_does_not_concern_management_tokens() {
    allowed(&management("entry:rw"), &cma(ENTRIES));
}
