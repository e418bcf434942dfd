//! The second factor of a login, and the lock after failed ones.

use cs_model::generated::LimitId;
use cs_model::{Profile, Secret};
use cs_server::{AdminError, NewUser};
use serde_json::{Value, json};

use crate::stage::{Answer, Stage};

const EMAIL: &str = "ada@example.invalid";
/// What an authenticator's documentation likes to show.
const SECRET: &str = "JBSWY3DPEHPK3PXP";

fn ada(stage: &Stage) -> String {
    stage.service.admin(stage.now()).create_user(&NewUser::new(EMAIL, Secret::new("ada"))).unwrap()
}

fn log_in(stage: &Stage, password: &str, code: &Value) -> Answer {
    let body = json!({ "user": { "email": EMAIL, "password": password, "tfa_token": code } });
    stage.send("POST", "/v3/user-session", &[], &body)
}

fn shown(stage: &Stage, user: &str) -> Value {
    let code = stage.service.admin(stage.now()).authenticator_code(user).unwrap().unwrap();
    json!(code.reveal())
}

#[test]
fn an_authenticator() {
    let stage = Stage::new();
    let user = ada(&stage);
    let secret = stage.service.admin(stage.now()).enroll_authenticator(&user, None).unwrap();
    assert_eq!(secret.reveal().len(), 32, "20 bytes in base 32");
    let asked = stage.log_in(EMAIL, "ada");
    asked.is(422, 294);
    assert_eq!(asked.body["tfa_type"], "totp_authenticator");
    assert_eq!(asked.body["errors"], json!([]));
    let wrong = log_in(&stage, "ada", &json!("000000"));
    wrong.is(422, 295);
    assert_eq!(wrong.body["tfa_type"], "totp_authenticator");
    let code = shown(&stage, &user);
    let in_ = log_in(&stage, "ada", &code).ok();
    assert_eq!(in_["user"]["tfa_status"], "verified");
    assert!(in_["user"]["authtoken"].is_string());
    // "A TOTP code is single-use."
    let again = log_in(&stage, "ada", &code);
    again.is(422, 295);
    assert!(again.body["error_message"].as_str().unwrap().contains("used before"), "{}", again.body);
    stage.advance(std::time::Duration::from_secs(30));
    log_in(&stage, "ada", &shown(&stage, &user)).ok();
}

/// The code of the step before works as long as no later one was used.
#[test]
fn a_code_from_before_the_last_used_one_is_used_up() {
    let stage = Stage::new();
    let user = ada(&stage);
    let secret = Secret::new(SECRET);
    stage.service.admin(stage.now()).enroll_authenticator(&user, Some(secret)).unwrap();
    let old = shown(&stage, &user);
    stage.advance(std::time::Duration::from_secs(30));
    let new = shown(&stage, &user);
    assert_ne!(old, new);
    log_in(&stage, "ada", &new).ok();
    log_in(&stage, "ada", &old).is(422, 295);
    stage.advance(std::time::Duration::from_secs(60));
    log_in(&stage, "ada", &old).is(422, 295);
}

#[test]
fn what_is_no_code() {
    let stage = Stage::new();
    let user = ada(&stage);
    let admin = stage.service.admin(stage.now());
    admin.enroll_authenticator(&user, Some(Secret::new(SECRET))).unwrap();
    for none in [Value::Null, json!(""), json!("  "), json!([]), json!(true)] {
        log_in(&stage, "ada", &none).is(422, 294);
    }
    for wrong in [json!("12345"), json!("abcdef"), json!(1), json!("1234567")] {
        log_in(&stage, "ada", &wrong).is(422, 295);
    }
    let refused = admin.enroll_authenticator(&user, Some(Secret::new("no base 32"))).unwrap_err();
    assert!(matches!(refused, AdminError::AuthenticatorSecret));
    assert!(!refused.to_string().contains("no base 32 "), "{refused}");
}

#[test]
fn text_messages() {
    let stage = Stage::new();
    let user = ada(&stage);
    let sent = || stage.service.admin(stage.now()).text_message(&user).unwrap();
    stage.service.admin(stage.now()).enroll_text_messages(&user).unwrap();
    assert!(sent().is_none());
    let asked = stage.log_in(EMAIL, "ada");
    asked.is(422, 294);
    assert_eq!(asked.body["tfa_type"], "sms");
    let first = sent().unwrap();
    stage.log_in(EMAIL, "ada").is(422, 294);
    let second = sent().unwrap();
    if !first.same_as(&second) {
        log_in(&stage, "ada", &json!(first.reveal())).is(422, 295);
    }
    log_in(&stage, "ada", &json!(second.reveal())).ok();
    assert!(sent().is_none());
    let again = log_in(&stage, "ada", &json!(second.reveal()));
    again.is(422, 295);
    assert!(again.body["error_message"].as_str().unwrap().contains("used before"));
    stage.log_in(EMAIL, "ada").is(422, 294);
    let late = sent().unwrap();
    stage.advance(std::time::Duration::from_secs(11 * 60));
    log_in(&stage, "ada", &json!(late.reveal())).is(422, 295);
    assert!(!format!("{late:?}").contains(late.reveal()));
}

