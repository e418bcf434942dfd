//! The admin API.

use std::net::SocketAddr;
use std::sync::Arc;

use cs_model::Secret;
use cs_server::admin_http::{AdminServer, AdminServerError};
use cs_server::faults::Faults;
use cs_server::http::Server;
use cs_server::metrics::Metrics;
use cs_server::{Clock, ClockSetting};
use serde_json::{Value, json};

use crate::served::{Raw, owner, send, serving};
use crate::stage::{DELIVERY, Stage, delivery, delivery_scope, management, rw, with};

const TOKEN: &str = "a token for this test alone";

/// The service and its admin API, each on a socket.
pub(crate) struct Both<'a> {
    stage: &'a Stage,
    service: SocketAddr,
    admin: SocketAddr,
}

impl Both<'_> {
    pub(crate) fn admin(&self, method: &str, path: &str, body: &Value) -> Raw {
        let bearer = format!("Bearer {TOKEN}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(self.admin, method, path, &[("authorization", &bearer)], &body).unwrap()
    }

    /// Done, with this in the answer.
    #[track_caller]
    pub(crate) fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.admin(method, path, body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
        answer.json()
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Raw> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(self.service, method, path, headers, &body)
    }

    pub(crate) fn list(&self) -> Raw {
        self.ask("GET", DELIVERY, &owner(self.stage), &Value::Null).unwrap()
    }
}

pub(crate) fn with_admin(work: impl FnOnce(Both<'_>)) {
    let stage = Stage::new();
    let clock = Arc::new(Clock::new(ClockSetting::Fixed(stage.now())));
    let (faults, metrics) = (Arc::<Faults>::default(), Arc::<Metrics>::default());
    let server = Server::new(Arc::clone(&stage.service))
        .clock(Arc::clone(&clock))
        .faults(Arc::clone(&faults))
        .metrics(Arc::clone(&metrics));
    let admin = AdminServer::new(Arc::clone(&stage.service), &Secret::new(TOKEN), clock, faults).unwrap();
    let admin = admin.metrics(metrics, None);
    serving(server, |service| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(admin.serve(listener, std::future::pending()));
        work(Both { stage: &stage, service, admin: address });
    });
}

#[test]
fn nothing_is_done_without_the_token() {
    with_admin(|both| {
        for (method, path) in [
            ("GET", "/clock"),
            ("PUT", "/clock"),
            ("POST", "/users"),
            ("GET", "/snapshot"),
            ("PUT", "/snapshot"),
            ("POST", "/reset"),
            ("GET", "/events"),
            ("GET", "/metrics"),
            ("POST", "/sessions"),
            ("GET", "/nowhere"),
        ] {
            for value in
                ["", "Bearer", "Bearer wrong", TOKEN, &format!("Basic {TOKEN}"), &format!("Bearer {TOKEN}x")]
            {
                let answer = send(both.admin, method, path, &[("authorization", value)], "{}").unwrap();
                assert_eq!(answer.status, 401, "{method} {path} `{value}`");
            }
        }
        assert_eq!(send(both.admin, "GET", "/health", &[], "").unwrap().status, 200);
        assert_eq!(send(both.admin, "GET", "/ready", &[], "").unwrap().status, 200);
        assert_eq!(both.admin("GET", "/nowhere", &Value::Null).status, 404);
        assert_eq!(both.admin("DELETE", "/clock", &Value::Null).status, 404);
        assert!(both.admin("GET", "/metrics", &Value::Null).body.contains("cstok_connections"));
    });
    let stage = Stage::new();
    let short =
        AdminServer::new(Arc::clone(&stage.service), &Secret::new("short"), Arc::default(), Arc::default());
    assert!(matches!(short, Err(AdminServerError::ShortToken)));
    assert!(
        !format!("{:?}", AdminServer::draw_token().unwrap())
            .contains(AdminServer::draw_token().unwrap().reveal())
    );
}

