//! Every route for every kind of credential: let in exactly when the policy says so.

use cs_model::generated::{ContradictionId, route};
use cs_model::profile::ServiceReading;
use cs_model::{Access, Api, Documented, Grant, Method, Module, ModuleId, Profile, RouteId, Secret};
use cs_policy::{
    AccessFacts, Context, DeliveryFacts, ManagementFacts, NamedBranch, OAuthFacts, OrganizationRole,
    Prepared, Principal, StackRole, User, decide_in_service, oauth_scope,
};
use cs_server::{Role, demo};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::stage::{Answer, Stage, rw};

/// Who asks: what stands in the headers, and what the policy is told. Written apart from the service's own facts.
struct Who {
    name: &'static str,
    /// The stack that is asked.
    api_key: String,
    header: (&'static str, String),
    principal: Principal,
}

fn host(api: Api) -> &'static str {
    match api {
        Api::Delivery => "cdn.test",
        Api::Preview => "rest-preview.test",
        Api::GraphQl => "graphql.test",
        _ => "api.test",
    }
}

/// The path of a route in the demo stack; what need not exist does not.
fn path(stage: &Stage, api_key: &str, id: RouteId) -> String {
    let fill = |segment: &str| match segment {
        "{api_key}" | "{stack_api_key}" => api_key.to_owned(),
        "{organization_uid}" => stage.demo.organization_uid.clone(),
        segment if segment.starts_with('{') => "none".to_owned(),
        segment => segment.to_owned(),
    };
    let path = id.row().template.split('/').map(fill).collect::<Vec<_>>().join("/");
    let has_environment = id.row().environment != Documented::No;
    if has_environment { path + "?environment=production" } else { path }
}

fn ask(stage: &Stage, api_key: &str, id: RouteId, header: &(&str, String)) -> Answer {
    let row = id.row();
    let mut headers = vec![("host", host(row.api)), (header.0, header.1.as_str())];
    if row.api_key != Documented::No {
        headers.push(("api_key", api_key));
    }
    if row.api == Api::LegacyPreview {
        headers.push(("live_preview", "hash"));
    }
    if header.1.is_empty() {
        headers.remove(1);
    }
    stage.send(row.method.as_str(), &path(stage, api_key, id), &headers, &Value::Null)
}

fn user(stage: &Stage, name: &'static str, role: Option<(Role, StackRole)>) -> Who {
    let (role, stack_role) = role.unzip();
    let authtoken = stage.user(name, role);
    let facts = User { roles: stack_role.into_iter().collect(), ..User::default() };
    Who {
        name,
        api_key: stage.api_key().to_owned(),
        header: ("authtoken", authtoken.reveal().to_owned()),
        principal: Principal::Authtoken(facts),
    }
}

fn management(
    stage: &Stage,
    name: &'static str,
    modules: &[(&str, Value)],
    scope: &[(Module, Access)],
) -> Who {
    let token = stage.management(name, modules);
    let facts = ManagementFacts {
        scope: scope.iter().cloned().collect(),
        branches: Grant::only(["main"]),
        ..ManagementFacts::default()
    };
    Who {
        name,
        api_key: stage.api_key().to_owned(),
        header: ("authorization", token["token"].as_str().unwrap().to_owned()),
        principal: Principal::Management(facts),
    }
}

fn oauth(stage: &Stage, name: &'static str, scopes: &[&str]) -> Who {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let admin = stage.service.admin(stage.now());
    let demo = &stage.demo;
    let grant = admin.create_oauth_token(&demo.owner_uid, &demo.organization_uid, &scopes, None).unwrap();
    Who {
        name,
        api_key: stage.api_key().to_owned(),
        header: ("authorization", format!("Bearer {}", grant.access_token.reveal())),
        principal: Principal::OAuth(OAuthFacts { scopes: scopes.into_iter().collect() }),
    }
}

