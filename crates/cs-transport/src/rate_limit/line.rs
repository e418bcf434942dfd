//! Limits, shared between threads and clients.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;

use super::meter::{Departure, Meter, Micros, Step};
use super::{Allowed, RateReading};
use crate::sync::{Arc, Mutex, lock};
use crate::{Lane, TransportError};

/// How many limits of a lane are kept before those are dropped that nobody uses.
const MANY: usize = 1_024;

/// A limit is told by the lane and by what the peer counts against.
type Lines = BTreeMap<Lane, BTreeMap<Box<str>, Arc<Line>>>;

/// The limits that clients share. Clones are the same limiters.
///
/// [`of_process`](Self::of_process) are those that a program wants, because a peer does not care from which
/// client a call comes. [`new`](Self::new) makes others, for tests, whose clocks are their own.
#[derive(Clone)]
pub struct RateLimiters {
    lines: Arc<Mutex<Lines>>,
    window: Duration,
}

/// A limit behind a lock that is never held while anybody waits.
#[derive(Debug)]
pub(super) struct Line(Mutex<Meter>);

/// A call that asked for its turn.
#[derive(Debug)]
pub(super) enum Turn {
    /// It left.
    Left(Left),
    /// It has to wait, and asks again at `until`, or before.
    Wait { place: Place, now: Micros, until: Micros },
}

/// A call that left. It is kept while the answer is awaited, so it is small.
#[derive(Debug)]
pub(super) struct Left {
    line: Arc<Line>,
    ticket: u64,
    departure: Departure,
}

/// The place in the line of a call that waits. Dropped before the call left, it is given up.
#[derive(Debug)]
pub(super) struct Place {
    line: Arc<Line>,
    allowed: Allowed,
    ticket: u64,
    has_left: bool,
}

impl RateLimiters {
    /// Limiters of their own, for peers that count by the second.
    pub fn new() -> Self {
        Self::with_window(Duration::from_secs(1))
    }

    /// Limiters of their own, for peers that count by another window.
    pub fn with_window(window: Duration) -> Self {
        Self { lines: Arc::new(Mutex::new(Lines::new())), window }
    }

    /// The limiters of this process, for peers that count by the second.
    pub fn of_process() -> Self {
        static PROCESS: OnceLock<RateLimiters> = OnceLock::new();
        PROCESS.get_or_init(Self::new).clone()
    }

    /// Over what the peers count.
    pub fn window(&self) -> Duration {
        self.window
    }

    /// What the last answer said about a limit, for a look at the room that is left.
    pub fn last_reading(&self, key: &str, lane: Lane) -> RateReading {
        let line = lock(&self.lines).get(&lane).and_then(|lines| lines.get(key)).cloned();
        line.map(|line| lock(&line.0).last_reading()).unwrap_or_default()
    }

    /// Gives a limit another key, of which more is known: calls in line and those that have left are still counted. Where
    /// the other key has a limit already, both stay.
    pub fn rename(&self, key: &str, to: &str) {
        for lines in lock(&self.lines).values_mut() {
            if !lines.contains_key(to)
                && let Some(line) = lines.remove(key)
            {
                lines.insert(to.into(), line);
            }
        }
    }

    pub(super) fn line(&self, key: &str, lane: Lane, now: impl Fn() -> Timestamp) -> Arc<Line> {
        let mut lines = lock(&self.lines);
        let lines = lines.entry(lane).or_default();
        if let Some(line) = lines.get(key) {
            return Arc::clone(line);
        }
        if lines.len() >= MANY {
            let now = now();
            // A line that somebody else holds is in use.
            lines.retain(|_, line| Arc::strong_count(line) > 1 || !lock(&line.0).is_idle(now));
        }
        let line = Arc::new(Line(Mutex::new(Meter::new(self.window))));
        lines.insert(key.into(), Arc::clone(&line));
        line
    }
}

impl Default for RateLimiters {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RateLimiters {
    /// Without the keys, which may be derived from credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiters").field("window", &self.window).finish_non_exhaustive()
    }
}

impl Line {
    /// Gets in line, and leaves if nothing is in the way.
    ///
    /// The clock is read under the lock, so that times come in order: a thread may stop for long between the
    /// two.
    pub(super) fn join(line: Arc<Self>, allowed: Allowed, now: &dyn Fn() -> Timestamp) -> Turn {
        let mut meter = lock(&line.0);
        let now = now();
        let ticket = meter.join();
        let step = meter.step(ticket, allowed, now);
        drop(meter);
        match step {
            Step::Go(departure) => Turn::Left(Left { line, ticket, departure }),
            Step::Wait { now, until } => {
                Turn::Wait { place: Place { line, allowed, ticket, has_left: false }, now, until }
            }
        }
    }
}

impl Place {
    /// Leaves, or learns when to ask again.
    pub(super) fn step(mut self, now: &dyn Fn() -> Timestamp) -> Turn {
        let step = lock(&self.line.0).step(self.ticket, self.allowed, now());
        match step {
            Step::Go(departure) => {
                self.has_left = true;
                Turn::Left(Left { line: Arc::clone(&self.line), ticket: self.ticket, departure })
            }
            Step::Wait { now, until } => Turn::Wait { place: self, now, until },
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.has_left {
            lock(&self.line.0).leave(self.ticket);
        }
    }
}

impl Left {
    /// When it left.
    pub(super) fn at(&self) -> Micros {
        self.departure.at
    }

    /// Takes in what came of the call.
    pub(super) fn close(self, result: &Result<Response<Bytes>, TransportError>, now: &dyn Fn() -> Timestamp) {
        let Self { line, ticket, departure } = self;
        let mut meter = lock(&line.0);
        match result {
            Ok(answer) => meter.answered(ticket, departure, answer, now()),
            Err(error) => meter.failed(ticket, departure, error, now()),
        }
    }
}
