//! Many entries and assets at once: in releases, and in bulk.

use cs_server::Role;
use serde_json::{Value, json};

use crate::content::{ENTRIES, stage};
use crate::stage::{Answer, Stage};

/// A stage with two entries, an asset and a delivery token.
fn filled() -> (Stage, [String; 3], String) {
    let stage = stage();
    let entry = |title: &str| stage.entry("page", &json!({ "title": title }));
    let asset = stage.upload("POST", "/v3/assets", "Cat", "cat.png", "1").ok()["asset"]["uid"].clone();
    let uids = [entry("One"), entry("Two"), asset.as_str().unwrap().to_owned()];
    let token = stage.delivery("site")["token"].as_str().unwrap().to_owned();
    (stage, uids, token)
}

/// How many entries and assets the environment shows.
fn shown(stage: &Stage, token: &str) -> (usize, usize) {
    let count = |path: &str, many: &str| {
        stage.deliver(token, &format!("{path}?environment=production")).ok()[many].as_array().unwrap().len()
    };
    (count(ENTRIES, "entries"), count("/v3/assets", "assets"))
}

fn item(uid: &str, content_type: &str) -> Value {
    json!({ "uid": uid, "version": 1, "locale": "en-us", "content_type_uid": content_type, "action": "publish" })
}

#[test]
fn releases_are_filled_deployed_and_cloned() {
    let (stage, [one, two, asset], token) = filled();
    let release = stage.ask("POST", "/v3/releases", &json!({ "release": { "name": "Spring" } })).ok();
    let path = format!("/v3/releases/{}", release["release"]["uid"].as_str().unwrap());
    let items = |path: &str| stage.get(&format!("{path}/items")).ok()["items"].as_array().unwrap().len();
    let add = |items: Value| stage.ask("POST", &format!("{path}/items"), &json!({ "items": items }));
    assert_eq!(
        add(json!([item(&one, "page"), item(&asset, "built_io_upload")])).ok()["release"]["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    stage.ask("POST", &format!("{path}/item"), &json!({ "item": item(&two, "page") })).ok();
    add(json!([item(&one, "page")])).ok();
    assert_eq!(items(&path), 3, "one that is there is replaced");
    // All that is wrong is told, and nothing is added.
    let wrong =
        add(json!([item("nosuch", "page"), item(&one, "nosuch"), { "uid": one }, item(&two, "page"), 7]));
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["items.0", "items.1", "items.2", "items.4"]);
    let mut late = item(&one, "page");
    late["version"] = json!(9);
    add(json!([late])).is(422, 141);
    add(json!([])).is(400, 400);
    assert_eq!(items(&path), 3);
    let deploy =
        |path: &str, body: Value| stage.ask("POST", &format!("{path}/deploy"), &json!({ "release": body }));
    deploy(&path, json!({ "environments": ["nosuch"] })).is(401, 161);
    deploy(&path, json!({ "environments": [] })).is(422, 141);
    deploy(&path, json!({ "environments": ["production"], "action": "x" })).is(422, 141);
    deploy(&path, json!({ "environments": ["production"], "scheduled_at": "2030-01-01T00:00:00Z" }))
        .is(501, 501);
    assert_eq!(shown(&stage, &token), (0, 0));
    deploy(&path, json!({ "environments": ["production"] })).ok();
    assert_eq!(shown(&stage, &token), (2, 1));
    let clone = stage.ask("POST", &format!("{path}/clone"), &json!({ "release": { "name": "Summer" } }));
    assert_eq!(clone.status, 201, "{}", clone.body);
    let clone = format!("/v3/releases/{}", clone.body["release"]["uid"].as_str().unwrap());
    assert_eq!(stage.get(&clone).ok()["release"]["name"], "Summer");
    stage.ask("DELETE", &format!("{path}/item"), &json!({ "item": item(&two, "page") })).ok();
    stage.ask("DELETE", &format!("{path}/items"), &json!({ "items": [item(&two, "page")] })).is(422, 141);
    stage.ask("DELETE", &format!("{path}/items?all=true"), &Value::Null).ok();
    assert_eq!((items(&path), items(&clone)), (0, 3));
    stage.ask("PUT", &clone, &json!({ "release": { "name": "Summer", "locked": true } })).ok();
    assert_eq!(items(&clone), 3, "what an update leaves out stays");
    stage.ask("DELETE", &format!("{clone}/items?all=true"), &Value::Null).is(422, 141);
    deploy(&clone, json!({ "environments": ["production"], "action": "unpublish" })).ok();
    assert_eq!(shown(&stage, &token), (0, 0));
    // What is gone cannot be deployed, and nothing of the rest is.
    stage.ask("DELETE", &format!("{ENTRIES}/{two}"), &Value::Null).ok();
    deploy(&clone, json!({ "environments": ["production"] })).is(422, 141);
    assert_eq!(shown(&stage, &token), (0, 0));
}

#[test]
fn many_are_published_and_deleted_at_once_or_none() {
    let (stage, [one, two, asset], token) = filled();
    let entries = json!([{ "uid": one, "content_type": "page", "version": 1, "locale": "en-us" }, { "uid": two, "content_type": "page", "locale": "en-us" }]);
    let bulk = |verb: &str, entries: &Value, environments: Value| -> Answer {
        let body = json!({ "entries": entries, "assets": [{ "uid": asset }], "locales": ["en-us"], "environments": environments });
        stage.ask("POST", &format!("/v3/bulk/{verb}"), &body)
    };
    let production = || json!(["production"]);
    bulk("publish", &entries, json!(["nosuch"])).is(401, 161);
    bulk("publish", &entries, json!([])).is(422, 141);
    let wrong = bulk(
        "publish",
        &json!([{ "uid": one, "content_type": "page" }, { "uid": "nosuch", "content_type": "page" }, { "uid": one }]),
        production(),
    );
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["entries.1", "entries.2"]);
    assert_eq!(shown(&stage, &token), (0, 0), "nothing of it is done");
    bulk("publish", &entries, production()).ok();
    assert_eq!(shown(&stage, &token), (2, 1));
    bulk("unpublish", &entries, production()).ok();
    assert_eq!(shown(&stage, &token), (0, 0));
    stage.ask("POST", "/v3/bulk/delete", &json!({})).is(422, 141);
    stage.ask("POST", "/v3/bulk/delete", &json!({ "entries": [{ "uid": one, "content_type": "page" }, { "uid": "x", "content_type": "page" }] })).is(422, 141);
    stage.get(&format!("{ENTRIES}/{one}")).ok();
    stage.ask("POST", "/v3/bulk/delete", &json!({ "entries": entries, "assets": [{ "uid": asset }] })).ok();
    assert_eq!(stage.get(ENTRIES).ok()["entries"], json!([]));
    stage.get(&format!("/v3/assets/{asset}")).is(422, 145);
}