/// The access token of a stack that is old enough to have one.
fn access(stage: &Stage) -> Who {
    let admin = stage.service.admin("2020-12-01T00:00:00Z".parse().unwrap());
    let old = admin.create_stack(&stage.demo.organization_uid, "Old", &stage.demo.owner_uid).unwrap();
    let ask = |method: &str, path: &str, body: &Value| {
        let headers = [("api_key", old.as_str()), ("authtoken", stage.owner.reveal())];
        stage.send(method, path, &headers, body).ok()
    };
    ask("POST", "/v3/environments", &json!({ "environment": { "name": "production" } }));
    let shown = ask("GET", "/v3/stacks?include_discrete_variables=true", &Value::Null);
    let value = shown["stack"]["discrete_variables"]["access_token"].as_str().unwrap();
    Who {
        name: "access token",
        api_key: old.as_str().to_owned(),
        header: ("access_token", value.to_owned()),
        principal: Principal::Access(AccessFacts { stack_created: Some(date(2020, 12, 1)) }),
    }
}

fn everybody(stage: &Stage) -> Vec<Who> {
    let owner =
        User { roles: vec![StackRole::Owner], organization: OrganizationRole::Owner, ..User::default() };
    let delivery = || DeliveryFacts {
        environments: Grant::only([demo::ENVIRONMENTS[0]]),
        branches: Grant::only(["main"]),
        ..DeliveryFacts::default()
    };
    let token = stage.ask(
        "POST",
        "/v3/stacks/delivery_tokens?create_with_preview_token=true",
        &crate::stage::delivery("site"),
    );
    let token = token.ok()["token"].clone();
    let value = |key: &str| token[key].as_str().unwrap().to_owned();
    let mut all_scopes: Vec<&str> = RouteId::all().filter_map(oauth_scope).collect();
    all_scopes.sort_unstable();
    all_scopes.dedup();
    let entry = Module::from(ModuleId::Entry);
    vec![
        Who {
            name: "owner",
            api_key: stage.api_key().to_owned(),
            header: ("authtoken", stage.owner.reveal().to_owned()),
            principal: Principal::Authtoken(owner),
        },
        user(stage, "admin", Some((Role::Admin, StackRole::Admin))),
        user(stage, "developer", Some((Role::Developer, StackRole::Developer))),
        user(stage, "manager", Some((Role::ContentManager, StackRole::ContentManager))),
        user(stage, "stranger", None),
        management(stage, "everything", &[("$all", rw())], &[(Module::All, Access::ReadWrite)]),
        management(stage, "reader", &[("entry", json!({ "read": true }))], &[(entry.clone(), Access::Read)]),
        management(stage, "writer", &[("entry", json!({ "write": true }))], &[(entry, Access::Write)]),
        Who {
            name: "delivery token",
            api_key: stage.api_key().to_owned(),
            header: ("access_token", value("token")),
            principal: Principal::Delivery(delivery()),
        },
        Who {
            name: "preview token",
            api_key: stage.api_key().to_owned(),
            header: ("preview_token", value("preview_token")),
            principal: Principal::Preview(delivery()),
        },
        oauth(stage, "app", &all_scopes),
        oauth(stage, "small app", &["cm.entries.management:read", "cm.releases.management:write"]),
        Who {
            name: "nobody",
            api_key: stage.api_key().to_owned(),
            header: ("authtoken", String::new()),
            principal: Principal::Anonymous,
        },
        access(stage),
    ]
}

/// What a policy refuses is told by these; what it lets in by none of them. No request names a branch that is not there.
fn is_refusal(answer: &Answer) -> bool {
    matches!((answer.status, answer.code()), (401 | 403, _) | (422, Some(901)))
}

fn is_credential_free(id: RouteId) -> bool {
    let row = id.row();
    [row.authtoken, row.management_token, row.delivery_token, row.preview_token]
        .iter()
        .all(|column| *column == Documented::No)
}

const CHANGE_ROLES: RouteId =
    route::PUT_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_STACK_ROLE_MAPPINGS_BY_STACK_API_KEY;

