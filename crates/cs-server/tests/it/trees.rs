//! Terms as trees, languages of entries, rules of content types, and items that move between releases.

use serde_json::{Value, json};

use crate::content::{ENTRIES, stage};
use crate::stage::{Answer, Stage};

const TERMS: &str = "/v3/taxonomies/places/terms";

/// `europe` with `france` with `paris`, and `asia`.
fn places() -> Stage {
    let stage = stage();
    stage.ask("POST", "/v3/taxonomies", &json!({ "taxonomy": { "uid": "places", "name": "Places" } })).ok();
    for (uid, parent) in
        [("europe", None), ("asia", None), ("france", Some("europe")), ("paris", Some("france"))]
    {
        let term = json!({ "term": { "uid": uid, "name": uid, "parent_uid": parent } });
        stage.ask("POST", TERMS, &term).ok();
    }
    stage
}

fn uids(answer: Answer, list: &str) -> Vec<String> {
    let answer = answer.ok();
    let items = answer[list].as_array().unwrap();
    items.iter().map(|item| item["uid"].as_str().unwrap().to_owned()).collect()
}

fn to(parent: &Value) -> Value {
    json!({ "term": { "parent_uid": parent, "order": 1 } })
}

#[test]
fn terms_know_what_is_above_and_below() {
    let stage = places();
    let list = |uid: &str, what: &str| uids(stage.get(&format!("{TERMS}/{uid}/{what}")), "terms");
    assert_eq!(list("paris", "ancestors"), ["france", "europe"]);
    assert!(list("europe", "ancestors").is_empty());
    assert_eq!(list("europe", "descendants"), ["france", "paris"]);
    assert!(list("paris", "descendants").is_empty());
    stage.get(&format!("{TERMS}/nosuch/ancestors")).is(422, 141);
    stage.get("/v3/taxonomies/nosuch/terms/paris/descendants").is(422, 141);
    assert_eq!(stage.get(&format!("{TERMS}/europe/descendants?limit=1&include_count=true")).ok()["count"], 2);
}

#[test]
fn terms_move_and_never_below_themselves() {
    let stage = places();
    let go = |uid: &str, parent: &Value| stage.ask("PUT", &format!("{TERMS}/{uid}/move"), &to(parent));
    assert_eq!(go("france", &json!("asia")).ok()["term"]["parent_uid"], "asia");
    assert_eq!(uids(stage.get(&format!("{TERMS}/asia/descendants")), "terms"), ["france", "paris"]);
    for parent in ["asia", "france", "paris"] {
        let refused = go("asia", &json!(parent));
        refused.is(422, 141);
        assert_eq!(refused.keys(), ["parent_uid"], "{parent}");
    }
    go("asia", &json!("nosuch")).is(422, 141);
    go("nosuch", &Value::Null).is(422, 141);
    go("france", &Value::Null).ok();
    assert!(uids(stage.get(&format!("{TERMS}/france/ancestors")), "terms").is_empty());
    stage.ask("PUT", &format!("{TERMS}/paris/move"), &json!({ "term": { "order": "first" } })).is(422, 141);
}

/// An update can lead around: what follows the tree ends in spite of it.
#[test]
fn a_circle_of_terms_ends() {
    let stage = places();
    stage.ask("PUT", &format!("{TERMS}/europe"), &json!({ "term": { "parent_uid": "paris" } })).ok();
    assert_eq!(uids(stage.get(&format!("{TERMS}/europe/ancestors")), "terms"), ["paris", "france", "europe"]);
    assert_eq!(
        uids(stage.get(&format!("{TERMS}/europe/descendants")), "terms"),
        ["france", "paris", "europe"]
    );
}

