//! Collections: made, listed, shown, changed, deleted, alike for all modules.

use cs_model::facts::NamedBy;
use cs_model::generated::COLLECTIONS;
use cs_model::{ModuleId, RouteId};
use serde_json::{Map, Value, json};

use crate::content::{ENTRIES, content_type, stage};
use crate::stage::{Stage, rw};

/// The path of a route whose arguments are these.
fn path(id: RouteId, arguments: &[&str]) -> String {
    id.row().path(arguments).unwrap()
}

/// The fewest fields that make a document.
fn least(collection: &cs_model::facts::Collection, name: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in collection.required {
        let value = match *field {
            "schema" | "workflow_stages" => json!([]),
            _ => json!(name),
        };
        fields.insert((*field).to_owned(), value);
    }
    if collection.named == NamedBy::Given {
        fields.insert("uid".to_owned(), json!(name));
    }
    fields
}

#[test]
fn every_collection_keeps_what_it_is_told() {
    let stage = stage();
    let entry = stage.entry("page", &json!({ "title": "One" }));
    stage.ask("POST", "/v3/taxonomies", &json!({ "taxonomy": { "uid": "colour", "name": "Colour" } })).ok();
    let group = stage.ask("POST", "/v3/variant_groups", &json!({ "name": "Group" })).ok();
    let group = group["variant_group"]["uid"].as_str().unwrap().to_owned();
    let organization = stage.demo.organization_uid.clone();
    let mut walked = 0;
    for collection in &COLLECTIONS {
        // Entries and assets have tests of their own.
        if matches!(collection.module, ModuleId::Asset | ModuleId::Entry | ModuleId::EntryVariant) {
            continue;
        }
        let parents: Vec<&str> = collection
            .path
            .split('/')
            .filter(|part| part.starts_with('{'))
            .map(|part| match part {
                "{organization_uid}" => organization.as_str(),
                "{taxonomy_uid}" => "colour",
                "{variant_group_uid}" => group.as_str(),
                "{content_type_uid}" => "page",
                _ => entry.as_str(),
            })
            .collect();
        let create = path(collection.create.unwrap(), &parents);
        let enveloped = |fields: Map<String, Value>| {
            if collection.bare { Value::Object(fields) } else { json!({ collection.one: fields }) }
        };
        let opened = |answer: Value| {
            if collection.module == ModuleId::Team { answer } else { answer[collection.one].clone() }
        };
        let mut body = least(collection, "first");
        body.insert("extra".to_owned(), json!({ "deep": [1, 2] }));
        let answer = stage.ask("POST", &create, &enveloped(body.clone()));
        assert_eq!(answer.status, 201, "{create} {}", answer.body);
        assert!(answer.body["notice"].is_string());
        let made = opened(answer.body);
        let uid = made["uid"].as_str().unwrap().to_owned();
        assert_eq!(made["extra"]["deep"], json!([1, 2]), "{create}");
        assert_eq!(made["created_by"], json!(stage.demo.owner_uid), "{create}");
        let arguments: Vec<&str> = parents.iter().copied().chain([uid.as_str()]).collect();
        if let Some(read) = collection.read {
            let read = opened(stage.get(&path(read, &arguments)).ok());
            assert_eq!(read["extra"], made["extra"], "{create}");
            let unknown: Vec<&str> = parents.iter().copied().chain(["nosuch"]).collect();
            let refused = stage.get(&path(collection.read.unwrap(), &unknown));
            let row = collection.not_found.row();
            refused.is(row.sent_status(), u64::from(row.sent_code().unwrap()));
        }
        if let Some(list) = collection.list {
            let list = stage.get(&(path(list, &parents) + "?include_count=true")).ok();
            let uids: Vec<_> =
                list[collection.many].as_array().unwrap().iter().map(|item| &item["uid"]).collect();
            assert!(uids.contains(&&json!(uid)), "{create}: {list}");
            assert_eq!(list["count"], json!(uids.len()));
        }
        if let Some(update) = collection.update.filter(|_| collection.create.is_some()) {
            let update = path(update, &arguments);
            let mut sent = made.as_object().unwrap().clone();
            sent.insert("extra".to_owned(), json!(null));
            sent.insert("created_by".to_owned(), json!("somebody else"));
            let answer = stage.ask("PUT", &update, &enveloped(sent));
            let changed = opened(answer.ok());
            assert_eq!((&changed["extra"], &changed["uid"]), (&Value::Null, &json!(uid)), "{update}");
            assert_eq!(changed["created_by"], made["created_by"], "{update}");
            if collection.versioned {
                assert_eq!(changed["_version"], json!(2), "{update}");
            }
        }
        for field in collection.required {
            let mut without = least(collection, "second");
            without.remove(*field);
            let answer = stage.ask("POST", &create, &enveloped(without));
            assert_eq!((answer.status, answer.keys()), (422, vec![*field]), "{create} {}", answer.body);
        }
        if collection.named == NamedBy::Given {
            let answer = stage.ask("POST", &create, &enveloped(least(collection, "first")));
            assert_eq!((answer.status, answer.keys()), (422, vec!["uid"]), "{create}");
            let answer = stage.ask("POST", &create, &enveloped(least(collection, "a/b")));
            assert_eq!((answer.status, answer.keys()), (422, vec!["uid"]), "{create}");
        }
        if let Some(delete) = collection.delete {
            let delete = path(delete, &arguments);
            let answer = stage.ask("DELETE", &delete, &Value::Null);
            assert_eq!(answer.status, collection.deleted, "{delete} {}", answer.body);
            assert_eq!(
                stage.ask("DELETE", &delete, &Value::Null).status,
                collection.not_found.row().sent_status()
            );
        }
        walked += 1;
    }
    assert_eq!(walked, COLLECTIONS.len() - 3);
}

