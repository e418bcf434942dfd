//! Bodies of tokens: whatever comes in gets the documented refusal, never a parse error.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, delivery_scope, management, rw, with};

fn refused(stage: &Stage, body: &Value, keys: &[&str]) {
    let answer = stage.ask("POST", DELIVERY, body);
    answer.is(422, 141);
    assert_eq!(answer.keys(), keys, "{body}");
}

fn scoped(scope: Value) -> Value {
    with(delivery("site"), "scope", scope)
}

#[test]
fn names() {
    let stage = Stage::new();
    for wrong in [Value::Null, json!(""), json!(7), json!({}), json!(["a"])] {
        refused(&stage, &with(delivery("x"), "name", wrong), &["name"]);
    }
    refused(&stage, &json!({ "token": { "scope": delivery_scope() } }), &["name"]);
    // Seen to be accepted by the live service.
    stage.ask("POST", DELIVERY, &delivery("  ")).ok();
    stage.ask("POST", DELIVERY, &delivery("<script>alert(1)</script>")).ok();
    // A name of about 400 was refused, whatever the form counts to; the length that it counts to is a warning.
    use cs_model::Profile;
    for profile in [Profile::seeds(), Profile::documented_2026(), Profile::live()] {
        let stage = Stage::with(profile);
        refused(&stage, &delivery(&"x".repeat(400)), &["name"]);
        refused(&stage, &delivery(&"é".repeat(5000)), &["name"]);
        let uid = stage.delivery(&"é".repeat(399))["uid"].as_str().unwrap().to_owned();
        let long = json!({ "token": { "name": "x".repeat(400) } });
        stage.ask("PUT", &format!("{DELIVERY}/{uid}"), &long).is(422, 141);
        let long = management(&"x".repeat(400), &[("entry", rw())]);
        stage.ask("POST", MANAGEMENT, &long).is(422, 141);
    }
}

#[test]
fn descriptions() {
    let stage = Stage::new();
    refused(&stage, &with(delivery("x"), "description", json!(1)), &["description"]);
    let created = stage.ask("POST", DELIVERY, &with(delivery("x"), "description", Value::Null)).ok();
    assert_eq!(created["token"]["description"], "");
}

#[test]
fn scopes() {
    let stage = Stage::new();
    let environment =
        json!({ "module": "environment", "environments": ["production"], "acl": { "read": true } });
    let branch = json!({ "module": "branch", "branches": ["main"], "acl": { "read": true } });
    for wrong in [Value::Null, json!([]), json!({}), json!("main")] {
        refused(&stage, &scoped(wrong), &["scope"]);
    }
    refused(&stage, &json!({ "token": { "name": "x" } }), &["scope"]);
    refused(&stage, &scoped(json!([environment])), &["scope.branch_or_alias"]);
    refused(&stage, &scoped(json!([branch])), &["scope.environments"]);
    refused(&stage, &scoped(json!([environment, branch, 7])), &["scope"]);
    refused(&stage, &scoped(json!([environment, branch, { "acl": {} }])), &["scope.module"]);
    for module in ["entry", "$all", "nonsense"] {
        let entry = json!({ "module": module, "acl": { "read": true } });
        refused(&stage, &scoped(json!([environment, branch, entry])), &["scope.module"]);
    }
    // Instead of a branch, or beside it, an alias.
    let alias =
        |names: Value| json!({ "module": "branch_alias", "branch_aliases": names, "acl": { "read": true } });
    let aliased = with(scoped(json!([environment, alias(json!(["deploy"]))])), "name", json!("aliased"));
    stage.ask("POST", DELIVERY, &aliased).ok();
    let both = with(scoped(json!([environment, branch, alias(json!([]))])), "name", json!("both"));
    stage.ask("POST", DELIVERY, &both).ok();
    refused(&stage, &scoped(json!([environment, alias(json!([]))])), &["scope.branch_or_alias"]);
    refused(
        &stage,
        &scoped(json!([environment, branch, alias(json!(["nosuch"]))])),
        &["scope.branch_aliases"],
    );
}

