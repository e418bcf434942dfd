//! Waits that the API asks for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Operation;

/// A refusal for the rate that asks to wait: status 429 (CMA-doc, "Rate limiting").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// The request, which the API did nothing about.
    pub operation: Operation,
    /// How long the API asks to wait.
    pub duration: Duration,
    /// Whether the client waits and sends the request again; else that is too long, and the call fails now.
    pub is_waited_out: bool,
}

/// What hears of waits.
type Hears = dyn Fn(&Wait) + Send + Sync;

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Listener(pub(crate) Option<Arc<Hears>>);

impl Listener {
    pub(crate) fn tell(&self, wait: &Wait) {
        if let Some(listener) = &self.0 {
            listener(wait);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener(some)" } else { "Listener(none)" })
    }
}