#[test]
fn content_of_branches_is_apart_and_the_rest_is_not() {
    let stage = stage();
    let owner = stage.owner.reveal();
    let ask = |branch: &str, path: &str| {
        let headers = [("api_key", stage.api_key()), ("authtoken", owner), ("branch", branch)];
        stage.send("GET", path, &headers, &Value::Null)
    };
    ask("main", "/v3/content_types/page").ok();
    // Both aliases are of `main`.
    ask("deploy", "/v3/content_types/page").ok();
    ask("development", "/v3/content_types/page").is(422, 118);
    let webhook = stage.ask("POST", "/v3/webhooks", &json!({ "webhook": { "name": "hook" } })).ok();
    let uid = webhook["webhook"]["uid"].as_str().unwrap();
    ask("development", &format!("/v3/webhooks/{uid}")).ok();
    // Another stack has nothing of it.
    let admin = stage.service.admin(stage.now());
    let other = admin.create_stack(&stage.demo.organization_uid, "Other", &stage.demo.owner_uid).unwrap();
    let headers = [("api_key", other.as_str()), ("authtoken", owner)];
    let list = stage.send("GET", "/v3/content_types", &headers, &Value::Null).ok();
    assert_eq!(list["content_types"], json!([]));
    stage.send("GET", &format!("/v3/webhooks/{uid}"), &headers, &Value::Null).is(422, 141);
}

#[test]
fn entries_obey_their_content_type() {
    let stage = stage();
    stage.ask("POST", "/v3/content_types/nosuch/entries", &json!({ "entry": { "title": "x" } })).is(422, 118);
    let answer = stage.ask("POST", ENTRIES, &json!({ "entry": { "code": "1" } }));
    answer.is(422, 119);
    assert_eq!(answer.keys(), ["title"]);
    let uid = stage.entry("page", &json!({ "title": "One", "code": "1" }));
    let answer = stage.ask("POST", ENTRIES, &json!({ "entry": { "title": "", "code": "1" } }));
    answer.is(422, 119);
    assert_eq!(answer.keys(), ["code", "title"]);
    // Its own code is nobody else's.
    let one = format!("{ENTRIES}/{uid}");
    stage.ask("PUT", &one, &json!({ "entry": { "code": "1" } })).ok();
    stage.ask("PUT", &one, &json!({ "entry": { "title": null } })).is(422, 119);
    let first = stage.get(&format!("{one}?version=1")).ok();
    assert_eq!(first["entry"]["_version"], 1);
    stage.get(&format!("{one}?version=9")).is(422, 141);
    let with_type = stage.get(&format!("{one}?include_content_type=true")).ok();
    assert_eq!(with_type["content_type"]["uid"], "page");
    stage
        .ask(
            "POST",
            "/v3/content_types",
            &json!({ "content_type": { "title": "x", "uid": "x", "schema": [{}] } }),
        )
        .is(422, 115);
    stage.ask("POST", "/v3/content_types", &content_type("page")).is(422, 115);
}