#[test]
fn environments_branches_and_acl() {
    let stage = Stage::new();
    let with_environments = |value: Value| {
        scoped(json!([
            { "module": "environment", "environments": value, "acl": { "read": true } },
            { "module": "branch", "branches": ["main"], "acl": { "read": true } },
        ]))
    };
    for wrong in [Value::Null, json!([]), json!(["nosuch"]), json!([7]), json!("production")] {
        refused(&stage, &with_environments(wrong), &["scope.environments"]);
    }
    // What was read is not what may be written.
    let read = stage.delivery("read")["scope"][0]["environments"].clone();
    assert!(read[0].is_object());
    refused(&stage, &with_environments(read), &["scope.environments"]);

    let with_branches = |value: Value| {
        scoped(json!([
            { "module": "environment", "environments": ["production"], "acl": { "read": true } },
            { "module": "branch", "branches": value, "acl": { "read": true } },
        ]))
    };
    for wrong in [json!(["nosuch"]), json!(["*"])] {
        refused(&stage, &with_branches(wrong), &["scope.branches"]);
    }
    for wrong in [Value::Null, json!([]), json!("main")] {
        refused(&stage, &with_branches(wrong), &["scope.branch_or_alias", "scope.branches"]);
    }
    let with_acl = |acl: Value| {
        let mut scope = delivery_scope();
        scope[0]["acl"] = acl;
        scoped(scope)
    };
    for wrong in [Value::Null, json!("read"), json!({ "read": 1 }), json!({ "read": true, "write": true })] {
        refused(&stage, &with_acl(wrong), &["scope.acl"]);
    }
    // Texts are taken for what they say, as live clients send them.
    let created = stage.ask("POST", DELIVERY, &with_acl(json!({ "read": "true" }))).ok();
    assert_eq!(created["token"]["scope"][0]["acl"], json!({ "read": true }));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let stage = Stage::new();
    let body = json!({ "token": {
        "name": "", "description": 1,
        "scope": [
            { "module": "environment", "environments": ["nosuch"] },
            { "module": "branch", "branches": ["other"], "acl": { "read": true } },
        ],
    } });
    refused(&stage, &body, &["description", "name", "scope.acl", "scope.branches", "scope.environments"]);
}

#[test]
fn unknown_keys_are_ignored() {
    let stage = Stage::new();
    let mut body = delivery("x");
    body["token"]["color"] = json!("blue");
    body["token"]["token"] = json!("mine");
    body["token"]["uid"] = json!("mine");
    body["more"] = json!(true);
    let created = stage.ask("POST", DELIVERY, &body).ok();
    assert!(created["token"].get("color").is_none());
    assert_ne!(created["token"]["token"], "mine");
    assert_ne!(created["token"]["uid"], "mine");
    // "in the body it is silently ignored: token made, no preview"
    let body = with(delivery("y"), "create_with_preview_token", json!(true));
    assert!(stage.ask("POST", DELIVERY, &body).ok()["token"].get("preview_token").is_none());
}

#[test]
fn management_tokens() {
    let stage = Stage::new();
    let refused = |field: &str, value: Value, key: &str| {
        let answer =
            stage.ask("POST", MANAGEMENT, &with(management("x", &[("entry", rw())]), field, value.clone()));
        answer.is(422, 141);
        assert_eq!(answer.keys(), [key], "{value}");
    };
    refused("expires_on", json!("soon"), "expires_on");
    refused("expires_on", json!(7), "expires_on");
    refused("expires_on", json!("2020-12-10"), "expires_on");
    refused("is_email_notification_enabled", json!("yes"), "is_email_notification_enabled");
    refused("is_email_notification_enabled", json!(1), "is_email_notification_enabled");
    refused("scope", Value::Null, "scope");
    refused("scope", json!([{ "module": "entry", "acl": { "read": true } }]), "scope.branch_or_alias");
    let created = stage
        .ask(
            "POST",
            MANAGEMENT,
            &with(management("x", &[("entry", rw())]), "is_email_notification_enabled", json!("true")),
        )
        .ok();
    assert_eq!(created["token"]["is_email_notification_enabled"], true);
    // One of the vendor's clients writes a capital.
    let mut body = management("capital", &[("entry", rw())]);
    let scope = body["token"].as_object_mut().unwrap().remove("scope").unwrap();
    body["token"]["Scope"] = scope;
    stage.ask("POST", MANAGEMENT, &body).ok();
}

#[test]
fn module_names_are_open_or_listed() {
    let strange = [("brand_new", rw())];
    Stage::new().management("x", &strange);
    let mut profile = cs_model::Profile::seeds();
    profile.switches.module_names.value = cs_model::profile::ModuleNames::Listed;
    let stage = Stage::with(profile);
    let answer = stage.ask("POST", MANAGEMENT, &management("x", &strange));
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["scope.module"]);
    stage.management("y", &[("entry", rw()), ("$all", rw())]);
}

