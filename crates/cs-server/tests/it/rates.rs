//! Limits per second.

use std::time::Duration;

use bytes::Bytes;
use cs_model::Profile;
use http::Request;
use serde_json::Value;

use crate::stage::{DELIVERY, Stage, delivery, options};

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
    // Allowed, and not served.
    bulk("/v3/bulk/publish").is(501, 501);
    bulk("/v3/bulk/delete").is(429, 429);
    stage.ask("POST", DELIVERY, &delivery("other writes are counted apart")).ok();
    stage.get("/v3/bulk/jobs").is(501, 501);
    stage.advance(Duration::from_secs(1));
    bulk("/v3/bulk/unpublish").is(501, 501);
}
