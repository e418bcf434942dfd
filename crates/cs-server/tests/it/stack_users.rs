//! Users of a stack: shared with, given roles, taken out; ownership handed on.

use cs_server::Role;
use serde_json::{Value, json};

use crate::stage::Stage;

const SHARE: &str = "/v3/stacks/share";
const UNSHARE: &str = "/v3/stacks/unshare";
const USERS_ROLES: &str = "/v3/stacks/users/roles";

/// The uid of a role of the system.
fn uid_of(stage: &Stage, name: &str) -> String {
    let list = stage.get("/v3/roles").ok();
    let roles = list["roles"].as_array().unwrap();
    roles.iter().find(|role| role["name"] == name).unwrap()["uid"].as_str().unwrap().to_owned()
}

fn collaborators(stage: &Stage) -> Vec<(String, Vec<String>)> {
    let list = stage.get("/v3/stacks/users").ok();
    let names = |row: &Value| {
        row["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| role["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let rows = list["stack"]["collaborators"].as_array().unwrap();
    let mut rows: Vec<_> =
        rows.iter().map(|row| (row["email"].as_str().unwrap().to_owned(), names(row))).collect();
    rows.sort();
    rows
}

#[test]
fn shared_and_unshared() {
    let stage = Stage::new();
    let user = stage.user("ada", None);
    let email = "ada@example.invalid";
    stage.by(&user, "GET", "/v3/environments", &Value::Null).is(403, 316);
    let body = json!({ "emails": [email], "roles": { email: [uid_of(&stage, "Developer")] } });
    assert!(stage.ask("POST", SHARE, &body).ok()["notice"].is_string());
    stage.by(&user, "GET", "/v3/environments", &Value::Null).ok();
    assert_eq!(collaborators(&stage)[0], (email.to_owned(), vec!["Developer".to_owned()]));
    assert_eq!(collaborators(&stage)[1].1, ["Owner"]);
    // Sharing again adds.
    let more = json!({ "emails": [email], "roles": { email: [uid_of(&stage, "Content Manager")] } });
    stage.ask("POST", SHARE, &more).ok();
    assert_eq!(collaborators(&stage)[0].1, ["Developer", "Content Manager"]);
    stage.ask("POST", UNSHARE, &json!({ "email": email })).ok();
    stage.by(&user, "GET", "/v3/environments", &Value::Null).is(403, 316);
    stage.ask("POST", UNSHARE, &json!({ "email": email })).is(422, 141);
    stage.ask("POST", UNSHARE, &json!({ "email": 7 })).is(422, 141);
    let owner = stage.ask("POST", UNSHARE, &json!({ "email": cs_server::demo::EMAIL }));
    owner.is(422, 141);
    assert_eq!(owner.keys(), ["owner"]);
    assert_eq!(collaborators(&stage).len(), 1);
}

#[test]
fn what_is_wrong_with_sharing() {
    let stage = Stage::new();
    let email = "ada@example.invalid";
    for (body, key) in [
        (json!({}), "emails"),
        (json!({ "emails": [] }), "emails"),
        (json!({ "emails": [7], "roles": {} }), "emails"),
        (json!({ "emails": ["no address"], "roles": {} }), "emails"),
        (json!({ "emails": [email] }), "roles"),
        (json!({ "emails": [email], "roles": { email: [] } }), "roles"),
        (json!({ "emails": [email], "roles": { email: ["nosuch"] } }), "roles"),
        (json!({ "emails": [email], "roles": { email: "Developer" } }), "roles"),
    ] {
        let answer = stage.ask("POST", SHARE, &body);
        answer.is(422, 141);
        assert!(answer.keys().contains(&key), "{body}: {}", answer.body);
    }
    assert!(stage.service.admin(stage.now()).find_user(email).is_err(), "nobody was invited");
    let manager = stage.user("manager", Some(Role::ContentManager));
    stage.by(&manager, "POST", SHARE, &json!({})).is(403, 316);
}

/// "This API Request will override the existing roles assigned to a user."
#[test]
fn roles_are_replaced() {
    let stage = Stage::new();
    let user = stage.user("ada", Some(Role::Developer));
    let uid = stage.service.admin(stage.now()).find_user("ada@example.invalid").unwrap();
    stage.by(&user, "POST", "/v3/environments", &json!({ "environment": { "name": "one" } })).ok();
    stage.ask("POST", USERS_ROLES, &json!({ "users": { &uid: [uid_of(&stage, "Content Manager")] } })).ok();
    assert_eq!(collaborators(&stage)[0].1, ["Content Manager"]);
    stage.by(&user, "POST", "/v3/environments", &json!({ "environment": { "name": "two" } })).is(403, 316);
    for users in [
        json!({}),
        json!([]),
        json!({ &uid: [] }),
        json!({ &uid: ["nosuch"] }),
        json!({ "nosuch": [uid_of(&stage, "Admin")] }),
        json!({ &*stage.demo.owner_uid: [uid_of(&stage, "Admin")] }),
    ] {
        stage.ask("POST", USERS_ROLES, &json!({ "users": users })).is(422, 141);
    }
    assert_eq!(collaborators(&stage).len(), 2);
}

/// "One owner per stack."
#[test]
fn ownership_is_offered_and_accepted() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let heir = stage.user("heir", Some(Role::Developer));
    let uid = admin.find_user("heir@example.invalid").unwrap();
    let offer = |by: &cs_model::Secret, to: &str| {
        stage.by(by, "POST", "/v3/stacks/transfer_ownership", &json!({ "transfer_to": to }))
    };
    assert!(admin.ownership_token(&stage.demo.api_key).is_err(), "nothing is on offer");
    offer(&heir, "heir@example.invalid").is(403, 316);
    offer(&stage.owner, "nobody@example.invalid").is(422, 141);
    offer(&stage.owner, cs_server::demo::EMAIL).is(422, 141);
    offer(&stage.owner, "heir@example.invalid").ok();
    let accept = |token: &str, query: &str| {
        stage.send("GET", &format!("/v3/stacks/accept_ownership/{token}{query}"), &[], &Value::Null)
    };
    let old = admin.ownership_token(&stage.demo.api_key).unwrap();
    let token = admin.ownership_token(&stage.demo.api_key).unwrap();
    accept("nosuch", "").is(422, 141);
    accept(old.reveal(), "").is(422, 141);
    accept(token.reveal(), "?uid=bltother").is(422, 141);
    assert_eq!(stage.get("/v3/stacks").ok()["stack"]["owner_uid"], stage.demo.owner_uid);
    accept(token.reveal(), &format!("?uid={uid}")).ok();
    assert_eq!(stage.get("/v3/stacks").ok()["stack"]["owner_uid"], uid);
    let roles = collaborators(&stage);
    assert_eq!(roles[0], ("heir@example.invalid".to_owned(), vec!["Owner".to_owned()]));
    assert_eq!(roles[1].1, ["Admin"]);
    accept(token.reveal(), "").is(422, 141);
    offer(&stage.owner, "heir@example.invalid").is(403, 316);
}

/// Who gets an offer after another one is the only one who can accept.
#[test]
fn a_second_offer_takes_the_place_of_the_first() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    stage.user("one", Some(Role::Admin));
    stage.user("two", Some(Role::Admin));
    let offer =
        |to: &str| stage.ask("POST", "/v3/stacks/transfer_ownership", &json!({ "transfer_to": to })).ok();
    offer("one@example.invalid");
    let first = admin.ownership_token(&stage.demo.api_key).unwrap();
    offer("two@example.invalid");
    let second = admin.ownership_token(&stage.demo.api_key).unwrap();
    let accept = |token: &cs_model::Secret| {
        stage.send("GET", &format!("/v3/stacks/accept_ownership/{}", token.reveal()), &[], &Value::Null)
    };
    accept(&first).is(422, 141);
    accept(&second).ok();
}
