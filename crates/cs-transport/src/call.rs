//! What decorators want to know about a call.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// What decorators around a transport may know about a call that the request itself does not say.
///
/// The caller puts it into the request's [extensions](http::Request::extensions_mut); a transport that has no
/// use for it ignores it. Without it, decorators take the careful reading: not idempotent, no deadline.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use cs_transport::CallInfo;
///
/// let mut request = http::Request::delete("https://api.example.com/v3/things/7").body(Bytes::new())?;
/// request.extensions_mut().insert(CallInfo::new("/v3/things/{uid}").idempotent());
///
/// let info = request.extensions().get::<CallInfo>();
/// assert!(info.is_some_and(|info| info.idempotent));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallInfo {
    /// The path with its arguments as placeholders: what may be logged and counted.
    pub route: &'static str,
    /// Whether sending the request twice has the effect of sending it once.
    pub idempotent: bool,
    /// The moment, on the transport's clock, after which the answer is of no use. The transports of this
    /// crate shorten their total time limit to it.
    pub deadline: Option<Timestamp>,
    /// What the peer counts the call against: calls with equal keys share one limit. Not shown by `Debug`,
    /// because it may be derived from a credential.
    pub limiter_key: Option<Arc<str>>,
}

impl CallInfo {
    /// A call to `route` that must not be repeated blindly, without a deadline.
    pub fn new(route: &'static str) -> Self {
        Self { route, idempotent: false, deadline: None, limiter_key: None }
    }

    /// Marks the call as one that may be sent twice.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Sets the moment after which the answer is of no use.
    #[must_use]
    pub fn deadline(mut self, deadline: Timestamp) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets what the peer counts the call against.
    #[must_use]
    pub fn limiter_key<K: Into<Arc<str>>>(mut self, key: K) -> Self {
        self.limiter_key = Some(key.into());
        self
    }
}

impl fmt::Debug for CallInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallInfo")
            .field("route", &self.route)
            .field("idempotent", &self.idempotent)
            .field("deadline", &self.deadline)
            .field("limiter_key", &self.limiter_key.as_ref().map(|_| "[redacted]"))
            .finish()
    }
}
