//! Roles that are made, and what their users may.

use cs_model::Secret;
use cs_server::Role;
use serde_json::{Value, json};

use crate::stage::{DELIVERY, Stage, delivery};

const ROLES: &str = "/v3/roles";

fn branch(names: &[&str]) -> Value {
    json!({ "module": "branch", "branches": names, "acl": { "read": true } })
}

fn grant(module: &str, write: bool) -> Value {
    let mut rule = json!({ "module": module, "acl": { "read": true, "write": write } });
    if let "environment" | "locale" = module {
        rule[format!("{module}s")] = json!(["$all"]);
    }
    rule
}

fn role(name: &str, rules: &Value) -> Value {
    json!({ "role": { "name": name, "description": "for a test", "rules": rules } })
}

/// A user who has these roles only.
fn user_with(stage: &Stage, name: &str, roles: &[&Value]) -> Secret {
    let user = stage.user(name, Some(Role::ContentManager));
    let uid = stage.service.admin(stage.now()).find_user(&format!("{name}@example.invalid")).unwrap();
    let uids: Vec<&Value> = roles.iter().map(|role| &role["uid"]).collect();
    stage.ask("POST", "/v3/stacks/users/roles", &json!({ "users": { uid: uids } })).ok();
    user
}

#[test]
fn those_of_the_system_are_listed_and_stay() {
    let stage = Stage::new();
    let list = stage.get("/v3/roles?include_count=true").ok();
    let mut names: Vec<_> =
        list["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Admin", "Content Manager", "Developer"]);
    for role in list["roles"].as_array().unwrap() {
        let path = format!("{ROLES}/{}", role["uid"].as_str().unwrap());
        assert_eq!(stage.get(&path).ok()["role"]["name"], role["name"]);
        stage.ask("PUT", &path, &json!({ "role": { "name": "other" } })).is(422, 141);
        stage.ask("DELETE", &path, &Value::Null).is(422, 141);
    }
    stage.get("/v3/roles/nosuch").is(422, 141);
}

#[test]
fn made_read_changed_deleted() {
    let stage = Stage::new();
    let rules = json!([branch(&["main"]), grant("entry", true)]);
    let made = stage.ask("POST", ROLES, &role("Writers", &rules));
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["role"]["rules"], rules);
    let uid = made.body["role"]["uid"].as_str().unwrap().to_owned();
    let path = format!("{ROLES}/{uid}");
    let listed = |path: &str| {
        let list = stage.get(path).ok();
        list["roles"].as_array().unwrap().iter().find(|role| role["uid"] == *uid).cloned()
    };
    assert!(listed(ROLES).unwrap().get("rules").is_none());
    assert_eq!(listed("/v3/roles?include_rules=true").unwrap()["rules"], rules);
    // As clients update: the whole object, changed.
    let mut whole = stage.get(&path).ok()["role"].clone();
    whole["name"] = json!("Authors");
    let updated = stage.ask("PUT", &path, &json!({ "role": whole })).ok();
    assert_eq!((&updated["role"]["name"], &updated["role"]["rules"]), (&json!("Authors"), &rules));
    stage.ask("POST", ROLES, &role("Authors", &rules)).is(422, 141);
    stage.ask("POST", ROLES, &role("Writers", &rules)).ok();
    stage.ask("POST", ROLES, &role("developer", &rules)).is(422, 141);
    stage.ask("DELETE", &path, &Value::Null).ok();
    stage.get(&path).is(422, 141);
    stage.ask("DELETE", &path, &Value::Null).is(422, 141);
    assert!(listed(ROLES).is_none());
}

