//! `RateLimit` against peers that count by windows, in virtual time.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cs_transport::{
    BlockingTransport, CallInfo, Decorated, Decorator, ErrorKind, Lane, Limit, RateLimit, RateLimiters,
    Ready, Retry, Sent, Transport, TransportError, async_trait, ready,
};
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tokio::time::Instant;

/// A peer that allows `limit` calls in each second of its own clock, and its network.
struct Peer {
    limit: u32,
    /// How far the peer's seconds are off those of the caller, in milliseconds.
    phase: u64,
    /// The way there, and beyond it at most; in milliseconds.
    way: (u64, u64),
    /// Work after counting, and the way back, and beyond it at most; in milliseconds.
    work: (u64, u64),
    began: Instant,
    seen: Mutex<Seen>,
}

struct Seen {
    chance: fastrand::Rng,
    window: u64,
    used: u32,
    refused: u32,
    answered: u32,
    /// In order of arrival.
    paths: Vec<String>,
}

impl Peer {
    fn new(limit: u32, phase: u64, way: (u64, u64), work: (u64, u64), seed: u64) -> Self {
        let chance = fastrand::Rng::with_seed(seed);
        let seen = Seen { chance, window: u64::MAX, used: 0, refused: 0, answered: 0, paths: Vec::new() };
        Self { limit, phase, way, work, began: Instant::now(), seen: Mutex::new(seen) }
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap()
    }

    fn draw(&self, (least, more): (u64, u64)) -> Duration {
        Duration::from_millis(least + self.seen.lock().unwrap().chance.u64(0..=more))
    }

    fn count(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let window = (self.milliseconds() + self.phase) / 1_000;
        let mut seen = self.seen.lock().unwrap();
        if seen.window != window {
            (seen.window, seen.used) = (window, 0);
        }
        let mut answer = Response::builder().header("x-ratelimit-limit", self.limit);
        if seen.used == self.limit {
            seen.refused += 1;
            answer = answer.status(429);
        } else {
            seen.used += 1;
            seen.answered += 1;
            seen.paths.push(request.uri().path().to_owned());
        }
        answer.header("x-ratelimit-remaining", self.limit - seen.used).body(Bytes::new()).unwrap()
    }

    /// Calls answered in proportion to what the peer would have allowed in that time.
    fn rate(&self) -> f64 {
        let seconds = self.began.elapsed().as_secs_f64();
        f64::from(self.seen.lock().unwrap().answered) / (f64::from(self.limit) * seconds)
    }
}

#[async_trait]
impl Transport for Peer {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        tokio::time::sleep(self.draw(self.way)).await;
        let answer = self.count(&request);
        tokio::time::sleep(self.draw(self.work)).await;
        Ok(answer)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
            + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }
}

fn paced(limit: u32) -> RateLimit {
    RateLimit::new(RateLimiters::new()).assume(Lane::Write, NonZeroU32::new(limit).unwrap())
}

fn put(path: &str) -> Request<Bytes> {
    Request::put(format!("https://api.example.com{path}")).body(Bytes::new()).unwrap()
}

/// Runs in a runtime whose time goes on only when everybody waits.
fn in_virtual_time<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

