//! Limits per second.

use std::time::Duration;

use bytes::Bytes;
use cs_model::Profile;
use cs_model::generated::{ContradictionId, LimitId};
use cs_model::profile::{ClientReading, Reading, ServiceReading};
use cs_server::Role;
use http::Request;
use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, management, options, rw, with};

#[test]
fn ten_reads_and_ten_writes_a_second_for_the_whole_organization() {
    let stage = Stage::over(options(Profile::seeds()));
    let read = || {
        let request = Request::get(DELIVERY)
            .header("api_key", stage.api_key())
            .header("authtoken", stage.owner.reveal())
            .body(Bytes::new())
            .unwrap();
        let response = stage.raw(&request);
        let header = |name: &str| response.headers()[name].to_str().unwrap().parse::<u32>().unwrap();
        (response.status().as_u16(), header("x-ratelimit-limit"), header("x-ratelimit-remaining"))
    };
    for left in (0..10).rev() {
        assert_eq!(read(), (200, 10, left));
    }
    assert_eq!(read(), (429, 10, 0));
    let answer = stage.get(DELIVERY);
    answer.is(429, 429);
    assert!(answer.body.get("errors").is_none(), "flat");
    stage.ask("POST", DELIVERY, &delivery("writes are counted apart")).ok();
    // Another stack of the same organization shares the limit; another organization does not.
    let admin = stage.service.admin(stage.now());
    let same = admin.create_stack(&stage.demo.organization_uid, "Same", &stage.demo.owner_uid).unwrap();
    let organization = admin.create_organization("Other", &stage.demo.owner_uid).unwrap();
    let other = admin.create_stack(&organization, "Other", &stage.demo.owner_uid).unwrap();
    let ask = |api_key: &str| {
        let headers = [("api_key", api_key), ("authtoken", stage.owner.reveal())];
        stage.send("GET", DELIVERY, &headers, &Value::Null).status
    };
    assert_eq!(ask(same.as_str()), 429);
    assert_eq!(ask(other.as_str()), 200);
    stage.advance(Duration::from_secs(1));
    assert_eq!(read(), (200, 10, 9));
}

#[test]
fn a_write_is_counted_once() {
    let stage = Stage::over(options(Profile::seeds()));
    for n in 0..10 {
        stage.ask("POST", DELIVERY, &delivery(&format!("token {n}"))).ok();
    }
    stage.ask("POST", DELIVERY, &delivery("one more")).is(429, 429);
}

/// A token may have a limit of its own, which never exceeds that of the organization (the vendor's page on making one).
#[test]
fn a_token_has_a_limit_of_its_own_below_that_of_the_organization() {
    let stage = Stage::over(options(Profile::seeds()));
    let body = with(management("ci", &[("environment", rw())]), "rate_limit_enabled", json!(true));
    let body = with(with(body, "reads_per_second", json!(3)), "writes_per_second", json!(1));
    let made = stage.ask("POST", MANAGEMENT, &body).ok()["token"].clone();
    assert_eq!((&made["reads_per_second"], &made["writes_per_second"]), (&json!(3), &json!(1)));
    let value = made["token"].as_str().unwrap();
    let path = format!("{MANAGEMENT}/{}", made["uid"].as_str().unwrap());
    let read = || {
        let request = Request::get("/v3/environments")
            .header("api_key", stage.api_key())
            .header("authorization", value)
            .body(Bytes::new())
            .unwrap();
        let response = stage.raw(&request);
        let header = |name: &str| response.headers()[name].to_str().unwrap().parse::<u32>().unwrap();
        (response.status().as_u16(), header("x-ratelimit-limit"), header("x-ratelimit-remaining"))
    };
    let write = |name: &str| {
        stage.by_token(value, "POST", "/v3/environments", &json!({ "environment": { "name": name } }))
    };
    for left in (0..3).rev() {
        assert_eq!(read(), (200, 3, left));
    }
    assert_eq!(read(), (429, 3, 0));
    write("a").ok();
    write("b").is(429, 429);
    // What the token was refused is not taken from the organization: 10 less its 3, less nothing.
    for _ in 0..7 {
        stage.get(DELIVERY).ok();
    }
    stage.get(DELIVERY).is(429, 429);
    // Where the organization has less left, that counts.
    stage.advance(Duration::from_secs(1));
    for _ in 0..8 {
        stage.get(DELIVERY).ok();
    }
    assert_eq!(read(), (200, 10, 1));
    assert_eq!(read(), (200, 10, 0));
    assert_eq!(read(), (429, 10, 0));
    // Turned off, the numbers are kept and count no more; null takes one back.
    stage.advance(Duration::from_secs(1));
    let change = json!({ "token": { "rate_limit_enabled": false, "writes_per_second": null } });
    let changed = stage.ask("PUT", &path, &change).ok()["token"].clone();
    assert_eq!((&changed["rate_limit_enabled"], &changed["reads_per_second"]), (&json!(false), &json!(3)));
    assert!(changed.get("writes_per_second").is_none());
    stage.advance(Duration::from_secs(1));
    for left in (0..10).rev() {
        assert_eq!(read(), (200, 10, left));
    }
}