/// "The access list of a workflow stage decides who moves an entry", and a publish rule names those who approve: users by
/// themselves or by their roles.
#[test]
fn stages_and_publish_rules_name_users_and_roles() {
    let stage = Stage::new();
    let rules = json!([branch(&["main"]), grant("entry", false)]);
    let reviewers = stage.ask("POST", ROLES, &role("Reviewers", &rules)).ok()["role"].clone();
    let others = stage.ask("POST", ROLES, &role("Others", &rules)).ok()["role"].clone();
    let (ann, bob) = (user_with(&stage, "ann", &[&reviewers]), user_with(&stage, "bob", &[&others]));
    let uid = |name: &str| {
        stage.service.admin(stage.now()).find_user(&format!("{name}@example.invalid")).unwrap().to_string()
    };
    let of = |uid: &str, list: Value| json!({ "name": uid, "uid": uid, "SYS_ACL": list });
    let stages = json!([
        of("everybody", json!({ "users": { "uids": ["$all"] } })),
        of("role", json!({ "roles": { "uids": [reviewers["uid"]] }, "users": { "uids": [] } })),
        of("user", json!({ "users": { "uids": [uid("bob")] } })),
        of(
            "rest",
            json!({ "users": { "uids": [uid("bob")], "transit": false }, "others": { "transit": true } })
        ),
    ]);
    let workflow = json!({ "workflow": { "name": "Review", "workflow_stages": stages } });
    stage.ask("POST", "/v3/workflows", &workflow).ok();
    let path = "/v3/content_types/page/entries/blt1/workflow";
    let let_in = |status: u16| !matches!(status, 401 | 403);
    let moves = |user: &Secret, to: &str| {
        let body = json!({ "workflow": { "workflow_stage": { "uid": to } } });
        // Who is let in is told that there is no such entry.
        let_in(stage.by(user, "POST", path, &body).status)
    };
    let who = |to: &str| [moves(&ann, to), moves(&bob, to)];
    assert_eq!(who("everybody"), [true, true]);
    assert_eq!(who("role"), [true, false]);
    assert_eq!(who("user"), [false, true]);
    assert_eq!(who("rest"), [true, false]);
    assert_eq!(who("nosuch"), [false, false]);

    let approvers = json!({ "users": [uid("bob")], "roles": [] });
    let rule = json!({ "publishing_rule": { "workflow": "blt1", "approvers": approvers } });
    let made = stage.ask("POST", "/v3/workflows/publishing_rules", &rule).ok();
    let answers = |user: &Secret, rule: &Value| {
        let rule = json!({ "uid": rule, "action": "publish", "status": 1 });
        let_in(stage.by(user, "POST", path, &json!({ "workflow": { "publishing_rule": rule } })).status)
    };
    let one = &made["publishing_rule"]["uid"];
    assert_eq!([answers(&ann, one), answers(&bob, one)], [false, true]);
    assert_eq!([answers(&ann, &Value::Null), answers(&bob, &json!("nosuch"))], [false, false]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let stage = Stage::new();
    let create = |body: Value| stage.ask("POST", ROLES, &json!({ "role": body }));
    let none = create(json!({}));
    none.is(422, 141);
    assert_eq!(none.keys(), ["name", "rules"]);
    let unbound = create(json!({ "name": "x", "rules": [grant("entry", true)] }));
    unbound.is(422, 141);
    assert_eq!(unbound.keys(), ["rules.branch"]);
    let wrong = create(json!({ "name": 7, "description": [], "rules": [
        7,
        { "acl": {} },
        { "module": "entry" },
        branch(&["nosuch"]),
        { "module": "branch_alias", "branch_aliases": "deploy", "acl": { "read": true } },
        { "module": "environment", "environments": ["production"], "acl": { "read": true } },
        { "module": "locale", "locales": ["en-us"], "acl": { "read": true } },
    ] }));
    wrong.is(422, 141);
    let expected = [
        "description",
        "name",
        "rules",
        "rules.acl",
        "rules.branch_aliases",
        "rules.branches",
        "rules.environments",
        "rules.locales",
        "rules.module",
    ];
    assert_eq!(wrong.keys(), expected, "{}", wrong.body);
    // Flags that are none.
    create(
        json!({ "name": "x", "rules": [branch(&["main"]), { "module": "entry", "acl": { "read": "yes" } }] }),
    )
    .is(422, 141);
    stage.ask("POST", ROLES, &json!({ "name": "x" })).is(400, 400);
}

/// Environments and languages go by uid here, in tokens by name.
#[test]
fn environments_and_languages_go_by_uid() {
    let stage = Stage::new();
    let environment = stage.get("/v3/environments/production").ok()["environment"]["uid"].clone();
    let locale = stage.get("/v3/locales/en-us").ok()["locale"]["uid"].clone();
    let rules = json!([
        branch(&["main"]),
        { "module": "environment", "environments": [environment, "$all"], "acl": { "read": true } },
        { "module": "locale", "locales": [locale], "acl": { "read": true } },
        { "module": "content_type", "content_types": ["$all"], "acl": { "read": true, "sub_acl": { "read": true } } },
        { "module": "taxonomy", "taxonomies": ["t"], "terms": [], "content_types": [{ "uid": "$all", "acl": { "read": true } }], "acl": { "read": true } },
    ]);
    stage.ask("POST", ROLES, &role("All", &rules)).ok();
}

#[test]
fn users_may_what_their_roles_grant() {
    let stage = Stage::new();
    let reads = json!([branch(&["main"]), grant("environment", false)]);
    let reader = stage.ask("POST", ROLES, &role("Reader", &reads)).ok()["role"].clone();
    let user = user_with(&stage, "ada", &[&reader]);
    stage.by(&user, "GET", "/v3/environments", &Value::Null).ok();
    stage.by(&user, "POST", "/v3/environments", &json!({ "environment": { "name": "x" } })).is(403, 316);
    stage.by(&user, "GET", "/v3/webhooks", &Value::Null).is(403, 316);
    stage.by(&user, "POST", DELIVERY, &delivery("x")).is(403, 316);
    let me = stage.send("GET", "/v3/user", &[("authtoken", user.reveal())], &Value::Null).ok();
    assert_eq!(me["user"]["roles"][0]["uid"], reader["uid"]);
    // A change counts at once.
    let path = format!("{ROLES}/{}", reader["uid"].as_str().unwrap());
    let writes = json!({ "role": { "rules": [branch(&["main"]), grant("environment", true)] } });
    stage.ask("PUT", &path, &writes).ok();
    stage.by(&user, "POST", "/v3/environments", &json!({ "environment": { "name": "x" } })).ok();
}

/// "Multiple roles: union of grants, explicit exceptions win."
#[test]
fn several_roles_add_up_and_exceptions_win() {
    let stage = Stage::new();
    let make = |name: &str, rules: Value| stage.ask("POST", ROLES, &role(name, &rules)).ok()["role"].clone();
    let webhooks = make("Webhooks", json!([branch(&["main"]), grant("webhook", true)]));
    let environments = make("Environments", json!([branch(&["main"]), grant("environment", true)]));
    let without = make(
        "Without",
        json!([branch(&["main"]), { "module": "environment", "restrict": true, "environments": ["$all"], "acl": { "write": true } }]),
    );
    let both = user_with(&stage, "both", &[&webhooks, &environments]);
    let body = |name: &str| json!({ "environment": { "name": name } });
    assert_ne!(stage.by(&both, "GET", "/v3/webhooks", &Value::Null).status, 403);
    stage.by(&both, "POST", "/v3/environments", &body("one")).ok();
    let less = user_with(&stage, "less", &[&webhooks, &environments, &without]);
    stage.by(&less, "GET", "/v3/environments", &Value::Null).ok();
    stage.by(&less, "POST", "/v3/environments", &body("two")).is(403, 316);
}

#[test]
fn the_branch_rule_binds() {
    let stage = Stage::new();
    let rules = json!([branch(&["development"]), { "module": "branch_alias", "branch_aliases": ["deploy"], "acl": { "read": true } }, grant("locale", true)]);
    let made = stage.ask("POST", ROLES, &role("Developers of one", &rules)).ok()["role"].clone();
    let user = user_with(&stage, "ada", &[&made]);
    let ask = |branch: &str| {
        let headers = [("api_key", stage.api_key()), ("authtoken", user.reveal()), ("branch", branch)];
        stage.send("GET", "/v3/locales", &headers, &Value::Null)
    };
    ask("development").ok();
    ask("deploy").ok();
    ask("main").is(422, 901);
    ask("release").is(422, 901);
    stage.by(&user, "GET", "/v3/locales", &Value::Null).is(422, 901);
    // What is deleted leaves the rules, and comes back as something else.
    stage.ask("DELETE", "/v3/stacks/branches/development", &Value::Null).ok();
    stage
        .ask("POST", "/v3/stacks/branches", &json!({ "branch": { "uid": "development", "source": "main" } }))
        .ok();
    ask("development").is(422, 901);
    ask("deploy").ok();
    let read = stage.get(&format!("{ROLES}/{}", made["uid"].as_str().unwrap())).ok();
    assert_eq!(read["role"]["rules"][0]["branches"], json!([]));
}

#[test]
fn a_deleted_role_is_taken_from_its_users() {
    let stage = Stage::new();
    let rules = || json!([branch(&["main"]), grant("environment", true)]);
    let one = stage.ask("POST", ROLES, &role("One", &rules())).ok()["role"].clone();
    let two = stage.ask("POST", ROLES, &role("Two", &rules())).ok()["role"].clone();
    let (both, only) = (user_with(&stage, "both", &[&one, &two]), user_with(&stage, "only", &[&one]));
    let holders = stage.get(&format!("{ROLES}/{}", one["uid"].as_str().unwrap())).ok();
    assert_eq!(holders["role"]["users"].as_array().unwrap().len(), 2);
    stage.ask("DELETE", &format!("{ROLES}/{}", one["uid"].as_str().unwrap()), &Value::Null).ok();
    stage.by(&both, "GET", "/v3/environments", &Value::Null).ok();
    stage.by(&only, "GET", "/v3/environments", &Value::Null).is(403, 316);
    let stacks = stage.send("GET", "/v3/stacks", &[("authtoken", only.reveal())], &Value::Null).ok();
    assert_eq!(stacks["stacks"], json!([]));
}

/// "Owner, admins and developers make roles; content managers do not."
#[test]
fn who_makes_roles() {
    let stage = Stage::new();
    for (name, role_of_user, may) in [
        ("admin", Role::Admin, true),
        ("developer", Role::Developer, true),
        ("manager", Role::ContentManager, false),
    ] {
        let user = stage.user(name, Some(role_of_user));
        let answer =
            stage.by(&user, "POST", ROLES, &role(&format!("made by {name}"), &json!([branch(&["main"])])));
        if may {
            answer.ok();
        } else {
            answer.is(403, 316);
        }
    }
}
