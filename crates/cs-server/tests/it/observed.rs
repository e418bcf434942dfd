//! What is written and counted of requests.

use std::sync::Arc;

use cs_server::access_log::AccessLog;
use cs_server::faults::{Fault, FaultPlan, Faults};
use cs_server::http::Server;
use cs_server::metrics::{Metered, Metrics};
use cs_server::store::RedbStore;
use cs_server::{Clock, ClockSetting, Options, Service};
use serde_json::Value;

use crate::served::{owner, send, serving};
use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, management, rw};

#[test]
fn each_request_leaves_a_line_and_no_secret() {
    let stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access.jsonl");
    let log = Arc::new(AccessLog::open(&file).unwrap());
    let faults = Arc::<Faults>::default();
    let clock = Arc::new(Clock::new(ClockSetting::Fixed(stage.now())));
    let server =
        Server::new(Arc::clone(&stage.service)).access_log(log).faults(Arc::clone(&faults)).clock(clock);
    let headers = owner(&stage);
    let mut secrets = vec![stage.owner.reveal().to_owned()];
    secrets.extend(serving(server, |address| {
        let mut secrets = Vec::new();
        for (path, body) in [(DELIVERY, delivery("a")), (MANAGEMENT, management("b", &[("entry", rw())]))] {
            let made = send(address, "POST", path, &headers, &body.to_string()).unwrap();
            secrets.extend(made.json()["token"]["token"].as_str().map(str::to_owned));
        }
        let secret = secrets[0].clone();
        let escaped = format!("/v3/%22%0a{secret}");
        for path in [&format!("{DELIVERY}/{secret}?token={secret}"), &format!("/{secret}"), &escaped] {
            send(address, "GET", path, &headers, "").unwrap();
        }
        for name in ["api_key", "authtoken", "authorization", "branch", "environment", "access_token"] {
            send(address, "GET", DELIVERY, &[(name, &secret)], "").unwrap();
        }
        faults.add(FaultPlan::new(Fault::LoseAnswer).times(1));
        assert!(send(address, "GET", DELIVERY, &headers, "").is_none());
        faults.add(FaultPlan::new(Fault::Status(429)).times(1));
        assert_eq!(send(address, "GET", DELIVERY, &headers, "").unwrap().status, 429);
        secrets
    }));
    assert_eq!(secrets.len(), 3);
    let text = std::fs::read_to_string(&file).unwrap();
    for secret in &secrets {
        assert!(!text.contains(secret.as_str()), "a secret in\n{text}");
        // Not a part of it either: the digits behind the prefix.
        assert!(!text.contains(&secret[5..]), "a part of a secret in\n{text}");
    }
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 13);
    assert!(lines.iter().all(|line| line["time"] == "2026-11-21T12:00:00Z"));
    assert_eq!(
        (&lines[0]["status"], &lines[0]["principal_uid"]),
        (&201.into(), &stage.demo.owner_uid.as_str().into())
    );
    assert!(lines[0]["rules"].as_array().is_some_and(|rules| !rules.is_empty()));
    assert_eq!((&lines[11]["status"], &lines[11]["fault"]), (&Value::Null, &"lose_answer".into()));
    assert_eq!((&lines[12]["error_code"], &lines[12]["fault"]), (&429.into(), &"status".into()));
}

#[test]
fn the_description_asks_for_no_credential() {
    let stage = Stage::new();
    serving(Server::new(Arc::clone(&stage.service)), |address| {
        let description = send(address, "GET", "/openapi.json", &[], "").unwrap();
        assert_eq!((description.status, &description.json()["openapi"]), (200, &"3.1.0".into()));
        assert_eq!(send(address, "POST", "/openapi.json", &[], "").unwrap().status, 405);
    });
}

#[test]
fn requests_connections_and_transactions_are_counted() {
    let metrics = Arc::<Metrics>::default();
    let store = Metered::new(RedbStore::memory().unwrap(), Arc::clone(&metrics));
    let service = Arc::new(Service::new(store, Options::default()));
    let server = Server::new(service).metrics(Arc::clone(&metrics)).show_metrics();
    let text = serving(server, |address| {
        for path in ["/v3/user", "/v3/user", "/nowhere/at/all"] {
            send(address, "GET", path, &[], "").unwrap();
        }
        send(address, "BREW", "/v3/user", &[], "").unwrap();
        send(address, "GET", "/metrics", &[], "").unwrap()
    });
    assert!(text.head.contains("application/openmetrics-text"), "{}", text.head);
    for line in [
        r#"cstok_requests_total{method="GET",route="/v3/user",status="401"} 2"#,
        r#"cstok_requests_total{method="GET",route="",status="404"} 1"#,
        r#"cstok_requests_total{method="other",route="",status="404"} 1"#,
        r#"cstok_request_duration_seconds_count{method="GET",route="/v3/user"} 2"#,
        "cstok_connections_accepted_total 5",
        r#"cstok_store_transactions_total{mode="read",outcome="done"}"#,
    ] {
        assert!(text.body.contains(line), "`{line}` is missing in\n{}", text.body);
    }
    assert!(text.body.ends_with("# EOF\n"));
}