#[test]
fn variants_of_an_entry_are_made_by_putting_them() {
    let stage = stage();
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let one = format!("{ENTRIES}/{uid}/variants/cs1");
    stage.get(&one).is(422, 141);
    stage.ask("PUT", &one, &json!({ "entry": { "title": "Other" } })).ok();
    assert_eq!(stage.get(&one).ok()["entry"]["title"], "Other");
    for odd in ["x".repeat(201), "a%20b".to_owned()] {
        let path = format!("{ENTRIES}/{uid}/variants/{odd}");
        stage.ask("PUT", &path, &json!({ "entry": { "title": "Other" } })).is(422, 141);
    }
    assert_eq!(stage.get(ENTRIES).ok()["entries"].as_array().unwrap().len(), 1);
    let list = stage.get(&format!("{ENTRIES}/{uid}/variants")).ok();
    assert_eq!(list["entries"].as_array().unwrap().len(), 1);
    stage.get(&format!("{ENTRIES}/nosuch/variants")).is(422, 141);
    stage.ask("DELETE", &format!("{ENTRIES}/{uid}"), &Value::Null).ok();
    stage.get(&one).is(422, 141);
}

#[test]
fn lists_are_filtered_ordered_and_cut() {
    let stage = stage();
    for (title, code) in [("B", "1"), ("A", "2"), ("C", "3")] {
        stage.entry("page", &json!({ "title": title, "code": code, "seo": { "rank": code } }));
    }
    let titles = |query: &str| {
        let list = stage.get(&format!("{ENTRIES}?{query}")).ok();
        let titles = list["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["title"].as_str().unwrap().to_owned());
        titles.collect::<Vec<_>>().join("")
    };
    assert_eq!(titles(""), "CAB");
    assert_eq!(titles("asc=title"), "ABC");
    assert_eq!(titles("desc=title&skip=1&limit=1"), "B");
    assert_eq!(
        titles("asc=title&query=%7B%22seo.rank%22%3A%7B%22%24in%22%3A%5B%221%22%2C%223%22%5D%7D%7D"),
        "BC"
    );
    stage.get(&format!("{ENTRIES}?query=%7B%22title%22%3A%7B%22%24regex%22%3A%22A%22%7D%7D")).is(422, 141);
    stage.get(&format!("{ENTRIES}?query=nonsense")).is(422, 141);
    let only = stage.get(&format!("{ENTRIES}?limit=1&only%5BBASE%5D%5B%5D=title")).ok();
    assert_eq!(only["entries"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["title", "uid"]);
    let except = stage.get(&format!("{ENTRIES}?limit=1&except%5BBASE%5D%5B%5D=title")).ok();
    assert!(except["entries"][0].get("title").is_none() && except["entries"][0].get("code").is_some());
}

/// "Works with a management token only when the stage's transition rule is open to all", and never answers publish
/// requests; approvers are people.
#[test]
fn facts_of_bodies_are_judged() {
    let stage = stage();
    let stages = json!([
        { "name": "open", "uid": "open", "SYS_ACL": { "users": { "uids": ["$all"] } } },
        { "name": "closed", "uid": "closed", "SYS_ACL": { "users": { "uids": ["blt1"] } } },
        { "name": "unnamed" },
    ]);
    let workflow = json!({ "workflow": { "name": "review", "workflow_stages": stages } });
    let workflow = stage.ask("POST", "/v3/workflows", &workflow).ok();
    assert!(workflow["workflow"]["workflow_stages"][2]["uid"].as_str().unwrap().starts_with("blt"));
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let token = stage.management("ci", &[("$all", rw())]);
    let token = token["token"].as_str().unwrap();
    let path = format!("{ENTRIES}/{uid}/workflow");
    let to = |stage: &str| json!({ "workflow": { "workflow_stage": { "uid": stage } } });
    stage.by_token(token, "POST", &path, &to("closed")).is(403, 316);
    stage.by_token(token, "POST", &path, &to("nosuch")).is(403, 316);
    stage.by_token(token, "POST", &path, &Value::Null).is(403, 316);
    // What the policy lets through is a reading of the profile; here it is done.
    stage.by_token(token, "POST", &path, &to("open")).ok();
    let staged =
        || stage.get(&format!("{ENTRIES}/{uid}?include_workflow=true")).ok()["entry"]["_workflow"].clone();
    assert_eq!(staged()["uid"], "open");
    assert!(stage.get(&format!("{ENTRIES}/{uid}")).ok()["entry"].get("_workflow").is_none());
    let accept = json!({ "workflow": { "publishing_rule": { "uid": "blt1", "action": "publish", "status": 1 }, "workflow_stage": { "uid": "open" } } });
    stage.by_token(token, "POST", &path, &accept).is(403, 316);
    stage.ask("POST", &path, &accept).is(501, 501);
    stage.by_token(token, "POST", "/v3/bulk/workflow", &to("closed")).is(403, 316);
    stage.by_token(token, "POST", "/v3/bulk/workflow", &to("open")).is(501, 501);

    let rules = "/v3/workflows/publishing_rules";
    let rule =
        |approvers: Value| json!({ "publishing_rule": { "workflow": "blt1", "approvers": approvers } });
    stage.by_token(token, "POST", rules, &rule(json!({ "users": ["blt1"] }))).is(403, 316);
    stage.by_token(token, "POST", rules, &rule(json!({ "roles": ["blt1"] }))).is(403, 316);
    let made = stage.by_token(token, "POST", rules, &rule(json!({ "users": [], "roles": [] }))).ok();
    let one = format!("{rules}/{}", made["publishing_rule"]["uid"].as_str().unwrap());
    stage.by_token(token, "PUT", &one, &rule(json!({ "roles": ["blt1"] }))).is(403, 316);
    stage.ask("PUT", &one, &rule(json!({ "roles": ["blt1"] }))).ok();
}

#[test]
fn a_document_is_not_reached_with_the_key_of_another_place() {
    let stage = Stage::new();
    for uid in ["a", "a-b"] {
        stage.ask("POST", "/v3/content_types", &content_type(uid)).ok();
    }
    stage.entry("a-b", &json!({ "title": "One" }));
    assert_eq!(stage.get("/v3/content_types/a/entries").ok()["entries"], json!([]));
    stage.ask("DELETE", "/v3/content_types/a", &Value::Null).ok();
    assert_eq!(stage.get("/v3/content_types/a-b/entries").ok()["entries"].as_array().unwrap().len(), 1);
}

#[test]
fn teams_are_those_of_an_organization_and_known_to_its_members() {
    let stage = Stage::new();
    let path = format!("/v3/organizations/{}/teams", stage.demo.organization_uid);
    stage.ask("POST", &path, &json!({ "name": "first" })).ok();
    assert_eq!(stage.get(&path).ok()["teams"].as_array().unwrap().len(), 1);
    let stranger = stage.user("stranger", None);
    stage.by(&stranger, "GET", &path, &Value::Null).is(422, 21);
    // Who is no admin of it is told the same of an organization that is there and of one that is not.
    for path in [path.as_str(), "/v3/organizations/nosuch/teams"] {
        stage.by(&stranger, "POST", path, &json!({ "name": "second" })).is(403, 316);
    }
    stage.ask("POST", "/v3/organizations/nosuch/teams", &json!({ "name": "third" })).is(403, 316);
    stage.get("/v3/organizations/nosuch/teams").is(422, 21);
}

/// A value of another type is told from one that is missing.
#[test]
fn texts_are_texts() {
    let stage = stage();
    let keys = |method: &str, path: &str, body: &Value| {
        let answer = stage.ask(method, path, body);
        assert!(matches!(answer.status, 400 | 422), "{method} {path} {body}: {}", answer.status);
        answer.body["errors"].to_string()
    };
    for collection in &COLLECTIONS {
        let module = collection.module;
        if matches!(module, ModuleId::Asset | ModuleId::Entry | ModuleId::EntryVariant) {
            continue;
        }
        let Some(create) = collection.create.filter(|id| !id.row().template.contains('{')) else { continue };
        let texts =
            collection.required.iter().filter(|field| !matches!(**field, "schema" | "workflow_stages"));
        for field in texts {
            for wrong in [json!(5), json!(true), json!([]), json!({})] {
                let mut fields = least(collection, "one");
                fields.insert((*field).to_owned(), wrong);
                let body = json!({ collection.one: fields });
                let says = keys("POST", &path(create, &[]), &body);
                assert!(says.contains(field) && says.contains("is not a text"), "{module:?} {field}: {says}");
            }
        }
    }
    for (path, body, key) in [
        ("/v3/releases", json!({ "release": { "name": "R", "locked": "x" } }), "locked"),
        ("/v3/webhooks", json!({ "webhook": { "name": "w", "channels": 5 } }), "channels"),
        ("/v3/webhooks", json!({ "webhook": { "name": "w", "destinations": "x" } }), "destinations"),
        ("/v3/workflows", json!({ "workflow": { "name": "w", "workflow_stages": [5] } }), "workflow_stages"),
        ("/v3/labels", json!({ "label": { "name": "l", "content_types": [5] } }), "content_types"),
    ] {
        let says = keys("POST", path, &body);
        assert!(says.contains(key) && says.contains("is n"), "{path}: {says}");
    }
    let release = stage.ask("POST", "/v3/releases", &json!({ "release": { "name": "R" } })).ok();
    let release = format!("/v3/releases/{}", release["release"]["uid"].as_str().unwrap());
    let says = keys("PUT", &release, &json!({ "release": { "name": 5 } }));
    assert!(says.contains("is not a text"), "{says}");
    let says =
        keys("POST", &format!("{release}/clone"), &json!({ "release": { "name": 5, "description": [] } }));
    assert!(says.matches("is not a text").count() == 2, "{says}");
    let says = keys("POST", &format!("{release}/items"), &json!({ "items": {} }));
    assert!(says.contains("is not a list"), "{says}");
    for (path, envelope, key) in [
        ("/v3/environments", "environment", "name"),
        ("/v3/roles", "role", "name"),
        ("/v3/stacks/branches", "branch", "source"),
        ("/v3/content_types", "content_type", "uid"),
    ] {
        let says = keys(
            "POST",
            path,
            &json!({ envelope: { "uid": "x", "name": "n", "source": "main", "title": "t", "schema": [], "rules": [], key: 1 } }),
        );
        assert!(says.contains(&format!("\"{key}\":[\"is not a text\"")), "{path} {says}");
    }
}

/// The fields of an entry have the types that its content type gives them.
#[test]
fn entries_have_the_types_of_their_fields() {
    let stage = stage();
    let schema = json!([
        { "uid": "title", "display_name": "Title", "data_type": "text", "mandatory": true, "unique": true },
        { "uid": "size", "display_name": "Size", "data_type": "number" },
        { "uid": "on", "display_name": "On", "data_type": "boolean" },
        { "uid": "many", "display_name": "Many", "data_type": "text", "multiple": true },
        { "uid": "any", "display_name": "Any", "data_type": "json" },
    ]);
    let body = json!({ "content_type": { "uid": "typed", "title": "Typed", "schema": schema } });
    stage.ask("POST", "/v3/content_types", &body).ok();
    let path = "/v3/content_types/typed/entries";
    let post = |title: &str, field: &str, value: Value| {
        let mut entry = json!({ "title": title });
        entry[field] = value;
        stage.ask("POST", path, &json!({ "entry": entry }))
    };
    for (field, value) in [
        ("title", json!(5)),
        ("size", json!("5")),
        ("on", json!("true")),
        ("many", json!("one")),
        ("many", json!(["one", 2])),
    ] {
        let answer = post("wrong", field, value.clone());
        answer.is(422, 119);
        assert_eq!(answer.keys(), [field], "{field} {value}");
    }
    for (number, (field, value)) in [
        ("size", json!(5)),
        ("size", Value::Null),
        ("on", json!(false)),
        ("many", json!(["one", "two"])),
        ("any", json!({ "type": "doc" })),
        ("unknown", json!(5)),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(post(&number.to_string(), field, value).status, 201, "{field}");
    }
}
