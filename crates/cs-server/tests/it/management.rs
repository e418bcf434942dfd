//! Management tokens (seed 002, "Management Token Collection"; seed 001, "Management Tokens").

use cs_model::generated::LimitId;
use cs_model::profile::{AtLimit, DayEdge};
use cs_model::{ManagementToken, Many, Profile};
use serde_json::{Value, json};

use crate::stage::{MANAGEMENT, Stage, management, rw, with};

#[test]
fn the_value_is_in_the_answer_that_makes_it_and_in_no_other() {
    let stage = Stage::new();
    let created = stage.ask("POST", MANAGEMENT, &management("ci", &[("entry", rw())]));
    assert_eq!(created.status, 201);
    let token = &created.body["token"];
    let value = token["token"].as_str().unwrap();
    assert!(value.starts_with("cs") && value.len() == 26);
    let path = format!("{MANAGEMENT}/{}", token["uid"].as_str().unwrap());
    let read = stage.get(&path).ok();
    assert!(read["token"].get("token").is_none());
    let list = stage.get(MANAGEMENT).ok();
    assert!(list["tokens"][0].get("token").is_none());
    let change = json!({ "token": { "name": "ci 2" } });
    let updated = stage.ask("PUT", &path, &change).ok();
    assert!(updated["token"].get("token").is_none());
    assert_eq!(updated["token"]["name"], "ci 2");
    assert_eq!(updated["token"]["scope"], token["scope"], "left out, so kept");
    let typed: Many<ManagementToken> = serde_json::from_value(stage.get(MANAGEMENT).ok()).unwrap();
    assert_eq!(typed.tokens[0].name, "ci 2");
    stage.by_token(value, "GET", "/v3/content_types/x/entries", &Value::Null).is(422, 118);
    stage.ask("DELETE", &path, &Value::Null).ok();
    stage.by_token(value, "GET", "/v3/content_types/x/entries", &Value::Null).is(401, 105);
}

/// "You can generate a maximum of 10 management tokens for a specific stack" (seed 002).
#[test]
fn ten_or_thirty_or_the_oldest_gives_way() {
    let stage = Stage::new();
    for n in 0..10 {
        stage.management(&format!("token {n}"), &[("entry", rw())]);
    }
    stage.ask("POST", MANAGEMENT, &management("one more", &[("entry", rw())])).is(422, 344);
    assert_eq!(stage.get(&format!("{MANAGEMENT}?count=true")).ok()["tokens"], 10);

    let stage = Stage::with(Profile::documented_2026());
    for n in 0..30 {
        stage.management(&format!("token {n}"), &[("entry", rw())]);
    }
    stage.ask("POST", MANAGEMENT, &management("one more", &[("entry", rw())])).is(422, 344);

    let mut profile = Profile::seeds();
    profile.limits[LimitId::ManagementTokensPerStack as usize].at_limit = AtLimit::EvictOldest;
    let stage = Stage::with(profile);
    let first = stage.management("first", &[("environment", rw())]);
    for n in 0..10 {
        stage.management(&format!("token {n}"), &[("entry", rw())]);
    }
    assert_eq!(stage.get(&format!("{MANAGEMENT}?count=true")).ok()["tokens"], 10);
    let value = first["token"].as_str().unwrap();
    stage.by_token(value, "GET", "/v3/environments", &Value::Null).is(401, 105);
}

#[test]
fn expiry_comes_at_the_edge_of_the_day_that_the_profile_names() {
    for (edge, last) in [(DayEdge::Start, "2026-12-09T23:59:59Z"), (DayEdge::End, "2026-12-10T23:59:59Z")] {
        let mut profile = Profile::seeds();
        profile.switches.expiry_day.value = edge;
        let stage = Stage::with(profile);
        let body = with(management("ci", &[("environment", rw())]), "expires_on", json!("2026-12-10"));
        let token = stage.ask("POST", MANAGEMENT, &body).ok()["token"].clone();
        assert_eq!(token["expires_on"], "2026-12-10");
        let value = token["token"].as_str().unwrap();
        stage.set_now(last);
        stage.by_token(value, "GET", "/v3/environments", &Value::Null).ok();
        stage.advance(std::time::Duration::from_secs(1));
        let answer = stage.by_token(value, "GET", "/v3/environments", &Value::Null);
        answer.is(401, 105);
        assert_eq!(answer.keys(), ["authorization"]);
        assert_eq!(stage.get(MANAGEMENT).ok()["tokens"][0]["name"], "ci", "still listed");
        // What is past and stays as it is may stay; a new date in the past may not.
        let path = format!("{MANAGEMENT}/{}", token["uid"].as_str().unwrap());
        stage.ask("PUT", &path, &with(body, "name", json!("ci 2"))).ok();
        let past = json!({ "token": { "expires_on": "2026-12-01" } });
        stage.ask("PUT", &path, &past).is(422, 141);
        let later = json!({ "token": { "expires_on": "2027-01-01" } });
        stage.ask("PUT", &path, &later).ok();
        stage.by_token(value, "GET", "/v3/environments", &Value::Null).ok();
    }
}

