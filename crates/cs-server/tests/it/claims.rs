//! Sentences of the seeds about the token requests that no other scenario shows: headers, parameters, what a list holds and
//! what a change may change.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use cs_server::Role;
use http::Request;
use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, management, rw, with};

/// One of each token request of seed 002, for tokens that exist.
fn requests(stage: &Stage) -> Vec<(&'static str, String)> {
    let path = |collection: &str, token: &Value| format!("{collection}/{}", token["uid"].as_str().unwrap());
    let one = path(DELIVERY, &stage.delivery("site"));
    let preview = format!("{one}/preview_token");
    let managed = path(MANAGEMENT, &stage.management("ci", &[("entry", rw())]));
    vec![
        ("GET", DELIVERY.to_owned()),
        ("GET", one.clone()),
        ("POST", DELIVERY.to_owned()),
        ("PUT", one.clone()),
        ("POST", preview.clone()),
        ("DELETE", preview),
        ("DELETE", one),
        ("GET", MANAGEMENT.to_owned()),
        ("GET", managed.clone()),
        ("POST", MANAGEMENT.to_owned()),
        ("PUT", managed.clone()),
        ("DELETE", managed),
    ]
}

/// "api_key (required)" and "authtoken (required)", of each of the twelve requests (seed 002).
#[test]
fn every_token_request_takes_the_api_key_and_an_authtoken() {
    let stage = Stage::new();
    let all = requests(&stage);
    assert_eq!(all.len(), 12);
    let (key, owner) = (("api_key", stage.api_key()), ("authtoken", stage.owner.reveal()));
    for (method, path) in all {
        stage.send(method, &path, &[owner], &Value::Null).is(412, 109);
        let answer = stage.send(method, &path, &[key], &Value::Null);
        answer.is(401, 105);
        assert_eq!(answer.keys(), ["authtoken"], "{method} {path}");
        stage.send(method, &path, &[key, ("authtoken", "bltwrong")], &Value::Null).is(401, 105);
    }
}

/// "Enter 'application/json' to pass a request body" (seed 002).
#[test]
fn every_body_is_sent_as_json() {
    let stage = Stage::new();
    for (method, path) in requests(&stage) {
        if !matches!(method, "POST" | "PUT") || path.ends_with("/preview_token") {
            continue;
        }
        let ask = |kind: Option<&str>| {
            let mut request = Request::builder().method(method).uri(&path);
            request = request.header("api_key", stage.api_key()).header("authtoken", stage.owner.reveal());
            if let Some(kind) = kind {
                request = request.header("content-type", kind);
            }
            let name = if path.starts_with(DELIVERY) { "site" } else { "ci" };
            let body = json!({ "token": { "name": name } }).to_string();
            stage.raw(&request.body(Bytes::from(body)).unwrap()).status().as_u16()
        };
        assert_eq!(ask(None), 400, "{method} {path}");
        assert_eq!(ask(Some("text/plain")), 400, "{method} {path}");
        assert_ne!(ask(Some("application/json")), 400, "{method} {path}");
    }
}

/// "token_uid (required)": of a token of this kind in this stack (seed 002).
#[test]
fn every_uid_is_that_of_a_token_of_this_kind() {
    let stage = Stage::new();
    let other = stage.management("ci", &[("entry", rw())])["uid"].as_str().unwrap().to_owned();
    for uid in ["bltnosuch", &other] {
        let one = format!("{DELIVERY}/{uid}");
        stage.get(&one).is(422, 141);
        stage.ask("PUT", &one, &delivery("site")).is(422, 141);
        stage.ask("DELETE", &one, &Value::Null).is(422, 141);
        stage.ask("POST", &format!("{one}/preview_token"), &json!({})).is(422, 141);
        stage.ask("DELETE", &format!("{one}/preview_token"), &Value::Null).is(422, 141);
    }
    let other = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    for uid in ["bltnosuch", &other] {
        let one = format!("{MANAGEMENT}/{uid}");
        stage.get(&one).is(422, 141);
        stage.ask("PUT", &one, &management("ci", &[("entry", rw())])).is(422, 141);
        stage.ask("DELETE", &one, &Value::Null).is(422, 141);
    }
}

/// "the details of all the delivery tokens created in a stack", "all the management tokens generated in a stack" (seed 002).
#[test]
fn a_list_holds_all_tokens_of_its_stack_and_no_others() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let other = admin.create_stack(&stage.demo.organization_uid, "Other", &stage.demo.owner_uid).unwrap();
    for n in 0..3 {
        stage.delivery(&format!("site {n}"));
        stage.management(&format!("ci {n}"), &[("entry", rw())]);
    }
    for path in [DELIVERY, MANAGEMENT] {
        assert_eq!(stage.get(path).ok()["tokens"].as_array().unwrap().len(), 3);
        let headers = [("api_key", other.as_str()), ("authtoken", stage.owner.reveal())];
        assert_eq!(stage.send("GET", path, &headers, &Value::Null).ok()["tokens"], json!([]));
    }
}

