//! What refers to entries, assets and content types, and names of versions.

use cs_server::Role;
use serde_json::{Value, json};

use crate::content::{ENTRIES, content_type, stage};
use crate::stage::{Stage, rw};

fn references(stage: &Stage, path: &str) -> Value {
    stage.get(&format!("{path}/references")).ok()["references"].clone()
}

#[test]
fn entries_tell_which_entries_refer_to_them() {
    let stage = stage();
    stage.ask("POST", "/v3/content_types", &content_type("news")).ok();
    let target = stage.entry("page", &json!({ "title": "Target" }));
    let path = format!("{ENTRIES}/{target}");
    assert_eq!(references(&stage, &path), json!([]));
    let reference = json!([{ "uid": target, "_content_type_uid": "page" }]);
    let news = stage.entry("news", &json!({ "title": "News", "about": reference }));
    stage.entry("news", &json!({ "title": target.to_uppercase() }));
    let found = references(&stage, &path);
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(
        (&found[0]["entry_uid"], &found[0]["content_type_uid"], &found[0]["title"], &found[0]["locale"]),
        (&json!(news), &json!("news"), &json!("News"), &json!("en-us"))
    );
    assert_eq!(stage.get(&format!("{path}/references?include_count=true")).ok()["count"], 1);
    let details = stage.get(&format!("{path}/references?include_publish_details=true&locale=en-us")).ok();
    assert_eq!(details["references"][0]["publish_details"], json!([]));
    assert_eq!(stage.get(&format!("{path}/references?locale=xx")).status, 422);
    // Whose role hides the entry does not find it here.
    let hidden = stage.user("ada", Some(Role::ContentManager));
    let uid = stage.service.admin(stage.now()).find_user("ada@example.invalid").unwrap();
    let rules = json!([
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
        { "module": "content_type", "content_types": ["page"], "acl": { "read": true, "sub_acl": { "read": true } } },
    ]);
    let role = stage.ask("POST", "/v3/roles", &json!({ "role": { "name": "pages", "rules": rules } })).ok();
    let roles = json!({ "users": { uid: [role["role"]["uid"]] } });
    stage.ask("POST", "/v3/stacks/users/roles", &roles).ok();
    stage.by(&hidden, "GET", "/v3/content_types/news/entries", &Value::Null).is(403, 316);
    let seen = stage.by(&hidden, "GET", &format!("{path}/references"), &Value::Null).ok();
    assert_eq!(seen["references"], json!([]));
    stage.ask("DELETE", &format!("/v3/content_types/news/entries/{news}"), &Value::Null).ok();
    assert_eq!(references(&stage, &path), json!([]));
    stage.get(&format!("{ENTRIES}/nosuch/references")).is(422, 141);
}

#[test]
fn content_types_tell_which_refer_to_them_also_through_global_fields() {
    let stage = stage();
    let model = |uid: &str, field: Value| {
        let title = json!({ "uid": "title", "data_type": "text", "display_name": "Title" });
        json!({ "title": uid, "uid": uid, "schema": [title, field] })
    };
    let reference = json!({ "uid": "page", "data_type": "reference", "reference_to": ["page"] });
    let global = json!({ "uid": "seo", "data_type": "global_field", "reference_to": "seo" });
    stage.ask("POST", "/v3/global_fields", &json!({ "global_field": model("seo", reference.clone()) })).ok();
    for (uid, field) in [("direct", reference), ("nested", global)] {
        stage.ask("POST", "/v3/content_types", &json!({ "content_type": model(uid, field) })).ok();
    }
    stage.ask("POST", "/v3/content_types", &content_type("none")).ok();
    let path = "/v3/content_types/page";
    assert_eq!(references(&stage, path), json!(["nested", "direct"]));
    let all = stage.get(&format!("{path}/references?include_global_fields=true")).ok();
    assert_eq!(all["global_fields"], json!(["seo"]));
    assert_eq!(references(&stage, "/v3/content_types/none"), json!([]));
    assert_eq!(stage.get("/v3/content_types/nosuch/references").status, 422);
}

