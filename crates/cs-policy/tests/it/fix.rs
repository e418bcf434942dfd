//! The smallest change that would allow a request, and that it does.

use cs_model::{Access, Api, Expiry, Grant, ModuleId, Profile};
use cs_policy::{
    Change, Context, Operation, Principal, PublishAnswer, Remedy, Request, RoleRules, StackRole, User,
    Verdict, decide_request, fix, fix_operation,
};
use proptest::prelude::*;

use crate::ask::*;
use crate::laws::{names, principal, profile, route, time};

fn remedy(principal: &Principal, request: &Request<'_>) -> Remedy {
    fix(&Profile::seeds(), principal, request, NOW.parse().unwrap())
}

/// Asserts the changes, as `kind: detail`.
#[track_caller]
fn takes<const N: usize>(principal: &Principal, request: &Request<'_>, expected: [&str; N]) {
    let remedy = remedy(principal, request);
    let found: Vec<_> =
        remedy.changes().iter().map(|change| format!("{}: {}", change.kind(), change.detail())).collect();
    assert_eq!(found, expected, "{remedy:?}");
}

#[track_caller]
fn impossible(principal: &Principal, request: &Request<'_>, because: &str) {
    let remedy = remedy(principal, request);
    let rule = match &remedy {
        Remedy::Impossible { because } => because.map(|rule| rule.id),
        _ => None,
    };
    assert_eq!(rule, Some(because), "{remedy:?}");
}

pub(crate) const STAGE: &str = "POST /v3/content_types/page/entries/blt1/workflow";
const ENTRIES: &str = "GET /v3/content_types/page/entries";

#[test]
fn what_is_allowed_needs_nothing() {
    assert!(matches!(remedy(&owner(), &cma(ENTRIES)), Remedy::NotNeeded));
}

#[test]
fn a_scope_that_is_too_narrow_is_widened_by_what_is_missing() {
    let token = management("content_type:r");
    takes(&token, &cma(ENTRIES), ["add_scope: entry:read"]);
    takes(&token, &cma("POST /v3/content_types"), ["add_scope: content_type:write"]);
    takes(&management("entry:w"), &cma(ENTRIES), ["add_scope: entry:read"]);
    let mut request = cma(ENTRIES);
    request.branch = Some("development");
    takes(&token, &request, ["add_scope: entry:read", "grant_branch: development"]);
    request.alias = Some("release");
    takes(&token, &request, ["add_scope: entry:read", "grant_alias: release"]);
}

#[test]
fn an_expired_token_is_renewed() {
    let expires: Expiry = "2026-11-20".parse().unwrap();
    let expired = |scope| {
        Principal::Management(cs_policy::ManagementFacts {
            expires: expires.clone(),
            ..management_facts(scope)
        })
    };
    takes(&expired("entry:r"), &cma(ENTRIES), ["renew: expired on 2026-11-20T00:00:00Z"]);
    let all = remedy(&expired("asset:r"), &cma(ENTRIES));
    let sentences: Vec<_> = all.changes().iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        ["add `entry:read` to the token's scope", "renew the token: expired on 2026-11-20T00:00:00Z"]
    );
}

#[test]
fn what_is_closed_to_a_kind_takes_another_credential() {
    let developer = "use_credential: an authtoken of the owner, an admin or a developer of the stack";
    takes(&everything(), &cma("POST /v3/stacks/delivery_tokens"), [developer]);
    takes(&everything(), &cma("DELETE /v3/stacks/delivery_tokens/blt1/preview_token"), [developer]);
    let owners = ["use_credential: an authtoken of the owner or an admin of the stack"];
    takes(&everything(), &cma("POST /v3/stacks/management_tokens"), owners);
    takes(&everything(), &cma("GET /v3/user"), ["use_credential: an authtoken of any user"]);
    takes(
        &delivery(),
        &cma("PUT /v3/content_types/page/entries/blt1"),
        ["use_credential: a management token with `entry:write` on branch `main`"],
    );
    takes(
        &delivery(),
        &cma("GET /v3/environments"),
        ["use_credential: a management token with `environment:read`"],
    );
    let mut request = cda(ENTRIES);
    request.environment = Some("production");
    takes(
        &owner(),
        &request,
        ["use_credential: a delivery token for environment `production` on branch `main`"],
    );
    takes(
        &Principal::Anonymous,
        &graphql(),
        ["use_credential: a delivery token for environment `<environment>` on branch `main`"],
    );
}

#[test]
fn a_role_that_does_not_suffice() {
    let admins = ["use_role: the owner or an admin of the stack"];
    takes(&developer(), &cma("POST /v3/stacks/management_tokens"), admins);
    takes(&developer(), &cma("DELETE /v3/stacks"), ["use_role: the owner of the stack"]);
    let member = Principal::Authtoken(User::default());
    takes(
        &member,
        &cma(ENTRIES),
        ["use_role: a content manager of the stack, or of somebody with a higher role"],
    );
}