/// Does `calls` calls with `workers` at a time; every one has to be answered.
async fn do_all<T: Transport + 'static>(transport: &Arc<T>, workers: u32, calls: u32) {
    let tasks: Vec<_> = (0..workers)
        .map(|worker| {
            let transport = Arc::clone(transport);
            tokio::spawn(async move {
                for _ in (worker..calls).step_by(workers as usize) {
                    assert_eq!(transport.send(put("/")).await.unwrap().status(), 200);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn of(transport: &Decorated<RateLimit, Peer>) -> (f64, u32) {
    (transport.inner().rate(), transport.inner().seen.lock().unwrap().refused)
}

#[test]
fn a_bulk_job_uses_the_rate_and_is_never_refused() {
    for (phase, way, work) in [
        (0, (0, 0), (1, 0)),
        (500, (20, 5), (40, 10)),
        (990, (80, 8), (60, 300)),
        (1, (5, 3), (900, 800)),
        (730, (50, 0), (2_500, 100)),
    ] {
        in_virtual_time(async {
            let transport = Arc::new(paced(10).around(Peer::new(10, phase, way, work, 7)));
            do_all(&transport, 40, 2_000).await;
            let (rate, refused) = of(&transport);
            println!("phase {phase} ms, way {way:?} ms, work {work:?} ms: rate {rate:.4}, refused {refused}");
            assert!(rate >= 0.95, "{rate} with {way:?} {work:?}");
            assert_eq!(refused, 0, "with {way:?} {work:?}");
        });
    }
}

#[test]
fn what_the_peer_allows_is_found_out() {
    in_virtual_time(async {
        let transport = Arc::new(paced(2).around(Peer::new(50, 300, (20, 4), (20, 20), 3)));
        do_all(&transport, 40, 2_000).await;
        let (rate, refused) = of(&transport);
        // The first second goes by the assumption.
        assert!(rate >= 0.93 && refused == 0, "{rate} {refused}");
    });
}

#[test]
fn on_a_bad_network_refusals_are_few_and_are_made_good() {
    in_virtual_time(async {
        let stack = Retry::default().around(paced(10).around(Peer::new(10, 400, (30, 300), (20, 20), 5)));
        let stack = Arc::new(stack);
        do_all(&stack, 40, 1_000).await;
        let (rate, refused) = of(stack.inner());
        println!("way 30 to 330 ms: rate {rate:.4}, refused {refused}");
        assert!(rate >= 0.7 && refused <= 50, "{rate} {refused}");
    });
}

#[test]
fn one_caller_after_the_other_is_as_fast() {
    /// Time that only sleep moves, and nothing else takes any.
    struct Instantly(Mutex<(Timestamp, i64, u32)>);
    impl BlockingTransport for Instantly {
        fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
            let mut state = self.0.lock().unwrap();
            let second = state.0.as_second();
            if state.1 != second {
                (state.1, state.2) = (second, 0);
            }
            state.2 += 1;
            let status = if state.2 > 10 { 429 } else { 200 };
            Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
        }

        fn sleep(&self, duration: Duration) {
            self.0.lock().unwrap().0 += duration;
        }

        fn now(&self) -> Timestamp {
            self.0.lock().unwrap().0
        }
    }
    for phase in [0, 1, 250, 999] {
        let start = Timestamp::from_millisecond(1_800_000_000_000 + phase).unwrap();
        let transport = paced(10).around(Instantly(Mutex::new((start, 0, 0))));
        for _ in 0..2_000 {
            assert_eq!(transport.send(put("/")).unwrap().status(), 200, "phase {phase}");
        }
        let seconds = BlockingTransport::now(&transport).duration_since(start).as_secs_f64();
        assert!(200.0 / seconds >= 0.95, "{seconds}");
    }
}

#[test]
fn calls_leave_in_the_order_in_which_they_came() {
    in_virtual_time(async {
        let transport = Arc::new(paced(7).around(Peer::new(7, 100, (5, 0), (5, 0), 1)));
        let paths: Vec<_> = (0..200).map(|index| format!("/{index}")).collect();
        let tasks: Vec<_> = paths
            .iter()
            .map(|path| {
                let (transport, request) = (Arc::clone(&transport), put(path));
                tokio::spawn(async move { transport.send(request).await.unwrap() })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        // Those that leave in the same moment arrive in any order.
        let arrived = transport.inner().seen.lock().unwrap().paths.clone();
        for (index, path) in paths.iter().enumerate() {
            let position = arrived.iter().position(|other| other == path).unwrap();
            assert!(position.abs_diff(index) < 7, "{path} came as {position}");
        }
    });
}

#[test]
fn lanes_and_keys_are_apart_and_clients_are_not() {
    in_virtual_time(async {
        let limiters = RateLimiters::new();
        let one = NonZeroU32::MIN;
        let client = || {
            let pace = RateLimit::new(limiters.clone());
            let pace =
                [Lane::Read, Lane::Write, Lane::Bulk].into_iter().fold(pace, |it, lane| it.assume(lane, one));
            pace.around(Ready(cs_transport::from_fn(|_| Ok(Response::new(Bytes::new())))))
        };
        let (first, second) = (client(), client());
        let goes_at_once =
            |client: &Decorated<_, Ready<_>>, method: &str, key: Option<&'static str>, lane| {
                let mut info =
                    CallInfo::new("/").deadline(Transport::now(client) + SignedDuration::from_millis(500));
                info.limiter_key = key.map(Into::into);
                info.lane = lane;
                let mut request = put("/");
                *request.method_mut() = method.parse().unwrap();
                request.extensions_mut().insert(info);
                match ready(Transport::send(client, request)).unwrap() {
                    Ok(_) => true,
                    Err(error) => {
                        assert_eq!((&error.kind, error.sent), (&ErrorKind::Timeout(Limit::Turn), Sent::No));
                        false
                    }
                }
            };
        assert!(goes_at_once(&first, "GET", None, None));
        assert!(goes_at_once(&first, "PUT", None, None));
        assert!(goes_at_once(&first, "POST", None, Some(Lane::Bulk)));
        assert!(goes_at_once(&first, "GET", Some("org"), None));
        assert!(!goes_at_once(&second, "HEAD", None, None));
        assert!(!goes_at_once(&second, "DELETE", None, None));
        assert!(!goes_at_once(&second, "GET", None, Some(Lane::Bulk)));
        assert!(!goes_at_once(&second, "GET", Some("org"), None));
        assert!(goes_at_once(&second, "GET", Some("other"), None));

        // What was counted under one key is counted under that which takes its place.
        limiters.rename("other", "better");
        assert!(!goes_at_once(&first, "GET", Some("better"), None));
        limiters.rename("org", "better");
        assert!(!goes_at_once(&first, "GET", Some("org"), None), "both were there, and both stay");
    });
}

#[test]
fn a_call_that_is_given_up_holds_nobody_up() {
    in_virtual_time(async {
        let transport = Arc::new(paced(1).around(Peer::new(1, 0, (1, 0), (1, 0), 1)));
        transport.send(put("/first")).await.unwrap();
        for index in 0..50 {
            let path = format!("/{index}");
            let given_up = tokio::time::timeout(Duration::from_millis(5), transport.send(put(&path))).await;
            assert!(given_up.is_err());
        }
        transport.send(put("/last")).await.unwrap();
        assert!(transport.inner().milliseconds() < 1_300, "{}", transport.inner().milliseconds());
    });
}

#[test]
fn threads_share_it_fairly() {
    let peer = Ready(cs_transport::from_fn(|_| Ok(Response::new(Bytes::new()))));
    let limiters = RateLimiters::with_window(Duration::from_millis(100));
    let transport = RateLimit::new(limiters).assume(Lane::Write, NonZeroU32::new(10).unwrap()).around(peer.0);
    let sends: Mutex<Vec<(std::time::Instant, usize)>> = Mutex::default();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (transport, sends) = (&transport, &sends);
            scope.spawn(move || {
                for _ in 0..10 {
                    transport.send(put("/")).unwrap();
                    sends.lock().unwrap().push((std::time::Instant::now(), thread));
                }
            });
        }
    });
    let mut sends = sends.into_inner().unwrap();
    sends.sort_unstable();
    let elapsed = sends[79].0.duration_since(sends[0].0);
    assert!(elapsed >= Duration::from_millis(7 * 100), "{elapsed:?}");
    // Nobody is done before everybody has begun to be.
    let firsts = |thread| sends.iter().position(|(_, by)| *by == thread).unwrap();
    assert!((0..8).all(|thread| firsts(thread) < 30), "{:?}", (0..8).map(firsts).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever the windows begin, however many call at a time, however long the way is: no window takes more
    /// than it may, and everybody gets through.
    #[test]
    fn no_window_is_overrun(
        limit in 1..40_u32,
        phase in 0..1_000_u64,
        workers in 1..60_u32,
        way in 0..400_u64,
        more_way in 0..8_u64,
        work in (0..1_500_u64, 0..1_500_u64),
        seed: u64,
    ) {
        let (rate, refused) = in_virtual_time(async {
            let transport = Arc::new(paced(limit).around(Peer::new(limit, phase, (way, more_way), work, seed)));
            do_all(&transport, workers, limit * 12).await;
            of(&transport)
        });
        prop_assert_eq!(refused, 0);
        prop_assert!(rate > 0.0);
    }
}