fn walk(profile: &Profile) {
    let stage = Stage::with(profile.clone());
    // What takes something away comes last, and logging out ends a session of its own.
    let mut routes: Vec<RouteId> = RouteId::all().collect();
    // Some profiles have it not: then nobody finds it.
    let has_put = profile.reading(ContradictionId::StackRoleMappingMethod).service == ServiceReading::Allow;
    routes.retain(|id| has_put || *id != CHANGE_ROLES);
    routes.sort_by_key(|id| (id.row().method as usize, id.row().template == "/v3/stacks"));
    let mut wrong = Vec::new();
    let mut let_in = 0;
    for who in everybody(&stage) {
        for &id in &routes {
            let row = id.row();
            let principal = if is_credential_free(id) { &Principal::Anonymous } else { &who.principal };
            let prepared = Prepared::new(principal);
            let environment = (row.environment != Documented::No && row.api != Api::Management)
                .then(|| prepared.environment("production"));
            let draft = matches!(row.api, Api::Preview | Api::LegacyPreview);
            let context = Context { branch: NamedBranch::NotNamed, environment, draft, ..Context::default() };
            let expected =
                decide_in_service(profile, &prepared, id, &context, stage.now()).verdict().is_allow();
            let is_last =
                matches!(row.template, "/v3/stacks" | "/v3/user-session") && row.method == Method::Delete;
            if expected && is_last {
                continue;
            }
            let answer = ask(&stage, &who.api_key, id, &who.header);
            let_in += usize::from(expected);
            if is_refusal(&answer) == expected || matches!(answer.code(), Some(109 | 404)) {
                wrong.push(format!(
                    "{}: {} {} ({}): policy {expected}, answer {} {}",
                    who.name,
                    row.method.as_str(),
                    row.template,
                    row.api.name(),
                    answer.status,
                    answer.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them\n{}", wrong.len(), wrong.join("\n"));
    assert!(let_in > 900, "{let_in}");
}

#[test]
fn every_route_for_every_kind_by_the_seeds() {
    walk(&Profile::seeds());
}

#[test]
fn every_route_for_every_kind_as_documented_in_2026() {
    walk(&Profile::documented_2026());
}

#[test]
fn every_route_for_every_kind_as_live() {
    walk(&Profile::live());
}

/// "Authenticates requests to the management API" and nothing else, each with the answer that names its header.
#[test]
fn the_wrong_credential_is_told_by_the_header_of_the_right_one() {
    let stage = Stage::new();
    let everybody = everybody(&stage);
    let by = |name: &str, host: &str, path: &str| {
        let who = everybody.iter().find(|who| who.name == name).unwrap();
        let headers = [("host", host), ("api_key", &*who.api_key), (who.header.0, who.header.1.as_str())];
        let answer = stage.send("GET", path, &headers, &Value::Null);
        answer.is(401, 105);
        answer.keys().join(" ")
    };
    let entries = "/v3/content_types/page/entries?environment=production";
    assert_eq!(by("everything", "cdn.test", entries), "access_token");
    assert_eq!(by("owner", "eu-cdn.test", entries), "access_token");
    assert_eq!(by("app", "cdn.test", entries), "access_token");
    assert_eq!(by("preview token", "cdn.test", entries), "access_token");
    assert_eq!(by("nobody", "cdn.test", entries), "access_token");
    assert_eq!(by("delivery token", "rest-preview.test", entries), "preview_token");
    assert_eq!(by("everything", "rest-preview.test", entries), "preview_token");
    assert_eq!(by("delivery token", "api.test", "/v3/webhooks"), "access_token");
    assert_eq!(by("preview token", "api.test", "/v3/webhooks"), "preview_token");
    let graphql = format!("/stacks/{}?environment=production", stage.api_key());
    assert_eq!(by("everything", "localhost", &graphql), "access_token");
}

/// A management token in `access_token`, and so on: the value is that of no such token.
#[test]
fn a_value_in_the_header_of_another_kind_opens_nothing() {
    let stage = Stage::new();
    let everybody = everybody(&stage);
    let bare: Vec<Secret> = everybody
        .iter()
        .filter(|who| !who.header.1.is_empty())
        .map(|who| Secret::new(who.header.1.trim_start_matches("Bearer ")))
        .collect();
    let path = "/v3/content_types?environment=production";
    for (who, value) in everybody.iter().zip(&bare) {
        for header in ["access_token", "preview_token", "authtoken", "authorization"] {
            if who.header == (header, value.reveal().to_owned()) {
                continue;
            }
            let headers = [("api_key", stage.api_key()), (header, value.reveal())];
            stage.send("GET", path, &headers, &Value::Null).is(401, 105);
        }
    }
}
