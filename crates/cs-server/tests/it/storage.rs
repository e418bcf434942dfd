//! What the store holds, and what lasts.

use cs_model::{Profile, Secret};
use cs_server::store::{Ending, Mode, RedbStore, StoreError};
use cs_server::{NewUser, Service, demo};
use serde_json::json;

use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, management, options, rw};

/// Every byte of every key and value.
fn everything(service: &Service) -> Vec<u8> {
    let mut all = Vec::new();
    service
        .store()
        .transact(Mode::Read, &mut |tx| {
            for (key, value) in tx.scan(b"")? {
                all.extend(key);
                all.extend(value);
            }
            Ok(Ending::Discard)
        })
        .unwrap();
    all
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn management_and_session_values_and_passwords_are_nowhere() {
    let stage = Stage::new();
    let management = stage.management("ci", &[("entry", rw())]);
    let delivery = stage.delivery("site");
    let admin = stage.service.admin(stage.now());
    admin.create_user(&NewUser::new("x@example.invalid", Secret::new("canary-password"))).unwrap();
    let login = stage.log_in("x@example.invalid", "canary-password").ok();
    let all = everything(&stage.service);
    assert!(!holds(&all, management["token"].as_str().unwrap()));
    assert!(!holds(&all, login["user"]["authtoken"].as_str().unwrap()));
    assert!(!holds(&all, stage.owner.reveal()));
    assert!(!holds(&all, "canary-password"));
    assert!(holds(&all, delivery["token"].as_str().unwrap()), "readable, as the API shows it again");
}

#[test]
fn a_file_keeps_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.redb");
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let open = || Service::new(RedbStore::open(&path).unwrap(), options(Profile::seeds()).no_rate_limit());
    let send = |service: &Service, demo: &demo::Demo, method: &str, path: &str, body: &serde_json::Value| {
        let authtoken = demo::session(service, now, demo).unwrap();
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("api_key", demo.api_key.as_str())
            .header("authtoken", authtoken.reveal())
            .header("content-type", "application/json")
            .body(bytes::Bytes::from(body.to_string()))
            .unwrap();
        let response = service.handle(now, &request);
        (response.status().as_u16(), serde_json::from_slice::<serde_json::Value>(response.body()).unwrap())
    };
    let service = open();
    let demo = demo::ensure(&service, now).unwrap();
    assert_eq!(send(&service, &demo, "POST", DELIVERY, &delivery("kept")).0, 201);
    let (status, made) = send(&service, &demo, "POST", MANAGEMENT, &management("kept", &[("entry", rw())]));
    assert_eq!(status, 201);
    drop(service);
    let raw = std::fs::read(&path).unwrap();
    assert!(holds(&raw, "kept"));
    assert!(
        !holds(&raw, made["token"]["token"].as_str().unwrap()),
        "not even in a page that is no longer used"
    );
    let service = open();
    assert_eq!(demo::ensure(&service, now).unwrap(), demo);
    assert_eq!(send(&service, &demo, "GET", DELIVERY, &json!(null)).1["tokens"][0]["name"], "kept");
    assert!(matches!(RedbStore::open(&path), Err(StoreError::InUse { .. })));
}

/// Limits and names hold when many ask at once.
#[test]
fn races_break_no_limit() {
    let stage = Stage::new();
    let (service, now) = (&stage.service, stage.now());
    let request = |name: &str| {
        http::Request::post(DELIVERY)
            .header("api_key", stage.api_key())
            .header("authtoken", stage.owner.reveal())
            .header("content-type", "application/json")
            .body(bytes::Bytes::from(delivery(name).to_string()))
            .unwrap()
    };
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..32)
            .map(|n| {
                // Half of them want the same name.
                let request = request(&if n % 2 == 0 { format!("token {n}") } else { "shared".to_owned() });
                scope.spawn(move || service.handle(now, &request).status().as_u16())
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 17);
    assert!(statuses.iter().all(|status| matches!(status, 201 | 422)));
    assert_eq!(stage.get(&format!("{DELIVERY}?count=true")).ok()["tokens"], 17);
}

/// Tokens are counted as they come and go; a store without a count is counted.
#[test]
fn the_limit_holds_whatever_comes_and_goes() {
    let stage = Stage::new();
    let kinds = [
        (DELIVERY, "delivery", 20, delivery as fn(&str) -> serde_json::Value),
        (MANAGEMENT, "management", 10, |name| management(name, &[("entry", rw())])),
    ];
    for (path, kind, limit, body) in kinds {
        let create = |name: &str| stage.ask("POST", path, &body(name)).status;
        let count_key = format!("count/{}/{kind}", stage.api_key());
        let counted = || {
            let mut found = None;
            let look = &mut |tx: &mut dyn cs_server::store::Tx| {
                found = tx.get(count_key.as_bytes())?.map(|count| String::from_utf8(count).unwrap());
                Ok(Ending::Discard)
            };
            stage.service.store().transact(Mode::Read, look).unwrap();
            found.and_then(|count| count.parse::<usize>().ok())
        };
        assert_eq!(counted(), None);
        for n in 0..limit {
            assert_eq!(create(&format!("token {n}")), 201);
        }
        assert_eq!((create("one more"), counted()), (422, Some(limit)));
        // Changing one changes no number.
        let uid = stage.get(path).ok()["tokens"][0]["uid"].as_str().unwrap().to_owned();
        stage.ask("PUT", &format!("{path}/{uid}"), &body("renamed")).ok();
        assert_eq!((create("one more"), counted()), (422, Some(limit)));
        stage.ask("DELETE", &format!("{path}/{uid}"), &json!(null)).ok();
        stage.ask("DELETE", &format!("{path}/{uid}"), &json!(null)).is(422, 141);
        assert_eq!(counted(), Some(limit - 1));
        // As a store is that was written before tokens were counted.
        let forget =
            &mut |tx: &mut dyn cs_server::store::Tx| tx.delete(count_key.as_bytes()).map(|()| Ending::Commit);
        stage.service.store().transact(Mode::Write, forget).unwrap();
        assert_eq!((create("in its place"), counted()), (201, Some(limit)));
        assert_eq!(create("one more"), 422);
    }
    let api_key = stage.api_key().to_owned();
    stage.ask("DELETE", "/v3/stacks", &json!(null)).ok();
    assert!(!holds(&everything(&stage.service), &format!("count/{api_key}")), "they go with the stack");
}

/// No text of ours shows a secret.
#[test]
fn nothing_prints_a_secret() {
    let stage = Stage::new();
    let printed =
        format!("{:?} {:?} {:?}", stage.service, stage.demo, NewUser::new("x", Secret::new("canary")));
    assert!(!printed.contains("canary"));
    assert!(!printed.contains(stage.owner.reveal()));
}