#[test]
fn rules_of_custom_roles() {
    let rules = RoleRules { branches: Grant::only(["main"]), ..RoleRules::default() };
    let user = |rules: &RoleRules| Principal::user(StackRole::Custom(rules.clone()));
    takes(&user(&rules), &cma(ENTRIES), ["add_role_rule: entry:read"]);
    let mut closed = rules.clone();
    closed.grants.insert(ModuleId::Entry.into(), Access::ReadWrite);
    closed.except.insert(cs_model::Module::All, Access::ReadWrite);
    takes(&user(&closed), &cma(ENTRIES), ["lift_role_exception: entry:read"]);
    closed.except.clear();
    let mut request = cma(ENTRIES);
    request.branch = Some("development");
    takes(&user(&closed), &request, ["grant_branch: development"]);
}

#[test]
fn stages_and_approvers() {
    let name = "name_user: access list of the stage";
    takes(&developer(), &cma(STAGE), [name]);
    let rules = |scope| {
        Principal::user(StackRole::Custom(RoleRules {
            grants: modules(scope),
            branches: Grant::only(["main"]),
            ..RoleRules::default()
        }))
    };
    takes(&rules("entry:r"), &cma(STAGE), [name]);
    let mut request = cma(STAGE);
    request.body.stage_open_to_all = true;
    takes(&rules("asset:r"), &request, ["add_role_rule: entry:read"]);
    request.body.publish_request = Some(PublishAnswer::Accept);
    takes(&developer(), &request, ["name_user: approvers of the publish rule"]);
    // A management token answers none, whatever else is changed.
    takes(&everything(), &request, ["use_credential: an authtoken of the owner or an admin of the stack"]);
    takes(&everything(), &cma(STAGE), ["open_stage: "]);
    takes(&management("workflow:r"), &cma(STAGE), ["add_scope: workflow:write", "open_stage: "]);
    let mut request = cma("POST /v3/workflows/publishing_rules");
    request.body.approvers_named = true;
    takes(&everything(), &request, ["leave_approvers_out: "]);
}

#[test]
fn what_needs_no_credential_takes_none() {
    let login = cma("POST /v3/user-session");
    for principal in [everything(), delivery(), Principal::OAuth(cs_policy::OAuthFacts::default())] {
        takes(&principal, &login, ["send_no_credential: "]);
    }
}

#[test]
fn single_sign_on() {
    let login = cma("POST /v3/user-session");
    let sso = User { sso: true, ..User::default() };
    takes(&Principal::Authtoken(sso.clone()), &login, ["allow_access_without_sso: "]);
    let strict = User { strict_mode: true, access_without_sso: true, ..sso.clone() };
    takes(&Principal::Authtoken(strict), &login, ["turn_strict_mode_off: "]);
    let provider = User { idp_login: true, access_without_sso: true, ..sso };
    takes(&Principal::Authtoken(provider), &login, ["log_in_directly: "]);
    let both = User { sso: true, strict_mode: true, ..User::default() };
    takes(&Principal::Authtoken(both.clone()), &login, ["log_in_as: the owner of the organization"]);
    let remedy = remedy(&Principal::Authtoken(both), &login);
    assert_eq!(remedy.changes()[0].to_string(), "log in as the owner of the organization");
    let admin = User { roles: vec![StackRole::Owner], ..User::default() };
    takes(
        &Principal::Authtoken(admin),
        &cma("POST /v3/organizations/blt1/transfer-ownership"),
        ["use_organization_role: the owner of the organization"],
    );
}

#[test]
fn other_environments_stacks_and_hosts() {
    let mut request = cda(ENTRIES);
    request.environment = Some("staging");
    takes(&delivery(), &request, ["use_environment: staging"]);
    assert_eq!(
        remedy(&delivery(), &request).changes()[0].to_string(),
        "use the token that was made for environment `staging`, or name the environment that this one was made for \
         (`production`)"
    );
    request.environment = None;
    request.draft = true;
    takes(&delivery(), &request, ["use_preview_api: "]);
    request.api = Api::Management;
    request.draft = false;
    request.other_stack = true;
    takes(&management("entry:r"), &request, ["use_stack: "]);
    let scopes = cs_policy::OAuthFacts::default();
    takes(
        &Principal::OAuth(scopes),
        &cma("GET /v3/releases"),
        ["add_oauth_scope: cm.releases.management:read"],
    );
}

#[test]
fn where_nothing_helps() {
    impossible(&owner(), &cma("GET /v3/nowhere"), "any.unmapped");
}

#[test]
fn where_there_are_no_drafts_it_is_asked_for_what_is_published() {
    let mut drafts = graphql();
    drafts.environment = Some("production");
    drafts.draft = true;
    takes(&delivery(), &drafts, ["ask_for_published: "]);
    let token = "use_credential: a delivery token for environment `production` on branch `main`";
    for principal in [preview(), owner(), everything(), Principal::Anonymous] {
        takes(&principal, &drafts, [token, "ask_for_published: "]);
    }
}

