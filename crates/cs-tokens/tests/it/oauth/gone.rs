//! Callers that go away in the middle of a refresh.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cs_transport::{ReqwestTransport, Settings, Transport, UreqTransport, async_trait, ready};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Is pending a few times.
pub(super) async fn a_while(mut times: u32) {
    std::future::poll_fn(|context| {
        if times == 0 {
            return Poll::Ready(());
        }
        times -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Everything takes a while, before the service has the request and after that.
pub(super) struct Slow(pub(super) Arc<Hub>);

#[async_trait]
impl Transport for Slow {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        a_while(2).await;
        let answer = BlockingTransport::send(&self.0, request);
        a_while(2).await;
        answer
    }

    async fn sleep(&self, duration: Duration) {
        a_while(2).await;
        BlockingTransport::sleep(&self.0, duration);
    }

    fn now(&self) -> Timestamp {
        BlockingTransport::now(&self.0)
    }
}

/// Carries the first request to nobody, and the others to the service.
struct FirstIsStuck(AtomicBool, Arc<Hub>);

#[async_trait]
impl Transport for FirstIsStuck {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if !self.0.swap(true, Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        BlockingTransport::send(&self.1, request)
    }

    async fn sleep(&self, duration: Duration) {
        BlockingTransport::sleep(&self.1, duration);
    }

    fn now(&self) -> Timestamp {
        BlockingTransport::now(&self.1)
    }
}

#[test]
fn a_caller_that_goes_away_in_the_middle_stops_nobody_else() {
    let hub = Hub::new();
    hub.inner.advance(SOON);
    let transport = FirstIsStuck(AtomicBool::new(false), Arc::clone(&hub));
    let source = OAuth::new(app(), MemoryGrantStore::with(hub.grant.clone()));
    let client = cs_tokens::Client::builder(transport)
        .base_url(URL)
        .credential_source(Arc::new(source))
        .build()
        .unwrap();
    assert!(ready(client.stacks(None)).is_err(), "it hangs, and is dropped");
    assert_eq!(ready(client.stacks(None)).unwrap().unwrap().len(), 1);
    assert_eq!(hub.refreshes(), 1);
}

/// Polls a future so often, and drops it.
pub(super) fn poll<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    })
}

#[test]
fn wherever_callers_are_dropped_the_new_pair_is_found_and_the_old_one_used_once() {
    // First answers that are lost or refused for their rate, too: then there are waits to go away in.
    for fault in [None, Some(Fault::LoseRequest), Some(Fault::NoConnection), Some(Fault::Status(429))] {
        let both = if fault.is_none() { 0..8 } else { 0..1 };
        for (first, second) in (0..16).flat_map(|first| both.clone().map(move |second| (first, second))) {
            let hub = Hub::new();
            let store = Watched::with(&hub.grant);
            hub.inner.advance(SOON);
            if let Some(fault) = fault {
                hub.inner.fail_next(fault);
            }
            let client = cs_tokens::Client::builder(Slow(Arc::clone(&hub)))
                .base_url(URL)
                .credential_source(Arc::new(OAuth::new(app(), store.clone())))
                .build()
                .unwrap();
            for times in [first, second] {
                if let Some(outcome) = poll(client.stacks(None), times) {
                    outcome.unwrap();
                }
            }
            poll(client.prepare_credential(), 1000).expect("it ends").unwrap();
            let place = format!("{fault:?}, dropped after {first} and {second}");
            assert_eq!(hub.refreshes(), 1 + u64::from(fault.is_some()), "{place}");
            // What another process finds.
            works(&hub, &self::client(&hub, OAuth::new(app(), store))).expect(&place);
            assert_eq!(hub.refreshes(), 1 + u64::from(fault.is_some()), "{place}");
        }
    }
}

/// A hub on a socket that uses a refresh token up at once, and answers after a while.
async fn hub(is_chunked: bool) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let refreshes = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&refreshes);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while let Ok(1..) = stream.read(&mut request).await {
                    let body = if request.starts_with(b"POST /token") {
                        let before = counted.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        if before > 0 {
                            let gone = b"HTTP/1.1 401 x\r\ncontent-length: 2\r\n\r\n{}";
                            stream.write_all(gone).await.unwrap();
                            continue;
                        }
                        r#"{"access_token":"b","refresh_token":"s","expires_in":3600,"user":{"uid":"x"}}"#
                    } else {
                        r#"{"user":{"uid":"x"}}"#
                    };
                    let answer = if is_chunked {
                        format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
                    } else {
                        format!("content-length: {}\r\n\r\n{body}", body.len())
                    };
                    stream.write_all(format!("HTTP/1.1 200 OK\r\n{answer}").as_bytes()).await.unwrap();
                }
            });
        }
    });
    (url, refreshes)
}

