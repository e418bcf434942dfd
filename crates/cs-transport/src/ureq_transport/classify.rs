//! From an error of `ureq` to a kind.

use ureq::{Error, Timeout};

use super::connector::BeforeSend;
use crate::wire;
use crate::{ErrorKind, Limit, Sent, Settings, TransportError};

/// Names what happened, and keeps the original's words as the source.
pub(super) fn error(error: Error, settings: &Settings) -> TransportError {
    match error {
        Error::Other(inner) => match inner.downcast::<BeforeSend>() {
            Ok(before) => before_send(before.0),
            Err(other) => TransportError::new(ErrorKind::Unclassified, Sent::Maybe).with_source(other),
        },
        Error::Io(io) => TransportError::new(wire::io_kind(&io), Sent::Maybe).with_source(io),
        Error::LargeResponseHeader(..) => wire::too_large(settings.head_limit),
        Error::Protocol(inner) if has_too_many_headers(&inner) => {
            wire::too_large(settings.head_limit).with_source(inner)
        }
        other => TransportError::new(kind_after_send(&other), Sent::Maybe).with_source(other),
    }
}

fn before_send(error: Error) -> TransportError {
    let kind = match &error {
        Error::Timeout(Timeout::Global | Timeout::PerCall) => ErrorKind::Timeout(Limit::Total),
        Error::Timeout(_) => ErrorKind::Timeout(Limit::Connect),
        Error::Io(io) => wire::connect_kind(io),
        Error::Tls(_) => ErrorKind::Tls,
        _ => ErrorKind::Connect,
    };
    let failure = TransportError::new(kind, Sent::No);
    match error {
        Error::Io(io) => failure.with_source(io),
        other => failure.with_source(other),
    }
}

fn kind_after_send(error: &Error) -> ErrorKind {
    match error {
        Error::Timeout(_) => ErrorKind::Timeout(Limit::Total),
        Error::Protocol(_) | Error::Http(_) => ErrorKind::Protocol,
        _ => ErrorKind::Unclassified,
    }
}

/// Whether the answer has more headers than `ureq` takes.
///
/// The type of `inner` is not part of `ureq`, which leaves its text. If that ever changes, the kind becomes
/// `Protocol`, and the conformance suite fails.
fn has_too_many_headers(inner: &impl std::error::Error) -> bool {
    inner.to_string().contains("too many headers")
}
