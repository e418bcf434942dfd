//! Stacks: changed, with settings, deleted.

use cs_model::Secret;
use cs_server::{Options, Role};
use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, management, options, rw};
use cs_model::Profile;

const SETTINGS: &str = "/v3/stacks/settings";

#[test]
fn name_and_description_change() {
    let stage = Stage::new();
    let put = |body: Value| stage.ask("PUT", "/v3/stacks", &json!({ "stack": body }));
    let updated = put(json!({ "name": "Renamed", "description": "new" })).ok();
    assert_eq!(
        (&updated["stack"]["name"], &updated["stack"]["description"]),
        (&json!("Renamed"), &json!("new"))
    );
    // The whole object comes back from clients; what is no part of the request stays.
    let mut whole = updated["stack"].clone();
    whole["owner_uid"] = json!("bltother");
    whole["settings"] = json!({ "live_preview": { "enabled": true } });
    assert_eq!(put(whole).ok()["stack"]["owner_uid"], stage.demo.owner_uid);
    assert_eq!(stage.get(SETTINGS).ok()["stack_settings"].get("live_preview"), None);
    let wrong = put(json!({ "name": "", "description": 7 }));
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["description", "name"]);
    assert_eq!(stage.get("/v3/stacks").ok()["stack"]["name"], "Renamed");
    let manager = stage.user("manager", Some(Role::ContentManager));
    stage.by(&manager, "PUT", "/v3/stacks", &json!({ "stack": { "name": "x" } })).is(403, 316);
}

#[test]
fn settings_are_added_group_by_group_and_reset() {
    let stage = Stage::new();
    let post = |body: Value| stage.ask("POST", SETTINGS, &json!({ "stack_settings": body }));
    let none = stage.get(SETTINGS).ok();
    assert_eq!(none["stack_settings"], json!({ "discrete_variables": {}, "stack_variables": {} }));
    let added = post(
        json!({ "stack_variables": { "enforce_unique_urls": true }, "rte": { "cs_only_breakline": true } }),
    );
    assert_eq!(added.status, 201);
    let added = post(json!({ "stack_variables": { "sample": "x" } })).ok();
    assert_eq!(
        added["stack_settings"]["stack_variables"],
        json!({ "enforce_unique_urls": true, "sample": "x" })
    );
    let environment = stage.get("/v3/environments/production").ok()["environment"]["uid"].clone();
    let preview =
        json!({ "enabled": true, "default-env": environment, "default-url": "https://preview.example.com" });
    post(json!({ "live_preview": preview })).ok();
    assert_eq!(stage.get(SETTINGS).ok()["stack_settings"]["live_preview"], preview);
    // As the vendor's JavaScript client resets.
    let reset = post(json!({ "discrete_variables": {}, "stack_variables": {} })).ok();
    assert_eq!(reset["stack_settings"]["stack_variables"], json!({}));
    assert_eq!(reset["stack_settings"]["live_preview"], preview);
    let body = json!({ "stack_settings": { "rte": { "cs_only_breakline": false } } });
    let reset = stage.ask("POST", "/v3/stacks/settings/reset", &body).ok();
    assert_eq!(
        reset["stack_settings"],
        json!({ "discrete_variables": {}, "stack_variables": {}, "rte": { "cs_only_breakline": false } })
    );
}

#[test]
fn wrong_settings_have_a_number_of_their_own() {
    let stage = Stage::new();
    let post = |body: Value| stage.ask("POST", SETTINGS, &json!({ "stack_settings": body }));
    for preview in [
        json!(7),
        json!({ "enabled": "yes" }),
        json!({ "default-env": "nosuch" }),
        json!({ "default-url": 7 }),
    ] {
        let answer = post(json!({ "live_preview": preview }));
        answer.is(422, 150);
        assert_eq!(answer.keys(), ["settings.live_preview"]);
    }
    let answer = post(json!({ "rte": [], "stack_variables": "x" }));
    answer.is(422, 150);
    assert_eq!(answer.keys(), ["settings.rte", "settings.stack_variables"]);
    stage.ask("POST", SETTINGS, &json!({})).is(400, 400);
}

#[test]
fn a_stack_shows_what_is_asked_for() {
    let stage = Stage::new();
    stage.ask("POST", SETTINGS, &json!({ "stack_settings": { "stack_variables": { "a": 1 } } })).ok();
    let plain = stage.get("/v3/stacks").ok()["stack"].clone();
    assert!(plain.get("collaborators").is_none() && plain.get("stack_variables").is_none());
    let all = stage.get(
        "/v3/stacks?include_collaborators=true&include_stack_variables=true&include_discrete_variables=true",
    );
    let all = all.ok()["stack"].clone();
    assert_eq!(all["collaborators"][0]["roles"][0]["name"], "Owner");
    assert_eq!(all["stack_variables"], json!({ "a": 1 }));
    assert_eq!(all["discrete_variables"], json!({}));
}

