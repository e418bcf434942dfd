//! Requests without a type.

use cs_model::Method;
use cs_server::in_process::{Fault, URL};
use cs_tokens::blocking::Client;
use cs_tokens::{Credential, RawRequest};

use crate::world::World;

#[test]
fn any_known_route_is_sent_under_the_same_rules() {
    let world = World::new();
    let send = |request: &RawRequest| world.client.send_raw(Some(&world.api_key), request);
    let list = RawRequest::new(Method::Get, "/v3/environments").query("limit", "1").branch("main");
    world.transport.fail_next(Fault::LoseAnswer);
    let answer = send(&list).unwrap();
    assert!(answer.status().is_success());
    let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body["environments"].as_array().unwrap().len(), 1);
    let refused = send(&RawRequest::new(Method::Get, "/v3/environments/none")).unwrap();
    assert!(refused.status().is_client_error(), "the caller reads the answer");

    let before = world.transport.requests();
    for path in
        ["/v3/stacks/delivery_tokens/..", "/v3/nonsense", "v3/user", "/v3/user#x", "https://example.com/"]
    {
        assert_eq!(
            send(&RawRequest::new(Method::Delete, path)).unwrap_err().code(),
            "unknown_route",
            "{path}"
        );
    }
    assert_eq!(world.transport.requests(), before);
}

#[test]
fn a_write_without_an_answer_is_in_doubt() {
    let world = World::new();
    world.transport.fail_next(Fault::LoseAnswer);
    let request = RawRequest::new(Method::Post, "/v3/stacks/delivery_tokens").body(serde_json::json!({}));
    let error = world.client.send_raw(Some(&world.api_key), &request).unwrap_err();
    assert_eq!(error.code(), "outcome_unknown");
}

#[test]
fn the_verdict_comes_before_the_wire() {
    let world = World::new();
    let client = Client::builder(std::sync::Arc::clone(&world.transport))
        .base_url(URL)
        .credential(Credential::Management(cs_model::Secret::new("x")))
        .build()
        .unwrap();
    let request = RawRequest::new(Method::Get, "/v3/stacks/management_tokens");
    let error = client.send_raw(Some(&world.api_key), &request).unwrap_err();
    assert_eq!(error.code(), "denied");
}
