//! From an error of `reqwest` to a kind.

use std::io;

use crate::wire;
use crate::{ErrorKind, Limit, Sent, Settings, TransportError};

/// Names what happened, and keeps the original's words as the source.
///
/// A client that nobody could check may have sent the request to one host, and failed to reach the next one that it was
/// sent on to: what it says of the last step says nothing of those before.
#[cold]
pub(super) fn error(error: reqwest::Error, settings: &Settings, is_unchecked: bool) -> TransportError {
    let error = error.without_url();
    let (kind, sent) = kind_of(&error, settings);
    let sent = if is_unchecked { Sent::Maybe } else { sent };
    TransportError::new(kind, sent).with_source(error)
}

fn kind_of(error: &reqwest::Error, settings: &Settings) -> (ErrorKind, Sent) {
    if error.is_builder() {
        // The client refused the request before it did anything with it.
        return (ErrorKind::Unclassified, Sent::No);
    }
    if error.is_connect() {
        let kind =
            if error.is_timeout() { ErrorKind::Timeout(Limit::Connect) } else { wire::connect_kind(error) };
        return (kind, Sent::No);
    }
    if error.is_timeout() {
        return (ErrorKind::Timeout(Limit::Total), Sent::Maybe);
    }
    (kind_after_send(error, settings), Sent::Maybe)
}

fn kind_after_send(error: &reqwest::Error, settings: &Settings) -> ErrorKind {
    match wire::find::<hyper::Error>(error) {
        Some(hyper) if is_head_too_large(hyper) => ErrorKind::TooLarge { limit: settings.head_limit },
        Some(hyper) if hyper.is_parse() => ErrorKind::Protocol,
        Some(hyper) if hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled() => {
            ErrorKind::Interrupted
        }
        _ => wire::find::<io::Error>(error).map_or(ErrorKind::Unclassified, wire::io_kind),
    }
}

/// Whether the head of the answer has more bytes or headers than `hyper` takes.
///
/// `hyper` has a question for this, but only in its server half. If it ever words it differently, the kind
/// becomes `Protocol`, and the conformance suite fails.
fn is_head_too_large(error: &hyper::Error) -> bool {
    error.is_parse() && error.to_string().contains("head is too large")
}