#[test]
fn the_clock_moves_and_notices_come() {
    with_admin(|both| {
        assert_eq!(both.done("GET", "/clock", &Value::Null)["now"], "2026-11-21T12:00:00Z");
        let mut body = with(management("ends", &[("entry", rw())]), "expires_on", "2026-12-21".into());
        body = with(body, "is_email_notification_enabled", true.into());
        let made = both.ask("POST", "/v3/stacks/management_tokens", &owner(both.stage), &body).unwrap();
        assert_eq!(made.status, 201, "{}", made.body);
        let value = made.json()["token"]["token"].as_str().unwrap().to_owned();
        let before = both.done("GET", "/events", &Value::Null)["events"].as_array().unwrap().len();
        assert_eq!(both.done("PUT", "/clock", &json!({ "advance": "24d" }))["now"], "2026-12-15T12:00:00Z");
        let events = both.done("GET", "/events", &Value::Null);
        assert_eq!(events["events"].as_array().unwrap().len(), before + 1, "{events}");
        assert_eq!(events["events"][before]["kind"], "expiry_notice");
        let after = format!("/events?after={}", events["events"][before]["number"]);
        assert_eq!(both.done("GET", &after, &Value::Null)["events"], json!([]));
        both.done("PUT", "/clock", &json!({ "set": "2026-12-25T00:00:00Z" }));
        let expired = both.ask(
            "GET",
            DELIVERY,
            &[("api_key", both.stage.api_key()), ("authorization", &value)],
            &Value::Null,
        );
        assert_eq!(expired.unwrap().status, 401);
        assert_eq!(both.done("PUT", "/clock", &json!({ "show": "offset:-1h" }))["clock"], "offset:-1h");
        for wrong in [json!({ "set": "noon" }), json!({ "show": "x" }), json!({ "advance": "1mo" })] {
            assert_eq!(both.admin("PUT", "/clock", &wrong).status, 422, "{wrong}");
        }
        for wrong in [json!({}), json!({ "turn": "x" }), json!([]), json!({ "set": 5 })] {
            assert_eq!(both.admin("PUT", "/clock", &wrong).status, 400, "{wrong}");
        }
    });
}

#[test]
fn people_and_stacks_are_made() {
    with_admin(|both| {
        let user = |name: &str| {
            let new = json!({ "email": format!("{name}@example.invalid"), "password": "canary-password" });
            both.done("POST", "/users", &new)["uid"].as_str().unwrap().to_owned()
        };
        let (ann, bob) = (user("ann"), user("bob"));
        let taken = both.admin("POST", "/users", &json!({ "email": "ann@example.invalid", "password": "x" }));
        assert_eq!(taken.status, 409);
        let organization = both.done("POST", "/organizations", &json!({ "name": "O", "owner_uid": ann }));
        let organization = organization["uid"].as_str().unwrap();
        both.done(
            "PUT",
            &format!("/organizations/{organization}/members/{bob}"),
            &json!({ "place": "admin" }),
        );
        let old = json!({ "organization_uid": organization, "name": "old", "owner_uid": ann, "created_at": "2019-01-01T00:00:00Z" });
        let api_key = both.done("POST", "/stacks", &old)["api_key"].as_str().unwrap().to_owned();
        both.done("PUT", &format!("/stacks/{api_key}/roles/{bob}"), &json!({ "role": "developer" }));
        let session = both.done("POST", "/sessions", &json!({ "user_uid": bob }));
        let authtoken = session["authtoken"].as_str().unwrap();
        let headers = [("api_key", api_key.as_str()), ("authtoken", authtoken)];
        let read = || both.ask("GET", "/v3/environments", &headers, &Value::Null).unwrap().status;
        assert_eq!(read(), 200);
        let reset =
            both.done("POST", &format!("/stacks/{api_key}/access-token"), &json!({ "user_uid": bob }));
        assert!(reset["access_token"].as_str().is_some_and(|value| !value.is_empty()));
        let grant = json!({ "user_uid": bob, "organization_uid": organization, "scopes": ["cm.stacks.management:read"] });
        let grant = both.done("POST", "/oauth-tokens", &grant);
        assert_eq!(grant["expires_at"].as_str().map(str::len), Some("2026-11-21T12:59:00Z".len()));
        assert!(grant["access_token"].is_string() && grant["refresh_token"].is_string());
        let wrong = json!({ "user_uid": bob, "organization_uid": organization, "scopes": ["cm.stack:read", "user:read"] });
        let wrong = both.admin("POST", "/oauth-tokens", &wrong);
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        assert!(wrong.json()["error"].as_str().unwrap().contains("`cm.stack:read`"), "{}", wrong.body);
        assert!(wrong.json()["known"].as_array().unwrap().contains(&json!("cm.stacks.management:read")));
        both.done(
            "PUT",
            &format!("/organizations/{organization}/single-sign-on"),
            &json!({ "enabled": true, "strict_mode": true }),
        );
        let bob_logs_in =
            json!({ "user": { "email": "bob@example.invalid", "password": "canary-password" } });
        let json = [("content-type", "application/json")];
        let refused = both.ask("POST", "/v3/user-session", &json, &bob_logs_in).unwrap();
        assert_eq!(refused.status, 422, "single sign-on leaves no other way in: {}", refused.body);
        both.done("DELETE", "/sessions", &json!({ "authtoken": authtoken }));
        assert_eq!(read(), 401);
        for (path, body) in [
            ("/organizations", json!({ "name": "x", "owner_uid": "nobody" })),
            ("/sessions", json!({ "user_uid": "nobody" })),
            ("/stacks", json!({ "organization_uid": "none", "name": "x", "owner_uid": ann })),
        ] {
            assert_eq!(both.admin("POST", path, &body).status, 404, "{path}");
        }
        assert_eq!(both.admin("POST", "/users", &json!({ "email": "x" })).status, 400);
        for (path, body) in [
            ("/users", json!({ "email": "new@example.invalid", "password": "" })),
            ("/organizations", json!({ "name": " ", "owner_uid": ann })),
            ("/stacks", json!({ "organization_uid": organization, "name": "", "owner_uid": ann })),
        ] {
            assert_eq!(both.admin("POST", path, &body).status, 422, "{path}");
        }
        for email in ["", "x", "@", "x@", "@x", "a b@x", "a@b@c", "x@y\n"] {
            let refused =
                both.admin("POST", "/users", &json!({ "email": email, "password": "canary-password" }));
            assert_eq!(refused.status, 422, "{email}: {}", refused.body);
        }
        assert_eq!(
            both.admin("POST", "/users", &json!({ "email": "x", "password": "x", "admin": true })).status,
            400
        );
    });
}