/// A message goes out to who knows the password, and the code is no way around it.
#[test]
fn the_password_comes_first() {
    let stage = Stage::new();
    let user = ada(&stage);
    stage.service.admin(stage.now()).enroll_text_messages(&user).unwrap();
    stage.log_in(EMAIL, "wrong").is(422, 104);
    assert!(stage.service.admin(stage.now()).text_message(&user).unwrap().is_none());
    stage.service.admin(stage.now()).enroll_authenticator(&user, None).unwrap();
    let code = shown(&stage, &user);
    log_in(&stage, "wrong", &code).is(422, 104);
    log_in(&stage, "ada", &code).ok();
    stage.service.admin(stage.now()).remove_second_factor(&user).unwrap();
    stage.log_in(EMAIL, "ada").ok();
}

/// The vendor's newest client expects 401 where an older test has 422.
#[test]
fn the_status_is_the_profiles() {
    let stage = Stage::with(Profile::live());
    let user = ada(&stage);
    stage.service.admin(stage.now()).enroll_authenticator(&user, None).unwrap();
    stage.log_in(EMAIL, "ada").is(401, 294);
    log_in(&stage, "ada", &json!("000000")).is(401, 295);
}

#[test]
fn the_message_tells_how_many_attempts_are_left() {
    let stage = Stage::with(Profile::seeds().with_limit(LimitId::FailedLogins, Some(3), "test"));
    let user = ada(&stage);
    let says = |answer: &Answer| answer.body["error_message"].as_str().unwrap().to_owned();
    for left in ["2", "1", "0"] {
        let answer = stage.log_in(EMAIL, "wrong");
        answer.is(422, 104);
        assert!(says(&answer).ends_with(&format!("attempts left: {left}")), "{}", says(&answer));
    }
    let locked = stage.log_in(EMAIL, "ada");
    locked.is(422, 104);
    assert!(says(&locked).contains("locked"));
    stage.advance(std::time::Duration::from_secs(30 * 24 * 3600));
    stage.log_in(EMAIL, "ada").is(422, 104);
    stage.service.admin(stage.now()).unlock(&user).unwrap();
    stage.log_in(EMAIL, "ada").ok();
}

/// Guessing at codes is failing, being asked for one is not.
#[test]
fn wrong_codes_lock_too() {
    let stage = Stage::with(Profile::seeds().with_limit(LimitId::FailedLogins, Some(3), "test"));
    let user = ada(&stage);
    stage.service.admin(stage.now()).enroll_authenticator(&user, None).unwrap();
    for _ in 0..10 {
        stage.log_in(EMAIL, "ada").is(422, 294);
    }
    for _ in 0..3 {
        log_in(&stage, "ada", &json!("000000")).is(422, 295);
    }
    log_in(&stage, "ada", &shown(&stage, &user)).is(422, 104);
}

/// Of many attempts at once, no more than the limit are told more than that the account is locked.
#[test]
fn the_lock_holds_under_races() {
    let stage = Stage::with(Profile::seeds().with_limit(LimitId::FailedLogins, Some(5), "test"));
    let user = ada(&stage);
    let (service, now) = (&stage.service, stage.now());
    let messages: Vec<String> = std::thread::scope(|scope| {
        let attempt = || {
            let body = json!({ "user": { "email": EMAIL, "password": "wrong" } }).to_string();
            let request = http::Request::post("/v3/user-session").header("content-type", "application/json");
            let response = service.handle(now, &request.body(bytes::Bytes::from(body)).unwrap());
            let body: Value = serde_json::from_slice(response.body()).unwrap();
            body["error_message"].as_str().unwrap().to_owned()
        };
        let handles: Vec<_> = (0..24).map(|_| scope.spawn(attempt)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    let mut left: Vec<_> = messages.iter().filter(|says| says.contains("attempts left")).collect();
    left.sort();
    assert_eq!(left.len(), 5, "{messages:?}");
    assert!(left.iter().enumerate().all(|(n, says)| says.ends_with(&n.to_string())), "{left:?}");
    stage.log_in(EMAIL, "ada").is(422, 104);
    stage.service.admin(now).unlock(&user).unwrap();
    stage.log_in(EMAIL, "ada").ok();
}

/// Of many uses of one code at once, one gets in.
#[test]
fn one_code_logs_in_once_under_races() {
    let stage = Stage::with(Profile::seeds().with_limit(LimitId::FailedLogins, None, "test"));
    let user = ada(&stage);
    stage.service.admin(stage.now()).enroll_authenticator(&user, None).unwrap();
    let code = shown(&stage, &user);
    let (service, now) = (&stage.service, stage.now());
    let body = json!({ "user": { "email": EMAIL, "password": "ada", "tfa_token": code } }).to_string();
    let logged_in = std::thread::scope(|scope| {
        let attempt = || {
            let request = http::Request::post("/v3/user-session").header("content-type", "application/json");
            service.handle(now, &request.body(bytes::Bytes::from(body.clone())).unwrap()).status()
        };
        let handles: Vec<_> = (0..16).map(|_| scope.spawn(attempt)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).filter(|s| s.is_success()).count()
    });
    assert_eq!(logged_in, 1);
}
