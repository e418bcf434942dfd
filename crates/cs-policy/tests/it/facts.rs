//! Expectations written by hand from the vendor's other pages and clients: roles, branches, single sign-on, OAuth.

use cs_model::generated::ContradictionId;
use cs_model::profile::ClientReading;
use cs_model::{Api, Grant, Profile};
use cs_policy::{
    OAuthFacts, OrganizationRole, Principal, PublishAnswer, Request, RoleRules, StackRole, User, Verdict,
    fixes, why,
};

use crate::ask::*;
use crate::fix::STAGE;

fn oauth(scopes: &[&str]) -> Principal {
    Principal::OAuth(OAuthFacts { scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect() })
}

fn custom(grants: &str) -> RoleRules {
    RoleRules { grants: modules(grants), branches: Grant::only(["main"]), ..RoleRules::default() }
}

#[test]
fn a_branch_that_is_not_named_is_main() {
    let facts =
        cs_policy::ManagementFacts { branches: Grant::only(["development"]), ..management_facts("entry:r") };
    let token = Principal::Management(facts);
    not_granted(&token, &cma("GET /v3/content_types/page/entries"), "management.branch");
    let mut request = cma("GET /v3/content_types/page/entries");
    request.branch = Some("development");
    allowed(&token, &request);
}

#[test]
fn a_token_without_branches_belongs_to_a_stack_without() {
    let facts =
        cs_policy::ManagementFacts { scope: modules("entry:r"), ..cs_policy::ManagementFacts::default() };
    let in_a_stack_with_branches = Principal::Management(facts);
    not_granted(&in_a_stack_with_branches, &cma("GET /v3/content_types/page/entries"), "management.branch");
    let token = in_a_stack_with_branches.clone().stack_without_branches(true);
    assert_eq!(in_a_stack_with_branches.stack_inferred(), token);
    let mut request = cma("GET /v3/content_types/page/entries");
    allowed(&token, &request);
    request.branch = Some("main");
    allowed(&token, &request);
    request.branch = Some("development");
    not_granted(&token, &request, "management.branch");
}

#[test]
fn the_branches_of_a_scope_let_it_read_the_branch_list() {
    allowed(&management("entry:r"), &cma("GET /v3/stacks/branches"));
    not_granted(&management("entry:r"), &cma("POST /v3/stacks/branches_merge"), "management.write_missing");
}

#[test]
fn an_alias_is_covered_by_its_branch_only_where_the_profile_says_so() {
    let mut request = cma("GET /v3/content_types");
    request.alias = Some("release");
    request.branch = Some("main");
    let token = management("content_type:r");
    not_granted(&token, &request, "management.alias");
    let mut profile = Profile::seeds();
    profile.switches.branch_covers_alias.value = true;
    assert_eq!(ask_with(&profile, &token, &request).verdict(), Verdict::Allow);
}

#[test]
fn terms_folders_and_variants_are_granted_with_what_they_belong_to() {
    allowed(&management("taxonomy:r"), &cma("GET /v3/taxonomies/colours/terms"));
    allowed(&management("asset:w"), &cma("POST /v3/assets/folders"));
    allowed(&management("entry:r"), &cma("GET /v3/content_types/page/entries/blt1/variants"));
}

#[test]
fn a_read_only_token_does_not_change_state_through_get() {
    for route in [
        "GET /v3/workflows/blt1/disable",
        "GET /v3/workflows/blt1/enable",
        "GET /v3/publish-queue/blt1/unschedule",
    ] {
        let decision = ask(&management("$all:r"), &cma(route));
        assert_eq!(decision.verdict(), Verdict::NotGranted, "{route}");
        assert!(decision.warnings().any(|rule| rule.id == "management.get_changes_state"), "{route}");
        let decision = ask(&management("$all:rw"), &cma(route));
        assert_eq!(decision.verdict(), Verdict::Allow, "{route}");
        assert!(decision.warnings().all(|rule| rule.id != "management.get_changes_state"), "{route}");
    }
}

