//! The two traits.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use crate::{CallInfo, TransportError};

/// Carries a request to a peer and its answer back, and owns time.
///
/// Code with more than one step is written once over this trait. It must await the transport and nothing
/// else: then it runs without a runtime over a [`Ready`](crate::Ready) too.
///
/// `sleep` and `now` belong together: after `sleep(d)`, `now()` is later by at least `d`, unless the clock was
/// set back meanwhile. A transport for tests may move its clock in `sleep` and return at once.
///
/// The transports of this crate have the clock of the system, because its time is compared with that of others:
/// when a token ends, when it was changed. It can be set back, by a little or, where it was wrong, by hours, and
/// is followed then. So code over this trait takes a time before one that it has seen for a new beginning, and
/// waits for no clock to be again where it was. A [`deadline`](CallInfo::deadline) and
/// [`RetryLimits::total`](crate::RetryLimits::total) come later by as much as the clock was set back; what bounds a
/// single request, the limits of [`Settings`](crate::Settings), is not measured by it.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one request, once, and gives back the whole answer, whatever its status.
    ///
    /// The URI must be absolute. An implementation never repeats the request and never follows a redirect.
    ///
    /// # Errors
    ///
    /// When there is no complete answer. The error's [`sent`](TransportError::sent) says whether the request
    /// may have had an effect.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;

    /// [`send`](Self::send) for a caller who holds what decorators may know of the call.
    ///
    /// By default a copy of it goes into the request's [extensions](http::Request::extensions). A transport that only
    /// reads it can take it from here, and save the copy.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    // Not `async`: the future of `send` is already in a box.
    fn send_known<'life0, 'async_trait>(
        &'life0 self,
        mut request: Request<Bytes>,
        info: &CallInfo,
    ) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        request.extensions_mut().insert(info.clone());
        self.send(request)
    }

    /// Waits for `duration` on this transport's clock.
    async fn sleep(&self, duration: Duration);

    /// The time on this transport's clock.
    fn now(&self) -> Timestamp;
}

/// [`Transport`] for plain threads: `send` and `sleep` block.
///
/// Wrap it in [`Ready`](crate::Ready) to run async code over it.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use cs_transport::{BlockingTransport, TransportError};
///
/// struct Always200;
///
/// impl BlockingTransport for Always200 {
///     fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
///         Ok(http::Response::new(Bytes::new()))
///     }
/// }
/// assert!(Always200.send(http::Request::default()).is_ok());
/// ```
pub trait BlockingTransport: Send + Sync {
    /// Sends one request, once, and gives back the whole answer, whatever its status.
    ///
    /// The URI must be absolute. An implementation never repeats the request and never follows a redirect.
    ///
    /// # Errors
    ///
    /// When there is no complete answer. The error's [`sent`](TransportError::sent) says whether the request
    /// may have had an effect.
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;

    /// Waits for `duration` on this transport's clock: by default, the thread sleeps.
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// The time on this transport's clock: by default, the system's.
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The future of a request on its way, as the traits give it.
pub(crate) type Sending<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>>;

/// Implements both traits for a pointer by forwarding every method, also those with a default.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: Transport + ?Sized> Transport for $pointer {
            // Not `async`: the future of what is pointed to is already in a box.
            fn send<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Sending<'async_trait>
            where
                'life0: 'async_trait,
                Self: 'async_trait,
            {
                (**self).send(request)
            }

            fn send_known<'life0, 'async_trait>(
                &'life0 self,
                request: Request<Bytes>,
                info: &CallInfo,
            ) -> Sending<'async_trait>
            where
                'life0: 'async_trait,
                Self: 'async_trait,
            {
                (**self).send_known(request, info)
            }

            async fn sleep(&self, duration: Duration) {
                (**self).sleep(duration).await;
            }

            fn now(&self) -> Timestamp {
                (**self).now()
            }
        }

        impl<T: BlockingTransport + ?Sized> BlockingTransport for $pointer {
            fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
                (**self).send(request)
            }

            fn sleep(&self, duration: Duration) {
                (**self).sleep(duration);
            }

            fn now(&self) -> Timestamp {
                (**self).now()
            }
        }
    )+};
}

forward!(&T, Arc<T>, Box<T>);
