//! Rules of roles that name single items: one content type, one entry, one asset, one environment, one language.

use cs_model::Secret;
use cs_server::Role;
use serde_json::{Value, json};

use crate::content::{content_type, stage};
use crate::stage::{Answer, Stage};

const PAGES: &str = "/v3/content_types/page/entries";
const NEWS: &str = "/v3/content_types/news/entries";

fn all() -> Value {
    json!({ "read": true, "create": true, "update": true, "delete": true, "publish": true })
}

/// A stage with the content types `page` and `news`.
fn two_types() -> Stage {
    let stage = stage();
    stage.ask("POST", "/v3/content_types", &content_type("news")).ok();
    stage
}

/// A user who has roles with these rules only, beside the branch `main`.
fn user(stage: &Stage, name: &str, roles: &[Value]) -> Secret {
    let user = stage.user(name, Some(Role::ContentManager));
    let uid = stage.service.admin(stage.now()).find_user(&format!("{name}@example.invalid")).unwrap();
    let branch = json!({ "module": "branch", "branches": ["main"], "acl": { "read": true } });
    let uids: Vec<Value> = roles
        .iter()
        .enumerate()
        .map(|(number, rules)| {
            let rules: Vec<&Value> = rules.as_array().unwrap().iter().chain([&branch]).collect();
            let role = json!({ "role": { "name": format!("{name} {number}"), "rules": rules } });
            stage.ask("POST", "/v3/roles", &role).ok()["role"]["uid"].clone()
        })
        .collect();
    stage.ask("POST", "/v3/stacks/users/roles", &json!({ "users": { uid: uids } })).ok();
    user
}

/// The uids of a list.
fn uids(answer: Answer, many: &str) -> Vec<String> {
    let body = answer.ok();
    let mut uids: Vec<String> =
        body[many].as_array().unwrap().iter().map(|item| item["uid"].as_str().unwrap().to_owned()).collect();
    uids.sort_unstable();
    uids
}

#[test]
fn one_content_type_with_its_entries() {
    let stage = two_types();
    let rule = json!({ "module": "content_type", "content_types": ["page"], "acl": { "read": true, "sub_acl": all() } });
    let user = user(&stage, "ada", &[json!([rule])]);
    let by = |method: &str, path: &str, body: &Value| stage.by(&user, method, path, body);
    by("GET", "/v3/content_types/page", &Value::Null).ok();
    by("GET", "/v3/content_types/news", &Value::Null).is(403, 316);
    by("PUT", "/v3/content_types/page", &content_type("page")).is(403, 316);
    by("POST", "/v3/content_types", &content_type("more")).is(403, 316);
    assert_eq!(uids(by("GET", "/v3/content_types", &Value::Null), "content_types"), ["page"]);
    let entry = json!({ "entry": { "title": "One" } });
    let made = by("POST", PAGES, &entry).ok()["entry"]["uid"].as_str().unwrap().to_owned();
    by("POST", NEWS, &entry).is(403, 316);
    by("GET", NEWS, &Value::Null).is(403, 316);
    let one = format!("{PAGES}/{made}");
    by("PUT", &one, &entry).ok();
    let publish = json!({ "entry": { "environments": ["production"] } });
    by("POST", &format!("{one}/publish"), &publish).ok();
    assert_eq!(uids(by("GET", PAGES, &Value::Null), "entries"), [made]);
    by("DELETE", &one, &Value::Null).ok();
    by("GET", "/v3/assets", &Value::Null).is(403, 316);
}

#[test]
fn one_entry() {
    let stage = two_types();
    let (mine, other) =
        (stage.entry("page", &json!({ "title": "Mine" })), stage.entry("page", &json!({ "title": "Other" })));
    let rule = json!({ "module": "entry", "content_type": "page", "entries": [mine], "acl": { "read": true, "update": true } });
    let user = user(&stage, "ada", &[json!([rule])]);
    let by = |method: &str, path: &str, body: &Value| stage.by(&user, method, path, body);
    let entry = json!({ "entry": { "title": "Changed" } });
    by("GET", &format!("{PAGES}/{mine}"), &Value::Null).ok();
    by("PUT", &format!("{PAGES}/{mine}"), &entry).ok();
    by("DELETE", &format!("{PAGES}/{mine}"), &Value::Null).is(403, 316);
    by("POST", &format!("{PAGES}/{mine}/publish"), &json!({ "entry": { "environments": ["production"] } }))
        .is(403, 316);
    by("GET", &format!("{PAGES}/{other}"), &Value::Null).is(403, 316);
    by("PUT", &format!("{PAGES}/{other}"), &entry).is(403, 316);
    by("POST", PAGES, &entry).is(403, 316);
    by("GET", NEWS, &Value::Null).is(403, 316);
    assert_eq!(uids(by("GET", PAGES, &Value::Null), "entries"), [&*mine]);
    // Neither are stages a way around it.
    let open = json!({ "uid": "done", "name": "Done", "SYS_ACL": { "users": { "uids": ["$all"] } } });
    let workflow = json!({ "workflow": { "name": "w", "workflow_stages": [open] } });
    stage.ask("POST", "/v3/workflows", &workflow).ok();
    let done = json!({ "workflow": { "workflow_stage": { "uid": "done" } } });
    by("POST", &format!("{PAGES}/{mine}/workflow"), &done).ok();
    by("POST", &format!("{PAGES}/{other}/workflow"), &done).is(403, 316);
}

