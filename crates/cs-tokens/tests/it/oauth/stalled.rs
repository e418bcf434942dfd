//! Callers that are there and are not polled any more in the middle of a refresh.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cs_transport::{Transport, async_trait, ready};

use super::gone::{Slow, a_while, poll};
use super::*;

fn slow(hub: &Arc<Hub>, store: Watched) -> cs_tokens::Client<Slow> {
    let source = Arc::new(OAuth::new(app(), store));
    let builder = cs_tokens::Client::builder(Slow(Arc::clone(hub))).base_url(URL);
    builder.credential_source(source).build().unwrap()
}

/// A body of a loop over a stream calls with the client of the stream, which nobody polls meanwhile.
#[test]
fn whoever_waits_goes_on_where_a_caller_is_not_polled_any_more() {
    for fault in [None, Some(Fault::LoseRequest), Some(Fault::Status(429))] {
        for times in 0..16 {
            let hub = Hub::new();
            let store = Watched::with(&hub.grant);
            hub.inner.advance(SOON);
            if let Some(fault) = fault {
                hub.inner.fail_next(fault);
            }
            let client = slow(&hub, store.clone());
            let began = hub.inner.time();
            let place = format!("{fault:?}, not polled after {times}");
            let mut first = pin!(client.stacks(None));
            let mut context = Context::from_waker(Waker::noop());
            let ended = (0..times).any(|_| match first.as_mut().poll(&mut context) {
                Poll::Ready(outcome) => outcome.map(drop).is_ok(),
                Poll::Pending => false,
            });
            poll(client.stacks(None), 10_000).expect(&place).expect(&place);
            let waited = hub.inner.time().duration_since(began).unsigned_abs();
            assert!(waited < Duration::from_secs(10), "{place}: {waited:?}");
            if !ended {
                // It finds that another one went on, and takes what that one has.
                let outcome = (0..1000).find_map(|_| match first.as_mut().poll(&mut context) {
                    Poll::Ready(outcome) => Some(outcome),
                    Poll::Pending => None,
                });
                outcome.expect(&place).expect(&place);
            }
            assert_eq!(hub.refreshes(), 1 + u64::from(fault.is_some()), "{place}");
            works(&hub, &self::client(&hub, OAuth::new(app(), store))).expect(&place);
            assert_eq!(hub.refreshes(), 1 + u64::from(fault.is_some()), "{place}");
        }
    }
}

#[test]
fn a_stream_may_be_left_standing_while_its_client_is_used() {
    use futures_util::StreamExt as _;
    let hub = Hub::new();
    let client = slow(&hub, Watched::with(&hub.grant));
    let stacks = [0, 1, 2].map(|_| hub.api_key.clone());
    let begun = AtomicU64::new(0);
    let both = std::num::NonZeroUsize::new(2).unwrap();
    let mut results = pin!(client.each_stack(stacks, both, |stack| {
        // The second and the third one come to a refresh in the middle.
        let is_first = begun.fetch_add(1, Ordering::SeqCst) == 0;
        let hub = &hub;
        async move {
            stack.delivery_tokens().list().await?;
            if !is_first {
                hub.inner.advance(SOON);
                stack.delivery_tokens().list().await?;
            }
            Ok::<_, Error>(())
        }
    }));
    let mut context = Context::from_waker(Waker::noop());
    let mut seen = 0;
    for _ in 0..1000 {
        match results.poll_next_unpin(&mut context) {
            Poll::Pending => {}
            Poll::Ready(None) => break,
            Poll::Ready(Some((_, outcome))) => {
                outcome.unwrap();
                seen += 1;
                poll(client.user(), 10_000).expect("it ends").unwrap();
            }
        }
    }
    assert_eq!(seen, 3);
    assert!(hub.refreshes() <= 2, "{}", hub.refreshes());
}

/// A hub that takes a minute, as its answers to the one who asks are awaited.
struct TakesLong(Slow);