/// Many at once are no way around rules on single items.
#[test]
fn rules_on_single_items_count_for_many() {
    let (stage, [one, two, asset], token) = filled();
    let user = stage.user("ada", Some(Role::ContentManager));
    let uid = stage.service.admin(stage.now()).find_user("ada@example.invalid").unwrap();
    let all = json!({ "read": true, "create": true, "update": true, "delete": true, "publish": true });
    let role = json!({ "role": { "name": "One", "rules": [
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
        { "module": "bulk", "acl": { "read": true, "write": true } },
        { "module": "release", "acl": { "read": true, "write": true } },
        { "module": "entry", "content_type": "page", "entries": [one], "acl": all },
    ] } });
    let role = stage.ask("POST", "/v3/roles", &role).ok()["role"]["uid"].clone();
    stage.ask("POST", "/v3/stacks/users/roles", &json!({ "users": { uid: [role] } })).ok();
    let publish = |entries: Value| {
        stage.by(
            &user,
            "POST",
            "/v3/bulk/publish",
            &json!({ "entries": entries, "environments": ["production"] }),
        )
    };
    let named = |uid: &str| json!({ "uid": uid, "content_type": "page" });
    publish(json!([named(&one), named(&two)])).is(403, 316);
    assert_eq!(shown(&stage, &token), (0, 0));
    publish(json!([named(&one)])).ok();
    stage.by(&user, "POST", "/v3/bulk/delete", &json!({ "entries": [named(&two)] })).is(403, 316);
    stage.by(&user, "POST", "/v3/bulk/delete", &json!({ "assets": [{ "uid": asset }] })).is(403, 316);
    let release = stage.by(&user, "POST", "/v3/releases", &json!({ "release": { "name": "x" } })).ok();
    let path = format!("/v3/releases/{}", release["release"]["uid"].as_str().unwrap());
    stage.by(&user, "POST", &format!("{path}/items"), &json!({ "items": [item(&two, "page")] })).ok();
    stage
        .by(
            &user,
            "POST",
            &format!("{path}/deploy"),
            &json!({ "release": { "environments": ["production"] } }),
        )
        .is(403, 316);
    assert_eq!(shown(&stage, &token), (1, 0));
}

#[test]
fn versions_are_listed() {
    let (stage, [one, _, asset], _) = filled();
    let path = format!("{ENTRIES}/{one}");
    stage.ask("PUT", &path, &json!({ "entry": { "title": "Changed" } })).ok();
    let versions = |path: &str| -> Vec<u64> {
        let list = stage.get(path).ok();
        list["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| version["_version"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(versions(&format!("{path}/versions")), [2, 1]);
    assert_eq!(versions(&format!("{path}/versions?limit=1&skip=1")), [1]);
    assert_eq!(versions(&format!("/v3/assets/{asset}/versions")), [1]);
    let first = stage.get(&format!("{path}/versions")).ok()["versions"][0].clone();
    assert_eq!(first["locale"], "en-us");
    assert!(first["updated_at"].is_string() && first["updated_by"].is_string());
    stage.get(&format!("{ENTRIES}/nosuch/versions")).is(422, 141);
}

/// `include[]` of the delivery API.
#[test]
fn references_are_included_as_far_as_they_are_shown() {
    let (stage, [one, two, _], token) = filled();
    let reference = json!([{ "uid": two, "_content_type_uid": "page" }]);
    stage.ask("PUT", &format!("{ENTRIES}/{one}"), &json!({ "entry": { "more": reference } })).ok();
    stage.publish("publish", "page", &one, "production").ok();
    let read = |query: &str| {
        stage.deliver(&token, &format!("{ENTRIES}/{one}?environment=production{query}")).ok()["entry"]["more"]
            [0]
        .clone()
    };
    assert_eq!(read(""), reference[0]);
    assert_eq!(read("&include%5B%5D=more"), reference[0], "a draft is not shown");
    stage.publish("publish", "page", &two, "production").ok();
    assert_eq!(read(""), reference[0]);
    assert_eq!(read("&include%5B%5D=more")["title"], "Two");
    let list = stage.deliver(&token, &format!("{ENTRIES}?environment=production&include[]=more")).ok();
    let found = list["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["uid"] == one.as_str())
        .unwrap()
        .clone();
    assert_eq!(found["more"][0]["title"], "Two");
}