/// "A token is a unique, encoded string" (seed 000).
#[test]
fn no_two_values_are_the_same() {
    let stage = Stage::new();
    let mut values = BTreeSet::new();
    let mut keep = |value: &Value| assert!(values.insert(value.as_str().unwrap().to_owned()), "{value}");
    for n in 0..10 {
        keep(&stage.delivery(&format!("site {n}"))["token"]);
        keep(&stage.management(&format!("ci {n}"), &[("entry", rw())])["token"]);
    }
}

/// The scope as the page prints it: two branches and two aliases, beside each other (seed 002).
#[test]
fn the_printed_scope_is_taken_and_answered() {
    let stage = Stage::new();
    let branches =
        json!({ "module": "branch", "branches": ["main", "development"], "acl": { "read": true } });
    let aliases =
        json!({ "module": "branch_alias", "branch_aliases": ["deploy", "release"], "acl": { "read": true } });
    let environment =
        json!({ "module": "environment", "environments": ["production"], "acl": { "read": true } });
    let entry = json!({ "module": "entry", "acl": rw() });
    let site = with(delivery("site"), "scope", json!([environment, branches, aliases]));
    let ci = with(management("ci", &[]), "scope", json!([entry, branches, aliases]));
    for (path, body) in [(DELIVERY, site), (MANAGEMENT, ci)] {
        let made = stage.ask("POST", path, &body).ok()["token"].clone();
        let updated =
            stage.ask("PUT", &format!("{path}/{}", made["uid"].as_str().unwrap()), &body).ok()["token"]
                .clone();
        for token in [made, updated] {
            assert_eq!(token["scope"][1]["branches"], json!(["main", "development"]));
            assert_eq!(token["scope"][2]["branch_aliases"], json!(["deploy", "release"]));
        }
    }
}

/// "the updated name, description, and/or the environment of the delivery token" (seed 002).
#[test]
fn what_a_change_of_a_delivery_token_changes() {
    let stage = Stage::new();
    let token = stage.delivery("site");
    let path = format!("{DELIVERY}/{}", token["uid"].as_str().unwrap());
    let scope = json!([
        { "module": "environment", "environments": ["staging"], "acl": { "read": true } },
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
    ]);
    for (field, value) in [("name", json!("site 2")), ("description", json!("other")), ("scope", scope)] {
        stage.advance(Duration::from_secs(60));
        stage.ask("PUT", &path, &with(delivery("site"), field, value)).ok();
        let read = stage.get(&path).ok()["token"].clone();
        match field {
            "scope" => assert_eq!(read["scope"][0]["environments"][0]["name"], "staging"),
            "name" => assert_eq!(read["name"], "site 2"),
            _ => assert_eq!(read["description"], "other"),
        }
        assert_eq!((&read["token"], &read["uid"]), (&token["token"], &token["uid"]));
    }
}

/// "change the name and description of the token; update the stack-level permissions assigned to the token; and change the
/// expiry date of the token (if set)" (seed 002).
#[test]
fn what_a_change_of_a_management_token_changes() {
    let stage = Stage::new();
    let first = with(management("ci", &[("environment", rw())]), "expires_on", json!("2026-12-10"));
    let token = stage.ask("POST", MANAGEMENT, &first).ok()["token"].clone();
    let path = format!("{MANAGEMENT}/{}", token["uid"].as_str().unwrap());
    let change = json!({ "token": {
        "name": "ci 2",
        "description": "other",
        "expires_on": "2026-12-31",
        "scope": management("", &[("environment", json!({ "read": true }))])["token"]["scope"],
    } });
    stage.ask("PUT", &path, &change).ok();
    let read = stage.get(&path).ok()["token"].clone();
    assert_eq!((&read["name"], &read["description"]), (&json!("ci 2"), &json!("other")));
    assert_eq!(read["expires_on"], "2026-12-31");
    let value = token["token"].as_str().unwrap();
    stage.by_token(value, "GET", "/v3/environments", &Value::Null).ok();
    let new = json!({ "environment": { "name": "new" } });
    stage.by_token(value, "POST", "/v3/environments", &new).is(403, 316);
    // The new date is the one that counts.
    stage.set_now("2026-12-20T00:00:00Z");
    stage.by_token(value, "GET", "/v3/environments", &Value::Null).ok();
    stage.set_now("2026-12-31T00:00:00Z");
    stage.by_token(value, "GET", "/v3/environments", &Value::Null).is(401, 105);
}

