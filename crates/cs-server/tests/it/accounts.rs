//! Accounts: profile, activation, passwords.

use cs_model::Secret;
use cs_server::{Mailed, NewUser, Role};
use serde_json::{Value, json};

use crate::stage::Stage;

#[test]
fn the_profile_is_updated_as_far_as_the_body_goes() {
    let stage = Stage::new();
    let user = stage.user("ada", Some(Role::Developer));
    let headers = [("authtoken", user.reveal())];
    let put = |body: Value| stage.send("PUT", "/v3/user", &headers, &json!({ "user": body }));
    let before = stage.send("GET", "/v3/user", &headers, &Value::Null).ok()["user"].clone();
    let updated = put(json!({ "first_name": "Ada", "company": "Engines Ltd" })).ok();
    assert!(updated["notice"].is_string());
    assert_eq!(
        (&updated["user"]["first_name"], &updated["user"]["company"]),
        (&json!("Ada"), &json!("Engines Ltd"))
    );
    assert_eq!(updated["user"]["username"], before["username"]);
    // Clients send the whole object back: what the service writes itself stays.
    let mut whole = updated["user"].clone();
    whole["email"] = json!("other@example.invalid");
    whole["uid"] = json!("bltother");
    whole["last_name"] = json!("L.");
    let again = put(whole).ok();
    assert_eq!((&again["user"]["email"], &again["user"]["uid"]), (&before["email"], &before["uid"]));
    assert_eq!(again["user"]["last_name"], "L.");
    assert!(put(json!({ "company": null })).ok()["user"].get("company").is_none());
    let wrong = put(json!({ "first_name": 7, "company": [], "last_name": "stays out" }));
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["company", "first_name"]);
    let read = stage.send("GET", "/v3/user", &headers, &Value::Null).ok();
    assert_eq!(read["user"]["last_name"], "L.");
    assert!(read["user"].get("authtoken").is_none());
    stage.send("PUT", "/v3/user", &[], &json!({ "user": {} })).is(401, 105);
    stage.send("PUT", "/v3/user", &headers, &json!({})).is(400, 400);
}

/// Whoever a stack is shared with and has no account gets one that must be activated.
#[test]
fn an_invited_user_activates_the_account() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let roles = stage.get("/v3/roles").ok();
    let developer =
        roles["roles"].as_array().unwrap().iter().find(|role| role["name"] == "Developer").unwrap();
    let email = "new@example.invalid";
    let body = json!({ "emails": [email], "roles": { email: [developer["uid"]] } });
    stage.ask("POST", "/v3/stacks/share", &body).ok();
    let uid = admin.find_user(email).unwrap();
    stage.log_in(email, "").is(422, 104);
    stage.log_in(email, "anything").is(422, 104);
    let token = admin.mailed_token(&uid, Mailed::Activation).unwrap();
    assert!(!format!("{token:?}").contains(token.reveal()));
    let activate = |token: &str, body: Value| {
        stage.send("POST", &format!("/v3/user/activate/{token}"), &[], &json!({ "user": body }))
    };
    let body = json!({ "first_name": "New", "last_name": "User", "password": "canary", "password_confirmation": "canary" });
    activate("nosuch", body.clone()).is(422, 141);
    let wrong = activate(
        token.reveal(),
        json!({ "password": "canary", "password_confirmation": "other", "last_name": 7 }),
    );
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["first_name", "last_name", "password_confirmation"]);
    assert_eq!(activate(token.reveal(), body.clone()).ok()["user"]["active"], true);
    activate(token.reveal(), body).is(422, 141);
    let authtoken = stage.log_in(email, "canary").ok()["user"]["authtoken"].as_str().unwrap().to_owned();
    stage.by(&Secret::new(authtoken), "GET", "/v3/stacks/delivery_tokens", &Value::Null).ok();
    assert!(admin.mailed_token(&uid, Mailed::Activation).is_err(), "it is active");
}

#[test]
fn another_password() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let email = "ada@example.invalid";
    let uid = admin.create_user(&NewUser::new(email, Secret::new("before"))).unwrap();
    let forgot = |email: Value| {
        stage.send("POST", "/v3/user/forgot_password", &[], &json!({ "user": { "email": email } }))
    };
    let known = forgot(json!(email)).ok();
    assert_eq!(known, forgot(json!("nobody@example.invalid")).ok(), "it tells nobody who has an account");
    forgot(json!(7)).is(422, 141);
    let token = admin.mailed_token(&uid, Mailed::PasswordReset).unwrap();
    let reset = |token: &str, password: &str| {
        let body =
            json!({ "reset_password_token": token, "password": password, "password_confirmation": password });
        stage.send("POST", "/v3/user/reset_password", &[], &json!({ "user": body }))
    };
    reset(token.reveal(), "").is(422, 141);
    reset("nosuch", "after").is(422, 141);
    stage
        .send(
            "POST",
            &format!("/v3/user/activate/{}", token.reveal()),
            &[],
            &json!({ "user": {
        "first_name": "A", "last_name": "B", "password": "x", "password_confirmation": "x" } }),
        )
        .is(422, 141);
    reset(token.reveal(), "after").ok();
    reset(token.reveal(), "again").is(422, 141);
    stage.log_in(email, "before").is(422, 104);
    stage.log_in(email, "after").ok();
}