#[test]
fn every_form_of_never() {
    let stage = Stage::new();
    let body = |name: &str| management(name, &[("entry", rw())]);
    let expires = |body: &Value| stage.ask("POST", MANAGEMENT, body).ok()["token"]["expires_on"].clone();
    assert_eq!(expires(&body("left out")), Value::Null);
    assert_eq!(expires(&with(body("null"), "expires_on", Value::Null)), Value::Null);
    assert_eq!(expires(&with(body("flag"), "is_never_expires", json!(true))), Value::Null);
    assert_eq!(
        expires(&with(with(body("both"), "is_never_expires", json!(true)), "expires_on", Value::Null)),
        Value::Null
    );
    let both = with(with(body("x"), "is_never_expires", json!(true)), "expires_on", json!("2027-01-01"));
    let both = stage.ask("POST", MANAGEMENT, &both);
    both.is(422, 141);
    assert_eq!(both.keys(), ["expires_on", "is_never_expires"]);
    assert_eq!(expires(&with(body("far"), "expires_on", json!("3000-01-01"))), "3000-01-01");
    let time = "2027-12-01T00:00:00.000Z";
    assert_eq!(expires(&with(body("time"), "expires_on", json!(time))), time);
    let last = "9999-12-31T23:59:59.999Z";
    assert_eq!(expires(&with(body("last"), "expires_on", json!(last))), last);
}

#[test]
fn an_expired_one_counts_unless_the_profile_says_otherwise() {
    let fill = |counts: bool| {
        let mut profile = Profile::seeds();
        profile.switches.expired_counts.value = counts;
        let stage = Stage::with(profile);
        for n in 0..10 {
            let body = management(&format!("token {n}"), &[("entry", rw())]);
            stage.ask("POST", MANAGEMENT, &with(body, "expires_on", json!("2026-12-10"))).ok();
        }
        stage.set_now("2026-12-11T00:00:00Z");
        stage.ask("POST", MANAGEMENT, &management("one more", &[("entry", rw())])).status
    };
    assert_eq!(fill(true), 422);
    assert_eq!(fill(false), 201);
}

/// "define if the token should be read-only or write-only" (seed 001)
#[test]
fn read_only_reads_and_write_only_writes() {
    let stage = Stage::new();
    let value = |name: &str, acl: Value| {
        stage.management(name, &[("environment", acl)])["token"].as_str().unwrap().to_owned()
    };
    let (reader, writer) =
        (value("reader", json!({ "read": true })), value("writer", json!({ "write": true })));
    let new = |name: &str| json!({ "environment": { "name": name } });
    stage.by_token(&reader, "GET", "/v3/environments", &Value::Null).ok();
    stage.by_token(&reader, "POST", "/v3/environments", &new("a")).is(403, 316);
    stage.by_token(&writer, "POST", "/v3/environments", &new("b")).ok();
    stage.by_token(&writer, "GET", "/v3/environments", &Value::Null).is(403, 316);
    stage.by_token(&reader, "GET", "/v3/webhooks", &Value::Null).is(403, 316);
}

#[test]
fn a_change_of_scope_counts_at_once() {
    let stage = Stage::new();
    let token = stage.management("ci", &[("entry", rw())]);
    let value = token["token"].as_str().unwrap();
    stage.by_token(value, "GET", "/v3/environments", &Value::Null).is(403, 316);
    let path = format!("{MANAGEMENT}/{}", token["uid"].as_str().unwrap());
    stage.ask("PUT", &path, &management("ci", &[("environment", rw())])).ok();
    stage.by_token(value, "GET", "/v3/environments", &Value::Null).ok();
}

#[test]
fn what_a_token_makes_is_made_by_the_user_who_made_the_token() {
    let stage = Stage::new();
    let token = stage.management("ci", &[("environment", rw())]);
    let body = json!({ "environment": { "name": "made" } });
    let made = stage.by_token(token["token"].as_str().unwrap(), "POST", "/v3/environments", &body).ok();
    assert_eq!(made["environment"]["created_by"], stage.demo.owner_uid);
}

#[test]
fn contradictions_can_be_read_the_other_way() {
    use cs_model::generated::ContradictionId;
    use cs_model::profile::{ClientReading, Reading, ServiceReading};
    let deny = || Reading { client: ClientReading::Deny, service: ServiceReading::Deny, why: "test".into() };
    let stage = Stage::with(Profile::seeds().with_reading(ContradictionId::ExpiresOnOmitted, deny()));
    let body = management("ci", &[("entry", rw())]);
    let answer = stage.ask("POST", MANAGEMENT, &body);
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["expires_on"]);
    stage.ask("POST", MANAGEMENT, &with(body, "is_never_expires", json!(true))).ok();

    let stage = Stage::with(Profile::seeds().with_reading(ContradictionId::SeveralBranchesInScope, deny()));
    let branch = json!({ "branch": { "uid": "third", "source": "main" } });
    stage.ask("POST", "/v3/stacks/branches", &branch).ok();
    let scoped = |branches: Value| {
        let scope = json!([
            { "module": "entry", "acl": rw() },
            { "module": "branch", "branches": branches, "acl": { "read": true } },
        ]);
        with(management("ci", &[]), "scope", scope)
    };
    stage.ask("POST", MANAGEMENT, &scoped(json!(["main", "third"]))).is(422, 141);
    stage.ask("POST", MANAGEMENT, &scoped(json!(["main", "third", "development"]))).ok();
}
