//! Which values can be read in a store by whoever has its bytes: those that the API shows again and again, and no other.

use std::path::Path;

use cs_model::Secret;
use cs_server::store::{PostgresAddress, PostgresStore, RedbStore, Store};
use cs_server::{NewUser, Options, Service, demo};
use cs_tests::Postgres;
use serde_json::{Value, json};

use super::load::{DELIVERY, MANAGEMENT, delivery, management};

/// What was made: values that must be nowhere, and values that are readable by design.
struct Made {
    hidden: Vec<String>,
    shown: Vec<String>,
}

/// Makes one of every kind, uses some and ends some. The store stays open as long as the service is there.
fn make(store: impl Store + 'static) -> (Service, Made) {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let service = Service::new(store, Options::default().no_rate_limit());
    let demo = demo::ensure(&service, now).unwrap();
    let session = demo::session(&service, now, &demo).unwrap();
    let send = |method: &str, path: &str, authtoken: &str, body: &Value| -> Value {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("api_key", demo.api_key.as_str())
            .header("authtoken", authtoken)
            .header("content-type", "application/json")
            .body(bytes::Bytes::from(body.to_string()))
            .unwrap();
        let response = service.handle(now, &request);
        assert!(response.status().is_success(), "{:?}", response.body());
        serde_json::from_slice(response.body()).unwrap()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let owner = session.reveal();
    let mut made = Made { hidden: vec![owner.to_owned()], shown: Vec::new() };

    let token = send("POST", &format!("{DELIVERY}?create_with_preview_token=true"), owner, &delivery("site"));
    made.shown.extend([text(&token["token"]["token"]), text(&token["token"]["preview_token"])]);
    let token = send("POST", MANAGEMENT, owner, &management("ci"));
    made.hidden.push(text(&token["token"]["token"]));
    let body = management("changed");
    send("PUT", &format!("{MANAGEMENT}/{}", text(&token["token"]["uid"])), owner, &body);

    let admin = service.admin(now);
    let password = "canary-password-of-a-user";
    let user = admin.create_user(&NewUser::new("x@example.invalid", Secret::new(password))).unwrap();
    made.hidden.push(password.to_owned());
    let login = json!({ "user": { "email": "x@example.invalid", "password": password } });
    let authtoken = text(&send("POST", "/v3/user-session", owner, &login)["user"]["authtoken"]);
    send("DELETE", "/v3/user-session", &authtoken, &json!({}));
    made.hidden.push(authtoken);

    let scopes = ["cm.content-types.management:read".to_owned()];
    let granted = admin.create_oauth_token(&demo.owner_uid, &demo.organization_uid, &scopes, None).unwrap();
    made.hidden.extend([granted.access_token, granted.refresh_token].map(|value| value.reveal().to_owned()));
    let mailed = admin.mailed_token(&user, cs_server::Mailed::PasswordReset).unwrap();
    made.hidden.push(mailed.reveal().to_owned());
    (service, made)
}

/// Every byte of every file below a folder.
fn bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            all.extend(bytes(&entry.path()));
        } else if kind.is_file() {
            all.extend(std::fs::read(entry.path()).unwrap());
        }
    }
    all
}

fn check(made: &Made, all: &[u8]) {
    let holds = |needle: &str| all.windows(needle.len()).any(|window| window == needle.as_bytes());
    for value in &made.shown {
        assert!(holds(value), "a value that the API shows again is not kept");
    }
    for (n, value) in made.hidden.iter().enumerate() {
        assert!(!holds(value), "value {n} can be read");
    }
}

#[test]
fn a_file_holds_only_values_that_are_shown_again() {
    let folder = tempfile::tempdir().unwrap();
    let (service, made) = make(RedbStore::open(folder.path().join("store.redb")).unwrap());
    assert!(folder.path().join("store.redb.journal").exists());
    check(&made, &bytes(folder.path()));
    drop(service);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the store alone");
    check(&made, &bytes(folder.path()));
}

/// Also in the log that is written ahead, and in what the server prints.
#[test]
fn postgresql_holds_only_values_that_are_shown_again() {
    let postgres = Postgres::start().unwrap();
    let address = PostgresAddress::parse(&postgres.url()).unwrap();
    let (_service, made) = make(PostgresStore::open(&address).unwrap());
    postgres.run_sql("checkpoint").unwrap();
    check(&made, &bytes(postgres.socket()));
}