#[test]
fn drafts_are_read_on_the_preview_api() {
    let mut request = cda(ENTRIES);
    request.environment = Some("production");
    request.draft = true;
    takes(&delivery(), &request, ["use_preview_api: "]);
    takes(&preview(), &request, ["use_preview_api: "]);
    let token =
        "use_credential: the preview token of a delivery token for environment `production` on branch `main`";
    let others = [
        Principal::Anonymous,
        owner(),
        everything(),
        Principal::OAuth(cs_policy::OAuthFacts::default()),
        access_token("2021-01-01"),
    ];
    for other in others {
        takes(&other, &request, [token, "use_preview_api: "]);
    }
    assert!(matches!(remedy(&access_token("2020-01-01"), &request), Remedy::NotNeeded));
    request.branch = Some("development");
    takes(&delivery(), &request, ["grant_branch: development", "use_preview_api: "]);
    takes(&preview(), &request, ["grant_branch: development", "use_preview_api: "]);
}

// No document gives the preview hosts a route for anything but entries.
#[test]
fn drafts_that_no_preview_route_has_are_read_on_the_management_api() {
    for (path, module) in [
        ("GET /v3/assets/blt1", "asset:read"),
        ("GET /v3/assets", "asset:read"),
        ("GET /v3/content_types", "content_type:read"),
        ("GET /v3/global_fields/seo", "global_field:read"),
        ("GET /v3/taxonomies/entries", "entry:read"),
    ] {
        let mut request = cda(path);
        request.draft = true;
        let token = format!("use_credential: a management token with `{module}` on branch `main`");
        for principal in [delivery(), preview(), Principal::Anonymous] {
            takes(&principal, &request, [token.as_str(), "use_management_api: "]);
        }
        takes(&owner(), &request, ["use_management_api: "]);
        takes(&management(""), &request, [&format!("add_scope: {module}"), "use_management_api: "]);
    }
    // The stream of published content has no counterpart there.
    let mut request = cda("GET /v3/stacks/sync");
    request.draft = true;
    takes(&delivery(), &request, ["ask_for_published: "]);
}

#[test]
fn what_has_no_route() {
    let reset = Operation::find("access_token:reset").unwrap();
    let ask = |principal: &Principal| {
        let context = Context::default();
        fix_operation(&Profile::seeds(), principal, reset, &context, NOW.parse().unwrap())
    };
    assert!(matches!(ask(&developer()), Remedy::NotNeeded));
    assert_eq!(ask(&content_manager()).changes()[0].kind(), "use_role");
    assert_eq!(
        ask(&everything()).changes()[0].detail(),
        "an authtoken of the owner, an admin or a developer of the stack"
    );
}

/// A path that the template of the route matches.
fn path(template: &str) -> String {
    let segment = |part: &'static str, segment: &str| {
        if segment.starts_with('{') { part.to_owned() } else { segment.to_owned() }
    };
    template.split('/').map(|part| segment("blt1", part)).collect::<Vec<_>>().join("/")
}

/// Whether all of the changes together allow it, and every other set of them falls short.
pub(crate) fn none_can_be_left_out(
    changes: &[Change],
    principal: &Principal,
    request: &Request<'_>,
    is_allowed: impl Fn(&Principal, &Request<'_>) -> bool,
) -> Result<(), TestCaseError> {
    prop_assert!(!changes.is_empty());
    for set in 0..1_u32 << changes.len() {
        let (mut with, mut asked) = (principal.clone(), *request);
        let chosen = changes.iter().enumerate().filter(|(number, _)| set >> number & 1 == 1);
        chosen.for_each(|(_, change)| change.apply(&mut with, &mut asked));
        let whole = set + 1 == 1 << changes.len();
        prop_assert_eq!(is_allowed(&with, &asked), whole, "{:?}", changes);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn a_fix_fixes_and_nothing_in_it_can_be_left_out(
        principal in principal(), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let row = route.row();
        let path = path(row.template);
        let request = Request {
            api: row.api,
            method: row.method.as_str(),
            path: &path,
            other_stack: names.other_stack,
            branch: names.branch,
            alias: names.alias,
            environment: names.environment,
            draft: names.draft,
            body: names.body,
        };
        let verdict = |principal: &Principal, request: &Request<'_>| {
            decide_request(&profile.0, principal, request, now).verdict()
        };
        let remedy = fix(&profile.0, &principal, &request, now);
        let allowed = verdict(&principal, &request) == Verdict::Allow;
        prop_assert_eq!(matches!(remedy, Remedy::NotNeeded), allowed);
        match remedy {
            Remedy::NotNeeded => {}
            Remedy::Changes(changes) => {
                let is_allowed = |with: &Principal, asked: &Request<'_>| verdict(with, asked) == Verdict::Allow;
                none_can_be_left_out(&changes, &principal, &request, is_allowed)?;
            }
            Remedy::Impossible { because } => {
                prop_assert!(because.is_some());
                // Nor does any other credential help that is as powerful as they come.
                let asked = Request { other_stack: false, ..request };
                for other in [everything(), owner(), delivery(), preview(), Principal::Anonymous] {
                    prop_assert!(verdict(&other, &asked) != Verdict::Allow, "{:?}", other);
                }
            }
        }
    }
}