fn over_grant() -> MemoryGrantStore {
    let secret = cs_model::Secret::new;
    MemoryGrantStore::with(OAuthGrant::new(secret("a"), secret("r"), Timestamp::UNIX_EPOCH))
}

/// Drops a call as soon as the hub has used the refresh token up.
async fn left_alone(call: impl Future<Output = Result<cs_model::User, Error>>, refreshes: &AtomicU64) {
    let is_used_up = async {
        while refreshes.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        outcome = call => panic!("{outcome:?}"),
        () = is_used_up => {}
    }
}

fn over_sockets(source: Arc<OAuth>, url: &str, limit: Duration) -> cs_tokens::Client<ReqwestTransport> {
    let mut settings = Settings::default();
    settings.total_limit = limit;
    let transport = ReqwestTransport::new(&settings).unwrap();
    cs_tokens::Client::builder(transport).base_url(url).credential_source(source).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_came_while_nobody_waited_is_read_by_whoever_comes_next() {
    let limit = Duration::from_secs(30);
    let read_late = async |is_chunked| {
        let (url, refreshes) = hub(is_chunked).await;
        let client = over_sockets(Arc::new(OAuth::new(app(), over_grant())), &url, limit);
        left_alone(client.user(), &refreshes).await;
        // The answer is here long before, and within the limit of the transport, which goes on.
        tokio::time::sleep(Duration::from_millis(600)).await;
        client.user().await.unwrap_or_else(|error| panic!("{is_chunked}: {error:?}"));
        assert_eq!(refreshes.load(Ordering::SeqCst), 1);
    };
    tokio::join!(read_late(false), read_late(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_caller_goes_on_with_what_an_async_one_left() {
    let (url, refreshes) = hub(false).await;
    let source = Arc::new(OAuth::new(app(), over_grant()));
    let left = over_sockets(Arc::clone(&source), &url, Duration::from_secs(30));
    left_alone(left.user(), &refreshes).await;
    drop(left);
    let next = Client::builder(UreqTransport::new(&Settings::default()).unwrap())
        .base_url(&url)
        .credential_source(source)
        .build()
        .unwrap();
    tokio::task::spawn_blocking(move || next.user().map(drop)).await.unwrap().unwrap();
    assert_eq!(refreshes.load(Ordering::SeqCst), 1);
}

#[test]
fn a_transport_that_panics_is_not_asked_again_for_the_same_request() {
    let hub = Hub::new();
    hub.inner.advance(SOON);
    let has_panicked = AtomicBool::new(false);
    let inner = Arc::clone(&hub);
    let transport = from_fn(move |request: Request<Bytes>| {
        if has_panicked.swap(true, Ordering::SeqCst) {
            return BlockingTransport::send(&inner, request);
        }
        panic!("a bug of a transport")
    });
    let source = OAuth::new(app(), MemoryGrantStore::with(hub.unknown_grant()));
    let client =
        Client::builder(transport).base_url(URL).credential_source(Arc::new(source)).build().unwrap();
    let first = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.stacks(None)));
    assert!(first.is_err());
    let error = client.stacks(None).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::GrantLost(_)), "{error:?}");
}

/// A source that waits for something that a thread has not got.
#[derive(Debug)]
struct Waits;

#[async_trait]
impl cs_tokens::CredentialSource for Waits {
    fn kind(&self) -> cs_tokens::CredentialKind {
        cs_tokens::CredentialKind::OAuth
    }

    async fn credential(&self, _: &cs_tokens::Setting<'_>) -> Result<cs_tokens::Credential, SourceError> {
        std::future::pending().await
    }
}

#[test]
fn what_a_source_that_waits_has_sent_is_not_known() {
    let builder = Client::builder(Hub::new()).base_url(URL).credential_source(Arc::new(Waits));
    let error = builder.build().unwrap().prepare_credential().unwrap_err();
    assert!(matches!(error, SourceError::Unknown(_)), "{error:?}");
}