#[test]
fn every_get_that_changes_state_is_warned_of() {
    let gets = cs_model::RouteId::all().filter(|route| route.row().state_change);
    let templates: Vec<_> = gets.map(|route| route.row().template).collect();
    assert_eq!(templates.len(), 5);
    for template in templates {
        let segment = |part| if str::starts_with(part, '{') { "blt1" } else { part };
        let path = template.split('/').map(segment).collect::<Vec<_>>().join("/");
        let decision = ask(&management("$all:r"), &cma(&format!("GET {path}")));
        assert_ne!(decision.verdict(), Verdict::Allow, "{path}");
        assert!(decision.warnings().any(|rule| rule.id == "management.get_changes_state"), "{path}");
    }
}

#[test]
fn a_read_that_names_no_environment_is_warned_of_where_one_is_documented() {
    let warned = |principal: &Principal, request: &Request<'_>| {
        let decision = ask(principal, request);
        assert_eq!(decision.verdict(), Verdict::Allow, "{request:?}");
        decision.warnings().any(|rule| rule.id == "delivery.environment_not_named")
    };
    for route in ["GET /v3/content_types/page/entries", "GET /v3/assets/blt1", "GET /v3/stacks/sync"] {
        let mut request = cda(route);
        assert!(warned(&delivery(), &request), "{route}");
        request.environment = Some("production");
        assert!(!warned(&delivery(), &request), "{route}");
    }
    assert!(warned(&delivery(), &graphql()));
    // No document asks for one here, and an access token reads whatever the environment.
    assert!(!warned(&delivery(), &cda("GET /v3/content_types")));
    assert!(!warned(&access_token("2019-01-01"), &cda("GET /v3/assets")));
}

#[test]
fn a_get_that_changes_state_is_an_action_of_its_own_kind() {
    let actions = |state_change: bool| -> std::collections::BTreeSet<&str> {
        let routes = cs_model::RouteId::all().map(cs_model::RouteId::row);
        routes.filter(|row| row.state_change == state_change).map(|row| row.action.row().name).collect()
    };
    let own = actions(true);
    let expected = ["accept_ownership", "disable", "enable", "resend_invitation", "unschedule"];
    assert_eq!(own.iter().copied().collect::<Vec<_>>(), expected);
    assert!(own.is_disjoint(&actions(false)));
}

#[test]
fn the_profile_says_what_a_read_only_token_gets_of_them() {
    let token = management("$all:r");
    let request = cma("GET /v3/workflows/blt1/disable");
    for (reading, expected) in [
        (ClientReading::Deny, Verdict::NotGranted),
        (ClientReading::Unsettled, Verdict::Undocumented),
        (ClientReading::Warn, Verdict::Allow),
        (ClientReading::Allow, Verdict::Allow),
    ] {
        let mut profile = Profile::seeds();
        profile.readings.set_client(ContradictionId::ReadOnlyStateChange, reading);
        let decision = cs_policy::decide_request(&profile, &token, &request, NOW.parse().unwrap());
        assert_eq!(decision.verdict(), expected, "{reading:?}");
        assert!(decision.warnings().any(|rule| rule.id == "management.get_changes_state"), "{reading:?}");
    }
}

#[test]
fn an_invitation_is_sent_again_by_those_who_may_invite() {
    let route = "GET /v3/organizations/blt1/share/blt2/resend_invitation";
    let member = |organization| Principal::Authtoken(User { organization, ..user() });
    allowed(&member(OrganizationRole::Admin), &cma(route));
    not_granted(&member(OrganizationRole::Member), &cma(route), "authtoken.organization_users");
}

