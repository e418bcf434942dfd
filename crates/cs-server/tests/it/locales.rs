//! Languages.

use serde_json::{Value, json};

use crate::stage::{Answer, Stage};

const LOCALES: &str = "/v3/locales";

fn add(stage: &Stage, code: &str, fallback: Value) -> Answer {
    let mut locale = json!({ "code": code, "name": format!("Language {code}") });
    if !fallback.is_null() {
        locale["fallback_locale"] = fallback;
    }
    stage.ask("POST", LOCALES, &json!({ "locale": locale }))
}

fn codes(stage: &Stage, branch: &str) -> Vec<String> {
    let headers = [("api_key", stage.api_key()), ("authtoken", stage.owner.reveal()), ("branch", branch)];
    let list = stage.send("GET", LOCALES, &headers, &Value::Null).ok();
    let mut codes: Vec<_> = list["locales"]
        .as_array()
        .unwrap()
        .iter()
        .map(|locale| locale["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes
}

#[test]
fn the_master_language_is_there_and_stays() {
    let stage = Stage::new();
    let master = stage.get("/v3/locales/en-us").ok()["locale"].clone();
    assert_eq!(
        (&master["name"], &master["fallback_locale"]),
        (&json!("English - United States"), &Value::Null)
    );
    let answer = stage.ask("DELETE", "/v3/locales/en-us", &Value::Null);
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["code"]);
    add(&stage, "en-us", Value::Null).is(422, 247);
    let renamed = stage.ask("PUT", "/v3/locales/en-us", &json!({ "locale": { "name": "English" } })).ok();
    assert_eq!((&renamed["locale"]["uid"], &renamed["locale"]["_version"]), (&master["uid"], &json!(2)));
    assert_eq!(codes(&stage, "main"), ["en-us"]);
    let body = json!({ "locale": { "fallback_locale": "en-us" } });
    stage.ask("PUT", "/v3/locales/en-us", &body).is(422, 141);
}

#[test]
fn added_changed_removed() {
    let stage = Stage::new();
    let added = add(&stage, "de-de", Value::Null);
    assert_eq!(added.status, 201);
    assert_eq!(added.body["locale"]["fallback_locale"], "en-us");
    add(&stage, "DE-de", Value::Null).is(422, 247);
    add(&stage, "de-at", json!("de-de")).ok();
    let path = format!("/v3/locales/{}", added.body["locale"]["uid"].as_str().unwrap());
    // As clients update: the whole object; one page names it by uid.
    let mut whole = added.body["locale"].clone();
    whole["name"] = json!("Deutsch");
    assert_eq!(stage.ask("PUT", &path, &json!({ "locale": whole })).ok()["locale"]["name"], "Deutsch");
    assert_eq!(stage.get("/v3/locales/de-de").ok()["locale"]["name"], "Deutsch");
    stage.ask("DELETE", "/v3/locales/de-de", &Value::Null).is(422, 141);
    stage.ask("PUT", "/v3/locales/de-at", &json!({ "locale": { "fallback_locale": null } })).ok();
    stage.ask("DELETE", "/v3/locales/de-de", &Value::Null).ok();
    stage.get("/v3/locales/de-de").is(422, 141);
    stage.ask("DELETE", "/v3/locales/de-de", &Value::Null).is(422, 141);
    assert_eq!(codes(&stage, "main"), ["de-at", "en-us"]);
}

#[test]
fn what_is_wrong() {
    let stage = Stage::new();
    for code in [json!(null), json!(7), json!(""), json!("german"), json!("de_de"), json!("../x")] {
        stage.ask("POST", LOCALES, &json!({ "locale": { "code": code } })).is(422, 141);
    }
    add(&stage, "de-de", json!("nosuch")).is(422, 141);
    add(&stage, "de-de", json!(7)).is(422, 141);
    add(&stage, "de-de", json!("de-de")).is(422, 141);
    add(&stage, "de-de", Value::Null).ok();
    add(&stage, "de-at", json!("de-de")).ok();
    let round = stage.ask("PUT", "/v3/locales/de-de", &json!({ "locale": { "fallback_locale": "de-at" } }));
    round.is(422, 141);
    assert_eq!(round.keys(), ["fallback_locale"]);
    let wrong = stage.ask("PUT", "/v3/locales/de-de", &json!({ "locale": { "name": 7, "code": "fr-fr" } }));
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["code", "name"]);
}

/// Languages are among what each branch has for itself; a new branch begins with those of its source.
#[test]
fn each_branch_has_its_own() {
    let stage = Stage::new();
    add(&stage, "de-de", Value::Null).ok();
    assert_eq!(codes(&stage, "development"), ["en-us"]);
    stage
        .ask("POST", "/v3/stacks/branches", &json!({ "branch": { "uid": "feature", "source": "main" } }))
        .ok();
    add(&stage, "fr-fr", Value::Null).ok();
    assert_eq!(codes(&stage, "feature"), ["de-de", "en-us"]);
    assert_eq!(codes(&stage, "deploy"), ["de-de", "en-us", "fr-fr"], "an alias of main");
    stage.ask("DELETE", "/v3/stacks/branches/feature", &Value::Null).ok();
    stage
        .ask(
            "POST",
            "/v3/stacks/branches",
            &json!({ "branch": { "uid": "feature", "source": "development" } }),
        )
        .ok();
    assert_eq!(codes(&stage, "feature"), ["en-us"], "the content of a deleted branch is gone");
}
