//! Whether to send again, and when: a function without clock and chance.

use std::time::Duration;

use http::StatusCode;

use crate::{RetryLimits, Sent, TransportError};

/// What came of one sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// An answer.
    Answer {
        /// Its status.
        status: StatusCode,
        /// How long it asks to wait: see [`retry_after()`](crate::retry_after()).
        retry_after: Option<Duration>,
    },
    /// No answer.
    Failure {
        /// Whether the request may have left.
        sent: Sent,
        /// Whether sending it again can help at all: see [`TransportError::is_transient`].
        is_transient: bool,
    },
}

/// What is known when the next step of a call is decided.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Situation {
    /// How often the request was sent so far, from 1.
    pub attempts: u32,
    /// What came of the last sending.
    pub outcome: Outcome,
    /// Whether the request may be sent twice: the caller said so ([`CallInfo::idempotent`](crate::CallInfo)), or
    /// said nothing, and its method only reads.
    pub is_repeatable: bool,
    /// How long the call has taken so far, its waits included, but for those for its turn.
    pub elapsed: Duration,
    /// How long the answer is still of use; `None` without a deadline.
    pub time_left: Option<Duration>,
    /// Chance, from 0 to 1: spreads the waits of callers that failed at the same moment.
    pub jitter: f64,
}

/// The next step of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a third step would be a breaking change anyway")]
pub enum Next {
    /// Wait that long and send again.
    After(Duration),
    /// Take the outcome as it is.
    Stop(Because),
}

/// Why a request is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because {
    /// The outcome is final: an answer that another try would not change, or a failure that another try would
    /// not mend.
    Final,
    /// The request may have had its effect, and is not one to be sent twice.
    InDoubt,
    /// It was sent as often as allowed.
    Attempts,
    /// The wait would be longer than allowed, or longer than the answer is of use.
    Time,
}

impl Situation {
    /// A first look: a request that must not be sent twice, no time gone, no deadline, no chance.
    pub fn new(attempts: u32, outcome: Outcome) -> Self {
        Self {
            attempts,
            outcome,
            is_repeatable: false,
            elapsed: Duration::ZERO,
            time_left: None,
            jitter: 0.0,
        }
    }
}

impl Outcome {
    /// The outcome of a sending that failed.
    pub fn of_error(error: &TransportError) -> Self {
        Self::Failure { sent: error.sent, is_transient: error.is_transient() }
    }

    /// Whether another try can help, whatever it may do.
    fn can_improve(self) -> bool {
        match self {
            Self::Answer { status, .. } => matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::REQUEST_TIMEOUT
                    | StatusCode::INTERNAL_SERVER_ERROR
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
            Self::Failure { is_transient, .. } => is_transient,
        }
    }

    /// Whether the request certainly had no effect: it never left, or it was counted and refused for its rate.
    pub(super) fn had_no_effect(self) -> bool {
        match self {
            Self::Answer { status, .. } => status == StatusCode::TOO_MANY_REQUESTS,
            Self::Failure { sent, .. } => sent == Sent::No,
        }
    }

    fn is_rate_refusal(self) -> bool {
        matches!(self, Self::Answer { status: StatusCode::TOO_MANY_REQUESTS, .. })
    }

    fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Answer { retry_after, .. } => retry_after,
            Self::Failure { .. } => None,
        }
    }
}

impl RetryLimits {
    /// Decides on the next step.
    ///
    /// - A request that [may be sent twice](Situation::is_repeatable) is sent again after a transient failure, 429,
    ///   408, 500, 502, 503 and 504.
    /// - Any other is sent again when it certainly had no effect: it never left, or the answer is 429.
    /// - No other answer is worth another try; a 401 least of all.
    /// - The wait is what the answer asks for, else a window for 429, else it doubles from try to try. Chance
    ///   spreads each of them upwards, but the last, which it spreads between one half and the whole.
    pub fn next(&self, situation: &Situation) -> Next {
        let Situation { attempts, outcome, is_repeatable, elapsed, time_left, .. } = *situation;
        if !outcome.can_improve() {
            return Next::Stop(Because::Final);
        }
        if !is_repeatable && !outcome.had_no_effect() {
            return Next::Stop(Because::InDoubt);
        }
        if attempts >= self.attempts {
            return Next::Stop(Because::Attempts);
        }
        let wait = self.wait(situation);
        let is_too_long = wait > self.longest_wait
            || elapsed.saturating_add(wait) > self.total
            || time_left.is_some_and(|left| wait >= left);
        if is_too_long { Next::Stop(Because::Time) } else { Next::After(wait) }
    }

    /// How long to wait, limits aside.
    pub fn wait(&self, situation: &Situation) -> Duration {
        let chance = if situation.jitter.is_finite() { situation.jitter.clamp(0.0, 1.0) } else { 1.0 };
        if let Some(asked) = situation.outcome.retry_after() {
            // Zero seconds are less than one, not none: the header has no smaller unit.
            return asked.max(self.first_wait.mul_f64(0.5 + chance / 2.0));
        }
        if situation.outcome.is_rate_refusal() {
            return self.window.saturating_add(self.first_wait.mul_f64(chance));
        }
        let doublings = situation.attempts.saturating_sub(1).min(31);
        let longest = self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait);
        longest.mul_f64(0.5 + chance / 2.0)
    }
}

#[cfg(test)]
mod tests;
