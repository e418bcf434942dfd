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
    let in_query = format!("/v3/stacks?organization_uid={}", stage.demo.organization_uid);
    stage.send("POST", &in_query, &headers[..1], &body).ok();
    let developer = stage.user("developer", Some(cs_server::Role::Developer));
    let headers = [("authtoken", developer.reveal()), headers[1]];
    stage.send("POST", "/v3/stacks", &headers, &body).is(403, 316);
}

fn path(stage: &Stage, rest: &str) -> String {
    format!("/v3/organizations/{}{rest}", stage.demo.organization_uid)
}

/// The names by which the vendor's command line reads the limits.
#[test]
fn the_plan_shows_the_limits_of_the_profile() {
    let stage = Stage::with(cs_model::Profile::seeds().with_limit(
        cs_model::generated::LimitId::WritesPerSecond,
        Some(25),
        "test",
    ));
    let owner = [("authtoken", stage.owner.reveal())];
    let plain = stage.send("GET", &path(&stage, ""), &owner, &Value::Null).ok();
    assert!(plain["organization"].get("plan").is_none());
    for (path, pointer) in [
        (path(&stage, "?include_plan=true"), "/organization/plan/features"),
        ("/v3/organizations?include_plan=true".to_owned(), "/organizations/0/plan/features"),
    ] {
        let read = stage.send("GET", &path, &owner, &Value::Null).ok();
        let features = read.pointer(pointer).unwrap().as_array().unwrap().clone();
        let limit =
            |uid: &str| features.iter().find(|feature| feature["uid"] == uid).unwrap()["limit"].clone();
        assert_eq!((limit("getLimit"), limit("limit"), limit("bulkLimit")), (json!(10), json!(25), json!(1)));
    }
}

#[test]
fn users_come_and_go() {
    let stage = Stage::new();
    let owner = [("authtoken", stage.owner.reveal())];
    let roles = stage.send("GET", &path(&stage, "/roles"), &owner, &Value::Null).ok();
    let role = |name: &str| {
        let roles = roles["roles"].as_array().unwrap();
        roles.iter().find(|role| role["name"] == name).unwrap()["uid"].clone()
    };
    let share = path(&stage, "/share");
    let (old, new) = ("ada@example.invalid", "new@example.invalid");
    let ada = stage.user("ada", None);
    let stack_roles = stage.get("/v3/roles").ok();
    let developer =
        stack_roles["roles"].as_array().unwrap().iter().find(|role| role["name"] == "Developer").unwrap();
    let body = json!({ "share": {
        "users": { old: [role("admin")], new: [role("member")] },
        "stacks": { old: { stage.api_key(): [developer["uid"]] } },
        "message": "welcome",
    } });
    let invited = stage.send("POST", &share, &owner, &body).ok();
    assert_eq!(invited["shares"].as_array().unwrap().len(), 2);
    stage.by(&ada, "GET", "/v3/stacks/delivery_tokens", &Value::Null).ok();
    let list = stage
        .send("GET", &format!("{share}?include_count=true&include_user_details=true"), &owner, &Value::Null)
        .ok();
    assert_eq!(list["count"], 3);
    let of = |email: &str| {
        list["shares"].as_array().unwrap().iter().find(|share| share["email"] == email).unwrap().clone()
    };
    assert_eq!((&of(old)["status"], &of(new)["status"]), (&json!("accepted"), &json!("pending")));
    assert_eq!(of(old)["org_roles"], json!([role("admin")]));
    assert_eq!(
        (&of(new)["invited_by"], &of(new)["user"]["email"]),
        (&json!(stage.demo.owner_uid), &json!(new))
    );
    let found = stage.send("POST", &path(&stage, "/share/search"), &owner, &json!({ "emails": [new] })).ok();
    assert_eq!(found["shares"].as_array().unwrap().len(), 1);
    let resend = |uid: &Value| {
        let path = path(&stage, &format!("/share/{}/resend_invitation", uid.as_str().unwrap()));
        stage.send("GET", &path, &owner, &Value::Null)
    };
    resend(&of(new)["uid"]).ok();
    resend(&of(old)["uid"]).is(422, 141);
    // An admin of the organization now, by the same request that a member is refused.
    let member = stage.user("member", Some(cs_server::Role::Developer));
    let remove = |by: &cs_model::Secret, email: &str| {
        stage.send("DELETE", &share, &[("authtoken", by.reveal())], &json!({ "emails": [email] }))
    };
    remove(&member, new).is(403, 316);
    remove(&ada, new).ok();
    remove(&ada, new).is(422, 141);
    remove(&ada, cs_server::demo::EMAIL).is(422, 141);
    remove(&stage.owner, old).ok();
    stage.by(&ada, "GET", "/v3/stacks/delivery_tokens", &Value::Null).is(403, 316);
    let mine = stage.send("GET", "/v3/organizations", &[("authtoken", ada.reveal())], &Value::Null).ok();
    assert_eq!(mine["organizations"], json!([]));
}

#[test]
fn what_is_wrong_with_an_invitation() {
    let stage = Stage::new();
    let owner = [("authtoken", stage.owner.reveal())];
    let email = "ada@example.invalid";
    for share in [
        json!({}),
        json!({ "users": [] }),
        json!({ "users": { "no address": ["x"] } }),
        json!({ "users": { email: [] } }),
        json!({ "users": { email: ["nosuch"] } }),
        json!({ "stacks": { email: { "bltnosuch": ["x"] } } }),
        json!({ "stacks": { email: { stage.api_key(): ["nosuch"] } } }),
    ] {
        stage.send("POST", &path(&stage, "/share"), &owner, &json!({ "share": share })).is(422, 141);
    }
    assert!(stage.service.admin(stage.now()).find_user(email).is_err());
}