#[test]
fn one_asset_and_what_is_in_one_folder() {
    let stage = stage();
    let folder = stage.ask("POST", "/v3/assets/folders", &json!({ "asset": { "name": "Cats" } })).ok();
    let folder = folder["asset"]["uid"].as_str().unwrap().to_owned();
    let upload = |title: &str| {
        let made = stage.upload("POST", "/v3/assets", title, "cat.png", "1").ok();
        made["asset"]["uid"].as_str().unwrap().to_owned()
    };
    let (named, within, other) = (upload("named"), upload("within"), upload("other"));
    stage.ask("PUT", &format!("/v3/assets/{within}"), &json!({ "asset": { "parent_uid": folder } })).ok();
    let asset = json!({ "module": "asset", "assets": [named], "acl": { "read": true, "update": true } });
    let in_folder = json!({ "module": "folder", "folders": [folder], "acl": { "read": true, "sub_acl": { "read": true } } });
    let user = user(&stage, "ada", &[json!([asset, in_folder])]);
    let by = |method: &str, uid: &str| {
        let body = if method == "PUT" { json!({ "asset": { "title": "x" } }) } else { Value::Null };
        stage.by(&user, method, &format!("/v3/assets/{uid}"), &body)
    };
    by("GET", &named).ok();
    by("PUT", &named).ok();
    by("GET", &within).ok();
    by("PUT", &within).is(403, 316);
    by("GET", &other).is(403, 316);
    by("DELETE", &named).is(403, 316);
    by("GET", &format!("folders/{folder}")).ok();
    let mut seen = vec![named, within];
    seen.sort_unstable();
    assert_eq!(uids(stage.by(&user, "GET", "/v3/assets", &Value::Null), "assets"), seen);
}

#[test]
fn who_may_add_to_one_folder_uploads_there_and_nowhere_else() {
    let stage = stage();
    let folder = |name: &str| {
        let made = stage.ask("POST", "/v3/assets/folders", &json!({ "asset": { "name": name } })).ok();
        made["asset"]["uid"].as_str().unwrap().to_owned()
    };
    let (open, closed) = (folder("Cats"), folder("Dogs"));
    let rule = json!({ "module": "folder", "folders": [open], "acl": {
        "read": true, "create": true, "sub_acl": { "read": true, "create": true },
    } });
    let user = user(&stage, "ada", &[json!([rule])]);
    let upload = |folder: Option<&str>| {
        let fields: Vec<_> = folder.map(|uid| ("parent_uid", uid)).into_iter().collect();
        stage.upload_by(&user, ("POST", "/v3/assets"), &fields, ("cat.png", "1"))
    };
    let made = upload(Some(&open)).ok();
    assert_eq!(made["asset"]["parent_uid"], json!(open));
    upload(Some(&closed)).is(403, 316);
    upload(None).is(403, 316);
    let below = |parent: &str| {
        let body = json!({ "asset": { "name": "Kittens", "parent_uid": parent } });
        stage.by(&user, "POST", "/v3/assets/folders", &body)
    };
    below(&open).ok();
    below(&closed).is(403, 316);
}

/// "Unknown or forbidden environment on publish: 401, 161."
#[test]
fn one_environment_to_read_and_to_publish_to() {
    let stage = stage();
    let uid =
        stage.get("/v3/environments/production").ok()["environment"]["uid"].as_str().unwrap().to_owned();
    let environment = json!({ "module": "environment", "environments": [uid], "acl": { "read": true } });
    let entries = json!({ "module": "content_type", "content_types": ["$all"], "acl": { "read": true, "sub_acl": all() } });
    let user = user(&stage, "ada", &[json!([environment, entries])]);
    let by = |method: &str, path: &str, body: &Value| stage.by(&user, method, path, body);
    by("GET", "/v3/environments/production", &Value::Null).ok();
    by("GET", "/v3/environments/staging", &Value::Null).is(403, 316);
    assert_eq!(uids(by("GET", "/v3/environments", &Value::Null), "environments"), [uid]);
    let path = format!("{PAGES}/{}/publish", stage.entry("page", &json!({ "title": "One" })));
    let to = |names: &[&str]| json!({ "entry": { "environments": names } });
    by("POST", &path, &to(&["production"])).ok();
    by("POST", &path, &to(&["staging"])).is(401, 161);
    by("POST", &path, &to(&["production", "staging"])).is(401, 161);
    stage.ask("POST", &path, &to(&["production", "staging"])).ok();
}

