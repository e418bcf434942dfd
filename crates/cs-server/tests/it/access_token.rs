//! Legacy access tokens (seed 001, "Access Tokens").

use cs_model::{ApiKey, Profile};
use cs_server::{AdminError, EventKind, Role};
use serde_json::{Value, json};

use crate::stage::Stage;

fn old_stack(stage: &Stage) -> ApiKey {
    let (organization, owner) = (&stage.demo.organization_uid, &stage.demo.owner_uid);
    let created = "2019-10-22T12:00:00Z".parse().unwrap();
    stage.service.admin(stage.now()).create_stack_of(organization, "Old", owner, created).unwrap()
}

/// What a user sees of the stack.
fn read(stage: &Stage, authtoken: &str, api_key: &ApiKey, query: &str) -> Value {
    let headers = [("api_key", api_key.as_str()), ("authtoken", authtoken)];
    stage.send("GET", &format!("/v3/stacks{query}"), &headers, &Value::Null).ok()["stack"].clone()
}

const ASKED: &str = "?include_discrete_variables=true";

/// "available by default", on stacks that were not "created after December 16, 2020"
#[test]
fn a_stack_that_is_old_enough_has_one_and_shows_it_when_asked() {
    let stage = Stage::new();
    let old = old_stack(&stage);
    let owner = stage.owner.reveal();
    let shown = read(&stage, owner, &old, ASKED);
    let value = shown["discrete_variables"]["access_token"].as_str().unwrap();
    assert!(value.starts_with("cs") && value.len() == 26);
    assert_eq!(shown["created_at"], "2019-10-22T12:00:00.000Z");
    assert!(!read(&stage, owner, &old, "").to_string().contains(value));
    let list = stage.send("GET", &format!("/v3/stacks{ASKED}"), &[("authtoken", owner)], &Value::Null).ok();
    let with: Vec<_> =
        list["stacks"].as_array().unwrap().iter().filter(|stack| stack.to_string().contains(value)).collect();
    assert_eq!(with.len(), 1);
    assert_eq!(with[0]["api_key"], old.as_str());
    // The demo stack is of today.
    assert!(!read(&stage, owner, &stage.demo.api_key, ASKED).to_string().contains("access_token"));
}

/// The day itself is a reading of the profile.
#[test]
fn a_stack_of_the_last_day_has_one_or_not() {
    for (profile, expected) in [(Profile::seeds(), true), (Profile::live(), false)] {
        let stage = Stage::with(profile);
        for (day, expected) in [("2020-12-15", true), ("2020-12-16", expected), ("2020-12-17", false)] {
            let created = format!("{day}T23:59:59Z").parse().unwrap();
            let (organization, owner) = (&stage.demo.organization_uid, &stage.demo.owner_uid);
            let admin = stage.service.admin(stage.now());
            let stack = admin.create_stack_of(organization, day, owner, created).unwrap();
            let shown = read(&stage, stage.owner.reveal(), &stack, ASKED);
            let value = shown["discrete_variables"]["access_token"].as_str();
            assert_eq!(value.is_some(), expected, "{day}");
            if let Some(value) = value {
                let headers = [("api_key", stack.as_str()), ("access_token", value)];
                stage.send("GET", "/v3/content_types", &headers, &Value::Null).ok();
            }
            assert_eq!(admin.reset_access_token(&stack, owner).is_ok(), expected, "{day}");
        }
    }
}

#[test]
fn only_those_who_may_reset_it_see_it() {
    let stage = Stage::new();
    let old = old_stack(&stage);
    let admin = stage.service.admin(stage.now());
    for (name, role, sees) in [
        ("admin", Role::Admin, true),
        ("developer", Role::Developer, true),
        ("manager", Role::ContentManager, false),
    ] {
        let user = stage.user(name, None);
        let uid = admin.find_user(&format!("{name}@example.invalid")).unwrap();
        admin.set_role(&old, &uid, role).unwrap();
        let shown = read(&stage, user.reveal(), &old, ASKED).to_string();
        assert_eq!(shown.contains("access_token"), sees, "{name}");
    }
}

/// "Only stack owner, admins and developers can reset it."
#[test]
fn owner_admin_and_developer_reset_it() {
    let stage = Stage::new();
    let old = old_stack(&stage);
    let admin = stage.service.admin(stage.now());
    let see = || {
        read(&stage, stage.owner.reveal(), &old, ASKED)["discrete_variables"]["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut values = vec![see()];
    let mut reset = |uid: &str| {
        let value = admin.reset_access_token(&old, uid).unwrap().reveal().to_owned();
        assert_eq!(value, see());
        assert!(!values.contains(&value));
        values.push(value);
    };
    reset(&stage.demo.owner_uid);
    for (name, role) in [("admin", Role::Admin), ("developer", Role::Developer)] {
        drop(stage.user(name, None));
        let uid = admin.find_user(&format!("{name}@example.invalid")).unwrap();
        admin.set_role(&old, &uid, role).unwrap();
        reset(&uid);
    }
    let before = see();
    for (name, role) in [("manager", Some(Role::ContentManager)), ("stranger", None)] {
        drop(stage.user(name, None));
        let uid = admin.find_user(&format!("{name}@example.invalid")).unwrap();
        if let Some(role) = role {
            admin.set_role(&old, &uid, role).unwrap();
        }
        assert!(matches!(admin.reset_access_token(&old, &uid), Err(AdminError::Forbidden { .. })), "{name}");
    }
    assert_eq!(see(), before);
    let recorded = admin.events(0).unwrap();
    assert_eq!(recorded.len(), 3);
    assert!(
        matches!(&recorded[0].kind, EventKind::AccessTokenReset { api_key, .. } if *api_key == old.as_str())
    );
    let written = serde_json::to_string(&recorded).unwrap();
    assert!(values.iter().all(|value| !written.contains(value)));

    let owner = &stage.demo.owner_uid;
    let late = admin.reset_access_token(&stage.demo.api_key, owner);
    assert!(matches!(late, Err(AdminError::NoAccessToken(_))));
    let nowhere = ApiKey::new("bltnosuchstack00000").unwrap();
    assert!(matches!(admin.reset_access_token(&nowhere, owner), Err(AdminError::Unknown { .. })));
    assert!(matches!(admin.reset_access_token(&old, "bltnobody"), Err(AdminError::Unknown { .. })));
}

/// It is no credential of the management API.
#[test]
fn it_opens_nothing_on_the_management_api() {
    let stage = Stage::new();
    let old = old_stack(&stage);
    let shown = read(&stage, stage.owner.reveal(), &old, ASKED);
    let value = shown["discrete_variables"]["access_token"].as_str().unwrap();
    for header in ["authorization", "authtoken"] {
        let headers = [("api_key", old.as_str()), (header, value)];
        stage.send("GET", "/v3/environments", &headers, &json!(null)).is(401, 105);
    }
}
