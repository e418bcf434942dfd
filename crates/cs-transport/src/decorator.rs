//! What goes around a transport: one implementation for both faces.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use crate::transport::Sending;
use crate::{BlockingTransport, Ready, Transport, TransportError, ready};

/// Does something before, after or instead of a call, whatever carries it.
///
/// Written once, it goes [`around`](Self::around) a [`Transport`] and around a [`BlockingTransport`] alike.
/// The one rule is that of every flow: `send` awaits `next` and nothing else. To wait, it takes
/// `next.sleep`, so that it also runs on the clock of a test.
///
/// What it wants to know about a call and cannot see in the request, it finds in the request's
/// [extensions](http::Request::extensions): [`CallInfo`](crate::CallInfo) and [`Attempt`](crate::Attempt).
///
/// # Examples
///
/// All of a decorator, around a blocking transport here:
///
/// ```
/// use bytes::Bytes;
/// use cs_transport::{BlockingTransport, Decorator, Transport, TransportError, async_trait, from_fn};
/// use http::{HeaderValue, Request, Response};
///
/// struct Tag(HeaderValue);
///
/// #[async_trait]
/// impl Decorator for Tag {
///     async fn send(&self, mut request: Request<Bytes>, next: &dyn Transport) -> Result<Response<Bytes>, TransportError> {
///         request.headers_mut().insert("x-job", self.0.clone());
///         next.send(request).await
///     }
/// }
///
/// let echo = from_fn(|request| Ok(Response::new(Bytes::copy_from_slice(request.headers()["x-job"].as_bytes()))));
/// let tagged = Tag(HeaderValue::from_static("nightly")).around(echo);
/// assert_eq!(tagged.send(Request::get("http://localhost/").body(Bytes::new())?)?.body(), "nightly");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait Decorator: Send + Sync {
    /// Carries out one call over `next`, which is the transport inside.
    ///
    /// # Errors
    ///
    /// What `next` fails with, or a failure of the decorator's own. One that comes after a request was sent
    /// must not say [`Sent::No`](crate::Sent::No).
    async fn send(
        &self,
        request: Request<Bytes>,
        next: &dyn Transport,
    ) -> Result<Response<Bytes>, TransportError>;

    /// The decorator around a transport of either face.
    fn around<T>(self, transport: T) -> Decorated<Self, T>
    where
        Self: Sized,
    {
        Decorated { decorator: self, inner: transport }
    }
}

/// A transport with a [`Decorator`] around it; made by [`Decorator::around`].
///
/// It has the face of the transport inside: a [`Transport`] around one of these, a [`BlockingTransport`]
/// around one of those. Time is that of the transport inside.
#[derive(Clone, Copy, Debug)]
pub struct Decorated<D, T> {
    decorator: D,
    inner: T,
}

impl<D, T> Decorated<D, T> {
    /// The decorator: its settings, and what it keeps between requests.
    pub fn decorator(&self) -> &D {
        &self.decorator
    }

    /// The transport inside.
    pub const fn inner(&self) -> &T {
        &self.inner
    }

    /// Takes the decorator off.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

#[async_trait]
impl<D: Decorator, T: Transport> Transport for Decorated<D, T> {
    // Not `async`: the decorator's future is already in a box.
    fn send<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        self.decorator.send(request, &self.inner)
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }
}

impl<D: Decorator, B: BlockingTransport> BlockingTransport for Decorated<D, B> {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        ready(self.decorator.send(request, &Ready(&self.inner)))?
    }

    fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration);
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }
}