#[test]
fn a_delivery_token_with_several_environments_is_read_by_the_profile() {
    let token = |names: Grant| {
        Principal::Delivery(cs_policy::DeliveryFacts { environments: names, ..delivery_facts() })
    };
    let mut request = cda("GET /v3/content_types/page/entries");
    request.environment = Some("production");
    let not_named = cda("GET /v3/content_types");
    let several = [Grant::only(["production", "staging"]), Grant::All];
    for asked in [request, not_named, Request { environment: Some("production"), ..graphql() }] {
        for names in &several {
            not_granted(&token(names.clone()), &asked, "delivery.one_environment_only");
        }
        allowed(&token(Grant::only(["production"])), &asked);
        for profile in [Profile::documented_2026(), Profile::live()] {
            for names in &several {
                let decision = ask_with(&profile, &token(names.clone()), &asked);
                assert_eq!(decision.verdict(), Verdict::Allow, "{}", profile.name);
                assert!(decision.warnings().any(|rule| rule.id == "delivery.several_environments"));
            }
            let decision = ask_with(&profile, &token(Grant::only(["production"])), &asked);
            assert!(!decision.warnings().any(|rule| rule.id == "delivery.several_environments"));
        }
    }
    // What the reading allows is no environment more than those that the token has.
    let mut elsewhere = request;
    elsewhere.environment = Some("testing");
    let decision = ask_with(&Profile::live(), &token(several[0].clone()), &elsewhere);
    assert_eq!(decision.verdict(), Verdict::NotGranted);
}

#[test]
fn the_way_out_of_several_environments_is_a_token_for_each() {
    let token = Principal::Delivery(cs_policy::DeliveryFacts {
        environments: Grant::only(["production", "staging"]),
        ..delivery_facts()
    });
    let mut request = cda("GET /v3/content_types/page/entries");
    for (named, expected) in
        [(Some("staging"), "staging"), (None, "production"), (Some("production"), "production")]
    {
        request.environment = named;
        let remedy = cs_policy::fix(&Profile::seeds(), &token, &request, NOW.parse().unwrap());
        let changes: Vec<_> = remedy.changes().iter().map(ToString::to_string).collect();
        assert_eq!(
            changes,
            [format!("make one token for each environment, and use that of `{expected}` here")]
        );
    }
}

#[test]
fn a_token_without_environment_reads_nothing() {
    for environments in [Grant::None, Grant::Only([].into())] {
        let facts = cs_policy::DeliveryFacts { environments, ..delivery_facts() };
        for named in [None, Some("production")] {
            let with = |request| Request { environment: named, ..request };
            let token = Principal::Delivery(facts.clone());
            for route in
                ["GET /v3/content_types/page/entries", "GET /v3/content_types", "GET /v3/stacks/sync"]
            {
                not_granted(&token, &with(cda(route)), "delivery.environment");
            }
            not_granted(&token, &with(graphql()), "delivery.environment");
            let preview = Principal::Preview(facts.clone());
            let request = with(cda("GET /v3/content_types/page/entries").on(Api::Preview));
            not_granted(&preview, &request, "preview.environment");
            let remedy = cs_policy::fix(&Profile::seeds(), &preview, &request, NOW.parse().unwrap());
            let kinds: Vec<_> = remedy.changes().iter().map(cs_policy::Change::kind).collect();
            assert_eq!(kinds, ["use_environment"]);
        }
    }
}

#[test]
fn who_enters_without_single_sign_on_is_allowed_by_a_rule_of_its_own() {
    let cites = |user: User| {
        let decision = ask(&Principal::Authtoken(user), &cma("POST /v3/user-session"));
        let cited = why(&decision).any(|rule| rule.id == "session.sso_permitted");
        assert_eq!(cited, decision.verdict() == Verdict::Allow);
        cited
    };
    let sso = User { sso: true, ..User::default() };
    let owner = User { organization: OrganizationRole::Owner, ..sso.clone() };
    let permitted = User { access_without_sso: true, ..sso.clone() };
    assert!(cites(owner.clone()));
    assert!(cites(User { strict_mode: true, ..owner.clone() }));
    assert!(cites(permitted.clone()));
    assert!(!cites(User { strict_mode: true, ..permitted.clone() }));
    assert!(!cites(User { idp_login: true, ..permitted }));
    assert!(!cites(User { idp_login: true, ..owner }));
    assert!(!cites(sso));
}

#[test]
fn unknown_modules_grant_nothing() {
    not_granted(&management("brand_new:rw"), &cma("GET /v3/content_types"), "management.module_not_granted");
}

