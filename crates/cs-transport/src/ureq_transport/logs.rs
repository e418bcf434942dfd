//! Who listens to what `ureq` tells.
//!
//! At level `trace`, `ureq` writes down what goes over the wire as it is ("NOT REDACTED", say its documents), and nothing
//! but the logger's own filter keeps it from that. So the logger is asked first: while nobody listens, that is to
//! read one number.

use log::Level::Trace;

use crate::{ErrorKind, Sent, Settings, TransportError};

/// Where `ureq` and the crate that writes its HTTP show what they otherwise redact: bytes of requests and answers, and
/// URLs, which go to other targets and at level `debug`, but as the logger answers for this one.
const IN_CLEAR: [&str; 2] = ["ureq_proto::util", "ureq::util"];

/// Refuses a call that would be written down.
///
/// # Errors
///
/// [`ErrorKind::Logged`], unless the settings allow it.
pub(super) fn check(settings: &Settings) -> Result<(), TransportError> {
    if log::max_level() < Trace || settings.allow_wire_log {
        return Ok(());
    }
    match IN_CLEAR.into_iter().find(|target| log::log_enabled!(target: *target, Trace)) {
        Some(target) => Err(TransportError::new(ErrorKind::Logged { target }, Sent::No)),
        None => Ok(()),
    }
}
