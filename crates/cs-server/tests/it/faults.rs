//! What is planned to go wrong, over HTTP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cs_model::Method;
use cs_server::faults::{Fault, FaultPlan, Faults};
use cs_server::http::Server;

use crate::served::{owner, send, serving};
use crate::stage::{DELIVERY, Stage, delivery};

fn names(stage: &Stage) -> Vec<String> {
    let list = stage.get(DELIVERY).ok();
    let mut names: Vec<String> = list["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn requests_and_answers_are_lost_slow_and_cut() {
    let stage = Stage::new();
    let faults = Arc::<Faults>::default();
    let server = Server::new(Arc::clone(&stage.service)).faults(Arc::clone(&faults));
    let headers = owner(&stage);
    serving(server, |address| {
        let create = |name: &str| send(address, "POST", DELIVERY, &headers, &delivery(name).to_string());
        let plan = |fault| faults.add(FaultPlan::new(fault).with_method(Method::Post).times(1));
        plan(Fault::NoConnection);
        assert!(create("a").is_none());
        plan(Fault::LoseRequest);
        assert!(create("b").is_none());
        plan(Fault::LoseAnswer);
        assert!(create("c").is_none());
        plan(Fault::Status(503));
        assert_eq!(create("d").unwrap().status, 503);
        plan(Fault::Truncate);
        let cut = create("e").unwrap();
        assert_eq!((cut.status, cut.body.len()), (201, cut.announced() / 2));
        plan(Fault::Slow(Duration::from_millis(300)));
        let start = Instant::now();
        assert_eq!(create("f").unwrap().status, 201);
        assert!(start.elapsed() >= Duration::from_millis(300));
        plan(Fault::SlowBody(Duration::from_millis(300)));
        let start = Instant::now();
        let slow = create("g").unwrap();
        assert!(start.elapsed() >= Duration::from_millis(250));
        assert_eq!((slow.json()["token"]["name"].as_str(), slow.body.len()), (Some("g"), slow.announced()));
        assert!(faults.list().is_empty());
    });
    assert_eq!(names(&stage), ["c", "e", "f", "g"]);
}

#[test]
fn a_burst_is_over_after_its_last() {
    let stage = Stage::new();
    let faults = Arc::<Faults>::default();
    faults.add(FaultPlan::new(Fault::Status(429)).times(5));
    let server = Server::new(Arc::clone(&stage.service)).faults(faults);
    let headers = owner(&stage);
    serving(server, |address| {
        let statuses: Vec<u16> =
            (0..7).map(|_| send(address, "GET", DELIVERY, &headers, "").unwrap().status).collect();
        assert_eq!(statuses, [429, 429, 429, 429, 429, 200, 200]);
    });
}
