//! Users of teams, and the roles that teams have in stacks.

use serde_json::{Value, json};

use crate::stage::Stage;

/// A stage with a team, and the path of the team.
fn team(stage: &Stage, body: &Value) -> String {
    let teams = format!("/v3/organizations/{}/teams", stage.demo.organization_uid);
    let made = stage.ask("POST", &teams, body).ok();
    format!("{teams}/{}", made["uid"].as_str().unwrap())
}

fn uid_of(stage: &Stage, name: &str) -> String {
    stage.service.admin(stage.now()).find_user(&format!("{name}@example.invalid")).unwrap()
}

#[test]
fn users_come_by_their_addresses_and_go() {
    let stage = Stage::new();
    let team = team(&stage, &json!({ "name": "first" }));
    let users = format!("{team}/users");
    assert_eq!(stage.get(&users).ok()["users"], json!([]));
    let emails = json!({ "emails": ["ada@example.invalid", "bob@example.invalid", "ada@example.invalid"] });
    assert_eq!(stage.ask("POST", &users, &emails).status, 201);
    stage.ask("POST", &users, &json!({ "emails": ["ada@example.invalid"] })).ok();
    let (ada, bob) = (uid_of(&stage, "ada"), uid_of(&stage, "bob"));
    let listed = stage.get(&format!("{users}?include_count=true")).ok();
    assert_eq!((&listed["users"], &listed["count"]), (&json!([bob, ada]), &json!(2)));
    let shown = stage.get(&format!("{users}?includeUserDetails=true&limit=1")).ok();
    assert_eq!((&shown["users"][0]["uid"], &shown["users"][1]), (&json!(bob), &Value::Null));
    assert_eq!(stage.get(&team).ok()["users"], json!([ada, bob]), "the team itself says the same");
    for wrong in [json!({}), json!({ "emails": [] }), json!({ "emails": [1] }), json!({ "emails": ["ada"] })]
    {
        assert_eq!(stage.ask("POST", &users, &wrong).status, 422, "{wrong}");
    }
    let one = format!("{users}/{ada}");
    assert_eq!(stage.ask("DELETE", &one, &Value::Null).status, 204);
    assert_eq!(stage.ask("DELETE", &one, &Value::Null).status, 422);
    assert_eq!(stage.get(&users).ok()["users"], json!([bob]));
    // Who leaves the organization is in no team of it.
    let invitations = format!("/v3/organizations/{}/share", stage.demo.organization_uid);
    stage.ask("DELETE", &invitations, &json!({ "emails": ["bob@example.invalid"] })).ok();
    assert_eq!(stage.get(&users).ok()["users"], json!([]));
}

#[test]
fn a_team_has_roles_in_stacks() {
    let stage = Stage::new();
    let team = team(&stage, &json!({ "name": "first" }));
    let mappings = format!("{team}/stack_role_mappings");
    let role = |name: &str| {
        let roles = stage.get("/v3/roles").ok()["roles"].clone();
        roles.as_array().unwrap().iter().find(|role| role["name"] == name).unwrap()["uid"].clone()
    };
    let (admin, developer) = (role("Admin"), role("Developer"));
    let body = json!({ "stackApiKey": stage.api_key(), "roles": [developer] });
    let made = stage.ask("POST", &mappings, &body);
    assert_eq!((made.status, made.ok()["stackRoleMapping"].clone()), (201, body.clone()));
    assert_eq!(stage.ask("POST", &mappings, &body).status, 422, "there is one");
    assert_eq!(stage.get(&mappings).ok()["stackRoleMappings"], json!([body]));
    let one = format!("{mappings}/{}", stage.api_key());
    let changed = stage.ask("POST", &one, &json!({ "roles": [admin, developer] })).ok();
    assert_eq!(changed["stackRoleMapping"]["roles"], json!([admin, developer]));
    assert_eq!(stage.get(&team).ok()["stackRoleMapping"][0]["roles"][0], admin);
    // As one of the vendor's clients does it.
    let put = stage.ask("PUT", &format!("{mappings}/{}", stage.api_key()), &json!({ "roles": [admin] })).ok();
    assert_eq!(put["stackRoleMapping"]["roles"], json!([admin]));
    let newest = Stage::with(cs_model::Profile::documented_2026());
    newest.ask("PUT", &format!("{mappings}/{}", stage.api_key()), &json!({ "roles": [] })).is(404, 404);
    for wrong in [json!({}), json!({ "roles": ["nosuch"] }), json!({ "roles": "all" })] {
        assert_eq!(stage.ask("POST", &one, &wrong).status, 422, "{wrong}");
    }
    let elsewhere = json!({ "stackApiKey": "nosuch", "roles": [] });
    assert_eq!(stage.ask("POST", &mappings, &elsewhere).status, 422);
    assert_eq!(stage.ask("POST", &format!("{mappings}/nosuch"), &json!({ "roles": [] })).status, 422);
    assert_eq!(stage.ask("DELETE", &one, &Value::Null).status, 204);
    assert_eq!(stage.ask("DELETE", &one, &Value::Null).status, 422);
    assert_eq!(stage.get(&mappings).ok()["stackRoleMappings"], json!([]));
}

#[test]
fn a_team_is_made_with_users_and_roles() {
    let stage = Stage::new();
    let body = json!({ "name": "first", "users": [{ "email": "ada@example.invalid" }],
        "stackRoleMapping": [{ "stackApiKey": stage.api_key(), "roles": [] }] });
    let team = team(&stage, &body);
    let ada = uid_of(&stage, "ada");
    assert_eq!(stage.get(&format!("{team}/users")).ok()["users"], json!([ada]));
    let mappings = stage.get(&format!("{team}/stack_role_mappings")).ok();
    assert_eq!(mappings["stackRoleMappings"][0]["stackApiKey"], stage.api_key());
    // What is left out stays; uids are taken, too.
    stage.ask("PUT", &team, &json!({ "name": "second" })).ok();
    assert_eq!(stage.get(&team).ok()["users"], json!([ada]));
    stage.ask("PUT", &team, &json!({ "users": [ada, { "email": "bob@example.invalid" }] })).ok();
    assert_eq!(stage.get(&team).ok()["users"], json!([ada, uid_of(&stage, "bob")]));
    for (field, value) in [
        ("users", json!("ada")),
        ("users", json!(["nobody"])),
        ("users", json!([{ "email": "nobody" }])),
        ("stackRoleMapping", json!([{ "stackApiKey": "nosuch", "roles": [] }])),
        ("stackRoleMapping", json!([1])),
        ("stackRoleMapping", json!([body["stackRoleMapping"][0], body["stackRoleMapping"][0]])),
    ] {
        assert_eq!(stage.ask("PUT", &team, &json!({ field: value })).status, 422, "{field} {value}");
    }
}

#[test]
fn teams_are_for_the_organization_only() {
    let stage = Stage::new();
    let team = team(&stage, &json!({ "name": "first" }));
    let stranger = stage.user("stranger", None);
    for part in ["users", "stack_role_mappings"] {
        let path = format!("{team}/{part}");
        stage.by(&stranger, "GET", &path, &Value::Null).is(422, 21);
        stage.by(&stranger, "POST", &path, &json!({ "emails": ["stranger@example.invalid"] })).is(403, 316);
        let nowhere = path.replace("/teams/", "/teams/no");
        assert_eq!(stage.get(&nowhere).status, 422);
    }
}
