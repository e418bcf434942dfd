//! What went wrong on the wire, and whether the request may have left.

mod cause;

use std::error::Error;
use std::fmt;

use self::cause::Cause;
use crate::{NotReady, RequestFault};

/// No complete answer came back.
///
/// `Display` is one clause that names the kind; the client library's own words are in
/// [`source`](Error::source), with URLs cut out. Neither shows a header value or a body.
///
/// # Examples
///
/// A custom transport makes its errors from a kind and what it knows about sending:
///
/// ```
/// use cs_transport::{ErrorKind, Sent, TransportError};
///
/// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
/// let error = TransportError::new(ErrorKind::Connect, Sent::No).with_source(refused);
/// assert_eq!(error.to_string(), "no connection to the server");
/// assert!(error.is_transient());
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct TransportError {
    /// What happened.
    pub kind: ErrorKind,
    /// Whether the request may have reached the peer.
    pub sent: Sent,
    /// How often the request was sent: 1, or what [`Retry`](crate::Retry) made of it; 0 when its turn never came.
    pub attempts: u32,
    /// When it left, in microseconds of the transport's clock, if it had to wait for its turn before.
    pub(crate) left_at: Option<i64>,
    source: Option<Cause>,
}

/// What kept the answer from coming back.
///
/// Whether repeating is *safe* is decided by [`Sent`] and by the request's idempotence; whether it can
/// *help*, by the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection: the name did not resolve, nobody listens, or the proxy refused.
    /// Never sent; repeating is safe and may help.
    Connect,
    /// A time limit passed. With [`Limit::Connect`] never sent, repeating is safe and may help. With
    /// [`Limit::Total`] the request may have left: repeat only what is idempotent. With [`Limit::Turn`] never
    /// sent; repeating does not help while the line is as long.
    Timeout(Limit),
    /// The connection broke after the request began to leave, or the answer was cut off. The request may have
    /// had its effect: repeat only what is idempotent, then it may help.
    Interrupted,
    /// The answer is bigger than the limit, in bytes. The request had its effect, and repeating does not
    /// help.
    TooLarge {
        /// The limit that the answer passed.
        limit: usize,
    },
    /// The TLS handshake failed: an unknown issuer, another name, an expired certificate.
    /// Never sent; repeating is safe but does not help before someone mends the trust.
    Tls,
    /// The peer answered something that is not HTTP/1.1. The request may have had its effect: repeat only
    /// what is idempotent.
    Protocol,
    /// A client of one's own followed a redirect: the answer is of another URL than the one that was asked, and
    /// what the request carries may have gone there. The request may have had its effect; repeating does not
    /// help.
    Redirected,
    /// The URL is not `https` and its host is not loopback. Never sent; repeating does not help.
    InsecureUrl,
    /// The request cannot be carried unchanged. Never sent; repeating does not help.
    InvalidRequest(RequestFault),
    /// Async code over a [`Ready`](crate::Ready) awaited something other than the transport. What ran before
    /// that may have sent requests; repeating does not help.
    NotReady,
    /// A logger of the process listens where `ureq` writes down all that goes over the wire, headers and bodies
    /// as they are; see [`Settings::allow_wire_log`](crate::Settings::allow_wire_log). Never sent; repeating
    /// does not help before the logger hears less.
    Logged {
        /// The target of the records, which has to be kept below the level `trace`.
        target: &'static str,
    },
    /// There is no async runtime to run on. Never sent; repeating does not help.
    NoRuntime,
    /// The client library failed in a way that this crate has no name for. The request may have left, unless
    /// `sent` says otherwise; repeating is not known to help.
    Unclassified,
}

/// A time limit of [`Settings`](crate::Settings) or [`CallInfo`](crate::CallInfo).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// For the connection: name resolution, TCP and TLS.
    Connect,
    /// For the whole call, from the connection to the last byte of the answer; also a deadline of
    /// [`CallInfo`](crate::CallInfo).
    Total,
    /// For the wait in line of [`RateLimit`](crate::RateLimit): the call's turn would come after its deadline, so it
    /// gave up its place.
    Turn,
}

/// Whether the request may have reached the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a third answer to this question would be a breaking change anyway"
)]
pub enum Sent {
    /// Certainly not: no byte of the request left. Repeating is safe for every request.
    No,
    /// It may have, in part or in whole, and may have had its effect; also when it certainly has.
    Maybe,
}

impl TransportError {
    /// An error without a source.
    // Cold, so that what leads here stands apart from the code that every call runs through.
    #[cold]
    pub fn new(kind: ErrorKind, sent: Sent) -> Self {
        Self { kind, sent, attempts: 1, left_at: None, source: None }
    }

    /// A request that cannot be carried: nothing was sent.
    pub fn invalid(fault: RequestFault) -> Self {
        Self::new(ErrorKind::InvalidRequest(fault), Sent::No)
    }

    /// Adds the underlying error, for [`source`](Error::source).
    ///
    /// Its texts, and those of its own sources, are copied with every URL cut out, because client libraries
    /// put whole URLs into messages. The original is dropped.
    #[must_use]
    pub fn with_source<E: Into<Box<dyn Error + Send + Sync>>>(mut self, source: E) -> Self {
        let source: Box<dyn Error + Send + Sync> = source.into();
        self.source = Some(Cause::copy(&*source));
        self
    }

    /// Whether the same request may get an answer when it is sent again a little later.
    ///
    /// This says nothing about safety: ask [`sent`](Self::sent) and whether the request is idempotent.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Connect | ErrorKind::Timeout(Limit::Connect | Limit::Total) | ErrorKind::Interrupted
        )
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl From<NotReady> for TransportError {
    fn from(_: NotReady) -> Self {
        Self::new(ErrorKind::NotReady, Sent::Maybe)
    }
}

impl From<RequestFault> for TransportError {
    fn from(fault: RequestFault) -> Self {
        Self::invalid(fault)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("no connection to the server"),
            Self::Timeout(Limit::Connect) => f.write_str("the time limit for the connection passed"),
            Self::Timeout(Limit::Total) => f.write_str("the time limit for the whole call passed"),
            Self::Timeout(Limit::Turn) => {
                f.write_str("the turn of the call, among those that keep one pace, comes after its deadline")
            }
            Self::Interrupted => f.write_str("the connection broke before the answer was complete"),
            Self::TooLarge { limit } => write!(f, "the answer is bigger than the limit of {limit} bytes"),
            Self::Tls => f.write_str("no secure connection to the server"),
            Self::Protocol => f.write_str("the answer is not HTTP/1.1"),
            Self::Redirected => f.write_str("the HTTP client followed a redirect to another URL"),
            Self::InsecureUrl => f.write_str("the URL is not https and its host is not loopback"),
            Self::InvalidRequest(fault) => write!(f, "the request cannot be sent as it is: {fault}"),
            Self::NotReady => f.write_str("blocking code waited for something other than the transport"),
            Self::Logged { target } => write!(
                f,
                "a logger at level trace would write secrets down (`{target}`): set its filter to `ureq=info,ureq_proto=info`"
            ),
            Self::NoRuntime => f.write_str("there is no async runtime to run on"),
            Self::Unclassified => f.write_str("the HTTP client failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_never_repeats_the_source() {
        let error = TransportError::new(ErrorKind::Connect, Sent::No).with_source("no route to host");
        assert_eq!(error.to_string(), "no connection to the server");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no route to host"));
    }

    #[test]
    fn the_error_stays_small() {
        // It is the `Err` of every call, so it is moved often.
        assert!(size_of::<TransportError>() <= 96, "{}", size_of::<TransportError>());
    }
}
