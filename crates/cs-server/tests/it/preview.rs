//! Preview tokens (seed 002, "Preview Token Collection").

use std::time::Duration;

use cs_model::Profile;
use serde_json::{Value, json};

use crate::stage::{DELIVERY, Stage, delivery};

fn create(stage: &Stage, uid: &str) -> Value {
    stage.ask("POST", &format!("{DELIVERY}/{uid}/preview_token"), &json!({})).ok()
}

#[test]
fn made_with_the_token_when_the_query_asks() {
    let stage = Stage::new();
    let created =
        stage.ask("POST", &format!("{DELIVERY}?create_with_preview_token=true"), &delivery("site")).ok();
    let preview = created["token"]["preview_token"].as_str().unwrap();
    assert!(preview.starts_with("cs") && preview.len() == 26);
    assert_ne!(preview, created["token"]["token"]);
    assert_eq!(stage.get(DELIVERY).ok()["tokens"][0]["preview_token"], preview, "in lists, too");
}

#[test]
fn the_answer_is_the_whole_delivery_token_and_a_second_one_replaces_the_first() {
    let stage = Stage::new();
    let token = stage.delivery("site");
    let uid = token["uid"].as_str().unwrap();
    stage.advance(Duration::from_secs(5));
    let first = create(&stage, uid);
    assert_eq!(first["token"]["token"], token["token"]);
    assert_eq!(first["token"]["name"], "site");
    assert_ne!(first["token"]["updated_at"], token["updated_at"]);
    let second = create(&stage, uid);
    assert_ne!(first["token"]["preview_token"], second["token"]["preview_token"]);
    let read = stage.get(&format!("{DELIVERY}/{uid}?include_preview_token=true")).ok();
    assert_eq!(read["token"]["preview_token"], second["token"]["preview_token"]);
}

#[test]
fn deleted_alone_and_with_its_delivery_token() {
    let stage = Stage::new();
    let uid = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    let path = format!("{DELIVERY}/{uid}/preview_token");
    stage.ask("DELETE", &path, &Value::Null).is(422, 141);
    create(&stage, &uid);
    stage.ask("DELETE", &path, &Value::Null).ok();
    assert!(stage.get(&format!("{DELIVERY}/{uid}")).ok()["token"].get("preview_token").is_none());
    create(&stage, &uid);
    stage.ask("DELETE", &format!("{DELIVERY}/{uid}"), &Value::Null).ok();
    // The delivery token is what is missing.
    for answer in [stage.ask("DELETE", &path, &Value::Null), stage.ask("POST", &path, &json!({}))] {
        answer.is(422, 141);
        assert_eq!(answer.keys(), ["uid"]);
    }
}

#[test]
fn shown_in_lists_or_only_when_asked_for() {
    let mut profile = Profile::seeds();
    profile.switches.preview_token_in_lists.value = false;
    let stage = Stage::with(profile);
    let uid = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    create(&stage, &uid);
    assert!(stage.get(DELIVERY).ok()["tokens"][0].get("preview_token").is_none());
    let asked = stage.get(&format!("{DELIVERY}?include_preview_token=true")).ok();
    assert!(asked["tokens"][0]["preview_token"].is_string());
    let path = format!("{DELIVERY}/{uid}");
    assert!(stage.get(&path).ok()["token"].get("preview_token").is_none());
    assert!(
        stage.get(&format!("{path}?include_preview_token=true")).ok()["token"]["preview_token"].is_string()
    );
}
