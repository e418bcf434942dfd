//! Organizations and their stacks.

use serde_json::{Value, json};

use crate::stage::Stage;

#[test]
fn members_read_theirs() {
    let stage = Stage::new();
    let owner = [("authtoken", stage.owner.reveal())];
    let list = stage.send("GET", "/v3/organizations", &owner, &Value::Null).ok();
    assert_eq!(list["organizations"][0]["uid"], stage.demo.organization_uid);
    let path = format!("/v3/organizations/{}", stage.demo.organization_uid);
    assert_eq!(stage.send("GET", &path, &owner, &Value::Null).ok()["organization"]["is_owner"], true);
    let stranger = stage.user("stranger", None);
    let stranger = [("authtoken", stranger.reveal())];
    assert_eq!(
        stage.send("GET", "/v3/organizations", &stranger, &Value::Null).ok()["organizations"],
        json!([])
    );
    stage.send("GET", &path, &stranger, &Value::Null).is(422, 21);
    stage.send("GET", "/v3/organizations/bltnosuch", &owner, &Value::Null).is(422, 21);
}

#[test]
fn stacks_are_listed_by_role() {
    let stage = Stage::new();
    let owner = [("authtoken", stage.owner.reveal())];
    let list = stage.send("GET", "/v3/stacks?include_count=true", &owner, &Value::Null).ok();
    assert_eq!((list["count"].as_u64(), &list["stacks"][0]["api_key"]), (Some(1), &json!(stage.api_key())));
    assert_eq!(stage.get("/v3/stacks").ok()["stack"]["name"], "Demo stack");
    let organization = ("organization_uid", &*stage.demo.organization_uid);
    let list = stage.send("GET", "/v3/stacks", &[owner[0], organization], &Value::Null).ok();
    assert_eq!(list["stacks"].as_array().unwrap().len(), 1);
    let list =
        stage.send("GET", "/v3/stacks", &[owner[0], ("organization_uid", "bltother")], &Value::Null).ok();
    assert_eq!(list["stacks"], json!([]));
    let stranger = stage.user("stranger", None);
    let list = stage.send("GET", "/v3/stacks", &[("authtoken", stranger.reveal())], &Value::Null).ok();
    assert_eq!(list["stacks"], json!([]));
    stage.by(&stranger, "GET", "/v3/stacks", &Value::Null).is(403, 316);
}

#[test]
fn an_organization_with_single_sign_on_wants_its_header() {
    let stage = Stage::new();
    stage.service.admin(stage.now()).set_single_sign_on(&stage.demo.organization_uid, true, false).unwrap();
    let owner = ("authtoken", stage.owner.reveal());
    let list = stage.send("GET", "/v3/stacks", &[owner], &Value::Null).ok();
    assert_eq!(list["stacks"], json!([]), "empty, and no error");
    let organization = ("organization_uid", &*stage.demo.organization_uid);
    let list = stage.send("GET", "/v3/stacks", &[owner, organization], &Value::Null).ok();
    assert_eq!(list["stacks"].as_array().unwrap().len(), 1);
}

#[test]
fn a_stack_is_made() {
    let stage = Stage::new();
    let headers = [("authtoken", stage.owner.reveal()), ("organization_uid", &*stage.demo.organization_uid)];
    let body = json!({ "stack": { "name": "New", "master_locale": "en-us" } });
    let created = stage.send("POST", "/v3/stacks", &headers, &body);
    assert_eq!(created.status, 201);
    let api_key = created.body["stack"]["api_key"].as_str().unwrap();
    let headers_there = [("authtoken", stage.owner.reveal()), ("api_key", api_key)];
    let list = stage.send("GET", "/v3/stacks/branches", &headers_there, &Value::Null).ok();
    assert_eq!(list["branches"][0]["uid"], "main");
    stage.send("POST", "/v3/stacks", &headers, &json!({ "stack": {} })).is(422, 141);
    stage.send("POST", "/v3/stacks", &headers[..1], &body).is(422, 21);
    let developer = stage.user("developer", Some(cs_server::Role::Developer));
    let headers = [("authtoken", developer.reveal()), headers[1]];
    stage.send("POST", "/v3/stacks", &headers, &body).is(403, 316);
}