#[test]
fn second_factors_are_enrolled_and_their_codes_shown() {
    with_admin(|both| {
        let new = json!({ "email": "two@example.invalid", "password": "canary-password" });
        let uid = both.done("POST", "/users", &new)["uid"].as_str().unwrap().to_owned();
        let factor = format!("/users/{uid}/second-factor");
        let log_in = |code: &Value| {
            let mut user = json!({ "email": "two@example.invalid", "password": "canary-password" });
            if code.is_string() {
                user["tfa_token"] = code.clone();
            }
            let json = [("content-type", "application/json")];
            both.ask("POST", "/v3/user-session", &json, &json!({ "user": user })).unwrap()
        };
        assert_eq!(log_in(&Value::Null).status, 200);
        assert!(both.done("PUT", &factor, &json!({ "kind": "authenticator" }))["secret"].is_string());
        assert_eq!(log_in(&Value::Null).json()["error_code"], 294);
        let code = both.done("GET", &format!("{factor}/code"), &Value::Null)["code"].clone();
        assert_eq!(log_in(&code).status, 200);
        assert_ne!(log_in(&code).status, 200, "a code works once");
        both.done("DELETE", &factor, &Value::Null);
        assert_eq!(log_in(&Value::Null).status, 200);
        both.done("POST", &format!("/users/{uid}/unlock"), &Value::Null);
        let mail = both.done("POST", &format!("/users/{uid}/mails"), &json!({ "purpose": "password_reset" }));
        assert!(mail["token"].as_str().is_some_and(|token| token.len() > 16));
        assert_eq!(both.admin("PUT", &factor, &json!({ "kind": "dog" })).status, 400);
        assert_eq!(
            both.admin("PUT", "/users/nobody/second-factor", &json!({ "kind": "text_messages" })).status,
            404
        );
        let unoffered = format!("/organizations/{}/accept-ownership", both.stage.demo.organization_uid);
        // Whoever is named is there; it is their state that is in the way.
        assert_eq!(both.admin("POST", &unoffered, &Value::Null).status, 409);
        let unoffered = format!("/stacks/{}/ownership-mail", both.stage.api_key());
        assert_eq!(both.admin("POST", &unoffered, &Value::Null).status, 409);
        let mails = format!("/users/{uid}/mails");
        for purpose in ["activation", "stack_ownership"] {
            let refused = both.admin("POST", &mails, &json!({ "purpose": purpose }));
            assert_eq!(refused.status, 409, "{}", refused.body);
        }
        assert_eq!(
            both.admin("POST", "/users/nobody/mails", &json!({ "purpose": "activation" })).status,
            404
        );
        for path in ["/reset", &format!("/users/{uid}/unlock"), &unoffered] {
            let refused = both.admin("POST", path, &json!({ "everything": true }));
            assert_eq!(refused.status, 400, "{path}: {}", refused.body);
        }
        let role = format!("/stacks/{}/roles/{uid}", both.stage.api_key());
        assert_eq!(both.admin("PUT", &role, &json!({})).status, 400);
    });
}

