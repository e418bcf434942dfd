//! Delivery tokens (seed 002, "Delivery Token Collection"; seed 001, "Delivery Tokens").

use std::time::Duration;

use cs_model::profile::AnswerShape;
use cs_model::{DeliveryToken, Many, One, Profile};
use serde_json::{Value, json};

use crate::stage::{DELIVERY, Stage, delivery, delivery_scope, with};

#[test]
fn created_read_updated_deleted() {
    let stage = Stage::new();
    let created = stage.ask("POST", DELIVERY, &delivery("site"));
    assert_eq!(created.status, 201);
    assert!(created.body["notice"].is_string());
    let token = &created.body["token"];
    assert_eq!(token["type"], "delivery");
    assert_eq!(token["description"], "for a test");
    assert!(token.get("preview_token").is_none());
    let value = token["token"].as_str().unwrap();
    assert!(value.starts_with("cs") && value.len() == 26, "the form of the vendor");
    let uid = token["uid"].as_str().unwrap();
    assert!(uid.starts_with("blt") && uid.len() == 19);

    // Names go in, whole environments come out.
    let environment = &token["scope"][0]["environments"][0];
    assert_eq!(environment["name"], "production");
    assert_eq!(environment["_version"], 1);
    assert!(token["scope"][0]["_metadata"]["uid"].as_str().unwrap().starts_with("cs"));

    let path = format!("{DELIVERY}/{uid}");
    let read = stage.get(&path).ok();
    assert_eq!(read["token"], *token);
    let typed: One<DeliveryToken> = serde_json::from_value(read).unwrap();
    assert_eq!(typed.token.environments().collect::<Vec<_>>(), ["production"]);

    stage.advance(Duration::from_secs(60));
    let change = json!({ "token": { "name": "site 2", "scope": delivery_scope() } });
    let updated = stage.ask("PUT", &path, &change).ok();
    assert_eq!(updated["token"]["name"], "site 2");
    assert_eq!(updated["token"]["description"], "for a test", "left out, so kept");
    assert_eq!(updated["token"]["token"], token["token"], "cannot be reset");
    assert_ne!(updated["token"]["updated_at"], token["updated_at"]);
    assert_eq!(updated["token"]["created_at"], token["created_at"]);

    let gone = stage.ask("DELETE", &format!("{path}?force=true"), &Value::Null).ok();
    assert!(gone["notice"].is_string());
    stage.get(&path).is(422, 141);
    stage.ask("DELETE", &path, &Value::Null).is(422, 141);
    stage.ask("PUT", &path, &change).is(422, 141);
    assert_eq!(stage.get(DELIVERY).ok()["tokens"], json!([]));
}

#[test]
fn a_name_is_free_again_after_it_is_given_up() {
    let stage = Stage::new();
    let uid = stage.delivery("one")["uid"].as_str().unwrap().to_owned();
    let answer = stage.ask("POST", DELIVERY, &delivery("one"));
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["name"]);
    stage.delivery("two");
    let path = format!("{DELIVERY}/{uid}");
    stage.ask("PUT", &path, &with(delivery("two"), "name", json!("two"))).is(422, 141);
    stage.ask("PUT", &path, &delivery("one")).ok();
    stage.ask("PUT", &path, &delivery("three")).ok();
    stage.delivery("one");
    stage.ask("DELETE", &path, &Value::Null).ok();
    stage.delivery("three");
    // A management token may share the name: names are unique by kind.
    stage.management("one", &[("entry", json!({ "read": true }))]);
}

/// "A maximum of 20 delivery tokens can be created for a stack" (seed 001).
#[test]
fn there_are_twenty_at_most() {
    let stage = Stage::new();
    let uids: Vec<_> = (0..20).map(|n| stage.delivery(&format!("token {n}"))["uid"].clone()).collect();
    stage.ask("POST", DELIVERY, &delivery("one more")).is(422, 344);
    // What is wrong with the body is told before the limit.
    stage.ask("POST", DELIVERY, &delivery("token 0")).is(422, 141);
    stage.ask("DELETE", &format!("{DELIVERY}/{}", uids[3].as_str().unwrap()), &Value::Null).ok();
    stage.delivery("one more");
    let free = Stage::with(Profile::documented_2026());
    for n in 0..21 {
        free.delivery(&format!("token {n}"));
    }
}

