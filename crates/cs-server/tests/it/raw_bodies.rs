//! Laws of bodies as they come over the wire: any JSON, also such as no value of a program becomes.

use bytes::Bytes;
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stage::{Answer, DELIVERY, MANAGEMENT, Stage, delivery, management, rw};

/// Keys that `errors` may have for a token.
const FIELDS: [&str; 13] = [
    "name",
    "is_never_expires",
    "description",
    "scope",
    "scope.module",
    "scope.acl",
    "scope.environments",
    "scope.branches",
    "scope.branch_aliases",
    "scope.branch_or_alias",
    "expires_on",
    "is_email_notification_enabled",
    "rate_limit_enabled",
];
const OWN_LIMITS: [&str; 2] = ["reads_per_second", "writes_per_second"];

fn send(stage: &Stage, method: &str, path: &str, body: String) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("api_key", stage.api_key())
        .header("authtoken", stage.owner.reveal())
        .header("content-type", "application/json")
        .body(Bytes::from(body))
        .unwrap();
    let response = stage.raw(&request);
    Answer { status: response.status().as_u16(), body: serde_json::from_slice(response.body()).unwrap() }
}

thread_local! {
    /// One stage for all cases of a law, emptied before each.
    static STAGE: Stage = Stage::new();
}

fn on_stage<T>(play: impl FnOnce(&Stage) -> T) -> T {
    STAGE.with(|stage| {
        for collection in [DELIVERY, MANAGEMENT] {
            for token in stage.get(collection).ok()["tokens"].as_array().unwrap() {
                let path = format!("{collection}/{}", token["uid"].as_str().unwrap());
                stage.ask("DELETE", &path, &Value::Null).ok();
            }
        }
        play(stage)
    })
}

/// A value as text: also numbers that no float can hold, keys that stand twice, and values deep in each other.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"true\"".to_owned()),
        Just("false".to_owned()),
        prop::sample::select(vec![
            "0",
            "-1",
            "1e999",
            "-1e999",
            "3.5",
            "18446744073709551616",
            "1e-999",
            "2147483648"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "main",
            "production",
            "deploy",
            "environment",
            "branch",
            "branch_alias",
            "entry",
            "$all",
            "*",
            "2027-01-01",
            "2027-13-01",
            "0000-00-00",
            "9999-12-31",
            "-009999-01-01",
            "2027-01-01T00:00:00Z",
            "",
        ])
        .prop_map(|text| json!(text).to_string()),
        ".{0,6}".prop_map(|text| json!(text).to_string()),
        (1..400_usize, "\\[|\\{\"k\":").prop_map(|(depth, open)| {
            let close = if open == "[" { "]" } else { "}" };
            format!("{}1{}", open.repeat(depth), close.repeat(depth))
        }),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            object(
                inner,
                "module|acl|read|write|branches|branch_aliases|environments|_metadata|uid|[a-z]{1,3}"
            ),
        ]
    })
}

/// An object as text. A key may stand in it twice.
fn object(inner: impl Strategy<Value = String>, keys: &'static str) -> impl Strategy<Value = String> {
    prop::collection::vec((keys, inner), 0..6).prop_map(|pairs| {
        let pairs = pairs.into_iter().map(|(key, value)| format!("{}:{value}", json!(key)));
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
    })
}