#[test]
fn limits_of_a_token_are_whole_numbers_up_to_that_of_the_organization() {
    let stage = Stage::new();
    let body = |value: Value| with(management("ci", &[("entry", rw())]), "reads_per_second", value);
    for wrong in
        [json!(0), json!(11), json!(-1), json!(1.5), json!("5"), json!(true), json!([1]), json!(u64::MAX)]
    {
        let answer = stage.ask("POST", MANAGEMENT, &body(wrong.clone()));
        answer.is(422, 141);
        assert_eq!(answer.keys(), ["reads_per_second"], "{wrong}");
    }
    stage.ask("POST", MANAGEMENT, &body(json!(10))).ok();
    let free = Profile::seeds().with_limit(LimitId::ReadsPerSecond, None, "test");
    Stage::with(free).ask("POST", MANAGEMENT, &body(json!(1000))).ok();
}

#[test]
fn whose_requests_are_counted_is_a_reading() {
    let deny = Reading { client: ClientReading::Deny, service: ServiceReading::Deny, why: "test".into() };
    let stage = Stage::over(options(Profile::seeds().with_reading(ContradictionId::RateLimitUnit, deny)));
    let developer = stage.user("developer", Some(Role::Developer));
    for _ in 0..10 {
        stage.get(DELIVERY).ok();
    }
    stage.get(DELIVERY).is(429, 429);
    for _ in 0..10 {
        stage.by(&developer, "GET", DELIVERY, &Value::Null).ok();
    }
    stage.by(&developer, "GET", DELIVERY, &Value::Null).is(429, 429);
}

#[test]
fn it_can_be_off() {
    let stage = Stage::new();
    for _ in 0..50 {
        stage.get(DELIVERY).ok();
    }
}

/// Whoever knows an API key only, or has no place in the organization, does not use up what others may send.
#[test]
fn those_outside_use_up_nothing() {
    let stage = Stage::over(options(Profile::seeds()));
    let stranger = stage.user("stranger", None);
    let key = ("api_key", stage.api_key());
    let organization = ("organization_uid", &*stage.demo.organization_uid);
    for _ in 0..20 {
        stage.send("GET", DELIVERY, &[key], &Value::Null).is(401, 105);
        stage.send("GET", DELIVERY, &[key, ("authtoken", "bltwrong")], &Value::Null).is(401, 105);
        stage.send("POST", DELIVERY, &[key, ("authorization", "cswrong")], &Value::Null).is(401, 105);
        stage.by(&stranger, "GET", DELIVERY, &Value::Null).is(403, 316);
        assert_eq!(stage.send("POST", "/v3/user-session", &[organization], &Value::Null).status, 400);
    }
    for _ in 0..10 {
        stage.get(DELIVERY).ok();
    }
    stage.get(DELIVERY).is(429, 429);
    stage.ask("POST", DELIVERY, &delivery("writes, too")).ok();
}

#[test]
fn one_bulk_request_a_second() {
    let stage = Stage::over(options(Profile::seeds()));
    let bulk = |path: &str| stage.ask("POST", path, &Value::Null);
    // Counted before it is found to say nothing.
    assert_ne!(bulk("/v3/bulk/publish").status, 429);
    bulk("/v3/bulk/delete").is(429, 429);
    stage.ask("POST", DELIVERY, &delivery("other writes are counted apart")).ok();
    stage.get("/v3/bulk/jobs").is(501, 501);
    stage.advance(Duration::from_secs(1));
    assert_ne!(bulk("/v3/bulk/unpublish").status, 429);
}
