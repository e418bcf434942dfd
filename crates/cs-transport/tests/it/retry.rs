//! `Retry` over scripted transports, on both faces.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cs_transport::{
    Attempt, BlockingTransport, CallInfo, Decorator, ErrorKind, Limit, MockBlockingTransport, MockTransport,
    Pause, Retry, RetryLimits, Sent, Transport, TransportError, Tries,
};
use http::{Method, Request, Response};
use jiff::Timestamp;
use mockall::Sequence;

use crate::conformance::block_on;

type Answer = Result<Response<Bytes>, TransportError>;

fn status(status: u16) -> Answer {
    Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
}

fn asking(code: u16, retry_after: &'static str) -> Answer {
    let mut answer = status(code).unwrap();
    answer.headers_mut().insert("retry-after", retry_after.parse().unwrap());
    Ok(answer)
}

fn broken(sent: Sent) -> Answer {
    let kind = if sent == Sent::No { ErrorKind::Connect } else { ErrorKind::Interrupted };
    Err(TransportError::new(kind, sent))
}

fn retry() -> Retry {
    Retry::default().with_jitter(|| 0.0)
}

fn request(method: Method) -> Request<Bytes> {
    Request::builder().method(method).uri("https://api.example.com/").body(Bytes::from("body")).unwrap()
}

/// A transport that gives these answers and expects these waits, in milliseconds, each after one answer.
fn script(answers: Vec<Answer>, waits: &[u64]) -> MockBlockingTransport {
    let (mut mock, mut order) = (MockBlockingTransport::new(), Sequence::new());
    let mut waits = waits.iter().map(|wait| Duration::from_millis(*wait));
    for (index, answer) in answers.into_iter().enumerate() {
        let attempt = Attempt(u32::try_from(index).unwrap() + 1);
        mock.expect_send()
            .withf(move |sent| sent.extensions().get() == Some(&attempt) && sent.body() == "body")
            .times(1)
            .in_sequence(&mut order)
            .return_once(move |_| answer);
        if let Some(wait) = waits.next() {
            mock.expect_sleep()
                .withf(move |asked| *asked == wait)
                .times(1)
                .in_sequence(&mut order)
                .return_const(());
        }
    }
    mock.expect_now().return_const(Timestamp::UNIX_EPOCH);
    mock
}

fn run(method: Method, answers: Vec<Answer>, waits: &[u64]) -> Answer {
    retry().around(script(answers, waits)).send(request(method))
}

fn tries(answer: &Answer) -> Tries {
    *answer.as_ref().unwrap().extensions().get().unwrap()
}

#[test]
fn a_read_is_sent_until_it_is_answered() {
    let answer = run(
        Method::GET,
        vec![broken(Sent::Maybe), status(503), broken(Sent::No), status(200)],
        &[125, 250, 500],
    );
    assert_eq!(tries(&answer), Tries { made: 4, is_in_doubt: true });
    assert_eq!(answer.unwrap().status(), 200);
}

#[test]
fn the_last_outcome_is_the_callers() {
    let answer =
        run(Method::GET, vec![status(500), status(502), status(503), status(504)], &[125, 250, 500]).unwrap();
    assert_eq!(answer.status(), 504);
    let error = run(
        Method::GET,
        vec![broken(Sent::No), broken(Sent::No), broken(Sent::No), broken(Sent::No)],
        &[125, 250, 500],
    )
    .unwrap_err();
    assert_eq!((error.attempts, error.sent, error.kind), (4, Sent::No, ErrorKind::Connect));
}

#[test]
fn a_write_in_doubt_is_sent_once() {
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let error = run(method.clone(), vec![broken(Sent::Maybe)], &[]).unwrap_err();
        assert_eq!((error.attempts, error.sent), (1, Sent::Maybe), "{method}");
        for code in [408, 500, 502, 503, 504] {
            let answer = run(method.clone(), vec![status(code)], &[]);
            assert_eq!(tries(&answer), Tries { made: 1, is_in_doubt: false });
            assert_eq!(answer.unwrap().status(), code, "{method}");
        }
    }
}

