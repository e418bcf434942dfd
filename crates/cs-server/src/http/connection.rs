//! One connection, from its first head to its last answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Limits;
use super::front::Front;
use super::linger::{Linger, Unread};
use super::places::Place;
use super::stall::Stall;

/// At the end, how long a connection without a running request may still need to send off its last answer.
const SEND_OFF: Duration = Duration::from_millis(250);

/// For how many headers hyper has room without asking for memory for each request; it refuses more unless it is told otherwise.
const USUAL_HEADERS: usize = 100;

/// Answers the requests of a connection until it is closed, by the client, by a limit, or because the service ends.
pub(super) async fn run(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    front: Arc<Front>,
    place: Place,
    mut ended: watch::Receiver<()>,
) {
    let limits = *front.limits();
    let (running, unread) = (AtomicUsize::new(0), Unread::default());
    let service = service_fn(|request: Request<Incoming>| {
        let running = Running::start(&running);
        let (front, place, unread) = (Arc::clone(&front), &place, &unread);
        async move {
            let answer = front.answer(request, place, unread).await;
            drop(running);
            answer
        }
    });
    let stream = Stall::new(stream, limits.send_time);
    let stream = Linger::new(stream, unread.clone(), limits.linger_time);
    let connection = http1(&limits).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // What went wrong with it is the client's business: it is gone, or was too slow, or spoke no HTTP.
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            }
            return;
        }
        () = place.wanted() => {
            front.evicted();
            return;
        }
        _ = ended.changed() => {}
    }
    // Idle ones close here; the others after the answer that they are at. A head that has not come in whole is no
    // request, and is not waited for.
    connection.as_mut().graceful_shutdown();
    while timeout(SEND_OFF, connection.as_mut()).await.is_err() {
        if running.load(Ordering::Relaxed) == 0 {
            return;
        }
    }
}

fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_time).max_header_size(limits.head);
    if limits.headers != USUAL_HEADERS {
        builder.max_headers(limits.headers);
    }
    builder
}

/// A request that is being answered.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn start(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