#[test]
fn branches_are_not_created_by_management_tokens() {
    forbidden(&everything(), &cma("POST /v3/stacks/branches"), "management.not_documented");
    says(&everything(), &cma("POST /v3/stacks/branches"), "management.branch_writes");
}

#[test]
fn older_clients_show_previews_with_a_management_token() {
    let mut request = cma("GET /v3/content_types/page/entries").on(Api::LegacyPreview);
    request.draft = true;
    allowed(&management("entry:r"), &request);
    not_granted(&management("asset:r"), &request, "management.module_not_granted");
}

#[test]
fn powers_of_the_owner() {
    for route in ["DELETE /v3/stacks", "POST /v3/stacks/transfer_ownership"] {
        allowed(&owner(), &cma(route));
        for principal in [admin(), developer(), content_manager()] {
            not_granted(&principal, &cma(route), "authtoken.stack_ownership");
        }
    }
}

#[test]
fn powers_of_developers_and_limits_of_content_managers() {
    for (route, rule) in [
        ("POST /v3/stacks/branches", "authtoken.branches"),
        ("DELETE /v3/stacks/branch_aliases/deploy", "authtoken.branches"),
        ("POST /v3/roles", "authtoken.roles"),
        ("POST /v3/stacks/share", "authtoken.invitations"),
        ("GET /v3/audit-logs", "authtoken.audit_log"),
        ("POST /v3/content_types", "authtoken.content_manager_content"),
        ("PUT /v3/locales/fr-fr", "authtoken.content_manager_content"),
        ("GET /v3/stacks/settings", "authtoken.content_manager_settings"),
        ("GET /v3/stacks/delivery_tokens", "authtoken.delivery_tokens"),
    ] {
        for principal in [owner(), admin(), developer()] {
            allowed(&principal, &cma(route));
        }
        not_granted(&content_manager(), &cma(route), rule);
    }
    for route in ["GET /v3/content_types", "POST /v3/content_types/page/entries", "DELETE /v3/assets/blt1"] {
        allowed(&content_manager(), &cma(route));
    }
}

#[test]
fn custom_roles_go_by_their_rules() {
    let role = Principal::user(StackRole::Custom(custom("entry:rw,content_type:r")));
    allowed(&role, &cma("PUT /v3/content_types/page/entries/blt1"));
    allowed(&role, &cma("GET /v3/content_types"));
    not_granted(&role, &cma("PUT /v3/content_types/page"), "authtoken.custom_role");
    not_granted(&role, &cma("POST /v3/stacks/management_tokens"), "authtoken.management_tokens");
    let mut request = cma("GET /v3/content_types/page/entries");
    request.branch = Some("development");
    not_granted(&role, &request, "authtoken.custom_role_branch");
}

/// The access list of a workflow stage decides who moves an entry, not a rule of the role for some module.
#[test]
fn a_stage_names_those_who_move_entries_to_it() {
    let (closed, mut open, mut named) = (cma(STAGE), cma(STAGE), cma(STAGE));
    open.body.stage_open_to_all = true;
    named.body.user_named = true;
    let writer = Principal::user(StackRole::Custom(custom("entry:rw")));
    let reader = Principal::user(StackRole::Custom(custom("entry:r")));
    for user in [&writer, &reader, &content_manager(), &developer()] {
        not_granted(user, &closed, "authtoken.stage_access");
        allowed(user, &open);
        allowed(user, &named);
    }
    for user in [owner(), admin()] {
        allowed(&user, &closed);
    }
    // Rights to other modules open no entry, and an exception hides it.
    let models = Principal::user(StackRole::Custom(custom("workflow:rw,entry_workflow:rw,content_type:rw")));
    let hidden = RoleRules { except: modules("entry:r"), ..custom("entry:rw") };
    let frozen = RoleRules { except: modules("entry:w"), ..custom("entry:rw") };
    for request in [&open, &named] {
        not_granted(&models, request, "authtoken.stage_entry");
        not_granted(&Principal::user(StackRole::Custom(hidden.clone())), request, "authtoken.stage_entry");
        allowed(&Principal::user(StackRole::Custom(frozen.clone())), request);
    }
    let both = vec![StackRole::ContentManager, StackRole::Custom(hidden)];
    let both = Principal::Authtoken(User { roles: both, ..user() });
    not_granted(&both, &open, "authtoken.stage_entry");
    // Other branches are as closed as ever.
    open.branch = Some("development");
    not_granted(&writer, &open, "authtoken.custom_role_branch");
    // Moving many at once takes the same lists.
    not_granted(&content_manager(), &cma("POST /v3/bulk/workflow"), "authtoken.stage_access");
}