/// "Organization owner is not stack owner": running an organization opens none of its stacks, not even by an invitation.
#[test]
fn an_admin_of_the_organization_shares_no_stack_of_others() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let runner = stage.user("runner", None);
    let uid = admin.find_user("runner@example.invalid").unwrap();
    admin.set_place(&stage.demo.organization_uid, &uid, cs_server::OrganizationPlace::Admin).unwrap();
    let roles = stage.get("/v3/roles").ok();
    let email = "runner@example.invalid";
    let body = json!({ "share": { "stacks": { email: { stage.api_key(): [roles["roles"][0]["uid"]] } } } });
    stage.send("POST", &path(&stage, "/share"), &[("authtoken", runner.reveal())], &body).is(403, 316);
    stage.by(&runner, "GET", "/v3/environments", &Value::Null).is(403, 316);
}

#[test]
fn the_ownership_of_an_organization_is_offered_and_accepted() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let organization = &*stage.demo.organization_uid;
    let heir = stage.user("heir", None);
    let uid = admin.find_user("heir@example.invalid").unwrap();
    admin.set_place(organization, &uid, cs_server::OrganizationPlace::Admin).unwrap();
    let offer = |by: &cs_model::Secret, to: &str| {
        let body = json!({ "transfer_to": to });
        stage.send("POST", &path(&stage, "/transfer-ownership"), &[("authtoken", by.reveal())], &body)
    };
    assert!(admin.accept_organization(organization).is_err());
    offer(&heir, "heir@example.invalid").is(403, 316);
    offer(&stage.owner, "nobody@example.invalid").is(422, 141);
    offer(&stage.owner, "heir@example.invalid").ok();
    assert_eq!(admin.accept_organization(organization).unwrap(), uid);
    let read = stage.send("GET", &path(&stage, ""), &[("authtoken", heir.reveal())], &Value::Null).ok();
    assert_eq!(read["organization"]["owner_uid"], uid);
    assert!(admin.accept_organization(organization).is_err(), "once");
}

/// The page on a single stack: without the header, an empty list and no error.
#[test]
fn a_single_stack_of_single_sign_on_wants_the_header_too() {
    let stage = Stage::new();
    stage.service.admin(stage.now()).set_single_sign_on(&stage.demo.organization_uid, true, false).unwrap();
    assert_eq!(stage.get("/v3/stacks").ok(), json!({ "stacks": [] }));
    let ask = |organization: &str| {
        let headers = [
            ("api_key", stage.api_key()),
            ("authtoken", stage.owner.reveal()),
            ("organization_uid", organization),
        ];
        stage.send("GET", "/v3/stacks", &headers, &Value::Null)
    };
    assert_eq!(ask(&stage.demo.organization_uid).ok()["stack"]["name"], "Demo stack");
    ask("bltother").is(422, 21);
}

#[test]
fn names_are_looked_for_as_they_are_typed() {
    let stage = Stage::new();
    let owner = [("authtoken", stage.owner.reveal())];
    for (begin, expected) in [("demo", 1), ("Demo%20o", 1), ("x", 0)] {
        let path = format!("/v3/organizations?typeahead={begin}");
        let list = stage.send("GET", &path, &owner, &Value::Null).ok();
        assert_eq!(list["organizations"].as_array().unwrap().len(), expected, "{begin}");
    }
}

/// "The header becomes mandatory on stack routes": for users, and where the profile believes the page that says so.
#[test]
fn single_sign_on_asks_for_the_organization() {
    let stage = Stage::with(cs_model::Profile::documented_2026());
    let token = stage.management("ci", &[("$all", crate::stage::rw())])["token"].as_str().unwrap().to_owned();
    let uid = stage.demo.organization_uid.clone();
    let ask = |method: &str, path: &str, organization: Option<&str>| {
        let mut headers = vec![("api_key", stage.api_key()), ("authtoken", stage.owner.reveal())];
        headers.extend(organization.map(|uid| ("organization_uid", uid)));
        stage.send(method, path, &headers, &Value::Null)
    };
    ask("GET", "/v3/environments", None).ok();
    stage.service.admin(stage.now()).set_single_sign_on(&uid, true, false).unwrap();
    for (method, path) in [
        ("GET", "/v3/environments"),
        ("GET", "/v3/content_types"),
        ("GET", "/v3/stacks/delivery_tokens"),
        ("PUT", "/v3/stacks"),
        ("DELETE", "/v3/environments/production"),
    ] {
        ask(method, path, None).is(422, 21);
        ask(method, path, Some("bltother")).is(422, 21);
        assert_ne!(ask(method, path, Some(&uid)).code(), Some(21), "{method} {path}");
    }
    // The list of stacks is empty instead, and tokens belong to their stack already.
    assert_eq!(ask("GET", "/v3/stacks", None).ok()["stacks"], json!([]));
    assert_eq!(ask("GET", "/v3/stacks", Some(&uid)).ok()["stack"]["api_key"], stage.api_key());
    stage.by_token(&token, "GET", "/v3/environments", &Value::Null).ok();
    // Outside of stacks nothing is asked for, and a wrong credential is told first.
    stage.send("GET", "/v3/user", &[("authtoken", stage.owner.reveal())], &Value::Null).ok();
    stage
        .send("GET", "/v3/environments", &[("api_key", stage.api_key()), ("authtoken", "x")], &Value::Null)
        .is(401, 105);
}
