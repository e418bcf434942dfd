//! What both clients do before a request leaves and after an answer came.

mod body;
mod origin;
pub(crate) mod tls;

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, Version, request};
use jiff::Timestamp;

pub(crate) use self::body::Body;
pub(crate) use self::origin::Origins;
use crate::check::check_rest;
use crate::{CallInfo, ErrorKind, Limit, RequestFault, Sent, Settings, TransportError};

/// How many connections to one host are kept for later.
pub(crate) const IDLE_PER_HOST: usize = 32;

/// How many connections `ureq` keeps in all; the other client has no such limit.
#[cfg(feature = "ureq")]
pub(crate) const IDLE: usize = 512;

/// How many headers an answer may have: as many as `hyper` reads without taking memory for each answer.
const MAX_HEADERS: usize = 100;

/// A duration that clients can add to the time: they panic or wrap around with much longer ones.
pub(crate) fn bounded(duration: Duration) -> Duration {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    duration.min(YEAR)
}

/// A request as it leaves, whatever the client.
pub(crate) struct Outgoing<U> {
    /// With every header but those of the connection, and without extensions: a client keeps switches there,
    /// and none of them is the caller's.
    pub(crate) parts: request::Parts,
    /// `None` stands for a request without a body, not even an empty one.
    pub(crate) body: Option<Bytes>,
    /// How long the whole call may take.
    pub(crate) limit: Duration,
    /// What the client makes of where it goes.
    #[cfg_attr(not(feature = "reqwest"), expect(dead_code, reason = "`ureq` takes the URI as it is"))]
    pub(crate) origin: U,
}

/// Checks a request and fills in what clients otherwise fill in each in its own way. The time is asked for only where
/// it counts.
pub(crate) fn prepare<U: Clone>(
    request: Request<Bytes>,
    info: Option<&CallInfo>,
    origins: &Origins<U>,
    settings: &Settings,
    now: impl FnOnce() -> Timestamp,
) -> Result<Outgoing<U>, TransportError> {
    let origin = origins.of(request.uri())?;
    check_rest(&request)?;
    let limit = match info.or_else(|| request.extensions().get()).and_then(|info| info.deadline) {
        Some(deadline) => until(deadline, settings, now())?,
        None => bounded(settings.total_limit),
    };
    let (mut parts, body) = request.into_parts();
    if origin.has_implied_port {
        parts.uri = without_default_port(parts.uri)?;
    }
    parts.version = Version::HTTP_11;
    parts.extensions.clear();
    // One look at all names takes less time than to look for two.
    let (mut has_agent, mut has_accept) = (false, false);
    for name in parts.headers.keys() {
        has_agent |= *name == USER_AGENT;
        has_accept |= *name == ACCEPT;
    }
    if !has_agent {
        parts.headers.insert(USER_AGENT, settings.user_agent.clone());
    }
    if !has_accept {
        parts.headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    }
    // These methods are defined with a body, so that an empty one is announced (RFC 9110, section 8.6).
    let has_body = !body.is_empty() || matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    Ok(Outgoing { parts, body: has_body.then_some(body), limit, origin: origin.made })
}

/// What is left until the deadline of a call, or the time limit of the settings if that is less.
fn until(deadline: Timestamp, settings: &Settings, now: Timestamp) -> Result<Duration, TransportError> {
    match Duration::try_from(deadline.duration_since(now)) {
        Ok(left) if !left.is_zero() => Ok(left.min(bounded(settings.total_limit))),
        _ => Err(TransportError::new(ErrorKind::Timeout(Limit::Total), Sent::No)),
    }
}

/// The same URI without a port that its scheme implies: one client would name it in the `host` header, the
/// other not.
fn without_default_port(uri: Uri) -> Result<Uri, RequestFault> {
    let implied = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    if uri.port_u16() != Some(implied) {
        return Ok(uri);
    }
    let mut parts = uri.into_parts();
    parts.authority = match parts.authority.map(|authority| authority.host().parse()) {
        Some(Ok(authority)) => Some(authority),
        _ => return Err(RequestFault::Host),
    };
    Uri::from_parts(parts).map_err(|_| RequestFault::Host)
}

/// Refuses a head that is bigger than the limit, or has more headers than the clients are to take.
pub(crate) fn check_head(headers: &HeaderMap, settings: &Settings) -> Result<(), TransportError> {
    // Colon, space and line end.
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > settings.head_limit || headers.len() > MAX_HEADERS {
        Err(too_large(settings.head_limit))
    } else {
        Ok(())
    }
}

pub(crate) fn too_large(limit: usize) -> TransportError {
    TransportError::new(ErrorKind::TooLarge { limit }, Sent::Maybe)
}

/// The kind of a failed connection: `Tls` when `rustls` refused it, else `Connect`.
pub(crate) fn connect_kind(error: &(dyn Error + 'static)) -> ErrorKind {
    if find::<rustls::Error>(error).is_some() { ErrorKind::Tls } else { ErrorKind::Connect }
}

/// The kind of an `io::Error` after the request began to leave. Clients report a wrong framing of the body in
/// this way, too.
pub(crate) fn io_kind(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            if find::<rustls::Error>(error).is_none() =>
        {
            ErrorKind::Protocol
        }
        _ => ErrorKind::Interrupted,
    }
}

/// The first error of type `E` in the chain, also inside an `io::Error`, whose `source` skips it.
pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests;