/// "you can also choose to get notified (via email)" (seed 002): the choice is kept, and can be taken back.
#[test]
fn the_choice_of_a_notice_is_kept() {
    let stage = Stage::new();
    let body = |on: bool| {
        let dated = with(management("ci", &[("entry", rw())]), "expires_on", json!("2026-12-10"));
        with(dated, "is_email_notification_enabled", json!(on))
    };
    let token = stage.ask("POST", MANAGEMENT, &body(true)).ok()["token"].clone();
    let path = format!("{MANAGEMENT}/{}", token["uid"].as_str().unwrap());
    assert_eq!(stage.get(&path).ok()["token"]["is_email_notification_enabled"], true);
    stage.ask("PUT", &path, &body(false)).ok();
    assert_eq!(stage.get(&path).ok()["token"]["is_email_notification_enabled"], false);
}

/// "pass the create_with_preview_token query parameter as true"; it is optional (seed 002).
#[test]
fn a_preview_token_comes_along_for_true_and_nothing_else() {
    let stage = Stage::new();
    for (n, (query, made)) in
        [("", false), ("?create_with_preview_token=false", false), ("?create_with_preview_token=true", true)]
            .into_iter()
            .enumerate()
    {
        let body = delivery(&format!("site {n}"));
        let token = stage.ask("POST", &format!("{DELIVERY}{query}"), &body).ok()["token"].clone();
        assert_eq!(token.get("preview_token").is_some(), made, "{query}");
    }
}

/// "force (optional)" (seed 002).
#[test]
fn a_delivery_token_is_deleted_with_force_and_without() {
    let stage = Stage::new();
    for query in ["", "?force=true", "?force=false"] {
        let path = format!("{DELIVERY}/{}", stage.delivery("site")["uid"].as_str().unwrap());
        stage.ask("DELETE", &format!("{path}{query}"), &Value::Null).ok();
        stage.get(&path).is(422, 141);
    }
}

/// "deletes a specific management token" (seed 002): that one works no longer, others do.
#[test]
fn a_deleted_management_token_opens_nothing() {
    let stage = Stage::new();
    let tokens = ["ci", "other"].map(|name| stage.management(name, &[("environment", rw())]));
    let [gone, stays] = tokens.each_ref().map(|token| token["token"].as_str().unwrap());
    stage.ask("DELETE", &format!("{MANAGEMENT}/{}", tokens[0]["uid"].as_str().unwrap()), &Value::Null).ok();
    stage.by_token(gone, "GET", "/v3/environments", &Value::Null).is(401, 105);
    stage.by_token(stays, "GET", "/v3/environments", &Value::Null).ok();
}

/// "not user-specific and can be used by anyone who has access to these tokens" (seed 003), "no role-specific permissions are
/// applicable" (seeds 003, 004): what becomes of its maker's role does not concern it.
#[test]
fn a_management_token_does_not_go_by_the_role_of_its_maker() {
    let stage = Stage::new();
    let maker = stage.user("maker", Some(Role::Admin));
    let body = management("ci", &[("environment", rw())]);
    let token = stage.by(&maker, "POST", MANAGEMENT, &body).ok()["token"].clone();
    let admin = stage.service.admin(stage.now());
    let uid = admin.find_user("maker@example.invalid").unwrap();
    admin.set_role(&stage.demo.api_key, &uid, Role::ContentManager).unwrap();
    let new = |name: &str| json!({ "environment": { "name": name } });
    stage.by(&maker, "POST", "/v3/environments", &new("a")).is(403, 316);
    stage.by_token(token["token"].as_str().unwrap(), "POST", "/v3/environments", &new("b")).ok();
}

/// "The details include the name, description, the stack-level permissions" (seed 002).
#[test]
fn what_a_management_token_is_made_of() {
    let stage = Stage::new();
    let body = with(management("ci", &[("entry", rw())]), "description", json!("for a test"));
    for field in ["name", "scope"] {
        let mut lacking = body.clone();
        lacking["token"].as_object_mut().unwrap().remove(field);
        let answer = stage.ask("POST", MANAGEMENT, &lacking);
        answer.is(422, 141);
        assert_eq!(answer.keys(), [field]);
    }
    let made = stage.ask("POST", MANAGEMENT, &body).ok()["token"].clone();
    assert_eq!((&made["name"], &made["description"]), (&json!("ci"), &json!("for a test")));
    assert_eq!(made["scope"][0]["module"], "entry");
    assert_eq!(made["scope"][0]["acl"], rw());
}
