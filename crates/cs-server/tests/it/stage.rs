//! The stage on which the scenarios play: a service with the demo stack, and short ways to ask it something.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cs_model::{Profile, Secret};
use cs_server::demo::Demo;
use cs_server::store::MemoryStore;
use cs_server::{NewUser, Options, PasswordCost, Role, Service, demo};
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) const DELIVERY: &str = "/v3/stacks/delivery_tokens";
pub(crate) const MANAGEMENT: &str = "/v3/stacks/management_tokens";

pub(crate) struct Stage {
    pub(crate) service: Arc<Service>,
    pub(crate) demo: Demo,
    pub(crate) owner: Secret,
    now: Cell<Timestamp>,
}

/// Whatever a test did, its store is one: what two tables say of one thing agrees, and nothing refers to what is gone.
#[cfg(feature = "server")]
impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let snapshot = cs_server::admin_http::Snapshot::take(self.service.store()).unwrap();
            assert_eq!(snapshot.problems(), Vec::<String>::new());
        }
    }
}

/// An answer: status and body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> Option<u64> {
        self.body["error_code"].as_u64()
    }

    /// The keys of `errors`.
    pub(crate) fn keys(&self) -> Vec<&str> {
        self.body["errors"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
    }

    /// Refused with this status and number.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: u64) {
        assert_eq!((self.status, self.code()), (status, Some(code)), "{}", self.body);
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Profile::seeds())
    }

    pub(crate) fn with(profile: Profile) -> Self {
        Self::over(options(profile).no_rate_limit())
    }

    pub(crate) fn over(options: Options) -> Self {
        Self::on(Service::new(MemoryStore::new(), options))
    }

    pub(crate) fn on(service: Service) -> Self {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let service = Arc::new(service);
        let demo = demo::ensure(&service, now).unwrap();
        let owner = demo::session(&service, now, &demo).unwrap();
        Self { service, demo, owner, now: Cell::new(now) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now.get()
    }

    pub(crate) fn set_now(&self, time: &str) {
        self.now.set(time.parse().unwrap());
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.now.set(self.now.get().checked_add(by).unwrap());
    }

    pub(crate) fn api_key(&self) -> &str {
        self.demo.api_key.as_str()
    }

    /// A user with a role in the stack; the authtoken of a session.
    pub(crate) fn user(&self, name: &str, role: Option<Role>) -> Secret {
        let admin = self.service.admin(self.now());
        let uid =
            admin.create_user(&NewUser::new(format!("{name}@example.invalid"), Secret::new(name))).unwrap();
        if let Some(role) = role {
            admin.set_role(&self.demo.api_key, &uid, role).unwrap();
        }
        admin.create_session(&uid).unwrap()
    }

    /// Any request.
    pub(crate) fn raw(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.service.handle(self.now(), request)
    }

    /// A request with these headers, and a JSON body unless it is null.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header("content-type", "application/json");
            Bytes::from(body.to_string())
        };
        let response = self.raw(&request.body(body).unwrap());
        // Some deletions answer with nothing but a status.
        let body = if response.status() == 204 {
            Value::Null
        } else {
            serde_json::from_slice(response.body()).unwrap()
        };
        Answer { status: response.status().as_u16(), body }
    }

    /// By the owner of the demo stack, in that stack.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.by(&self.owner, method, path, body)
    }

    /// By a user, in the demo stack.
    pub(crate) fn by(&self, authtoken: &Secret, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("api_key", self.api_key()), ("authtoken", authtoken.reveal())], body)
    }

    /// By a management token, in the demo stack.
    pub(crate) fn by_token(&self, value: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("api_key", self.api_key()), ("authorization", value)], body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &Value::Null)
    }

    pub(crate) fn log_in(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "user": { "email": email, "password": password } });
        self.send("POST", "/v3/user-session", &[], &body)
    }

    /// A delivery token; the token of the answer.
    pub(crate) fn delivery(&self, name: &str) -> Value {
        self.ask("POST", DELIVERY, &delivery(name)).ok()["token"].clone()
    }

    /// A management token; the token of the answer.
    pub(crate) fn management(&self, name: &str, modules: &[(&str, Value)]) -> Value {
        self.ask("POST", MANAGEMENT, &management(name, modules)).ok()["token"].clone()
    }
}

pub(crate) fn options(profile: Profile) -> Options {
    Options::default().profile(profile).password_cost(PasswordCost::Light)
}

/// The body for a delivery token of `production` and `main`.
pub(crate) fn delivery(name: &str) -> Value {
    json!({ "token": { "name": name, "description": "for a test", "scope": delivery_scope() } })
}

pub(crate) fn delivery_scope() -> Value {
    json!([
        { "module": "environment", "environments": ["production"], "acl": { "read": true } },
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
    ])
}

/// The body for a management token of `main` and these modules.
pub(crate) fn management(name: &str, modules: &[(&str, Value)]) -> Value {
    let mut scope: Vec<Value> =
        modules.iter().map(|(module, acl)| json!({ "module": module, "acl": acl })).collect();
    scope.push(json!({ "module": "branch", "branches": ["main"], "acl": { "read": true } }));
    json!({ "token": { "name": name, "scope": scope, "is_email_notification_enabled": false } })
}

/// The same body with one field of the token replaced.
pub(crate) fn with(mut body: Value, field: &str, value: Value) -> Value {
    body["token"][field] = value;
    body
}

pub(crate) fn rw() -> Value {
    json!({ "read": true, "write": true })
}