#[test]
fn versions_have_names() {
    let stage = stage();
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let path = format!("{ENTRIES}/{uid}");
    stage.ask("PUT", &path, &json!({ "entry": { "title": "Two" } })).ok();
    let name = |version: &str, body: Value| {
        stage.ask("POST", &format!("{path}/versions/{version}/name"), &json!({ "entry": body }))
    };
    name("1", json!({ "_version_name": "first" })).ok();
    let named = || stage.get(&format!("{path}/versions?named=true")).ok()["versions"].clone();
    assert_eq!(named().as_array().unwrap().len(), 1);
    assert_eq!((&named()[0]["_version"], &named()[0]["_version_name"]), (&json!(1), &json!("first")));
    assert_eq!(stage.get(&format!("{path}/versions")).ok()["versions"].as_array().unwrap().len(), 2);
    assert_eq!(name("2", json!({ "_version_name": "first", "locale": "en-us" })).status, 422, "it is taken");
    name("2", json!({ "_version_name": "first", "force": true })).ok();
    assert_eq!((&named()[0]["_version"], &named()[1]), (&json!(2), &Value::Null));
    for (version, body) in [
        ("3", json!({ "_version_name": "x" })),
        ("one", json!({ "_version_name": "x" })),
        ("1", json!({})),
        ("1", json!({ "_version_name": " " })),
        ("1", json!({ "_version_name": "x", "locale": "xx" })),
    ] {
        assert_eq!(name(version, body.clone()).status, 422, "{version} {body}");
    }
    // The next version has no name.
    stage.ask("PUT", &path, &json!({ "entry": { "title": "Three" } })).ok();
    assert_eq!(named().as_array().unwrap().len(), 1);
    let body = json!({ "entry": { "locale": "en-us" } });
    stage.ask("DELETE", &format!("{path}/versions/2/name"), &body).ok();
    assert_eq!(named(), json!([]));
    let token = stage.management("reads", &[("entry", json!({ "read": true }))]);
    let token = token["token"].as_str().unwrap();
    let path = format!("{path}/versions/1/name");
    assert_eq!(
        stage.by_token(token, "POST", &path, &json!({ "entry": { "_version_name": "x" } })).status,
        403
    );
    let token = stage.management("writes", &[("entry", rw())]);
    let token = token["token"].as_str().unwrap();
    stage.by_token(token, "POST", &path, &json!({ "entry": { "_version_name": "x" } })).ok();
}

#[test]
fn assets_have_names_of_versions_and_tell_who_refers_to_them() {
    let stage = stage();
    let made = stage.upload("POST", "/v3/assets", "Cat", "cat.png", "abc").ok();
    let uid = made["asset"]["uid"].as_str().unwrap();
    let path = format!("/v3/assets/{uid}");
    assert_eq!(references(&stage, &path), json!([]));
    let entry = stage.entry("page", &json!({ "title": "One", "image": { "file": uid } }));
    assert_eq!(references(&stage, &path)[0]["entry_uid"], entry);
    stage.get("/v3/assets/nosuch/references").is(422, 145);
    let name = format!("{path}/versions/1/name");
    let body = json!({ "upload": { "_version_name": "draft" } });
    stage.ask("POST", &name, &body).ok();
    stage.ask("POST", &name, &body).ok();
    let named = || stage.get(&format!("{path}/versions?named=true")).ok()["versions"].clone();
    assert_eq!(named()[0]["_version_name"], "draft");
    assert_eq!(stage.ask("POST", &name, &json!({ "asset": { "_version_name": "x" } })).status, 400);
    assert_eq!(stage.ask("POST", &format!("{path}/versions/2/name"), &body).status, 422);
    stage.ask("DELETE", &name, &Value::Null).ok();
    assert_eq!(named(), json!([]));
}
