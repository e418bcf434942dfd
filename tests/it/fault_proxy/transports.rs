//! Each fault, over each client, with and without TLS: kind, whether the request may have left, and in time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use cs_tests::Fault;
use cs_transport::{ErrorKind, Limit, Ready, ReqwestTransport, Sent, Transport, UreqTransport, ready};
use http::Request;

use super::service::{World, block_on};

const CANARY: &str = "canary-in-every-slot";

fn request(world: &World) -> Request<Bytes> {
    // Not a route of the API: it has an answer with a body, and no effect.
    Request::post(format!("{}/v3/{CANARY}?q={CANARY}", world.through))
        .header("authtoken", CANARY)
        .body(Bytes::from(CANARY))
        .unwrap()
}

/// What each fault has to become; `None` is an answer.
fn faults() -> Vec<(Fault, Option<ErrorKind>)> {
    let (interrupted, total) = (ErrorKind::Interrupted, ErrorKind::Timeout(Limit::Total));
    let after = |make: fn(usize) -> Fault, kind: &ErrorKind| {
        // Nothing of the answer, a part of its head, and a part of its body: all of it but the last bytes.
        [0, 20, 150].map(|bytes| (make(bytes), Some(kind.clone())))
    };
    let mut faults = vec![
        (Fault::ResetRequest, Some(interrupted.clone())),
        (Fault::HalfOpen, Some(total.clone())),
        (Fault::Slow(64, Duration::from_millis(5)), None),
        (Fault::Slow(4, Duration::from_millis(400)), Some(total.clone())),
    ];
    faults.extend(after(Fault::ResetAnswer, &interrupted));
    faults.extend(after(Fault::Truncate, &interrupted));
    faults.extend(after(Fault::Stall, &total));
    faults
}

async fn every_fault_has_its_name<T: Transport>(client: impl Fn(&World) -> T, is_secure: bool) {
    let world = World::new(is_secure);
    for (index, (fault, kind)) in faults().into_iter().enumerate() {
        // A client of its own for each, with a connection that is made and used already.
        let client = client(&world);
        let answer = client.send(request(&world)).await.unwrap();
        assert!(answer.status().is_client_error() && !answer.body().is_empty());
        world.proxy.arm(fault);
        let start = Instant::now();
        let outcome = client.send(request(&world)).await;
        assert!(start.elapsed() < Duration::from_secs(10), "{fault:?} took {:?}", start.elapsed());
        assert_eq!(world.proxy.happened(), index + 1, "{fault:?}");
        match (outcome, kind) {
            (Ok(again), None) => assert_eq!(again.body(), answer.body()),
            (Err(error), Some(kind)) => {
                assert_eq!((&error.kind, error.sent), (&kind, Sent::Maybe), "{fault:?}: {error:?}");
                assert!(!format!("{error:?} {error}").contains(CANARY), "{fault:?}");
            }
            (outcome, kind) => panic!("{fault:?}: {outcome:?} instead of {kind:?}"),
        }
        // The client is none the worse for it.
        assert!(client.send(request(&world)).await.unwrap().status().is_client_error(), "after {fault:?}");
    }
}

fn ureq(world: &World) -> Ready<UreqTransport> {
    Ready(UreqTransport::new(&world.settings).unwrap())
}

fn reqwest(world: &World) -> ReqwestTransport {
    ReqwestTransport::new(&world.settings).unwrap()
}

#[test]
fn ureq_without_tls() {
    ready(every_fault_has_its_name(ureq, false)).unwrap();
}

#[test]
fn ureq_with_tls() {
    ready(every_fault_has_its_name(ureq, true)).unwrap();
}

#[test]
fn reqwest_without_tls() {
    block_on(every_fault_has_its_name(reqwest, false));
}

#[test]
fn reqwest_with_tls() {
    block_on(every_fault_has_its_name(reqwest, true));
}
