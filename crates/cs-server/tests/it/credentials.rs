//! The order of the checks, and what each says.

use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, rw};

#[test]
fn the_api_key_is_looked_at_before_the_token() {
    let stage = Stage::new();
    let owner = stage.owner.reveal();
    stage.send("GET", DELIVERY, &[], &Value::Null).is(412, 109);
    stage.send("GET", DELIVERY, &[("authtoken", owner)], &Value::Null).is(412, 109);
    let answer =
        stage.send("GET", DELIVERY, &[("api_key", "bltnosuchstack"), ("authtoken", "wrong")], &Value::Null);
    answer.is(412, 109);
    assert_eq!(answer.keys(), ["api_key"]);
}

#[test]
fn then_the_credential() {
    let stage = Stage::new();
    let key = ("api_key", stage.api_key());
    let answer = stage.send("GET", DELIVERY, &[key], &Value::Null);
    answer.is(401, 105);
    assert_eq!(answer.keys(), ["authtoken"]);
    let answer = stage.send("GET", DELIVERY, &[key, ("authtoken", "bltwrong")], &Value::Null);
    answer.is(401, 105);
    assert_eq!(answer.keys(), ["authtoken"]);
    let answer = stage.send("GET", "/v3/environments", &[key, ("authorization", "cswrong")], &Value::Null);
    answer.is(401, 105);
    assert_eq!(answer.keys(), ["authorization"]);
    stage.send("GET", "/v3/user", &[], &Value::Null).is(401, 105);
}

#[test]
fn a_token_in_the_header_of_another_kind_is_unknown() {
    let stage = Stage::new();
    let key = ("api_key", stage.api_key());
    let token = stage.management("ci", &[("environment", rw())]);
    let value = token["token"].as_str().unwrap();
    stage.send("GET", "/v3/environments", &[key, ("authtoken", value)], &Value::Null).is(401, 105);
    stage
        .send("GET", "/v3/environments", &[key, ("authorization", stage.owner.reveal())], &Value::Null)
        .is(401, 105);
    stage.send("GET", "/v3/environments", &[key, ("access_token", value)], &Value::Null).is(401, 105);
    let delivery = stage.delivery("site");
    let delivery = delivery["token"].as_str().unwrap();
    stage.by_token(delivery, "GET", "/v3/environments", &Value::Null).is(401, 105);
    stage.by_token(&format!("Bearer {value}"), "GET", "/v3/environments", &Value::Null).is(401, 105);
    stage.by_token("Bearer nonsense", "GET", "/v3/environments", &Value::Null).is(401, 105);
    stage.by_token(value, "GET", "/v3/environments", &Value::Null).ok();
}

#[test]
fn then_the_branch() {
    let stage = Stage::new();
    let token = stage.management("ci", &[("$all", rw())]);
    let value = token["token"].as_str().unwrap();
    let ask = |branch: &str| {
        let headers = [("api_key", stage.api_key()), ("authorization", value), ("branch", branch)];
        stage.send("GET", "/v3/content_types", &headers, &Value::Null)
    };
    ask("nosuch").is(422, 900);
    ask("development").is(422, 901);
    ask("deploy").is(422, 901);
    ask("main").ok();
    let headers = [("api_key", stage.api_key()), ("branch", "nosuch")];
    stage.send("GET", "/v3/content_types", &headers, &Value::Null).is(401, 105);
}

#[test]
fn then_the_permission_and_last_the_body() {
    let stage = Stage::new();
    let token = stage.management("reader", &[("environment", json!({ "read": true }))]);
    let value = token["token"].as_str().unwrap();
    let wrong = json!({ "environment": { "name": 7 } });
    stage.by_token(value, "POST", "/v3/environments", &wrong).is(403, 316);
    stage.ask("POST", "/v3/environments", &wrong).is(422, 141);
}

/// "It cannot be used to perform any read/write actions related to the following modules: organization, stack, user
/// session, and tokens" (seed 001).
#[test]
fn a_management_token_never_reaches_the_closed_modules() {
    let stage = Stage::new();
    let token = stage.management("all", &[("$all", rw())]);
    let value = token["token"].as_str().unwrap();
    let uid = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    let one = format!("{DELIVERY}/{uid}");
    let organization = format!("/v3/organizations/{}", stage.demo.organization_uid);
    for (method, path) in [
        ("GET", DELIVERY),
        ("POST", DELIVERY),
        ("GET", &*one),
        ("PUT", &*one),
        ("DELETE", &*one),
        ("GET", MANAGEMENT),
        ("POST", MANAGEMENT),
        ("GET", "/v3/user"),
        ("DELETE", "/v3/user-session"),
        ("GET", "/v3/stacks"),
        ("POST", "/v3/stacks"),
        ("GET", "/v3/organizations"),
        ("GET", &*organization),
    ] {
        let answer = stage.by_token(value, method, path, &Value::Null);
        answer.is(403, 316);
    }
    let preview = format!("{one}/preview_token");
    stage.by_token(value, "POST", &preview, &Value::Null).is(403, 316);
    stage.by_token(value, "DELETE", &preview, &Value::Null).is(403, 316);
}

#[test]
fn the_page_that_asks_for_both_headers_is_served() {
    let stage = Stage::new();
    let token = stage.management("ci", &[("entry", rw())]);
    let uid = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    let path = format!("{DELIVERY}/{uid}/preview_token");
    stage.ask("POST", &path, &Value::Null).ok();
    let key = ("api_key", stage.api_key());
    let authtoken = ("authtoken", stage.owner.reveal());
    stage.send("DELETE", &path, &[key, authtoken, ("authorization", "cswrong")], &Value::Null).is(401, 105);
    let both = [key, authtoken, ("authorization", token["token"].as_str().unwrap())];
    stage.send("DELETE", &path, &both, &Value::Null).ok();
    // The rights are those of the user, whatever the token could do alone.
    let manager = stage.user("manager", Some(cs_server::Role::ContentManager));
    let token = stage.management("environments", &[("environment", rw())]);
    let token = ("authorization", token["token"].as_str().unwrap());
    let body = json!({ "environment": { "name": "new" } });
    let both = [key, ("authtoken", manager.reveal()), token];
    stage.send("POST", "/v3/environments", &both, &body).is(403, 316);
    stage.send("POST", "/v3/environments", &[key, token], &body).ok();
}

#[test]
fn unknown_routes_and_those_not_served() {
    let stage = Stage::new();
    stage.get("/v3/nothing").is(404, 404);
    stage.get("/v4/user").is(404, 404);
    stage.ask("PATCH", DELIVERY, &Value::Null).is(404, 404);
    stage.ask("DELETE", &format!("{DELIVERY}/%2e%2e"), &Value::Null).is(404, 404);
    let answer = stage.get("/v3/audit-logs");
    answer.is(501, 501);
    assert!(
        answer.body["errors"]["route"][0].as_str().unwrap().starts_with("GET /v3/audit-logs"),
        "{}",
        answer.body
    );
}

#[test]
fn a_token_of_another_stack_is_unknown_here() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let other = admin.create_stack(&stage.demo.organization_uid, "Other", &stage.demo.owner_uid).unwrap();
    let token = stage.management("ci", &[("environment", rw())]);
    let value = token["token"].as_str().unwrap();
    let headers = [("api_key", other.as_str()), ("authorization", value)];
    stage.send("GET", "/v3/environments", &headers, &Value::Null).is(401, 105);
    let headers = [("api_key", other.as_str()), ("authtoken", stage.owner.reveal())];
    let uid = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    stage.send("GET", &format!("{DELIVERY}/{uid}"), &headers, &Value::Null).is(422, 141);
}