#[test]
fn a_publish_rule_names_those_who_answer_its_requests() {
    for answer in [PublishAnswer::Accept, PublishAnswer::Reject] {
        let mut request = cma(STAGE);
        request.body.publish_request = Some(answer);
        request.body.stage_open_to_all = true;
        let editor = Principal::user(StackRole::Custom(custom("entry:rw")));
        for user in [&editor, &content_manager(), &developer()] {
            not_granted(user, &request, "authtoken.publish_approver");
        }
        allowed(&admin(), &request);
        request.body.user_named = true;
        for user in [&editor, &content_manager(), &developer()] {
            allowed(user, &request);
        }
        not_granted(
            &Principal::user(StackRole::Custom(custom("asset:rw"))),
            &request,
            "authtoken.stage_entry",
        );
    }
}

#[test]
fn several_roles_add_up_and_exceptions_win() {
    let request = cma("DELETE /v3/assets/blt1");
    let reader = StackRole::Custom(custom("asset:r"));
    let writer = StackRole::Custom(custom("asset:rw"));
    let guard = StackRole::Custom(RoleRules { except: modules("asset:w"), ..custom("entry:r") });
    let with = |roles: &[&StackRole]| {
        Principal::Authtoken(User { roles: roles.iter().map(|role| (*role).clone()).collect(), ..user() })
    };
    not_granted(&with(&[&reader]), &request, "authtoken.custom_role");
    allowed(&with(&[&reader, &writer]), &request);
    not_granted(&with(&[&reader, &writer, &guard]), &request, "authtoken.custom_role");
    not_granted(&with(&[&StackRole::ContentManager, &guard]), &request, "authtoken.custom_role");
    allowed(&with(&[&StackRole::Admin, &guard]), &request);
    let models = StackRole::Custom(custom("content_type:rw"));
    allowed(&with(&[&StackRole::ContentManager, &models]), &cma("PUT /v3/content_types/page"));
}

#[test]
fn the_owner_of_the_organization_is_not_the_owner_of_the_stack() {
    let boss = Principal::Authtoken(User { organization: OrganizationRole::Owner, ..user() });
    not_granted(&boss, &cma("GET /v3/content_types"), "authtoken.no_role");
    says(&boss, &cma("GET /v3/content_types"), "authtoken.organization_owner");
    allowed(&boss, &cma("GET /v3/stacks"));
    allowed(&boss, &cma("POST /v3/organizations/blt1/share"));
    not_granted(&owner(), &cma("POST /v3/organizations/blt1/share"), "authtoken.organization_users");
    allowed(&boss, &cma("POST /v3/organizations/blt1/transfer-ownership"));
    not_granted(
        &owner(),
        &cma("POST /v3/organizations/blt1/transfer-ownership"),
        "authtoken.organization_ownership",
    );
}

#[test]
fn a_single_bulk_job_can_be_read_with_an_authtoken() {
    allowed(&owner(), &cma("GET /v3/bulk/jobs/1"));
    allowed(&owner(), &cma("GET /v3/bulk/jobs/1/items"));
}

#[test]
fn stacks_under_single_sign_on_want_the_organization() {
    let sso = User { sso: true, roles: vec![StackRole::Owner], ..user() };
    let decision = ask(&Principal::Authtoken(sso), &cma("GET /v3/stacks"));
    assert!(decision.warnings().any(|rule| rule.id == "authtoken.sso_organization_header"));
}