#[async_trait]
impl Transport for TakesLong {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if request.uri().path() == "/token" {
            let until = self.now() + Duration::from_secs(50);
            while self.now() < until {
                a_while(1).await;
            }
        }
        self.0.send(request).await
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

#[test]
fn a_call_that_is_over_leaves_its_refresh_to_the_next_one() {
    let hub = Hub::new();
    hub.inner.advance(SOON);
    let source = Arc::new(OAuth::new(app(), MemoryGrantStore::with(hub.grant.clone())));
    let client = |limit: u64| {
        let transport = TakesLong(Slow(Arc::clone(&hub)));
        let builder =
            cs_tokens::Client::builder(transport).base_url(URL).call_limit(Duration::from_secs(limit));
        builder.credential_source(Arc::clone(&source)).build().unwrap()
    };
    let (short, shorter, long) = (client(20), client(10), client(600));
    let began = hub.inner.time();
    // One refreshes, one waits, and each has its own time.
    let both = futures_util::future::join(short.stacks(None), shorter.stacks(None));
    let (first, second) = poll(both, 100_000).expect("it ends");
    for error in [first.unwrap_err(), second.unwrap_err()] {
        assert!(matches!(source_error(&error), SourceError::Late), "{error:?}");
    }
    let took = hub.inner.time().duration_since(began).unsigned_abs();
    assert!(took < Duration::from_secs(25), "{took:?}");
    poll(long.stacks(None), 100_000).expect("it ends").unwrap();
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn a_refresh_that_takes_long_is_left_to_the_one_who_asks() {
    let hub = Hub::new();
    hub.inner.advance(SOON);
    let source = Arc::new(OAuth::new(app(), MemoryGrantStore::with(hub.grant.clone())));
    let client = || {
        let transport = TakesLong(Slow(Arc::clone(&hub)));
        let builder = cs_tokens::Client::builder(transport).base_url(URL);
        builder.credential_source(Arc::clone(&source)).build().unwrap()
    };
    let (one, two) = (client(), client());
    let both = futures_util::future::join(one.stacks(None), two.stacks(None));
    let (first, second) = poll(both, 100_000).expect("it ends");
    first.unwrap();
    second.unwrap();
    assert_eq!(hub.refreshes(), 1);
    assert!(ready(one.prepare_credential()).unwrap().is_ok());
}

/// A clock that is set back as soon as a first caller refreshes, and is not polled any more.
#[test]
fn a_clock_that_is_set_back_keeps_nobody_waiting_for_it() {
    let hub = Hub::new();
    hub.inner.advance(SOON);
    let back = Arc::new(AtomicU64::new(0));
    let source = Arc::new(OAuth::new(app(), MemoryGrantStore::with(hub.grant.clone())));
    let transport = SetBack(Slow(Arc::clone(&hub)), Arc::clone(&back));
    let builder = cs_tokens::Client::builder(transport).base_url(URL);
    let client = builder.credential_source(source).build().unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let (mut first, mut second) = (pin!(client.stacks(None)), pin!(client.stacks(None)));
    assert!(first.as_mut().poll(&mut context).is_pending());
    // It has seen the other one, too, before the clock is set.
    assert!(second.as_mut().poll(&mut context).is_pending());
    back.store(3600, Ordering::SeqCst);
    let began = hub.inner.time();
    let outcome = (0..100_000).find_map(|_| match second.as_mut().poll(&mut context) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    });
    outcome.expect("it ends").unwrap();
    let waited = hub.inner.time().duration_since(began).unsigned_abs();
    assert!(waited < Duration::from_secs(10), "{waited:?}");
    assert_eq!(hub.refreshes(), 1);
}

/// A clock that is so many seconds behind.
struct SetBack(Slow, Arc<AtomicU64>);

#[async_trait]
impl Transport for SetBack {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.0.send(request).await
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }

    fn now(&self) -> Timestamp {
        self.0.now() - Duration::from_secs(self.1.load(Ordering::SeqCst))
    }
}
