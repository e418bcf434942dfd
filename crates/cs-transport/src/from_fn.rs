//! A closure as a transport.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};

use crate::{BlockingTransport, TransportError, check};

/// A [`BlockingTransport`] that hands each request to a closure; made by [`from_fn`].
///
/// It is a type and not a blanket implementation for closures, because a reference to a closure is a closure
/// too: the blanket would rule out the implementation for `&T`.
#[derive(Clone, Copy)]
pub struct FnTransport<F>(F);

/// Makes a transport of a closure, for tests and for an HTTP stack of one's own.
///
/// Requests that [`check()`](crate::check()) refuses do not reach the closure, as with every transport of
/// this crate.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use cs_transport::{BlockingTransport, from_fn};
///
/// let transport = from_fn(|_| Ok(http::Response::new(Bytes::from("pong"))));
/// let request = http::Request::get("http://localhost/ping").body(Bytes::new())?;
/// assert_eq!(transport.send(request)?.body(), "pong");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn from_fn<F>(send: F) -> FnTransport<F>
where
    F: Fn(Request<Bytes>) -> Result<Response<Bytes>, TransportError> + Send + Sync,
{
    FnTransport(send)
}

impl<F> BlockingTransport for FnTransport<F>
where
    F: Fn(Request<Bytes>) -> Result<Response<Bytes>, TransportError> + Send + Sync,
{
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        check(&request)?;
        (self.0)(request)
    }
}

impl<F> fmt::Debug for FnTransport<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnTransport").finish_non_exhaustive()
    }
}