#[test]
fn faults_are_planned_listed_and_removed() {
    with_admin(|both| {
        let burst = json!({ "fault": "status", "status": 429, "route": "GET /v3/stacks/delivery_tokens", "times": 2 });
        let number = both.done("POST", "/faults", &burst)["number"].clone();
        let refused = both.list();
        assert_eq!(
            (refused.status, refused.json()["error_message"].as_str().unwrap().contains("second")),
            (429, true)
        );
        let listed = both.done("GET", "/faults", &Value::Null);
        assert_eq!((&listed["faults"][0]["number"], &listed["faults"][0]["happened"]), (&number, &json!(1)));
        assert_eq!((both.list().status, both.list().status), (429, 200));
        assert_eq!(both.done("GET", "/faults", &Value::Null)["faults"], json!([]));
        let lost = both.done(
            "POST",
            "/faults",
            &json!({ "fault": "lose_request", "method": "GET", "probability": 1.0, "seed": 3 }),
        );
        assert!(both.ask("GET", DELIVERY, &owner(both.stage), &Value::Null).is_none());
        both.done("DELETE", &format!("/faults/{}", lost["number"]), &Value::Null);
        assert_eq!(both.list().status, 200);
        assert_eq!(both.admin("DELETE", "/faults/999", &Value::Null).status, 404);
        both.done("POST", "/faults", &json!({ "fault": "status", "status": 503, "api": "delivery" }));
        assert_eq!(both.list().status, 200, "it is of another API");
        both.done("POST", "/faults", &json!({ "fault": "status", "status": 502, "api": "management" }));
        assert_eq!(both.list().status, 502);
        let listed = both.done("GET", "/faults", &Value::Null);
        let shown: Vec<_> =
            listed["faults"].as_array().unwrap().iter().map(|f| (&f["api"], &f["seen"])).collect();
        assert_eq!(shown, [(&json!("delivery"), &json!(0)), (&json!("management"), &json!(1))]);
        both.done("DELETE", "/faults", &Value::Null);
        both.done("POST", "/faults", &json!({ "fault": "slow", "duration": "1h", "method": "PUT" }));
        assert_eq!(both.done("DELETE", "/faults", &Value::Null)["removed"], 1);
        for wrong in [
            json!({ "fault": "explode" }),
            json!({ "fault": "status" }),
            json!({ "fault": "status", "status": 99 }),
            json!({ "fault": "truncate", "times": 0 }),
            json!({ "fault": "slow" }),
            json!({ "fault": "slow", "duration": "-1s" }),
            json!({ "fault": "truncate", "probability": 2.0 }),
            json!({ "fault": "truncate", "route": "GET /nowhere" }),
            json!({ "fault": "truncate", "method": "BREW" }),
            json!({ "fault": "truncate", "api": "none" }),
        ] {
            assert_eq!(both.admin("POST", "/faults", &wrong).status, 422, "{wrong}");
        }
    });
}

#[test]
fn a_snapshot_brings_everything_back() {
    with_admin(|both| {
        let create = |name: &str| {
            let mut body = delivery(name);
            body["token"]["scope"] = delivery_scope();
            both.ask("POST", DELIVERY, &owner(both.stage), &body).unwrap().status
        };
        let count = || both.list().json()["tokens"].as_array().unwrap().len();
        assert_eq!(create("kept"), 201);
        let snapshot = both.done("GET", "/snapshot", &Value::Null);
        assert_eq!((create("lost"), count()), (201, 2));
        both.done("PUT", "/snapshot", &snapshot);
        assert_eq!(count(), 1);
        assert_eq!((create("kept"), create("lost")), (422, 201), "names are as they were");
        both.done("POST", "/reset", &Value::Null);
        assert_eq!(count(), 0, "as it was when the admin API began, sessions included");
        let mut later = snapshot.clone();
        later["schema"] = json!(2);
        assert_eq!(both.admin("PUT", "/snapshot", &later).status, 422);
        assert_eq!(both.admin("PUT", "/snapshot", &json!({ "rows": {} })).status, 400);
        assert_eq!(count(), 0, "what is refused changes nothing");
    });
}

