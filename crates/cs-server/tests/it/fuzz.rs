//! Any request at all: any method, path, query, headers and body. None makes the service panic or fail, and none is let in
//! without a credential. `CS_DEEP` asks for 25 times as many.
//!
//! These are properties over `Service::handle`, run by proptest; a fuzzer that is guided by coverage, which needs a nightly
//! compiler, has `fuzz/fuzz_targets/request.rs`.

use std::cell::RefCell;

use bytes::Bytes;
use cs_model::RouteId;
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::open::OPEN;
use crate::stage::{Stage, rw};

/// So many requests meet the same stage; then there is a new one, because some of them delete what others need.
const REQUESTS_PER_STAGE: usize = 48;

/// What a request is sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credential {
    Nothing,
    MadeUp(&'static str),
    Session,
    ManagementToken,
    DeliveryToken,
}

#[derive(Clone, Debug)]
struct Asked {
    method: String,
    path: String,
    credential: Credential,
    names_stack: bool,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// A stage with the values of its tokens.
struct Scene {
    stage: Stage,
    management: String,
    delivery: String,
    left: usize,
}

impl Scene {
    fn new() -> Self {
        let stage = Stage::new();
        let value = |token: &Value| token["token"].as_str().unwrap().to_owned();
        let management = value(&stage.management("fuzz", &[("$all", rw())]));
        let delivery = value(&stage.delivery("fuzz"));
        Self { stage, management, delivery, left: REQUESTS_PER_STAGE }
    }

    fn request(&self, asked: &Asked) -> Option<Request<Bytes>> {
        let mut request = Request::builder().method(asked.method.as_str()).uri(&asked.path);
        if asked.names_stack {
            request = request.header("api_key", self.stage.api_key());
        }
        for (name, value) in &asked.headers {
            request = request.header(*name, value.as_slice());
        }
        request = match asked.credential {
            Credential::Nothing => request,
            Credential::MadeUp(header) => request.header(header, "made up"),
            Credential::Session => request.header("authtoken", self.stage.owner.reveal()),
            Credential::ManagementToken => request.header("authorization", &self.management),
            Credential::DeliveryToken => request.header("access_token", &self.delivery),
        };
        // What cannot be sent over HTTP at all does not reach the service.
        request.body(Bytes::from(asked.body.clone())).ok()
    }
}

thread_local! {
    static SCENE: RefCell<Scene> = RefCell::new(Scene::new());
}

/// An argument of a path: what is there, what is not, and what was never meant.
fn argument() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "main",
            "development",
            "deploy",
            "production",
            "staging",
            "en-us",
            "page",
            "$all",
            "1",
            "blt0000000000000000",
            "%2e%2e",
            "%00",
            "%ff",
            "a%2Fb",
            "..",
            "%F0%9F%98%80",
            "-",
            "",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9_.~%-]{0,12}",
    ]
}

