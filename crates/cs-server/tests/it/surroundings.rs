//! Environments.

use serde_json::{Value, json};

use crate::stage::{DELIVERY, Stage};

#[test]
fn environments_go_by_name() {
    let stage = Stage::new();
    let urls = json!([{ "url": "http://www.example.com", "locale": "en-us" }]);
    let body = json!({ "environment": { "name": "test", "urls": urls } });
    let created = stage.ask("POST", "/v3/environments", &body);
    assert_eq!(created.status, 201);
    let uid = created.body["environment"]["uid"].as_str().unwrap();
    stage.get(&format!("/v3/environments/{uid}")).is(422, 248);
    assert_eq!(stage.get("/v3/environments/test").ok()["environment"]["urls"], urls);
    let answer = stage.ask("POST", "/v3/environments", &body);
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["name"]);
    let renamed = stage.ask("PUT", "/v3/environments/test", &json!({ "environment": { "name": "qa" } })).ok();
    assert_eq!(
        (&renamed["environment"]["uid"], &renamed["environment"]["_version"]),
        (&json!(uid), &json!(2))
    );
    assert_eq!(renamed["environment"]["urls"], urls);
    stage.get("/v3/environments/test").is(422, 248);
    stage.ask("PUT", "/v3/environments/qa", &json!({ "environment": { "name": "staging" } })).is(422, 141);
    stage.ask("DELETE", "/v3/environments/qa", &Value::Null).ok();
    stage.ask("DELETE", "/v3/environments/qa", &Value::Null).is(422, 248);
    for wrong in
        [json!({}), json!({ "name": "" }), json!({ "name": "a/b" }), json!({ "name": "x", "urls": 7 })]
    {
        stage.ask("POST", "/v3/environments", &json!({ "environment": wrong })).is(422, 141);
    }
}

/// Tokens name environments by name and follow them by uid.
#[test]
fn tokens_follow_their_environment() {
    let stage = Stage::new();
    let made = stage.delivery("site");
    let path = format!("{DELIVERY}/{}", made["uid"].as_str().unwrap());
    let shown = || stage.get(&path).ok()["token"]["scope"][0]["environments"].clone();
    stage.ask("PUT", "/v3/environments/production", &json!({ "environment": { "name": "live" } })).ok();
    assert_eq!(shown()[0]["name"], "live");
    // Another of the old name is not the one that the token was given.
    stage.ask("POST", "/v3/environments", &json!({ "environment": { "name": "production" } })).ok();
    assert_eq!(shown()[0]["name"], "live");
    stage.ask("DELETE", "/v3/environments/live", &Value::Null).ok();
    assert_eq!(shown(), json!([]));
    stage.ask("POST", "/v3/environments", &json!({ "environment": { "name": "live" } })).ok();
    assert_eq!(shown(), json!([]));
    let wrong = stage.ask(
        "POST",
        "/v3/environments",
        &json!({ "environment": { "name": 7, "urls": 7, "deploy_content": 7 } }),
    );
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["deploy_content", "name", "urls"]);
}