#[test]
fn oauth_goes_by_scope() {
    let request = cma("GET /v3/releases");
    allowed(&oauth(&["cm.releases.management:read"]), &request);
    not_granted(&oauth(&["cm.releases.management:write"]), &request, "oauth.scope_missing");
    let decision = ask(&oauth(&[]), &request);
    let fix: Vec<_> = fixes(&decision).map(|fix| fix.to_string()).collect();
    assert_eq!(fix, ["ask for the scope `cm.releases.management:read` and authorise the app again"]);
    let mut other = request;
    other.other_stack = true;
    not_granted(&oauth(&["cm.releases.management:read"]), &other, "oauth.other_stack");
}

#[test]
fn oauth_can_carry_token_rights() {
    let token = oauth(&["cm.stack.delivery-tokens:write"]);
    allowed(&token, &cma("POST /v3/stacks/delivery_tokens"));
    allowed(&token, &cma("DELETE /v3/stacks/delivery_tokens/blt1"));
    not_granted(&token, &cma("GET /v3/stacks/delivery_tokens"), "oauth.scope_missing");
    says(&token, &cma("POST /v3/stacks/delivery_tokens"), "oauth.token_rights");
    forbidden(&token, &cma("GET /v3/organizations"), "oauth.no_scope_known");
    forbidden(&token, &cda("GET /v3/assets"), "oauth.management_api_only");
}

#[test]
fn who_makes_oauth_apps() {
    let make = cs_policy::Operation::find("oauth_app:create").unwrap();
    let decide = |principal: &Principal| {
        let (profile, prepared) = (Profile::seeds(), cs_policy::Prepared::new(principal));
        let context = cs_policy::Context::default();
        cs_policy::decide_operation(&profile, &prepared, make, &context, NOW.parse().unwrap()).verdict()
    };
    let with = |organization| Principal::Authtoken(User { organization, ..user() });
    assert_eq!(decide(&with(OrganizationRole::Owner)), Verdict::Allow);
    assert_eq!(decide(&with(OrganizationRole::Admin)), Verdict::Allow);
    assert_eq!(decide(&owner()), Verdict::NotGranted);
    for principal in
        [delivery(), preview(), everything(), access_token("2019-01-01"), oauth(&[]), Principal::Anonymous]
    {
        assert_eq!(decide(&principal), Verdict::Forbidden, "{principal:?}");
    }
}

#[test]
fn what_pages_say_beside_the_verdict() {
    for (route, rule) in [
        ("POST /v3/stacks/delivery_tokens", "delivery.scope_entries"),
        ("PUT /v3/stacks/delivery_tokens/blt1", "tokens.names_not_objects"),
        ("PUT /v3/stacks/management_tokens/blt1", "tokens.no_lost_update_check"),
        ("POST /v3/stacks/management_tokens", "tokens.branch_required"),
        ("GET /v3/stacks/delivery_tokens/blt1", "delivery.preview_on_request"),
        ("DELETE /v3/stacks/delivery_tokens/blt1", "delivery.force"),
        ("DELETE /v3/stacks/delivery_tokens/blt1", "delivery.preview_goes_too"),
        ("DELETE /v3/stacks/delivery_tokens/blt1/preview_token", "delivery.preview_alone"),
        ("POST /v3/user-session", "session.second_factor"),
        ("POST /v3/user-session", "session.lockout"),
        ("POST /v3/stacks/branches", "branches.limits"),
        ("PUT /v3/stacks/branch_aliases/deploy", "branches.alias_names"),
        ("PUT /v3/roles/blt1", "roles.system"),
        ("PUT /v3/roles/blt1", "roles.uids"),
        ("POST /v3/stacks/users/roles", "roles.union"),
        ("POST /v3/stacks/transfer_ownership", "authtoken.one_owner"),
        ("PUT /v3/releases/blt1/items/move", "any.release_items_move"),
        ("GET /v3/environments/production", "any.environment_by_name"),
        ("GET /v3/workflows/blt1/enable", "any.state_change_through_get"),
    ] {
        says(&owner(), &cma(route), rule);
    }
    says(&content_manager(), &cma("GET /v3/stacks"), "authtoken.api_key_hidden");
    says(&management("entry:r"), &cma("GET /v3/audit-logs"), "management.audit_log_read_only");
    says(&management("entry:r"), &cma("GET /v3/content_types"), "management.bare_value");
    says(&oauth(&[]), &cma("GET /v3/content_types"), "oauth.lifetime");
}

