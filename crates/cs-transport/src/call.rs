//! What decorators want to know about a call.

use std::fmt;
use std::sync::Arc;

use http::Method;
use jiff::Timestamp;

/// What decorators around a transport may know about a call that the request itself does not say.
///
/// The caller puts it into the request's [extensions](http::Request::extensions_mut); a transport that has no
/// use for it ignores it. Without it, decorators go by the method: one that reads is idempotent, one that
/// writes is not; there is no deadline, and the peer counts by its host.
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
    /// Whether sending the request twice has the effect of sending it once, and the caller can read the answer
    /// of the second as that of the first. It counts whatever the method: there are peers at which a `GET`
    /// changes something. Only of a request without any `CallInfo` are the methods that read taken to be so.
    pub idempotent: bool,
    /// The moment, on the transport's clock, after which the answer is of no use. The transports of this
    /// crate shorten their total time limit to it, and decorators do not wait past it.
    pub deadline: Option<Timestamp>,
    /// What the peer counts the call against: calls with equal keys share one limit. Not shown by `Debug`,
    /// because it may be derived from a credential.
    pub limiter_key: Option<Arc<str>>,
    /// Which of the limits of that key the call counts against. `None` goes by the method: see [`Lane::of`].
    pub lane: Option<Lane>,
}

/// Limits that a peer counts apart from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Lane {
    /// Calls that only read.
    Read,
    /// Calls that change something.
    Write,
    /// Calls that change many things at once, where the peer counts these apart.
    Bulk,
}

/// The how-many-th sending of one call this is; [`Retry`](crate::Retry) puts it into the request's extensions
/// for the decorators inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a number with a name")]
pub struct Attempt(
    /// From 1.
    pub u32,
);

impl CallInfo {
    /// A call to `route` that must not be repeated blindly, whatever its method, without a deadline.
    pub fn new(route: &'static str) -> Self {
        Self { route, idempotent: false, deadline: None, limiter_key: None, lane: None }
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

    /// Sets which limit of the key the call counts against.
    #[must_use]
    pub fn lane(mut self, lane: Lane) -> Self {
        self.lane = Some(lane);
        self
    }
}

impl Lane {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Bulk];

    /// Its place among all.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The lane of a method: [`Read`](Self::Read) for those that are safe (RFC 9110, section 9.2.1), else
    /// [`Write`](Self::Write).
    pub fn of(method: &Method) -> Self {
        if method.is_safe() { Self::Read } else { Self::Write }
    }
}

impl fmt::Debug for CallInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallInfo")
            .field("route", &self.route)
            .field("idempotent", &self.idempotent)
            .field("deadline", &self.deadline)
            .field("limiter_key", &self.limiter_key.as_ref().map(|_| "[redacted]"))
            .field("lane", &self.lane)
            .finish()
    }
}
