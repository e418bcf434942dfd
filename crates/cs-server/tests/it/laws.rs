//! Laws: whatever comes in.

use std::sync::OnceLock;

use bytes::Bytes;
use cs_model::RouteId;
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, management, rw};

/// One stage for all cases: a law that only holds on an untouched one is none.
struct Shared(Stage);
// The clock of a stage is a cell; here nobody moves it.
fn stage() -> std::sync::MutexGuard<'static, Shared> {
    static STAGE: OnceLock<std::sync::Mutex<Shared>> = OnceLock::new();
    STAGE.get_or_init(|| std::sync::Mutex::new(Shared(Stage::new()))).lock().unwrap()
}

/// Paths of real routes with odd arguments, and paths that are none.
fn path() -> impl Strategy<Value = String> {
    let routes: Vec<&'static str> = RouteId::all().map(|id| id.row().template).collect();
    let argument = prop_oneof![
        "[a-z0-9]{0,12}",
        "%2e%2e|%2F|\\.\\.|\\.|%00|%zz|%ff|a%20b",
        "[!-~&&[^ #?<>\"{}|^`\\\\]]{0,8}"
    ];
    let real = (prop::sample::select(routes), prop::collection::vec(argument, 4)).prop_map(
        |(template, arguments)| {
            let mut arguments = arguments.into_iter().cycle();
            let segments = template.split('/').map(|segment| {
                if segment.starts_with('{') {
                    arguments.next().unwrap_or_default()
                } else {
                    segment.to_owned()
                }
            });
            segments.collect::<Vec<_>>().join("/")
        },
    );
    let query = prop_oneof![
        Just(String::new()),
        "\\?[a-z_=&%{}\":0-9-]{0,30}".prop_map(|text| text.replace(['{', '}', '"'], "%7B"))
    ];
    (prop_oneof![4 => real, 1 => "/[a-z0-9/._%-]{0,40}"], query).prop_map(|(path, query)| path + &query)
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof!["main|production|deploy|true|2027-01-01|environment|branch|\\$all", ".{0,8}"]
            .prop_map(Value::from),
    ];
    let keys = "token|name|scope|module|acl|read|write|branches|branch_aliases|environments|expires_on|user|email|password|environment|branch|branch_alias|stack|uid|source|target_branch|urls|description|_metadata|[a-z]{1,4}";
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => json_value().prop_map(|value| json!({ "token": value }).to_string().into_bytes()),
        2 => json_value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