/// "A single delivery token cannot be used to fetch content of more than one environment" (seed 001); tests of the vendor's
/// clients made one with two.
#[test]
fn one_environment_unless_the_profile_believes_the_clients() {
    let two = json!([
        { "module": "environment", "environments": ["production", "staging"], "acl": { "read": true } },
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
    ]);
    let body = with(delivery("both"), "scope", two);
    let answer = Stage::new().ask("POST", DELIVERY, &body);
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["scope.environments"]);
    Stage::with(Profile::live()).ask("POST", DELIVERY, &body).ok();
    // The same one in two entries is one.
    let entry = json!({ "module": "environment", "environments": ["production"], "acl": { "read": true } });
    let branch = json!({ "module": "branch", "branches": ["main"], "acl": { "read": true } });
    let twice = with(delivery("twice"), "scope", json!([entry, entry, branch]));
    Stage::new().ask("POST", DELIVERY, &twice).ok();
}

/// "multiple Delivery Tokens can be associated with a single environment" (seed 001)
#[test]
fn many_tokens_share_an_environment() {
    let stage = Stage::new();
    stage.delivery("one");
    stage.delivery("two");
}

#[test]
fn lists_are_cut_counted_filtered_and_ordered() {
    let stage = Stage::new();
    for name in ["b", "c", "a"] {
        stage.delivery(name);
    }
    let names = |query: &str| -> Vec<String> {
        let list: Many<DeliveryToken> =
            serde_json::from_value(stage.get(&format!("{DELIVERY}?{query}")).ok()).unwrap();
        list.tokens.into_iter().map(|token| token.name).collect()
    };
    assert_eq!(names(""), ["a", "c", "b"], "newest first");
    assert_eq!(names("asc=name"), ["a", "b", "c"]);
    assert_eq!(names("desc=name"), ["c", "b", "a"]);
    assert_eq!(names("limit=2"), ["a", "c"]);
    assert_eq!(names("skip=1&limit=1"), ["c"]);
    assert_eq!(names("skip=5"), [""; 0]);
    assert_eq!(names("query=%7B%22name%22%3A%22b%22%7D"), ["b"]);
    for accepted in ["limit=-1", "limit=-5", "limit=10000"] {
        assert_eq!(names(accepted).len(), 3, "{accepted}");
    }
    let answer = stage.get(&format!("{DELIVERY}?skip=-1"));
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["skip"]);
    let counted = stage.get(&format!("{DELIVERY}?include_count=true&limit=1")).ok();
    assert_eq!((counted["count"].as_u64(), counted["tokens"].as_array().unwrap().len()), (Some(3), 1));
    assert_eq!(stage.get(&format!("{DELIVERY}?count=true")).ok(), json!({ "tokens": 3 }));
}

#[test]
fn the_documented_shape_is_a_switch() {
    let mut profile = Profile::seeds();
    profile.switches.answer_shape.value = AnswerShape::Documented;
    let stage = Stage::with(profile);
    let created = stage.ask("POST", DELIVERY, &delivery("site")).ok();
    assert!(created["token"].is_object() && created["notice"].is_string());
    let path = format!("{DELIVERY}/{}", created["token"]["uid"].as_str().unwrap());
    assert_eq!(stage.get(&path).ok()["tokens"][0]["name"], "site");
    let updated = stage.ask("PUT", &path, &delivery("site")).ok();
    assert!(updated["tokens"].is_array() && updated["notice:"].is_string());
    let gone = stage.ask("DELETE", &path, &Value::Null).ok();
    assert!(gone["notice:"].is_string() && gone.get("notice").is_none());
}

#[test]
fn an_environment_that_is_renamed_keeps_its_tokens() {
    let stage = Stage::new();
    let uid = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    let renamed = json!({ "environment": { "name": "blue green" } });
    stage.ask("PUT", "/v3/environments/production", &renamed).ok();
    let read = stage.get(&format!("{DELIVERY}/{uid}")).ok();
    assert_eq!(read["token"]["scope"][0]["environments"][0]["name"], "blue green");
    stage.ask("DELETE", "/v3/environments/blue%20green", &Value::Null).ok();
    let read = stage.get(&format!("{DELIVERY}/{uid}")).ok();
    assert_eq!(read["token"]["scope"][0]["environments"], json!([]));
}
