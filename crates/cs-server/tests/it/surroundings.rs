//! Environments.

use serde_json::{Value, json};

use crate::stage::Stage;

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
