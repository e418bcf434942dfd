//! What a planned status is answered with: the body of the service itself, with its headers.

use std::sync::Arc;

use cs_model::Method;
use cs_model::generated::ErrorId;
use cs_server::faults::{Fault, FaultPlan, Faults};
use cs_server::http::Server;
use serde_json::{Value, json};

use crate::served::{Raw, owner, send, serving};
use crate::stage::{DELIVERY, Stage, delivery};

/// A fault, with method, path and credential of the request that meets it.
type Met<'a> = (Fault, &'a str, &'a str, &'a [(&'a str, &'a str)]);

/// The answers to these requests while each fault is planned.
fn answers(requests: &[Met<'_>]) -> Vec<Raw> {
    let stage = Stage::new();
    let faults = Arc::<Faults>::default();
    let server = Server::new(Arc::clone(&stage.service)).faults(Arc::clone(&faults));
    let mut found = Vec::new();
    serving(server, |address| {
        for (fault, method, path, credential) in requests {
            faults.add(FaultPlan::new(*fault).times(1));
            let mut headers = vec![("api_key", stage.api_key())];
            headers.extend(*credential);
            let body = if *method == "POST" { delivery("a").to_string() } else { String::new() };
            found.push(send(address, method, path, &headers, &body).unwrap());
            assert!(faults.list().is_empty());
        }
    });
    found
}

const NOBODY: &[(&str, &str)] = &[];

#[test]
fn too_many_requests_come_with_their_headers() {
    let bulk = "/v3/bulk/publish";
    let found = answers(&[
        (Fault::Status(429), "GET", DELIVERY, NOBODY),
        (Fault::Status(429), "POST", bulk, NOBODY),
        (Fault::Error(429, ErrorId::StackRateLimited), "POST", "/v3/stacks", NOBODY),
        (Fault::Status(503), "GET", DELIVERY, NOBODY),
    ]);
    for (answer, limit) in found.iter().zip([Some("10"), Some("1"), Some("1"), None]) {
        let header = |name: &str| answer.head.lines().find_map(|line| line.strip_prefix(name));
        assert_eq!(header("x-ratelimit-limit: "), limit);
        assert_eq!(header("x-ratelimit-remaining: "), limit.map(|_| "0"));
        let body = answer.json();
        assert_eq!(body.get("errors").is_none(), limit.is_some(), "flat: {body}");
        assert_eq!(body["error_code"], answer.status);
    }
}

/// As the service itself says it to the same request.
#[test]
fn statuses_have_the_body_of_the_service() {
    let key = |answer: &Raw| answer.json()["errors"].as_object().unwrap().keys().next().cloned();
    let entries = "/v3/content_types/page/entries?environment=production";
    let login = "/v3/user-session";
    let found = answers(&[
        (Fault::Status(412), "GET", DELIVERY, NOBODY),
        (Fault::Status(401), "GET", DELIVERY, &[("authtoken", "x")]),
        (Fault::Status(401), "GET", "/v3/assets", &[("authorization", "x")]),
        (Fault::Status(401), "GET", "/v3/assets", &[("authorization", "Bearer x")]),
        (Fault::Status(401), "GET", entries, &[("access_token", "x")]),
        (Fault::Status(422), "POST", DELIVERY, &[("authtoken", "x")]),
        (Fault::Status(422), "GET", "/v3/stacks/delivery_tokens/x", &[("authtoken", "x")]),
        (Fault::Status(403), "GET", DELIVERY, NOBODY),
    ]);
    let of = |answer: &Raw| (answer.status, answer.json()["error_code"].as_u64().unwrap(), key(answer));
    let expected = [
        (412, 109, Some("api_key")),
        (401, 105, Some("authtoken")),
        (401, 105, Some("authorization")),
        (401, 105, Some("authorization")),
        (401, 105, Some("access_token")),
        (422, 141, Some("scope.branch_or_alias")),
        (422, 141, Some("uid")),
        (403, 316, None),
    ];
    let expected = expected.map(|(status, code, key)| (status, code, key.map(str::to_owned)));
    assert_eq!(found.iter().map(of).collect::<Vec<_>>(), expected);
    let flat = answers(&[(Fault::Status(422), "POST", login, NOBODY)]);
    assert_eq!((flat[0].json()["error_code"].clone(), flat[0].json().get("errors")), (json!(104), None));
}

/// What only a planned fault can bring about at will.
#[test]
fn codes_are_planned_over_http() {
    super::admin_http::with_admin(|both| {
        let refused = |plan: &Value| {
            let answer = both.admin("POST", "/faults", plan);
            assert_eq!(answer.status, 422, "{plan}");
            answer.json()["error"].as_str().unwrap().to_owned()
        };
        for (plan, status, code, errors) in [
            (json!({ "error_code": 294, "status": 401 }), 401, 294, json!([])),
            (json!({ "error_code": 294 }), 422, 294, json!([])),
            (json!({ "error_code": 161 }), 401, 161, json!({})),
            (json!({ "error_code": 900 }), 422, 900, json!({})),
            (json!({ "error_code": 901, "status": 422 }), 422, 901, json!({})),
        ] {
            let mut plan = plan;
            plan["fault"] = json!("status");
            plan["times"] = json!(1);
            both.done("POST", "/faults", &plan);
            let listed = both.done("GET", "/faults", &Value::Null);
            assert_eq!(
                (&listed["faults"][0]["status"], &listed["faults"][0]["error_code"]),
                (&json!(status), &json!(code))
            );
            let answer = both.list();
            let body = answer.json();
            assert_eq!(
                (answer.status, &body["error_code"], &body["errors"]),
                (status, &json!(code), &errors),
                "{plan}"
            );
            assert_eq!(body.get("tfa_type").is_some(), code == 294, "{plan}");
        }
        let named = json!({ "fault": "status", "error": "management_token_expired", "times": 1 });
        both.done("POST", "/faults", &named);
        assert_eq!(both.list().json()["errors"]["authorization"].as_array().unwrap().len(), 1);
        let says = refused(&json!({ "fault": "status", "status": 401, "error_code": 900 }));
        assert!(says.contains("900") && says.contains("105, 161, 162, 294, 295"), "{says}");
        let says = refused(&json!({ "fault": "status", "error_code": 7 }));
        assert!(says.contains("no answer has `error_code` 7") && says.contains("901"), "{says}");
        let says = refused(&json!({ "fault": "status", "status": 422, "error": "no_permission" }));
        assert!(says.contains("status 403"), "{says}");
        refused(&json!({ "fault": "status", "error": "nonsense" }));
        for (plan, key, kind) in [
            (json!({ "fault": "status", "status": 500, "duration": "1s" }), "duration", "status"),
            (json!({ "fault": "slow", "duration": "1s", "status": 500 }), "status", "slow"),
            (json!({ "fault": "truncate", "error_code": 105 }), "error_code", "truncate"),
            (json!({ "fault": "lose_request", "duration": "1s" }), "duration", "lose_request"),
            (json!({ "fault": "no_connection", "error": "no_permission" }), "error", "no_connection"),
        ] {
            let says = refused(&plan);
            assert!(says.contains(&format!("`{key}`")) && says.contains(&format!("`{kind}`")), "{says}");
        }
        assert!(refused(&json!({ "fault": "truncate", "seed": 3 })).contains("`probability`"));
        let long = refused(&json!({ "fault": "slow", "duration": "999999999999999999h" }));
        assert!(long.contains("longer than"), "{long}");
        assert_eq!(both.list().status, 200, "none of them is planned");
    });
}

/// In process the same.
#[test]
fn in_process_the_same() {
    use cs_transport::BlockingTransport as _;
    let stage = Stage::new();
    let transport = cs_server::in_process::InProcess::at(Arc::clone(&stage.service), stage.now());
    transport.faults().add(FaultPlan::new(Fault::Status(429)).with_method(Method::Get).times(1));
    let mut request = http::Request::get(format!("http://localhost{DELIVERY}"));
    for (name, value) in owner(&stage) {
        request = request.header(name, value);
    }
    let answer = transport.send(request.body(bytes::Bytes::new()).unwrap()).unwrap();
    assert_eq!(answer.status().as_u16(), 429);
    assert_eq!(answer.headers()["x-ratelimit-limit"], "10");
}