#[test]
fn what_is_not_json() {
    let stage = Stage::new();
    let send = |kind: Option<&str>, body: &'static str| {
        let mut request = Request::post(DELIVERY)
            .header("api_key", stage.api_key())
            .header("authtoken", stage.owner.reveal());
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let response = stage.raw(&request.body(Bytes::from(body)).unwrap());
        (response.status().as_u16(), serde_json::from_slice::<Value>(response.body()).unwrap())
    };
    for body in ["", "{", "[]", "null", "7", "{}", r#"{"token":[]}"#, r#"{"token":null}"#, "\u{0}"] {
        let (status, answer) = send(Some("application/json"), body);
        assert_eq!((status, answer["error_code"].as_u64()), (400, Some(400)), "{body:?}");
    }
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let (status, answer) = send(kind, "{}");
        assert_eq!(status, 400);
        assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["error_message"]);
    }
    let body: &'static str = Box::leak(delivery("x").to_string().into_boxed_str());
    assert_eq!(send(Some("application/json; charset=utf-8"), body).0, 201);
}

/// "It cannot be used to perform any read/write actions related to the following modules: organization, stack, user
/// session, and tokens" (seed 001): no profile gives them.
#[test]
fn modules_that_no_token_can_have() {
    let closed = [
        "organization",
        "stack",
        "stack_settings",
        "user_session",
        "delivery_token",
        "preview_token",
        "management_token",
        "team",
    ];
    for profile in
        [cs_model::Profile::seeds(), cs_model::Profile::documented_2026(), cs_model::Profile::live()]
    {
        let stage = Stage::with(profile);
        for module in closed {
            let answer = stage.ask("POST", MANAGEMENT, &management("x", &[("entry", rw()), (module, rw())]));
            answer.is(422, 141);
            assert_eq!(answer.keys(), ["scope.module"], "{module}");
        }
        // Of these no document says anything.
        stage.management("silent", &[("audit_log", json!({ "read": true })), ("taxonomy", rw())]);
    }
}

#[test]
fn an_entry_that_grants_nothing_is_refused() {
    let stage = Stage::new();
    let refused = |body: &Value, key: &str| {
        let path = if body["token"].get("expires_on").is_some() { MANAGEMENT } else { DELIVERY };
        let answer = stage.ask("POST", path, body);
        answer.is(422, 141);
        assert_eq!(answer.keys(), [key], "{body}");
    };
    let ours = |scope: Value| with(with(management("x", &[]), "scope", scope), "expires_on", Value::Null);
    let main = json!({ "module": "branch", "branches": ["main"], "acl": { "read": true } });
    for nothing in [json!({}), json!({ "read": false }), json!({ "read": false, "write": false })] {
        refused(&ours(json!([{ "module": "entry", "acl": nothing }, main])), "scope.acl");
        let environment = json!({ "module": "environment", "environments": ["production"], "acl": nothing });
        refused(&scoped(json!([environment, main])), "scope.acl");
        let branch = json!({ "module": "branch", "branches": ["main"], "acl": nothing });
        refused(&ours(json!([{ "module": "entry", "acl": rw() }, branch])), "scope.acl");
        let alias = json!({ "module": "branch_alias", "branch_aliases": ["deploy"], "acl": nothing });
        refused(&ours(json!([{ "module": "entry", "acl": rw() }, main, alias])), "scope.acl");
    }
    // To write only is a choice for a module, and means nothing for what a token reaches.
    let branch = json!({ "module": "branch", "branches": ["main"], "acl": { "write": true } });
    refused(&ours(json!([{ "module": "entry", "acl": rw() }, branch])), "scope.acl");
    stage.management("writer", &[("entry", json!({ "write": true }))]);
}

#[test]
fn branches_alone_grant_nothing() {
    let stage = Stage::new();
    let answer = stage.ask("POST", MANAGEMENT, &management("x", &[]));
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["scope.module"]);
    let alias = json!([{ "module": "branch_alias", "branch_aliases": ["deploy"], "acl": { "read": true } }]);
    let answer = stage.ask("POST", MANAGEMENT, &with(management("x", &[]), "scope", alias));
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["scope.module"]);
    let uid = stage.management("y", &[("entry", rw())])["uid"].as_str().unwrap().to_owned();
    stage.ask("PUT", &format!("{MANAGEMENT}/{uid}"), &management("y", &[])).is(422, 141);
}
