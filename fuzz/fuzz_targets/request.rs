//! Any request at all, as libFuzzer finds it: none makes the service panic or fail, and none is let in without a credential.
//!
//! `cargo +nightly fuzz run request`; the properties in `crates/cs-server/tests/it/fuzz.rs` ask the same without a nightly
//! compiler.
#![no_main]

#[path = "../../crates/cs-server/tests/it/open.rs"]
mod open;

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;
use cs_model::{RouteId, Secret};
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use http::Request;
use jiff::Timestamp;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use open::OPEN;

/// So many requests meet the same service; then there is a new one, because some of them delete what others need.
const REQUESTS_EACH: usize = 64;

/// 2026-11-21T12:00:00Z, so that a run can be repeated.
const NOW: i64 = 1_795_262_400;

#[derive(Arbitrary, Debug)]
enum Path<'a> {
    /// A route of the table with these arguments.
    Known {
        route: u16,
        arguments: [Argument<'a>; 4],
    },
    Any(&'a str),
}

#[derive(Arbitrary, Debug)]
enum Argument<'a> {
    Main,
    Production,
    Language,
    Page,
    All,
    Any(&'a str),
}

impl Argument<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Main => "main",
            Self::Production => "production",
            Self::Language => "en-us",
            Self::Page => "page",
            Self::All => "$all",
            Self::Any(text) => text,
        }
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Credential {
    Nothing,
    MadeUpSession,
    MadeUpToken,
    Session,
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    Nothing,
    Json(&'a [u8]),
    Form(&'a [u8]),
    /// A token with this text for a name, and this for the rest of it.
    Token(&'a str, &'a str),
}

#[derive(Arbitrary, Debug)]
struct Asked<'a> {
    method: u8,
    path: Path<'a>,
    query: &'a str,
    names_stack: bool,
    credential: Credential,
    branch: Option<&'a str>,
    body: Body<'a>,
}

struct Stage {
    service: Arc<Service>,
    api_key: String,
    authtoken: Secret,
    left: usize,
}

impl Stage {
    fn new(now: Timestamp) -> Self {
        let service = Arc::new(Service::new(MemoryStore::new(), Options::default().no_rate_limit()));
        let demo = demo::ensure(&service, now).expect("memory holds the demo stack");
        let authtoken = demo::session(&service, now, &demo).expect("its owner logs in");
        Self { service, api_key: demo.api_key.as_str().to_owned(), authtoken, left: REQUESTS_EACH }
    }
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

fn path(asked: &Asked<'_>) -> String {
    let mut path = match &asked.path {
        Path::Any(path) => (*path).to_owned(),
        Path::Known { route, arguments } => {
            let routes: Vec<RouteId> = RouteId::all().collect();
            let template = routes[usize::from(*route) % routes.len()].row().template;
            let mut arguments = arguments.iter();
            let fill = |segment: &str| match segment.starts_with('{') {
                true => arguments.next().map_or(String::new(), |argument| argument.text().to_owned()),
                false => segment.to_owned(),
            };
            template.split('/').map(fill).collect::<Vec<_>>().join("/")
        }
    };
    if !asked.query.is_empty() {
        path = format!("{path}?{}", asked.query);
    }
    path
}

fuzz_target!(|asked: Asked<'_>| {
    let now = Timestamp::from_second(NOW).expect("a time");
    STAGE.with_borrow_mut(|stage| {
        let stage = match stage {
            Some(stage) if stage.left > 0 => stage,
            stage => stage.insert(Stage::new(now)),
        };
        stage.left -= 1;
        let method = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"][usize::from(asked.method) % 6];
        let path = path(&asked);
        let mut request = Request::builder().method(method).uri(&path);
        if asked.names_stack {
            request = request.header("api_key", &stage.api_key);
        }
        if let Some(branch) = asked.branch {
            request = request.header("branch", branch);
        }
        request = match asked.credential {
            Credential::Nothing => request,
            Credential::MadeUpSession => request.header("authtoken", "made up"),
            Credential::MadeUpToken => request.header("authorization", "made up"),
            Credential::Session => request.header("authtoken", stage.authtoken.reveal()),
        };
        let body = match asked.body {
            Body::Nothing => Vec::new(),
            Body::Json(bytes) | Body::Form(bytes) => bytes.to_vec(),
            Body::Token(name, rest) => {
                let name = serde_json::json!(name);
                format!(r#"{{"token":{{"name":{name},"scope":[{{"module":"environment","environments":["production"],"acl":{{"read":true}}}}]{rest}}}}}"#).into_bytes()
            }
        };
        let kind = if matches!(asked.body, Body::Form(_)) { "multipart/form-data; boundary=x" } else { "application/json" };
        // What cannot be sent over HTTP at all does not reach the service.
        let Ok(request) = request.header("content-type", kind).body(Bytes::from(body)) else { return };
        let response = stage.service.handle(now, &request);
        let status = response.status().as_u16();
        assert!(status < 500 || status == 501, "{status} for {method} {path}");
        if !matches!(asked.credential, Credential::Session) && (200..300).contains(&status) {
            let is_open = OPEN.iter().any(|(open, start)| method == *open && path.starts_with(start));
            assert!(is_open, "{status} without a credential for {method} {path}");
        }
    });
});
