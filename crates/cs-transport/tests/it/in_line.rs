//! What a wait for one's turn takes from a call, and what bounds it.

use std::num::NonZeroU32;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use cs_transport::{
    BlockingTransport, CallInfo, Decorator, ErrorKind, Lane, Limit, RateLimit, RateLimiters, Ready, Retry,
    Sent, TransportError, Tries, in_line, ready,
};
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};

/// A peer on a clock that only waits move, which refuses all but so many requests with 503.
struct Busy {
    clock: Mutex<Timestamp>,
    refusals: AtomicU32,
}

impl Busy {
    fn new(refusals: u32) -> Self {
        Self { clock: Mutex::new(Timestamp::UNIX_EPOCH), refusals: refusals.into() }
    }
}

impl BlockingTransport for Busy {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let refuses = request.uri().path() != "/first"
            && self.refusals.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        Ok(Response::builder().status(if refuses { 503 } else { 200 }).body(Bytes::new()).unwrap())
    }

    fn sleep(&self, duration: Duration) {
        *self.clock.lock().unwrap() += duration;
    }

    fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }
}

#[test]
fn a_long_wait_in_line_takes_no_time_from_the_tries() {
    let slow = || {
        let limiters = RateLimiters::with_window(Duration::from_secs(100));
        RateLimit::new(limiters).assume(Lane::Read, NonZeroU32::MIN)
    };
    let get = |path: &str| Request::get(format!("https://api.example.com{path}")).body(Bytes::new()).unwrap();
    // As decorators, and as one.
    let decorated = Retry::default().around(slow().around(Busy::new(3)));
    BlockingTransport::send(&decorated, get("/first")).unwrap();
    let answer = BlockingTransport::send(&decorated, get("/")).unwrap();
    assert_eq!(answer.extensions().get::<Tries>().unwrap().made, 4);

    let (retry, pace, busy) = (Retry::default(), slow(), Ready(Busy::new(3)));
    let carry = |path| {
        let again = move || Some(get(path));
        ready(retry.carry(get(path), None, again, Some(&pace), &busy)).unwrap().unwrap()
    };
    carry("/first");
    assert_eq!(carry("/").extensions().get::<Tries>().unwrap().made, 4);
}

#[test]
fn a_deadline_bounds_the_wait_in_line() {
    let pace = RateLimit::new(RateLimiters::new()).assume(Lane::Read, NonZeroU32::MIN);
    let transport = Retry::default().around(pace.around(Busy::new(1)));
    let get = |path: &str, seconds| {
        let mut get = Request::get(format!("https://api.example.com{path}")).body(Bytes::new()).unwrap();
        let deadline = BlockingTransport::now(&transport) + SignedDuration::from_secs(seconds);
        get.extensions_mut().insert(CallInfo::new("/").idempotent().deadline(deadline));
        transport.send(get)
    };
    get("/first", 9).unwrap();
    let before = BlockingTransport::now(&transport);
    let error = get("/", 1).unwrap_err();
    assert_eq!((error.sent, error.attempts), (Sent::No, 0));
    assert!(!error.is_transient());
    assert_eq!(
        error.to_string(),
        "the turn of the call, among those that keep one pace, comes after its deadline"
    );
    assert_eq!(BlockingTransport::now(&transport), before, "nobody waits for what does not come");
    // Once it left, the doubt stays.
    let error = get("/", 2).unwrap_err();
    assert_eq!((&error.kind, error.sent, error.attempts), (&ErrorKind::Timeout(Limit::Turn), Sent::Maybe, 1));
}

#[test]
fn the_wait_is_told_to_whoever_asks() {
    use std::pin::pin;

    let limiters = RateLimiters::with_window(Duration::from_secs(100));
    let (pace, busy) = (RateLimit::new(limiters).assume(Lane::Read, NonZeroU32::MIN), Ready(Busy::new(0)));
    let get = || {
        let request = Request::get("https://api.example.com/").body(Bytes::new()).unwrap();
        pace.carry(request, &busy)
    };
    let waited = |calls: usize| {
        let all = async {
            for _ in 0..calls {
                get().await.unwrap();
            }
        };
        ready(in_line(pin!(all))).unwrap().1.as_secs()
    };
    assert_eq!(waited(1), 0);
    assert_eq!(waited(1), 100);
    assert_eq!(waited(2), 200);
    // One inside of another: what the inner one tells is part of what the outer one tells.
    let nested = async {
        get().await.unwrap();
        in_line(pin!(get())).await.1
    };
    let (inner, outer) = ready(in_line(pin!(nested))).unwrap();
    assert_eq!((inner.as_secs(), outer.as_secs()), (100, 200));
}
