//! OAuth tokens: scopes, organizations, the end of an hour.

use std::time::Duration;

use bytes::Bytes;
use cs_server::{AdminError, OauthGrant};
use http::Request;
use serde_json::{Value, json};

use crate::stage::{Answer, DELIVERY, Stage, delivery};

fn grant(stage: &Stage, scopes: &[&str]) -> OauthGrant {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let demo = &stage.demo;
    stage
        .service
        .admin(stage.now())
        .create_oauth_token(&demo.owner_uid, &demo.organization_uid, &scopes, None)
        .unwrap()
}

fn by(stage: &Stage, grant: &OauthGrant, method: &str, path: &str, body: &Value) -> Answer {
    let value = format!("Bearer {}", grant.access_token.reveal());
    stage.send(method, path, &[("api_key", stage.api_key()), ("authorization", &value)], body)
}

#[test]
fn scopes_open_what_they_name() {
    let stage = Stage::new();
    let app =
        grant(&stage, &["cm.stack.delivery-tokens:read", "cm.stack.delivery-tokens:write", "user:read"]);
    // Unlike a management token, it may make tokens.
    let made = by(&stage, &app, "POST", DELIVERY, &delivery("by an app")).ok();
    assert_eq!(made["token"]["created_by"], json!(stage.demo.owner_uid));
    by(&stage, &app, "GET", DELIVERY, &Value::Null).ok();
    by(&stage, &app, "GET", "/v3/content_types", &Value::Null).is(403, 316);
    by(&stage, &app, "GET", "/v3/stacks/management_tokens", &Value::Null).is(403, 316);
    assert_eq!(
        by(&stage, &app, "GET", "/v3/user", &Value::Null).ok()["user"]["uid"],
        json!(stage.demo.owner_uid)
    );
    // Without the scheme it is taken for a management token, and is none.
    let headers = [("api_key", stage.api_key()), ("authorization", app.access_token.reveal())];
    stage.send("GET", DELIVERY, &headers, &Value::Null).is(401, 105);
}

#[test]
fn it_ends_after_an_hour() {
    let stage = Stage::new();
    let app = grant(&stage, &["cm.stack.delivery-tokens:read"]);
    stage.advance(Duration::from_secs(59 * 60));
    by(&stage, &app, "GET", DELIVERY, &Value::Null).ok();
    stage.advance(Duration::from_secs(60));
    let answer = by(&stage, &app, "GET", DELIVERY, &Value::Null);
    answer.is(401, 105);
    assert_eq!(answer.keys(), ["authorization"]);
}

/// "Org-scoped: same token on another org's stack gives 403/316."
#[test]
fn another_organization_is_closed() {
    let stage = Stage::new();
    let app = grant(&stage, &["cm.stack.delivery-tokens:read", "organization.logs:read"]);
    let admin = stage.service.admin(stage.now());
    let other = admin.create_organization("Other", &stage.demo.owner_uid).unwrap();
    let stack = admin.create_stack(&other, "Other", &stage.demo.owner_uid).unwrap();
    let value = format!("Bearer {}", app.access_token.reveal());
    let headers = [("api_key", stack.as_str()), ("authorization", value.as_str())];
    stage.send("GET", DELIVERY, &headers, &Value::Null).is(403, 316);
    let headers = [("authorization", value.as_str())];
    stage.send("GET", &format!("/v3/organizations/{other}"), &headers, &Value::Null).is(403, 316);
}

#[test]
fn grants_need_somebody_who_gives_them() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let made = admin.create_oauth_token("nobody", &stage.demo.organization_uid, &[], None);
    assert!(matches!(made, Err(AdminError::Unknown { what: "user", .. })));
    let made = admin.create_oauth_token(&stage.demo.owner_uid, "nowhere", &[], None);
    assert!(matches!(made, Err(AdminError::Unknown { what: "organization", .. })));
    let user =
        admin.create_user(&cs_server::NewUser::new("x@example.invalid", cs_model::Secret::new("x"))).unwrap();
    let made = admin.create_oauth_token(&user, &stage.demo.organization_uid, &[], None);
    assert!(matches!(made, Err(AdminError::Unknown { what: "member", .. })));
    let scopes: Vec<String> =
        ["cm.entries.management:read", "cm.entry:publish", "cm.nosuch:read"].map(str::to_owned).to_vec();
    let made = admin.create_oauth_token(&stage.demo.owner_uid, &stage.demo.organization_uid, &scopes, None);
    assert!(matches!(made, Err(AdminError::UnknownScopes(unknown)) if unknown == scopes[2..]));
}

fn refresh(stage: &Stage, fields: &[(&str, &str)]) -> Answer {
    let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
    let response = stage.raw(&request.body(Bytes::from(form.join("&"))).unwrap());
    Answer { status: response.status().as_u16(), body: serde_json::from_slice(response.body()).unwrap() }
}

/// "Form-encoded, `redirect_uri` required, refresh token rotates."
#[test]
fn a_refresh_gives_other_values_and_ends_the_ones_before() {
    let stage = Stage::new();
    let app = grant(&stage, &["cm.stack.delivery-tokens:read"]);
    let ask = |value: &str| {
        let redirect = ("redirect_uri", "https%3A%2F%2Fapp.example.invalid%2Fback");
        refresh(
            &stage,
            &[("grant_type", "refresh_token"), redirect, ("client_id", "x"), ("refresh_token", value)],
        )
    };
    stage.advance(Duration::from_secs(60 * 60));
    by(&stage, &app, "GET", DELIVERY, &Value::Null).is(401, 105);
    let answer = ask(app.refresh_token.reveal()).ok();
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(answer["organization_uid"], json!(stage.demo.organization_uid));
    let value = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let headers = [("api_key", stage.api_key()), ("authorization", value.as_str())];
    stage.send("GET", DELIVERY, &headers, &Value::Null).ok();
    ask(app.refresh_token.reveal()).is(400, 105);
    let next = answer["refresh_token"].as_str().unwrap();
    ask(next).ok();
    stage.send("GET", DELIVERY, &headers, &Value::Null).is(401, 105);
    let answer = refresh(&stage, &[("grant_type", "password")]);
    assert_eq!((answer.status, answer.keys()), (422, vec!["grant_type", "redirect_uri", "refresh_token"]));
    stage.send("POST", "/token", &[], &json!({ "grant_type": "refresh_token" })).is(400, 400);
}

#[test]
fn its_values_are_nowhere_in_the_store() {
    let stage = Stage::new();
    let app = grant(&stage, &["user:read"]);
    let mut rows = Vec::new();
    let mut work = |tx: &mut dyn cs_server::store::Tx| {
        rows = tx.scan(b"")?;
        Ok(cs_server::store::Ending::Discard)
    };
    stage.service.store().transact(cs_server::store::Mode::Read, &mut work).unwrap();
    assert!(!rows.is_empty());
    for (key, value) in rows {
        let row = format!("{} {}", String::from_utf8_lossy(&key), String::from_utf8_lossy(&value));
        for secret in [&app.access_token, &app.refresh_token] {
            assert!(!row.contains(secret.reveal()), "{}", String::from_utf8_lossy(&key));
        }
    }
    assert!(!format!("{app:?}").contains(app.access_token.reveal()));
}