#[derive(Clone, Debug)]
enum Who {
    Owner,
    Token,
    Site,
    Preview,
    Nobody,
    Odd(String),
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        4 => Just(Who::Owner),
        2 => Just(Who::Token),
        2 => Just(Who::Site),
        1 => Just(Who::Preview),
        1 => Just(Who::Nobody),
        1 => "[ -~]{0,20}".prop_map(Who::Odd),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    /// Never a panic, never a 5xx (but for routes that are known and not served), always JSON.
    #[test]
    fn an_answer_comes_out(
        method in prop_oneof![4 => "GET|POST|PUT|DELETE", 1 => "[A-Z]{1,8}"],
        path in path(),
        who in who(),
        branch in proptest::option::of("main|development|deploy|nosuch|[ -~]{0,8}"),
        host in prop_oneof!["localhost", "cdn\\.test", "rest-preview\\.test", "graphql\\.test", "[ -~]{0,8}"],
        content in proptest::option::of("environment=(production|nosuch)&(init=true|locale=en-us|sync_token=blt7b|query=%7B%7D)"),
        body in body(),
    ) {
        let guard = stage();
        let stage = &guard.0;
        let path = match content {
            Some(content) if !path.contains('?') => format!("{path}?{content}"),
            _ => path,
        };
        let Ok(uri) = path.parse::<http::Uri>() else { return Ok(()) };
        let mut request = Request::builder().method(&*method).uri(uri).header("content-type", "application/json");
        // Deleting the stack or logging the owner out would empty the stage.
        prop_assume!(!(method == "DELETE" && (path.starts_with("/v3/user-session") || is_that_of_stacks(&path))));
        match &who {
            Who::Owner => request = request.header("api_key", stage.api_key()).header("authtoken", stage.owner.reveal()),
            Who::Token => {
                let token = stage.ask("POST", MANAGEMENT, &management("law", &[("$all", rw())]));
                if let Some(value) = token.body["token"]["token"].as_str() {
                    request = request.header("api_key", stage.api_key()).header("authorization", value);
                }
            }
            Who::Site | Who::Preview => {
                let made = format!("{DELIVERY}?create_with_preview_token=true");
                let token = stage.ask("POST", &made, &delivery("law"));
                let (header, key) =
                    if matches!(who, Who::Site) { ("access_token", "token") } else { ("preview_token", "preview_token") };
                if let Some(value) = token.body["token"][key].as_str() {
                    request = request.header("api_key", stage.api_key()).header(header, value);
                }
            }
            Who::Nobody => request = request.header("api_key", stage.api_key()),
            Who::Odd(text) => request = request.header("api_key", text).header("authtoken", text).header("authorization", text),
        }
        if let Some(branch) = branch {
            request = request.header("branch", branch);
        }
        let Ok(request) = request.header("host", host).body(Bytes::from(body)) else { return Ok(()) };
        let response = stage.raw(&request);
        let status = response.status().as_u16();
        prop_assert!(status < 500 || status == 501, "{status} {:?}", response.body());
        let is_object = || serde_json::from_slice::<Value>(response.body()).unwrap().is_object();
        prop_assert!(status == 204 && response.body().is_empty() || is_object());
        // Few routes are open to those who have no credential.
        if matches!(who, Who::Nobody | Who::Odd(_)) && status < 300 {
            prop_assert!(path.starts_with("/v3/user") || path.starts_with("/v3/stacks/accept_ownership"), "{path}");
        }
        if matches!(who, Who::Site | Who::Preview) {
            prop_assert!(method == "GET" || status >= 300 || path.starts_with("/v3/user"), "{method} {path} {status}");
        }
        clean(stage);
    }

    /// Without a credential no route of tokens answers with success, whatever else is sent.
    #[test]
    fn nothing_without_a_credential(method in "GET|POST|PUT|DELETE", tail in prop_oneof!["", "/[a-z0-9]{1,10}", "/[a-z0-9]{1,10}/preview_token"], management in any::<bool>(), body in body()) {
        let guard = stage();
        let stage = &guard.0;
        let path = format!("{}{tail}", if management { MANAGEMENT } else { DELIVERY });
        let request = Request::builder().method(&*method).uri(path).header("api_key", stage.api_key());
        let response = stage.raw(&request.header("content-type", "application/json").body(Bytes::from(body)).unwrap());
        prop_assert!(matches!(response.status().as_u16(), 401 | 404), "{}", response.status());
    }

    /// What a well-formed body asks for is what is read back.
    #[test]
    fn what_is_written_is_read(name in "[^\u{0}]{1,40}", description in ".{0,40}", environment in "production|staging") {
        let guard = stage();
        let stage = &guard.0;
        let mut body = delivery(&name);
        body["token"]["description"] = json!(description);
        body["token"]["scope"][0]["environments"] = json!([environment]);
        let created = stage.ask("POST", DELIVERY, &body).ok();
        let path = format!("{DELIVERY}/{}", created["token"]["uid"].as_str().unwrap());
        let read = stage.get(&path).ok();
        prop_assert_eq!(&read["token"]["name"], &json!(name));
        prop_assert_eq!(&read["token"]["description"], &json!(description));
        prop_assert_eq!(&read["token"]["scope"][0]["environments"][0]["name"], &json!(environment));
        stage.ask("DELETE", &path, &Value::Null).ok();
    }
}

fn is_that_of_stacks(path: &str) -> bool {
    path.split('?').next().unwrap_or_default().trim_end_matches('/') == "/v3/stacks"
}

/// Keeps the stage from filling up, and the demo stack whole.
fn clean(stage: &Stage) {
    for collection in [DELIVERY, MANAGEMENT] {
        for token in stage.get(collection).ok()["tokens"].as_array().unwrap() {
            stage
                .ask("DELETE", &format!("{collection}/{}", token["uid"].as_str().unwrap()), &Value::Null)
                .ok();
        }
    }
    cs_server::demo::ensure(&stage.service, stage.now()).unwrap();
}