#[test]
fn requests_without_a_credential() {
    for route in [
        "POST /v3/user-session",
        "POST /v3/user/activate/x1",
        "POST /v3/user/forgot_password",
        "POST /v3/user/reset_password",
        "GET /v3/stacks/accept_ownership/x1",
    ] {
        allowed(&Principal::Anonymous, &cma(route));
        allowed(&owner(), &cma(route));
    }
    forbidden(&Principal::Anonymous, &cda("GET /v3/assets"), "anonymous.needs_credential");
}

#[test]
fn routes_that_only_clients_know_come_with_a_warning() {
    let decision = ask(&everything(), &cma("GET /v3/variants"));
    assert_eq!(decision.verdict(), Verdict::Allow);
    assert!(decision.warnings().any(|rule| rule.id == "any.known_from_clients_only"));
}

#[test]
fn what_the_requests_of_tokens_carry() {
    let oauth = Principal::OAuth(OAuthFacts::default());
    for principal in [owner(), developer(), oauth] {
        for request in ["POST /v3/stacks/delivery_tokens", "PUT /v3/stacks/management_tokens/blt1"] {
            says(&principal, &cma(request), "tokens.details");
            says(&principal, &cma(request), "tokens.json_body");
            says(&principal, &cma(request), "tokens.scope_not_empty");
            says(&principal, &cma(request), "tokens.all_branches");
            says(&principal, &cma(request), "tokens.no_branch_header");
        }
    }
    says(&owner(), &cma("POST /v3/stacks/management_tokens"), "management.modules");
    let preview = "POST /v3/stacks/delivery_tokens/blt1/preview_token";
    says(&owner(), &cma(preview), "delivery.second_preview");
    says(&owner(), &cma(preview), "delivery.preview_on_management_api");
    says(&owner(), &cma("DELETE /v3/stacks/delivery_tokens/blt1/preview_token"), "tokens.uid");
    says(&owner(), &cma("GET /v3/stacks/delivery_tokens"), "any.api_key_header");
}

#[test]
fn what_is_inferred_of_scopes_is_said() {
    says(&management("asset:w"), &cma("POST /v3/assets/folders"), "management.folders");
}

#[test]
fn which_401_is_no_reason_to_log_in_again() {
    for request in ["POST /v3/user-session", "POST /v3/assets/blt1/publish", "POST /v3/bulk/unpublish"] {
        says(&owner(), &cma(request), "session.no_blind_retry");
    }
}

#[test]
fn a_branch_that_was_not_granted_is_told_from_one_that_is_not_there() {
    let mut request = cma("GET /v3/content_types");
    request.branch = Some("development");
    let token = management("content_type:r");
    says(&token, &request, "any.branch_errors");
    request.branch = Some("main");
    assert!(ask(&token, &request).notes().all(|rule| rule.id != "any.branch_errors"));
}

#[test]
fn oauth_scopes_that_name_what_they_open() {
    let with = |scope: &str| Principal::OAuth(OAuthFacts { scopes: [scope.to_owned()].into() });
    let entry = "/v3/content_types/page/entries/blt1";
    for (scope, request) in [
        ("cm.entry:publish", format!("POST {entry}/publish")),
        ("cm.entry:unpublish", format!("POST {entry}/unpublish")),
        ("cm.release:deploy", "POST /v3/releases/blt1/deploy".to_owned()),
    ] {
        allowed(&with(scope), &cma(&request));
        not_granted(&with("cm.entry:write"), &cma(&request), "oauth.scope_missing");
        not_granted(&with("cm.entries.management:write"), &cma(&request), "oauth.scope_missing");
        assert!(ask(&with(scope), &cma(&request)).warnings().any(|rule| rule.id == "oauth.scope_by_module"));
        let others = [format!("PUT {entry}"), "PUT /v3/releases/blt1".to_owned()];
        assert!(others.iter().all(|other| !ask(&with(scope), &cma(other)).verdict().is_allow()), "{scope}");
    }
}
