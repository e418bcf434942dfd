//! Time for the service in process.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// The system's time, or one that stands until it is moved.
#[derive(Debug)]
pub(super) enum Clock {
    System,
    Standing(Mutex<Timestamp>),
}

impl Clock {
    pub(super) fn standing(at: Timestamp) -> Self {
        Self::Standing(Mutex::new(at))
    }

    pub(super) fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Standing(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Lets time pass: the thread sleeps, or the clock moves.
    pub(super) fn wait(&self, duration: Duration) {
        match self {
            Self::System => std::thread::sleep(duration),
            Self::Standing(_) => self.advance(duration),
        }
    }

    /// Moves a standing clock, at most to the end of time.
    pub(super) fn advance(&self, by: Duration) {
        if let Self::Standing(at) = self {
            let mut at = at.lock().unwrap_or_else(PoisonError::into_inner);
            *at = at.checked_add(by).unwrap_or(Timestamp::MAX);
        }
    }
}