#[test]
fn a_write_that_had_no_effect_is_sent_again() {
    let answer = run(
        Method::POST,
        vec![broken(Sent::No), asking(429, "2"), status(429), status(201)],
        &[125, 2_000, 1_000],
    );
    assert_eq!(tries(&answer), Tries { made: 4, is_in_doubt: false });
}

#[test]
fn a_refused_credential_is_not_tried_again() {
    for code in [400, 401, 403, 404, 422] {
        assert_eq!(tries(&run(Method::GET, vec![status(code)], &[])).made, 1, "{code}");
    }
}

#[test]
fn who_describes_a_call_says_whether_it_may_be_repeated() {
    for (method, is_idempotent, tries) in
        [(Method::GET, false, 1), (Method::HEAD, false, 1), (Method::GET, true, 2), (Method::POST, true, 2)]
    {
        let mut request = request(method.clone());
        let info = CallInfo::new("/v3/workflows/{uid}/disable");
        request.extensions_mut().insert(if is_idempotent { info.idempotent() } else { info });
        let lost = (0..tries).map(|_| broken(Sent::Maybe)).take(1).chain([status(200)]).take(tries as usize);
        let result = retry().around(script(lost.collect(), &[125][..tries as usize - 1])).send(request);
        assert_eq!(result.map_or_else(|error| error.attempts, |_| 2), tries, "{method}");
    }
}

#[test]
fn doubt_is_never_forgotten() {
    let mut delete = request(Method::DELETE);
    delete.extensions_mut().insert(CallInfo::new("/v3/things/{uid}").idempotent());
    let lost_then_unreachable = script(
        vec![broken(Sent::Maybe), broken(Sent::No), broken(Sent::No), broken(Sent::No)],
        &[125, 250, 500],
    );
    let error = retry().around(lost_then_unreachable).send(delete.clone()).unwrap_err();
    assert_eq!((&error.kind, error.sent, error.attempts), (&ErrorKind::Connect, Sent::Maybe, 4));
    let lost_then_gone = script(vec![broken(Sent::Maybe), status(404)], &[125]);
    let answer = retry().around(lost_then_gone).send(delete);
    assert_eq!(tries(&answer), Tries { made: 2, is_in_doubt: true });
}

#[test]
fn the_deadline_and_the_limits_end_it() {
    let heard: Arc<Mutex<Vec<Pause>>> = Arc::default();
    let listener = Arc::clone(&heard);
    let retry = retry().on_pause(move |pause| listener.lock().unwrap().push(pause.clone()));
    let mut get = request(Method::GET);
    let deadline = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_millis(1_500);
    get.extensions_mut().insert(CallInfo::new("/v3/things").deadline(deadline));
    let answer =
        retry.clone().around(script(vec![status(429), asking(429, "2")], &[1_000])).send(get.clone());
    assert_eq!(tries(&answer).made, 2);
    let told: Vec<_> = heard
        .lock()
        .unwrap()
        .drain(..)
        .map(|pause| (pause.route, pause.attempts, pause.duration.as_millis(), pause.is_waited_out))
        .collect();
    assert_eq!(told, [(Some("/v3/things"), 1, 1_000, true), (Some("/v3/things"), 2, 2_000, false)]);
    let mut limits = RetryLimits::default();
    limits.attempts = 1;
    let once = Retry::new(limits);
    assert_eq!(tries(&once.around(script(vec![status(503)], &[])).send(get)).made, 1);
}

#[test]
fn a_passed_time_limit_is_tried_again_only_by_reads() {
    let passed = || Err(TransportError::new(ErrorKind::Timeout(Limit::Total), Sent::Maybe));
    assert_eq!(tries(&run(Method::GET, vec![passed(), status(200)], &[125])).made, 2);
    assert_eq!(run(Method::PUT, vec![passed()], &[]).unwrap_err().attempts, 1);
}

#[test]
fn the_async_face_does_the_same() {
    let mut mock = MockTransport::new();
    let mut answers = vec![status(204), status(429), broken(Sent::No)];
    mock.expect_send().times(3).returning(move |_| answers.pop().unwrap());
    mock.expect_sleep().times(2).return_const(());
    mock.expect_now().return_const(Timestamp::UNIX_EPOCH);
    let answer = block_on(retry().around(mock).send(request(Method::POST)));
    assert_eq!(tries(&answer), Tries { made: 3, is_in_doubt: false });
}