/// A wrong snapshot changes nothing, and all that is wrong with it is told.
#[test]
fn a_snapshot_that_is_no_store_is_refused() {
    with_admin(|both| {
        let (stage, api_key) = (both.stage, both.stage.api_key());
        let mut body = delivery("kept");
        body["token"]["scope"] = delivery_scope();
        both.ask("POST", "/v3/stacks/delivery_tokens?create_with_preview_token=true", &owner(stage), &body);
        let schema = json!([{ "uid": "title", "data_type": "text" }]);
        stage
            .ask(
                "POST",
                "/v3/content_types",
                &json!({ "content_type": { "title": "P", "uid": "page", "schema": schema } }),
            )
            .ok();
        stage.ask("POST", "/v3/content_types/page/entries", &json!({ "entry": { "title": "one" } })).ok();
        let good = both.done("GET", "/snapshot", &Value::Null);
        let rows = good["rows"].as_object().unwrap();
        let key = |prefix: &str| rows.keys().find(|key| key.starts_with(prefix)).unwrap().clone();
        let listed = both.list().json();
        let refused = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut wrong = good.clone();
            change(wrong["rows"].as_object_mut().unwrap());
            let answer = both.admin("PUT", "/snapshot", &wrong);
            assert_eq!(
                answer.status,
                422,
                "{} {:?}",
                answer.body,
                rows.keys().filter(|key| wrong["rows"].get(*key).is_none()).collect::<Vec<_>>()
            );
            assert_eq!(both.list().json(), listed, "nothing is changed");
            let problems = answer.json()["problems"].as_array().unwrap().clone();
            assert!(!problems.is_empty());
            problems.iter().map(|problem| problem["row"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let token = key("delivery/");
        for gone in [
            key("stack/"),
            key("org/"),
            key("user/"),
            key("user_email/"),
            key(&format!("branch/{api_key}/main")),
            key("env/"),
            key("env_name/"),
            key("token/"),
            token.clone(),
            key("session/"),
            key("user_session/"),
            key("member/"),
            key("user_org/"),
            key("user_stack/"),
            key("org_stack/"),
            key("doc/"),
            "counter".to_owned(),
        ] {
            let told = refused(&|rows| drop(rows.remove(&gone)));
            assert!(told.iter().all(|row| *row != gone || gone == "counter"), "{gone}: {told:?}");
        }
        for (row, value) in [
            (token.clone(), json!({ "uid": "x" })),
            (token.clone(), json!("canary-value")),
            (key("stack/"), json!([])),
            ("counter".to_owned(), json!("many")),
            ("counter".to_owned(), json!(1)),
            ("nosuch/table".to_owned(), json!({})),
            ("nosuch".to_owned(), json!({})),
            (String::new(), json!({})),
            ("stack/".to_owned(), json!({})),
            (format!("doc/{api_key}/main/nosuch/x"), json!({ "number": 1, "forms": { "": { "uid": "x" } } })),
            (
                format!("doc/{api_key}/main/content_types.entries/none/x"),
                json!({ "number": 1, "forms": { "en-us": { "uid": "x" } } }),
            ),
            (
                format!("doc/{api_key}/main/webhooks/x"),
                json!({ "number": 1, "forms": { "": { "uid": "x" } } }),
            ),
            (format!("alias/{api_key}/main"), rows[&key("alias/")].clone()),
            (format!("user_stack/nobody/{api_key}"), json!({ "roles": ["admin"] })),
            ("oauth_refresh/abc".to_owned(), json!({ "access_hash": "none" })),
            (format!("notice/{api_key}/none"), json!("2026-01-01T00:00:00Z")),
            (key("count/"), json!(7)),
            (key("count/"), json!("many")),
            (format!("count/{api_key}/preview"), json!(1)),
            ("count/nosuch/delivery".to_owned(), json!(0)),
        ] {
            let told = refused(&|rows| drop(rows.insert(row.clone(), value.clone())));
            assert!(told.contains(&row), "{row}: {told:?}");
        }
        // Several at once, no value quoted, and not more than can be read.
        let many = refused(&|rows| {
            rows.remove(&key("env/"));
            for n in 0..500 {
                rows.insert(format!("stack/{n}"), json!("canary-value"));
            }
        });
        assert_eq!(many.len(), 100);
        let mut wrong = good.clone();
        wrong["rows"][&token]["scope"] = json!("canary-value");
        let answer = both.admin("PUT", "/snapshot", &wrong);
        assert!(!answer.body.contains("canary-value"), "{}", answer.body);
        both.done("PUT", "/snapshot", &good);
        // An empty store is one.
        let mut empty = good.clone();
        empty["rows"] = json!({});
        both.done("PUT", "/snapshot", &empty);
        both.done("PUT", "/snapshot", &good);
    });
}
