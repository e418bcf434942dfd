//! Async code over a blocking transport, without a runtime.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use crate::{BlockingTransport, Transport, TransportError};

/// A [`BlockingTransport`] as a [`Transport`] whose futures are ready at the first poll.
///
/// Its `send` and `sleep` block the thread that polls, so it is meant for [`ready()`]. Within an async
/// runtime it holds up the whole worker: take an async transport there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ready<B>(pub B);

#[async_trait]
impl<B: BlockingTransport> Transport for Ready<B> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.0.send(request)
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// The future given to [`ready()`] waited for something other than a [`Ready`] transport.
///
/// That is a mistake in the code that made the future, not in its input. It converts into a
/// [`TransportError`] of kind [`NotReady`](crate::ErrorKind::NotReady).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("blocking code waited for something other than the transport")]
#[non_exhaustive]
pub struct NotReady;

/// Runs a future that awaits [`Ready`] transports and nothing else: polls it once and gives back its value.
///
/// No runtime is needed and none is started. The thread blocks wherever the transport blocks.
///
/// # Errors
///
/// [`NotReady`] when the future is still pending, that is, when it awaited a timer, a channel or a socket of
/// its own. Nobody would ever wake it, so it is dropped where it stands; requests that it sent before stay
/// sent.
///
/// # Examples
///
/// ```
/// use cs_transport::{NotReady, ready};
///
/// assert_eq!(ready(async { 1 + 1 }), Ok(2));
/// assert!(ready(std::future::pending::<()>()).is_err());
/// ```
pub fn ready<F: Future>(future: F) -> Result<F::Output, NotReady> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err(NotReady),
    }
}
