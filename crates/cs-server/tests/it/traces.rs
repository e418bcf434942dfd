//! What is known of a request afterwards.

use bytes::Bytes;
use cs_policy::{Kind, Verdict};
use cs_server::{Role, Trace};
use http::Request;
use serde_json::json;

use crate::stage::{DELIVERY, MANAGEMENT, Stage, rw};

fn trace(stage: &Stage, path: &str, headers: &[(&str, &str)]) -> Trace {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    stage.service.handle_traced(stage.now(), &request.body(Bytes::new()).unwrap()).1
}

#[test]
fn a_user_is_known_by_uid_and_a_refusal_by_its_number_and_rules() {
    let stage = Stage::new();
    let manager = stage.user("manager", Some(Role::ContentManager));
    let headers = [("api_key", stage.api_key()), ("authtoken", stage.owner.reveal()), ("branch", "release")];
    let allowed = trace(&stage, DELIVERY, &headers);
    assert_eq!(allowed.route.unwrap().row().template, DELIVERY);
    assert_eq!(allowed.api_key.as_deref(), Some(stage.api_key()));
    assert_eq!(allowed.organization.as_deref(), Some(stage.demo.organization_uid.as_str()));
    assert_eq!((allowed.principal, allowed.verdict), (Some(Kind::Authtoken), Some(Verdict::Allow)));
    assert_eq!(allowed.principal_uid.as_deref(), Some(stage.demo.owner_uid.as_str()));
    assert_eq!((allowed.branch.as_deref(), allowed.error_code), (Some("release"), None));
    let refused = trace(&stage, MANAGEMENT, &[("api_key", stage.api_key()), ("authtoken", manager.reveal())]);
    assert!(refused.verdict.is_some_and(|verdict| !verdict.is_allow()));
    assert!(!refused.rules.is_empty());
    assert!(refused.error_code.is_some());
}

#[test]
fn a_management_token_is_known_by_its_own_uid() {
    let stage = Stage::new();
    let token = stage.management("ci", &[("content_type", rw())]);
    let value = token["token"].as_str().unwrap();
    let used = trace(&stage, "/v3/content_types", &[("api_key", stage.api_key()), ("authorization", value)]);
    assert_eq!(used.principal, Some(Kind::Management));
    assert_eq!(json!(used.principal_uid), token["uid"]);
    assert!(!format!("{used:?}").contains(value));
}

/// A token in the wrong header must not reach a log.
#[test]
fn what_the_service_does_not_know_is_not_repeated() {
    let stage = Stage::new();
    let secret = stage.owner.reveal();
    for (name, other) in [("api_key", stage.owner.reveal()), ("authtoken", "x"), ("branch", "x")] {
        let mut headers = vec![("api_key", stage.api_key()), ("authtoken", other), ("branch", other)];
        headers.retain(|(header, _)| *header != name);
        headers.push((name, secret));
        let trace = trace(&stage, DELIVERY, &headers);
        assert!(!format!("{trace:?}").contains(secret), "{name}: {trace:?}");
    }
    let unknown = trace(&stage, &format!("/v3/{secret}/{secret}/x/y/z"), &[]);
    assert_eq!((unknown.route, unknown.verdict, unknown.principal), (None, None, None));
}