/// A scope that is nearly right.
fn scope() -> impl Strategy<Value = String> {
    let entry = prop_oneof![
        Just(r#"{"module":"environment","environments":["production"],"acl":{"read":true}}"#.to_owned()),
        Just(r#"{"module":"branch","branches":["main"],"acl":{"read":"true"}}"#.to_owned()),
        Just(r#"{"module":"branch_alias","branch_aliases":["deploy"],"acl":{"read":true}}"#.to_owned()),
        Just(r#"{"module":"entry","acl":{"read":true,"write":true}}"#.to_owned()),
        (value(), value(), value()).prop_map(|(names, acl, module)| {
            format!(r#"{{"module":{module},"branches":{names},"environments":{names},"branch_aliases":{names},"acl":{acl}}}"#)
        }),
        value(),
    ];
    prop::collection::vec(entry, 0..5).prop_map(|entries| format!("[{}]", entries.join(",")))
}

/// The object under `token`.
fn token() -> impl Strategy<Value = String> {
    let keys = "name|description|scope|Scope|expires_on|is_never_expires|is_email_notification_enabled|rate_limit_enabled|reads_per_second|writes_per_second|uid|token|preview_token|create_with_preview_token|type|[a-z]{1,3}";
    (prop::option::of("[ -~]{1,20}"), prop::option::of(scope()), object(value(), keys)).prop_map(
        |(name, scope, rest)| {
            let mut parts = Vec::new();
            let rest = rest[1..rest.len() - 1].to_owned();
            parts.extend(Some(rest).filter(|rest| !rest.is_empty()));
            parts.extend(name.map(|name| format!(r#""name":{}"#, json!(name))));
            parts.extend(scope.map(|scope| format!(r#""scope":{scope}"#)));
            format!("{{{}}}", parts.join(","))
        },
    )
}

/// What a refusal or an answer to a body of this kind looks like.
fn check(answer: &Answer, body: &str) -> Result<(), TestCaseError> {
    match answer.status {
        200 | 201 => {
            prop_assert!(answer.body["token"]["name"].is_string(), "{}", answer.body);
            prop_assert!(!answer.body["token"]["scope"].as_array().unwrap().is_empty());
        }
        422 => {
            prop_assert_eq!(answer.code(), Some(141), "{}", answer.body);
            prop_assert!(!answer.keys().is_empty(), "{} to {}", answer.body, body);
            for key in answer.keys() {
                prop_assert!(FIELDS.contains(&key) || OWN_LIMITS.contains(&key), "{key}");
                for says in answer.body["errors"][key].as_array().unwrap() {
                    prop_assert!(says.as_str().is_some_and(|says| !says.is_empty()));
                }
            }
        }
        status => prop_assert!(false, "{} {} to {}", status, answer.body, body),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    /// Any object under `token` is taken, or refused with 422 and the fields that are wrong; never a parse error, never a 5xx.
    #[test]
    fn any_token_is_taken_or_refused_by_its_fields(bodies in prop::collection::vec(token(), 1..4), management_token in any::<bool>()) {
        on_stage(|stage| {
        let (path, made) = if management_token {
            (MANAGEMENT, stage.management("there", &[("entry", rw())]))
        } else {
            (DELIVERY, stage.delivery("there"))
        };
        let one = format!("{path}/{}", made["uid"].as_str().unwrap());
        for body in bodies {
            let body = format!(r#"{{"token":{body}}}"#);
            check(&send(stage, "POST", path, body.clone()), &body)?;
            check(&send(stage, "PUT", &one, body.clone()), &body)?;
            // Whatever was taken can be listed, read, and deleted.
            let listed = stage.get(path).ok()["tokens"].clone();
            for token in listed.as_array().unwrap() {
                let one = format!("{path}/{}", token["uid"].as_str().unwrap());
                prop_assert_eq!(&stage.get(&one).ok()["token"]["name"], &token["name"]);
                prop_assert_eq!(token.get("token").is_some(), !management_token, "only a delivery token shows its value");
            }
            let kept = stage.get(&one).ok();
            prop_assert_eq!(kept["token"]["created_by"].as_str(), Some(&*stage.demo.owner_uid));
        }
        Ok(())
        })?;
    }

}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// What is no object under `token` is 400, and the envelope is named where the rest is JSON.
    #[test]
    fn what_is_no_token_is_a_bad_request(body in value(), method in "POST|PUT", envelope in prop::option::of("token")) {
        let sent = match &envelope {
            Some(_) if body.starts_with('{') => return Ok(()),
            Some(key) => format!(r#"{{"{key}":{body}}}"#),
            None => body.clone(),
        };
        let answer = on_stage(|stage| {
            let one = format!("{DELIVERY}/{}", stage.delivery("there")["uid"].as_str().unwrap());
            let path = if method == "POST" { DELIVERY } else { &one };
            send(stage, &method, path, sent)
        });
        prop_assert_eq!((answer.status, answer.code()), (400, Some(400)));
        if envelope.is_some() || body.starts_with('{') {
            prop_assert_eq!(answer.keys(), ["token"]);
        }
    }

    /// The request that makes a preview token takes no body, so any goes.
    #[test]
    fn a_preview_token_needs_no_body(body in prop_oneof![value(), ".{0,20}"]) {
        let answer = on_stage(|stage| {
            let uid = stage.delivery("there")["uid"].as_str().unwrap().to_owned();
            send(stage, "POST", &format!("{DELIVERY}/{uid}/preview_token"), body)
        });
        prop_assert_eq!(answer.status, 201);
    }
}

/// One of everything that is wrong, in one body.
#[test]
fn all_problems_of_a_management_token_at_once() {
    let stage = Stage::new();
    stage.management("taken", &[("entry", rw())]);
    let body = r#"{ "token": {
        "name": "first, which does not count", "name": "taken", "description": 1e999,
        "scope": [
            { "module": "stack", "acl": { "read": true } },
            { "module": "entry", "acl": { "read": 1 } },
            { "module": "branch", "branches": ["nosuch", 7], "acl": { "read": true } },
            { "module": "branch_alias", "branch_aliases": "deploy", "acl": { "read": true } }
        ],
        "expires_on": "31.12.2026", "is_email_notification_enabled": "yes", "rate_limit_enabled": 1,
        "reads_per_second": 99999999999999999999999, "writes_per_second": 11, "unknown": [[[]]]
    } }"#;
    let answer = send(&stage, "POST", MANAGEMENT, body.to_owned());
    answer.is(422, 141);
    assert_eq!(
        answer.keys(),
        [
            "description",
            "expires_on",
            "is_email_notification_enabled",
            "name",
            "rate_limit_enabled",
            "reads_per_second",
            "scope.acl",
            "scope.branch_aliases",
            "scope.branches",
            "scope.module",
            "writes_per_second",
        ]
    );
}

/// A scope that is missing, one that says nothing, and one that is something else.
#[test]
fn what_is_no_scope_is_named() {
    let stage = Stage::new();
    for path in [DELIVERY, MANAGEMENT] {
        for (body, says) in [
            (json!({ "token": { "name": "x" } }), "is required"),
            (json!({ "token": { "name": "x", "scope": null } }), "is null, and not a list"),
            (json!({ "token": { "name": "x", "scope": {} } }), "is not a list"),
            (json!({ "token": { "name": "x", "scope": [] } }), "is empty"),
        ] {
            let answer = stage.ask("POST", path, &body);
            answer.is(422, 141);
            assert_eq!(answer.body["errors"]["scope"], json!([says]), "{path}");
        }
    }
}

/// Unknown keys are let pass and not kept; those that the service writes itself cannot be set.
#[test]
fn unknown_keys_and_those_of_the_service() {
    let stage = Stage::new();
    let ours = json!({
        "uid": "bltmine", "token": "csmine", "type": "management", "created_by": "me", "created_at": "1970-01-01T00:00:00.000Z",
        "preview_token": "csmine", "create_with_preview_token": true, "unknown": 1,
    });
    for (path, mut body) in [(DELIVERY, delivery("site")), (MANAGEMENT, management("ci", &[("entry", rw())]))]
    {
        body["token"].as_object_mut().unwrap().extend(ours.as_object().unwrap().clone());
        let made = stage.ask("POST", path, &body).ok()["token"].clone();
        let read = stage.get(&format!("{path}/{}", made["uid"].as_str().unwrap())).ok()["token"].clone();
        for shown in [&made, &read] {
            for (key, value) in ours.as_object().unwrap() {
                assert_ne!(shown.get(key), Some(value), "{key}");
            }
            assert!(shown.get("preview_token").is_none(), "that counts in the query only");
        }
    }
}

/// One of the vendor's clients sends the scope of a management token under `Scope`.
#[test]
fn scope_with_a_capital_is_a_switch() {
    let mut body = management("ci", &[("entry", rw())]);
    let token = body["token"].as_object_mut().unwrap();
    let scope = token.remove("scope").unwrap();
    token.insert("Scope".to_owned(), scope);
    for accepted in [true, false] {
        let mut profile = cs_model::Profile::seeds();
        profile.switches.capital_scope_accepted.value = accepted;
        let stage = Stage::with(profile);
        let answer = stage.ask("POST", MANAGEMENT, &body);
        if accepted {
            let made: Value = answer.ok();
            assert_eq!(made["token"]["scope"][0]["module"], "entry");
        } else {
            answer.is(422, 141);
            assert_eq!(answer.keys(), ["scope"]);
        }
        // Of delivery tokens no client sends it so.
        let mut delivery = delivery("site");
        let scope = delivery["token"].as_object_mut().unwrap().remove("scope").unwrap();
        delivery["token"]["Scope"] = scope;
        stage.ask("POST", DELIVERY, &delivery).is(422, 141);
    }
}