fn path() -> impl Strategy<Value = String> {
    let templates: Vec<&str> = RouteId::all().map(|id| id.row().template).collect();
    let known = (prop::sample::select(templates), prop::collection::vec(argument(), 6))
        .prop_map(|(template, arguments)| {
            let mut arguments = arguments.into_iter();
            let fill = |segment: &str| match segment.starts_with('{') {
                true => arguments.next().unwrap_or_default(),
                false => segment.to_owned(),
            };
            template.split('/').map(fill).collect::<Vec<_>>().join("/")
        })
        .boxed();
    let bent =
        (known.clone(), any::<prop::sample::Index>(), "[/a-z.%;:@$0-9]{0,4}").prop_map(|(path, at, more)| {
            let mut path = path;
            let at = at.index(path.len() + 1);
            path.insert_str(at, &more);
            path
        });
    let query = prop_oneof![
        4 => Just(String::new()),
        2 => prop::collection::vec(
            ("include_count|limit|skip|asc|desc|query|force|environment|locale|version|branch|access_token|api_key|[a-z]{1,4}",
             "true|-1|0|99999999999999999999|\\{%22name%22:%22a%22\\}|\\{%22\\$or%22:\\[1\\]\\}|%5B%5D|production|main|[a-z0-9%]{0,6}"),
            0..4,
        ).prop_map(|pairs| {
            let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("?{}", pairs.join("&"))
        }),
    ];
    (prop_oneof![6 => known, 2 => bent, 1 => "/[ -~]{0,40}"], query).prop_map(|(path, query)| path + &query)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        prop::sample::select(vec![
            "true",
            "main",
            "production",
            "en-us",
            "page",
            "title",
            "2030-01-01",
            "x@example.invalid"
        ])
        .prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let key = "name|uid|title|scope|module|acl|read|branches|environments|locales|schema|entry|rules|users|email|password|\
               emails|roles|code|version|source|target_branch|token|[a-z_.$]{0,6}";
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let envelope = "token|entry|asset|user|stack|environment|branch|branch_alias|locale|role|content_type|stack_settings|share|\
                    webhook|workflow|release|taxonomy|[a-z]{1,5}";
    prop_oneof![
        2 => Just(Vec::new()),
        5 => (envelope, value()).prop_map(|(key, value)| json!({ key: value }).to_string().into_bytes()),
        1 => value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
        1 => "--x\r\n[ -~]{0,40}\r\n\r\n[ -~]{0,20}\r\n--x--".prop_map(String::into_bytes),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let method = prop_oneof![
        12 => prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]).prop_map(str::to_owned),
        1 => "[A-Z]{1,8}",
    ];
    let credential = prop::sample::select(vec![
        Credential::Nothing,
        Credential::MadeUp("authtoken"),
        Credential::MadeUp("authorization"),
        Credential::MadeUp("access_token"),
        Credential::MadeUp("preview_token"),
        Credential::Session,
        Credential::Session,
        Credential::Session,
        Credential::ManagementToken,
        Credential::DeliveryToken,
    ]);
    let kind = prop_oneof![
        6 => Just(b"application/json".to_vec()),
        1 => Just(b"multipart/form-data; boundary=x".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ]
    .prop_map(|kind| ("content-type", kind));
    let others = (
        prop::sample::select(vec![
            "branch",
            "organization_uid",
            "api_version",
            "live_preview",
            "release_version",
            "host",
            "x-user-agent",
            "api_key",
        ]),
        prop_oneof![
            "main|development|deploy|nothing|3.2|api.localhost|cdn.localhost".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..12)
        ],
    );
    let headers = (kind, prop::collection::vec(others, 0..3)).prop_map(|(kind, mut others)| {
        others.push(kind);
        others
    });
    (method, path(), credential, prop::bool::weighted(0.8), headers, body()).prop_map(
        |(method, path, credential, names_stack, headers, body)| Asked {
            method,
            path,
            credential,
            names_stack,
            headers,
            body,
        },
    )
}

fn is_open(asked: &Asked) -> bool {
    OPEN.iter().any(|(method, path)| asked.method == *method && asked.path.starts_with(path))
}

fn cases() -> ProptestConfig {
    let cases = if std::env::var_os("CS_DEEP").is_some() { 100_000 } else { 4_000 };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_request_breaks_the_service_or_gets_in_without_a_credential(asked in asked()) {
        SCENE.with_borrow_mut(|scene| {
            if scene.left == 0 {
                *scene = Scene::new();
            }
            scene.left -= 1;
            let Some(request) = scene.request(&asked) else { return Ok(()) };
            let response = scene.stage.raw(&request);
            let status = response.status().as_u16();
            let text = String::from_utf8_lossy(response.body());
            prop_assert!(status < 500 || status == 501, "{status} {text}");
            let is_done = (200..300).contains(&status);
            if !text.is_empty() {
                let body: Result<Value, _> = serde_json::from_slice(response.body());
                prop_assert!(body.is_ok_and(|body| body.is_object()), "{status}: not an object of JSON");
            }
            match asked.credential {
                Credential::Nothing | Credential::MadeUp(_) => {
                    prop_assert!(!is_done || is_open(&asked), "{status} without a credential: {text}");
                    prop_assert!(!text.contains(&scene.management) && !text.contains(&scene.delivery));
                }
                Credential::DeliveryToken => {
                    prop_assert!(!is_done || asked.method == "GET" || is_open(&asked), "{status} with a token that reads");
                }
                Credential::Session | Credential::ManagementToken => {}
            }
            Ok(())
        })?;
    }
}