#[test]
fn one_language() {
    let stage = stage();
    let french =
        stage.ask("POST", "/v3/locales", &json!({ "locale": { "code": "fr-fr", "name": "French" } })).ok();
    let uid = french["locale"]["uid"].clone();
    let locale = json!({ "module": "locale", "locales": [uid], "acl": { "read": true } });
    let entries = json!({ "module": "content_type", "content_types": ["$all"], "acl": { "read": true, "sub_acl": all() } });
    let limited = user(&stage, "ada", &[json!([locale, entries])]);
    let one = format!("{PAGES}/{}", stage.entry("page", &json!({ "title": "One" })));
    let write = |user: &Secret, locale: &str| {
        stage.by(user, "PUT", &format!("{one}{locale}"), &json!({ "entry": { "title": "Un" } }))
    };
    write(&limited, "?locale=fr-fr").ok();
    write(&limited, "").is(403, 316);
    write(&limited, "?locale=en-us").is(403, 316);
    stage.by(&limited, "GET", &one, &Value::Null).is(403, 316);
    assert_eq!(
        uids(stage.by(&limited, "GET", "/v3/locales", &Value::Null), "locales"),
        [uid.as_str().unwrap()]
    );
    stage.by(&limited, "GET", "/v3/locales/en-us", &Value::Null).is(403, 316);
    // As an exception, `sub_acl` names what is taken away.
    let except = json!({ "module": "locale", "restrict": true, "locales": [uid], "acl": { "read": false, "sub_acl": { "update": true } } });
    let every = json!({ "module": "locale", "locales": ["$all"], "acl": { "read": true } });
    let excepted = user(&stage, "bob", &[json!([every, entries, except])]);
    write(&excepted, "").ok();
    write(&excepted, "?locale=fr-fr").is(403, 316);
    stage.by(&excepted, "GET", &format!("{one}?locale=fr-fr"), &Value::Null).ok();
}

/// "Multiple roles: union of grants, explicit exceptions win."
#[test]
fn several_roles_add_up_and_exceptions_take_away_single_items() {
    let stage = two_types();
    let of = |uid: &str| json!([{ "module": "content_type", "content_types": [uid], "acl": { "read": true, "sub_acl": all() } }]);
    let both = user(&stage, "ada", &[of("page"), of("news")]);
    assert_eq!(
        uids(stage.by(&both, "GET", "/v3/content_types", &Value::Null), "content_types"),
        ["news", "page"]
    );
    stage.by(&both, "POST", NEWS, &json!({ "entry": { "title": "x" } })).ok();
    let without = json!([{ "module": "content_type", "restrict": true, "content_types": ["news"], "acl": { "read": true, "sub_acl": { "read": true, "create": true } } }]);
    let less = user(&stage, "bob", &[of("$all"), without]);
    assert_eq!(uids(stage.by(&less, "GET", "/v3/content_types", &Value::Null), "content_types"), ["page"]);
    stage.by(&less, "GET", "/v3/content_types/news", &Value::Null).is(403, 316);
    stage.by(&less, "GET", NEWS, &Value::Null).is(403, 316);
    stage.by(&less, "POST", NEWS, &json!({ "entry": { "title": "x" } })).is(403, 316);
    stage.by(&less, "POST", PAGES, &json!({ "entry": { "title": "x" } })).ok();
}

#[test]
fn one_taxonomy_and_one_term() {
    let stage = stage();
    for (uid, terms) in [("colour", vec!["red", "blue"]), ("shape", vec!["round"])] {
        stage.ask("POST", "/v3/taxonomies", &json!({ "taxonomy": { "uid": uid, "name": uid } })).ok();
        for term in terms {
            let term = json!({ "term": { "uid": term, "name": term } });
            stage.ask("POST", &format!("/v3/taxonomies/{uid}/terms"), &term).ok();
        }
    }
    let rule = json!({ "module": "taxonomy", "taxonomies": ["colour"], "terms": ["colour.red"], "acl": { "read": true } });
    let user = user(&stage, "ada", &[json!([rule])]);
    let by = |path: &str| stage.by(&user, "GET", path, &Value::Null);
    assert_eq!(uids(by("/v3/taxonomies"), "taxonomies"), ["colour"]);
    by("/v3/taxonomies/shape").is(403, 316);
    by("/v3/taxonomies/colour/terms/red").ok();
    by("/v3/taxonomies/colour/terms/blue").is(403, 316);
    assert_eq!(uids(by("/v3/taxonomies/colour/terms"), "terms"), ["red"]);
}