#[test]
fn the_terms_of_all_taxonomies_say_whose_they_are() {
    let stage = places();
    stage.ask("POST", "/v3/taxonomies", &json!({ "taxonomy": { "uid": "colours", "name": "Colours" } })).ok();
    stage
        .ask("POST", "/v3/taxonomies/colours/terms", &json!({ "term": { "uid": "red", "name": "Red" } }))
        .ok();
    let all = stage.get("/v3/taxonomies/$all/terms").ok();
    let all: Vec<_> = all["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| (term["uid"].clone(), term["taxonomy_uid"].clone()))
        .collect();
    assert_eq!(all.len(), 5);
    assert_eq!(all[0], (json!("red"), json!("colours")));
    assert_eq!(all[4], (json!("europe"), json!("places")));
}

#[test]
fn an_entry_says_which_languages_are_its_own_and_gives_them_up() {
    let stage = stage();
    for code in ["fr-fr", "de-de"] {
        stage.ask("POST", "/v3/locales", &json!({ "locale": { "code": code, "name": code } })).ok();
    }
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let entry = format!("{ENTRIES}/{uid}");
    stage.ask("PUT", &format!("{entry}?locale=fr-fr"), &json!({ "entry": { "title": "Un" } })).ok();
    let languages = || stage.get(&format!("{entry}/locales")).ok()["locales"].clone();
    let own = json!({ "code": "fr-fr", "localized": true });
    assert_eq!(languages(), json!([{ "code": "en-us" }, own, { "code": "de-de" }]));
    let unlocalize = |code: &str| stage.ask("POST", &format!("{entry}/unlocalize?locale={code}"), &json!({}));
    unlocalize("en-us").is(422, 119);
    unlocalize("de-de").is(422, 141);
    unlocalize("fr-fr").ok();
    assert_eq!(languages(), json!([{ "code": "en-us" }, { "code": "fr-fr" }, { "code": "de-de" }]));
    assert_eq!(stage.get(&format!("{entry}?locale=fr-fr")).ok()["entry"]["title"], "One");
    stage.get(&format!("{ENTRIES}/nosuch/locales")).is(422, 141);
}

#[test]
fn the_publish_rules_of_a_content_type() {
    let stage = stage();
    let rule = |name: &str, types: Value, locales: Value| {
        let rule =
            json!({ "name": name, "content_types": types, "locales": locales, "actions": ["publish"] });
        let made =
            stage.ask("POST", "/v3/workflows/publishing_rules", &json!({ "publishing_rule": rule })).ok();
        made["publishing_rule"]["uid"].as_str().unwrap().to_owned()
    };
    let page = rule("page", json!(["page"]), json!(["en-us"]));
    let all = rule("all", json!(["$all"]), json!(["$all"]));
    rule("news", json!(["news"]), json!(["en-us"]));
    let of =
        |query: &str| uids(stage.get(&format!("/v3/workflows/content_type/page{query}")), "publishing_rules");
    let both = |mut uids: Vec<String>| {
        uids.sort_unstable();
        uids
    };
    assert_eq!(both(of("")), both(vec![page, all.clone()]));
    assert_eq!(of("?locale=fr-fr"), [all]);
    assert!(of("?action=unpublish").is_empty());
}

fn release(stage: &Stage, name: &str) -> String {
    let made = stage.ask("POST", "/v3/releases", &json!({ "release": { "name": name } })).ok();
    made["release"]["uid"].as_str().unwrap().to_owned()
}

#[test]
fn items_move_to_another_release_and_take_their_last_version() {
    let stage = stage();
    let (one, two) = (release(&stage, "one"), release(&stage, "two"));
    let entry = stage.entry("page", &json!({ "title": "One" }));
    let other = stage.entry("page", &json!({ "title": "Two" }));
    let item =
        |uid: &str| json!({ "uid": uid, "content_type_uid": "page", "locale": "en-us", "action": "publish" });
    let path = |release: &str, rest: &str| format!("/v3/releases/{release}/{rest}");
    stage.ask("POST", &path(&one, "items"), &json!({ "items": [item(&entry), item(&other)] })).ok();
    stage.ask("PUT", &format!("{ENTRIES}/{entry}"), &json!({ "entry": { "title": "Later" } })).ok();
    let items = |release: &str| stage.get(&path(release, "items")).ok()["items"].clone();
    let version = |release: &str, uid: &str| {
        let items = items(release);
        items.as_array().unwrap().iter().find(|item| item["uid"] == uid).map(|item| item["version"].clone())
    };
    assert_eq!(version(&one, &entry), Some(json!(1)));

    let update = |items: Value| stage.ask("PUT", &path(&one, "update_items"), &json!({ "items": items }));
    update(json!(["nosuch"])).is(422, 141);
    update(json!([])).is(400, 400);
    update(json!([other])).ok();
    assert_eq!(version(&one, &entry), Some(json!(1)), "the other one was named");
    update(json!(["$all"])).ok();
    assert_eq!(version(&one, &entry), Some(json!(2)));

    let go = |to: &str, uid: &str| {
        let body = json!({ "release_uid": to, "items": [{ "uid": uid, "locale": "en-us" }] });
        stage.ask("PUT", &path(&one, "items/move"), &body)
    };
    go(&one, &entry).is(422, 141);
    go("nosuch", &entry).is(422, 141);
    go(&two, "nosuch").is(422, 141);
    assert_eq!(items(&one).as_array().unwrap().len(), 2, "what is refused moves nothing");
    go(&two, &entry).ok();
    assert_eq!((version(&one, &entry), version(&two, &entry)), (None, Some(json!(2))));
    stage.ask("PUT", &format!("/v3/releases/{two}"), &json!({ "release": { "locked": true } })).ok();
    let locked = go(&two, &other);
    locked.is(422, 141);
    assert_eq!(locked.keys(), ["locked"]);
}
