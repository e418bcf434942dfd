//! The service as a transport.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cs_model::Profile;
use cs_model::generated::route;
use cs_server::in_process::{Fault, InProcess, URL};
use cs_transport::{BlockingTransport, ErrorKind, Ready, Sent, Transport, ready};
use http::Request;

use crate::stage::{DELIVERY, Stage, delivery, options};

fn create(stage: &Stage, name: &str) -> Request<Bytes> {
    Request::post(format!("{URL}{DELIVERY}"))
        .header("api_key", stage.api_key())
        .header("authtoken", stage.owner.reveal())
        .header("content-type", "application/json")
        .body(Bytes::from(delivery(name).to_string()))
        .unwrap()
}

fn count(stage: &Stage) -> u64 {
    stage.get(&format!("{DELIVERY}?count=true")).ok()["tokens"].as_u64().unwrap()
}

fn transport(stage: &Stage) -> InProcess {
    InProcess::at(Arc::clone(&stage.service), stage.now())
}

#[test]
fn both_faces_reach_it() {
    let stage = Stage::new();
    let transport = transport(&stage);
    assert_eq!(BlockingTransport::send(&transport, create(&stage, "a")).unwrap().status(), 201);
    assert_eq!(ready(Transport::send(&transport, create(&stage, "b"))).unwrap().unwrap().status(), 201);
    assert_eq!(ready(Ready(&transport).send(create(&stage, "c"))).unwrap().unwrap().status(), 201);
    assert_eq!((count(&stage), transport.requests()), (3, 3));
}

#[test]
fn lost_requests_and_lost_answers_look_alike_and_differ() {
    let stage = Stage::new();
    let transport = transport(&stage);
    let send = |name: &str| BlockingTransport::send(&transport, create(&stage, name));
    transport.fail_next(Fault::LoseRequest);
    transport.fail_next(Fault::LoseAnswer);
    transport.fail_next(Fault::NoConnection);
    let lost = send("request").unwrap_err();
    assert_eq!((lost.kind, lost.sent, count(&stage)), (ErrorKind::Interrupted, Sent::Maybe, 0));
    let lost = send("answer").unwrap_err();
    assert_eq!((lost.kind, lost.sent, count(&stage)), (ErrorKind::Interrupted, Sent::Maybe, 1));
    let lost = send("connection").unwrap_err();
    assert_eq!((lost.kind, lost.sent, count(&stage)), (ErrorKind::Connect, Sent::No, 1));
    send("fine").unwrap();
}

#[test]
fn statuses_and_halves() {
    let stage = Stage::new();
    let transport = transport(&stage);
    let send = || BlockingTransport::send(&transport, create(&stage, "x")).unwrap();
    for status in [429, 503, 502, 418] {
        transport.fail_next(Fault::Status(status));
        let answer = send();
        assert_eq!(answer.status(), status);
        assert!(serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap().is_object());
    }
    assert_eq!(count(&stage), 0);
    transport.fail_next(Fault::Truncate);
    let answer = send();
    assert_eq!(answer.status(), 201);
    assert!(serde_json::from_slice::<serde_json::Value>(answer.body()).is_err());
}

#[test]
fn faults_can_wait_for_their_route() {
    let stage = Stage::new();
    let transport = transport(&stage);
    transport.fail_next_on(route::GET_USER, Fault::LoseRequest);
    BlockingTransport::send(&transport, create(&stage, "x")).unwrap();
    let ask = || Request::get(format!("{URL}/v3/user")).body(Bytes::new()).unwrap();
    assert!(BlockingTransport::send(&transport, ask()).is_err());
    assert_eq!(BlockingTransport::send(&transport, ask()).unwrap().status(), 401);
}

#[test]
fn hours_pass_in_no_time() {
    let stage = Stage::over(options(Profile::seeds()));
    let transport = transport(&stage);
    let start = transport.time();
    let before = std::time::Instant::now();
    let mut made = 0;
    while made < 20 {
        let answer = BlockingTransport::send(&transport, create(&stage, &format!("token {made}"))).unwrap();
        match answer.status().as_u16() {
            201 => made += 1,
            429 => BlockingTransport::sleep(&transport, Duration::from_secs(1)),
            other => panic!("{other}"),
        }
    }
    transport.fail_next(Fault::Slow(Duration::from_secs(3600)));
    BlockingTransport::send(&transport, create(&stage, "slow")).unwrap();
    assert!(transport.time().duration_since(start) >= jiff::SignedDuration::from_secs(3601));
    assert!(before.elapsed() < Duration::from_secs(60));
}

#[test]
fn what_no_client_would_send_is_not_carried() {
    let stage = Stage::new();
    let transport = transport(&stage);
    let request = Request::delete(format!("{URL}{DELIVERY}/..")).body(Bytes::new()).unwrap();
    let refused = BlockingTransport::send(&transport, request).unwrap_err();
    assert_eq!((refused.sent, transport.requests()), (Sent::No, 0));
}
