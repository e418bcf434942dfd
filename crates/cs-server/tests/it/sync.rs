//! Synchronization: all at first, then what has changed.

use serde_json::{Value, json};

use crate::content::{ENTRIES, stage};
use crate::stage::Stage;

const SYNC: &str = "/v3/stacks/sync";

fn token(stage: &Stage) -> String {
    stage.delivery("site")["token"].as_str().unwrap().to_owned()
}

/// The kinds of changes and titles or uids, in order.
fn changes(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            format!("{} {}", item["type"].as_str().unwrap(), item["data"]["title"].as_str().unwrap_or("-"))
        })
        .collect()
}

#[test]
fn first_everything_then_what_is_new() {
    let stage = stage();
    let token = token(&stage);
    let next = |sync_token: &str| stage.deliver(&token, &format!("{SYNC}?sync_token={sync_token}")).ok();
    let one = stage.entry("page", &json!({ "title": "One" }));
    let two = stage.entry("page", &json!({ "title": "Two" }));
    let gone = stage.entry("page", &json!({ "title": "Gone" }));
    for uid in [&one, &two, &gone] {
        stage.publish("publish", "page", uid, "production").ok();
    }
    stage.publish("unpublish", "page", &gone, "production").ok();
    stage.publish("publish", "page", &gone, "staging").ok();
    let first = stage.deliver(&token, &format!("{SYNC}?init=true&environment=production")).ok();
    assert_eq!(changes(&first), ["entry_published One", "entry_published Two"]);
    assert_eq!((&first["total_count"], &first["items"][0]["content_type_uid"]), (&json!(2), &json!("page")));
    let start = first["sync_token"].as_str().unwrap().to_owned();
    assert_eq!(changes(&next(&start)), Vec::<String>::new());

    stage.ask("PUT", &format!("{ENTRIES}/{one}"), &json!({ "entry": { "title": "One, again" } })).ok();
    assert_eq!(changes(&next(&start)), Vec::<String>::new());
    stage.publish("publish", "page", &one, "production").ok();
    stage.ask("DELETE", &format!("{ENTRIES}/{two}"), &Value::Null).ok();
    let asset = stage.upload("POST", "/v3/assets", "Cat", "cat.png", "1").ok()["asset"]["uid"].clone();
    let body = json!({ "asset": { "environments": ["production"] } });
    stage.ask("POST", &format!("/v3/assets/{}/publish", asset.as_str().unwrap()), &body).ok();
    let second = next(&start);
    assert_eq!(changes(&second), ["entry_published One, again", "entry_deleted -", "asset_published Cat"]);
    assert_eq!(second["items"][1]["data"]["uid"], json!(two));
    // What was told once is not told again, and the earlier token still tells it.
    let later = second["sync_token"].as_str().unwrap();
    assert_eq!(changes(&next(later)), Vec::<String>::new());
    stage.publish("unpublish", "page", &one, "production").ok();
    assert_eq!(changes(&next(later)), ["entry_unpublished -"]);
    assert_eq!(changes(&next(&start)).len(), 3);
}

#[test]
fn pages_lose_nothing_that_changes_meanwhile() {
    let stage = stage();
    let token = token(&stage);
    let mut uids = Vec::new();
    for number in 0..150 {
        let uid = stage.entry("page", &json!({ "title": format!("{number}") }));
        stage.publish("publish", "page", &uid, "production").ok();
        uids.push(uid);
    }
    let first = stage.deliver(&token, &format!("{SYNC}?init=true&environment=production")).ok();
    assert_eq!((changes(&first).len(), &first["total_count"]), (100, &json!(150)));
    assert!(first.get("sync_token").is_none());
    // One that was sent already, and one that was not.
    stage.publish("unpublish", "page", &uids[3], "production").ok();
    stage.publish("unpublish", "page", &uids[120], "production").ok();
    let next = first["pagination_token"].as_str().unwrap();
    let second = stage.deliver(&token, &format!("{SYNC}?pagination_token={next}")).ok();
    let told = changes(&second);
    assert_eq!(told.len(), 51, "{told:?}");
    assert_eq!(told[49..], ["entry_unpublished -", "entry_unpublished -"]);
    assert!(second["sync_token"].is_string());
}

#[test]
fn a_first_synchronization_can_ask_for_less() {
    let stage = stage();
    let token = token(&stage);
    let uid = stage.entry("page", &json!({ "title": "One" }));
    stage.publish("publish", "page", &uid, "production").ok();
    let count = |query: &str| {
        let path = format!("{SYNC}?init=true&environment=production&{query}");
        stage.deliver(&token, &path).ok()["items"].as_array().unwrap().len()
    };
    assert_eq!(count("content_type_uid=page"), 1);
    assert_eq!(count("content_type_uid=other"), 0);
    assert_eq!(count("locale=en-us"), 1);
    assert_eq!(count("locale=fr-fr"), 0);
    assert_eq!(count("type=entry_published,asset_published"), 1);
    assert_eq!(count("type=asset_published"), 0);
    assert_eq!(count("start_from=2026-11-21"), 1);
    assert_eq!(count("start_from=2026-11-22T00:00:00.000Z"), 0);
}

#[test]
fn a_token_of_a_synchronization_opens_nothing() {
    let stage = stage();
    let token = token(&stage);
    let staging = json!({ "token": { "name": "staging", "scope": [
        { "module": "environment", "environments": ["staging"], "acl": { "read": true } },
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
    ] } });
    let other = stage.ask("POST", crate::stage::DELIVERY, &staging).ok()["token"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = stage.deliver(&token, &format!("{SYNC}?init=true&environment=production")).ok();
    let cursor = first["sync_token"].as_str().unwrap();
    stage.deliver(&token, &format!("{SYNC}?sync_token={cursor}&environment=production")).ok();
    stage.deliver(&other, &format!("{SYNC}?sync_token={cursor}")).is(401, 161);
    stage.deliver(&other, &format!("{SYNC}?sync_token={cursor}&environment=staging")).is(422, 141);
    stage.deliver(&token, &format!("{SYNC}?sync_token=blt00&environment=production")).is(422, 141);
    stage.deliver(&token, &format!("{SYNC}?environment=production")).is(422, 141);
    stage.deliver(&token, &format!("{SYNC}?init=true")).is(422, 141);
}