/// "Only the owner of a stack deletes it." Nothing of it works any longer, and nothing of others is touched.
#[test]
fn a_deleted_stack_is_gone_with_everything_in_it() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let other = admin.create_stack(&stage.demo.organization_uid, "Other", &stage.demo.owner_uid).unwrap();
    let there = [("api_key", other.as_str()), ("authtoken", stage.owner.reveal())];
    stage.send("POST", "/v3/environments", &there, &json!({ "environment": { "name": "production" } })).ok();
    stage.send("POST", DELIVERY, &there, &delivery("site")).ok();
    let token = stage.management("ci", &[("$all", rw())])["token"].as_str().unwrap().to_owned();
    stage.ask("POST", &format!("{DELIVERY}?create_with_preview_token=true"), &delivery("site")).ok();
    let user = stage.user("ada", Some(Role::Developer));
    let rules = json!([{ "module": "branch", "branches": ["main"], "acl": { "read": true } }]);
    stage.ask("POST", "/v3/roles", &json!({ "role": { "name": "r", "rules": rules } })).ok();
    stage.ask("POST", "/v3/locales", &json!({ "locale": { "code": "de-de" } })).ok();
    let admin_user = stage.user("admin", Some(Role::Admin));
    stage.by(&admin_user, "DELETE", "/v3/stacks", &Value::Null).is(403, 316);
    stage.ask("DELETE", "/v3/stacks", &Value::Null).ok();
    stage.get(DELIVERY).is(412, 109);
    stage.by_token(&token, "GET", "/v3/environments", &Value::Null).is(412, 109);
    let elsewhere = [("api_key", other.as_str()), ("authorization", &*token)];
    stage.send("GET", "/v3/environments", &elsewhere, &Value::Null).is(401, 105);
    let me = stage.send("GET", "/v3/user", &[("authtoken", user.reveal())], &Value::Null).ok();
    assert_eq!(me["user"]["roles"], json!([]));
    let rest = stage.send("GET", "/v3/stacks", &[("authtoken", stage.owner.reveal())], &Value::Null).ok();
    assert_eq!(rest["stacks"].as_array().unwrap().len(), 1);
    assert_eq!(stage.send("GET", DELIVERY, &there, &Value::Null).ok()["tokens"].as_array().unwrap().len(), 1);
    // Nothing under the key of the stack is left in the store.
    let api_key = stage.api_key().to_owned();
    let mut left = Vec::new();
    stage
        .service
        .store()
        .transact(cs_server::store::Mode::Read, &mut |tx| {
            left = tx
                .scan(b"")?
                .into_iter()
                .map(|(key, _)| String::from_utf8_lossy(&key).into_owned())
                .collect();
            Ok(cs_server::store::Ending::Discard)
        })
        .unwrap();
    let of_stack: Vec<_> = left.iter().filter(|key| key.contains(&api_key)).collect();
    assert!(of_stack.is_empty(), "{of_stack:?}");
    assert_eq!(left.iter().filter(|key| key.starts_with("token/")).count(), 1, "that of the other stack");
}

/// "One stack creation per minute per organization."
#[test]
fn one_stack_a_minute() {
    let stage = Stage::over(options(Profile::seeds()));
    let make = |stage: &Stage| {
        let headers =
            [("authtoken", stage.owner.reveal()), ("organization_uid", &*stage.demo.organization_uid)];
        stage.send("POST", "/v3/stacks", &headers, &json!({ "stack": { "name": "New" } }))
    };
    make(&stage).ok();
    let refused = make(&stage);
    refused.is(429, 429);
    assert!(refused.body.get("errors").is_none());
    assert!(refused.body["error_message"].as_str().unwrap().contains("minute"), "{}", refused.body);
    let organization = &*stage.demo.organization_uid;
    let send = |method: &str| {
        let request = http::Request::builder()
            .method(method)
            .uri("/v3/stacks")
            .header("authtoken", stage.owner.reveal())
            .header("organization_uid", organization)
            .header("content-type", "application/json");
        let (response, trace) = stage.service.handle_traced(
            stage.now(),
            &request.body(bytes::Bytes::from_static(b"{\"stack\":{\"name\":\"x\"}}")).unwrap(),
        );
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        (header("x-ratelimit-limit"), header("x-ratelimit-remaining"), trace.rate_limited)
    };
    assert_eq!(send("POST"), ("1".to_owned(), "0".to_owned(), true));
    assert_eq!(send("GET"), ("10".to_owned(), "9".to_owned(), false));
    stage.advance(std::time::Duration::from_secs(59));
    make(&stage).is(429, 429);
    stage.advance(std::time::Duration::from_secs(1));
    make(&stage).ok();
    let free = Stage::over(Options::default().no_rate_limit());
    make(&free).ok();
    make(&free).ok();
}

#[test]
fn a_new_stack_wants_a_name_and_a_language() {
    let stage = Stage::new();
    let headers = [("authtoken", stage.owner.reveal()), ("organization_uid", &*stage.demo.organization_uid)];
    let make = |body: Value| stage.send("POST", "/v3/stacks", &headers, &json!({ "stack": body }));
    let wrong = make(json!({ "name": 7, "description": [], "master_locale": "not a code" }));
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["description", "master_locale", "name"]);
    let made = make(json!({ "name": "Neu", "master_locale": "de-de" })).ok();
    let api_key = made["stack"]["api_key"].as_str().unwrap();
    let there = [("api_key", api_key), headers[0]];
    let locales = stage.send("GET", "/v3/locales", &there, &Value::Null).ok();
    assert_eq!(locales["locales"][0]["code"], "de-de");
}

/// Management tokens of a stack that is made anew under another key are not those of the old one.
#[test]
fn a_management_token_does_not_outlive_its_stack() {
    let stage = Stage::new();
    let made = stage.ask("POST", MANAGEMENT, &management("ci", &[("entry", rw())])).ok();
    let value = Secret::new(made["token"]["token"].as_str().unwrap());
    stage.ask("DELETE", "/v3/stacks", &Value::Null).ok();
    let admin = stage.service.admin(stage.now());
    let again =
        admin.create_stack(&stage.demo.organization_uid, "Demo stack", &stage.demo.owner_uid).unwrap();
    let headers = [("api_key", again.as_str()), ("authorization", value.reveal())];
    stage.send("GET", "/v3/content_types", &headers, &Value::Null).is(401, 105);
}
