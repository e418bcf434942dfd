//! One limit: who may leave, and when. No clock, no lock.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use http::{Response, StatusCode};
use jiff::Timestamp;

use super::lateness::RoundTrips;
use super::{Allowed, RateReading};
use crate::{Sent, TransportError, retry_after};

/// Microseconds of the transport's clock.
pub(super) type Micros = i64;

/// Added to a window at least: clocks of two machines do not tick alike, and timers wake early.
const LEAST_MARGIN: Micros = 8_000;

/// A caller that has not come back this long after its turn is passed over until it does.
const PATIENCE: Micros = 1_000_000;

/// Fewer calls than this are not worth a look for places that are free again.
const SWEEP_AT: usize = 32;

/// The longest that all calls of a lane are held up for the sake of one refusal. After it, one of them finds
/// out.
const LONGEST_PAUSE: Micros = 30_000_000;

/// One limit, shared by the calls that count against it.
#[derive(Debug)]
pub(super) struct Meter {
    window: Micros,
    margin: Micros,
    /// What the peer says that a window takes.
    said: Option<NonZeroU32>,
    waiting: VecDeque<Waiting>,
    next_ticket: u64,
    /// The calls whose places in a window are not free again yet, and some whose places are: see [`Meter::sweep`].
    sent: Vec<Departed>,
    /// How many have left, and are no longer among them.
    forgotten: u64,
    /// How many of them are worth a look for such places.
    sweep_at: usize,
    /// Calls of others that the current window has taken, and the time at which it is certainly over.
    foreign: (u32, Micros),
    paused_until: Micros,
    widened: Micros,
    trips: RoundTrips,
    latest: Micros,
    last_reading: RateReading,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    /// When it will ask again. A call that got in line asks in the same breath, so it cannot be late.
    due: Micros,
}

/// A call that left. There are as many as a window takes, so it is small.
#[derive(Debug)]
struct Departed {
    ticket: u64,
    at: Micros,
    counted: Counted,
}

/// When the peer may have counted a call.
#[derive(Clone, Copy, Debug)]
enum Counted {
    /// It is not answered.
    Unknown { is_cold: bool },
    /// So long after it left, at most.
    Within(Micros),
}

/// The leaving of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    pub(super) at: Micros,
    /// Whether it may have had to make a connection first.
    pub(super) is_cold: bool,
    /// How many had left before.
    number: u64,
}

/// What a waiting call does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It leaves now.
    Go(Departure),
    /// It asks again at `until`, or before.
    Wait { now: Micros, until: Micros },
}

impl Meter {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            window: Micros::try_from(window.as_micros()).unwrap_or(Micros::MAX).max(1),
            margin: LEAST_MARGIN,
            said: None,
            waiting: VecDeque::new(),
            next_ticket: 0,
            sent: Vec::new(),
            forgotten: 0,
            sweep_at: SWEEP_AT,
            foreign: (0, Micros::MIN),
            paused_until: Micros::MIN,
            widened: Micros::MIN,
            trips: RoundTrips::default(),
            latest: Micros::MIN,
            last_reading: RateReading::default(),
        }
    }

    /// Gets in line.
    pub(super) fn join(&mut self) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.push_back(Waiting { ticket, due: Micros::MAX });
        ticket
    }

    /// Gives up a place in the line.
    pub(super) fn leave(&mut self, ticket: u64) {
        // Most calls leave in the same breath.
        match self.waiting.back() {
            Some(last) if last.ticket == ticket => drop(self.waiting.pop_back()),
            _ => self.waiting.retain(|waiting| waiting.ticket != ticket),
        }
    }

    /// Lets a call leave, or says when to ask again.
    pub(super) fn step(&mut self, ticket: u64, allowed: Allowed, now: Timestamp) -> Step {
        let now = self.tick(now);
        let until = match allowed.limit(self.said) {
            Some(limit) => self.turn(ticket, limit.get() as usize, now).max(self.paused_until),
            None => self.paused_until,
        };
        if until > now {
            if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.ticket == ticket) {
                waiting.due = until.min(now.saturating_add(self.window));
            }
            return Step::Wait { now, until };
        }
        self.leave(ticket);
        let number = self.forgotten + self.sent.len() as u64;
        let departure = Departure { at: now, is_cold: self.trips.is_cold(now), number };
        let counted = Counted::Unknown { is_cold: departure.is_cold };
        self.sent.push(Departed { ticket, at: now, counted });
        Step::Go(departure)
    }

    /// Takes an answer in.
    pub(super) fn answered<B>(
        &mut self,
        ticket: u64,
        departure: Departure,
        answer: &Response<B>,
        timestamp: Timestamp,
    ) {
        let now = self.tick(timestamp);
        let Departure { at, is_cold, .. } = departure;
        let trip = now.saturating_sub(at).max(0);
        let late = self.trips.late(trip, is_cold).min(self.window);
        if let Some(departed) = self.departed(ticket, departure) {
            departed.counted = Counted::Within(late);
        }
        self.trips.learn(now, trip, is_cold);
        self.read(RateReading::of(answer.headers()), now);
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            let asked = retry_after(answer.headers(), timestamp)
                .map_or(self.window, |wait| Micros::try_from(wait.as_micros()).unwrap_or(Micros::MAX));
            self.refused(now, asked);
        } else {
            self.margin -= (self.margin - LEAST_MARGIN) / 64;
        }
    }

    /// Takes a failure in.
    pub(super) fn failed(
        &mut self,
        ticket: u64,
        departure: Departure,
        error: &TransportError,
        now: Timestamp,
    ) {
        let now = self.tick(now);
        let window = self.window;
        if error.sent == Sent::No {
            self.keep(|_, departed| departed.ticket != ticket);
        } else if let Some(departed) = self.departed(ticket, departure) {
            departed.counted = Counted::Within(now.saturating_sub(departed.at).clamp(0, window));
        }
    }

    /// The call that left then. It is where it was among those that left, but for those before it that are forgotten: so it
    /// is looked for only where some after it are, too.
    fn departed(&mut self, ticket: u64, departure: Departure) -> Option<&mut Departed> {
        let place = departure.number.saturating_sub(self.forgotten) as usize;
        let place = match self.sent.get(place) {
            Some(departed) if departed.ticket == ticket => place,
            _ => self.sent.iter().rposition(|departed| departed.ticket == ticket)?,
        };
        self.sent.get_mut(place)
    }

    /// Forgets the others.
    fn keep(&mut self, is_kept: impl Fn(&Self, &Departed) -> bool) {
        let mut sent = std::mem::take(&mut self.sent);
        let before = sent.len();
        sent.retain(|departed| is_kept(self, departed));
        self.forgotten += (before - sent.len()) as u64;
        self.sent = sent;
    }

    /// What the last answer said.
    pub(super) fn last_reading(&self) -> RateReading {
        self.last_reading
    }

    /// Whether nothing would be forgotten but what the next answer says again.
    pub(super) fn is_idle(&mut self, now: Timestamp) -> bool {
        let now = self.tick(now);
        self.sweep(now);
        self.waiting.is_empty() && self.sent.is_empty() && self.paused_until <= now
    }

    /// The time at which a waiting call may leave, if those before it leave as soon as they may.
    fn turn(&mut self, ticket: u64, limit: usize, now: Micros) -> Micros {
        let ahead = self.waiting.iter().take_while(|waiting| waiting.ticket != ticket);
        let position = ahead.filter(|waiting| waiting.due.saturating_add(PATIENCE) >= now).count();
        if (position + self.sent.len()).saturating_add(self.foreign.0 as usize) < limit {
            // Places that are free again can only add to those that are free anyway.
            return now;
        }
        self.sweep(now);
        let mut ours: Vec<_> = self.sent.iter().map(|departed| self.free_again(departed, now)).collect();
        ours.sort_unstable();
        let foreign = self.foreign.0 as usize;
        // One time for each place in a window: those that nobody has are free now, and of too many, the
        // earliest make none free.
        let taken = ours.len().saturating_add(foreign);
        let free = limit.saturating_sub(taken);
        let surplus = taken.saturating_sub(limit);
        let place = position % limit;
        let nth = surplus.saturating_add(place).checked_sub(free);
        let time = nth.and_then(|nth| nth_of(nth, &ours, foreign, self.foreign.1)).unwrap_or(now);
        let rounds = Micros::try_from(position / limit).unwrap_or(Micros::MAX);
        time.saturating_add(rounds.saturating_mul(self.window.saturating_add(self.margin)))
    }

    /// When the place of a call is free again, as far as is known now.
    fn free_again(&self, departed: &Departed, now: Micros) -> Micros {
        let at = departed.at;
        let late = match departed.counted {
            Counted::Within(late) => late,
            Counted::Unknown { is_cold } => self.trips.late(now.saturating_sub(at), is_cold).min(self.window),
        };
        at.saturating_add(self.window).saturating_add(self.margin).saturating_add(late)
    }

    fn read(&mut self, reading: RateReading, now: Micros) {
        if reading != RateReading::default() {
            self.last_reading = reading;
        }
        self.said = reading.limit.or(self.said);
        if let Some(used) = reading.used() {
            // All of ours that the window can have counted are still among these, so the rest is not ours.
            let taken = self.sent.iter().rev().filter(|departed| self.free_again(departed, now) > now);
            let ours = u32::try_from(taken.take(used as usize).count()).unwrap_or(u32::MAX);
            self.foreign = (used.saturating_sub(ours), now.saturating_add(self.window));
        }
    }

    /// Holds the lane up, and keeps more distance when nobody else can be the reason.
    fn refused(&mut self, now: Micros, asked: Micros) {
        self.paused_until = self.paused_until.max(now.saturating_add(asked.min(LONGEST_PAUSE)));
        // One window refuses many at once; that is one lesson.
        if self.foreign.0 == 0 && now.saturating_sub(self.widened) > self.window {
            self.widened = now;
            self.margin = (self.margin * 2).min((self.window / 2).max(LEAST_MARGIN));
        }
    }

    /// Goes on to `now`: forgets what is over, and follows a clock that was set back.
    fn tick(&mut self, now: Timestamp) -> Micros {
        let mut now = now.as_microsecond();
        let back = self.latest.saturating_sub(now);
        if back > self.window {
            self.shift(-back);
        } else {
            now = now.max(self.latest);
        }
        self.latest = now;
        if self.sent.len() >= self.sweep_at {
            self.sweep(now);
        }
        if self.foreign.1 <= now {
            self.foreign.0 = 0;
        }
        now
    }

    /// Forgets the calls whose places are free again. Every call costs the same, however many a window takes: the next look
    /// is worth it when a place is missing, or when there are twice as many.
    fn sweep(&mut self, now: Micros) {
        self.keep(|meter, departed| meter.free_again(departed, now) > now);
        self.sweep_at = SWEEP_AT.max(self.sent.len() * 2);
    }

    /// Moves every time, so that the distances to the new present are those to the old one.
    fn shift(&mut self, by: Micros) {
        for departed in &mut self.sent {
            departed.at = departed.at.saturating_add(by);
        }
        for waiting in &mut self.waiting {
            waiting.due = waiting.due.saturating_add(by);
        }
        self.foreign.1 = self.foreign.1.saturating_add(by);
        self.paused_until = self.paused_until.saturating_add(by);
        self.widened = self.widened.saturating_add(by);
        self.trips.shift(by);
    }
}

/// The time at a place among all, in order: those of ours, which are in order, and so many that are `over`. These are not listed,
/// because a peer may say that there are billions.
fn nth_of(nth: usize, ours: &[Micros], foreign: usize, over: Micros) -> Option<Micros> {
    let before = ours.partition_point(|time| *time <= over);
    match nth.checked_sub(before) {
        None => ours.get(nth).copied(),
        Some(after) if after < foreign => Some(over),
        Some(_) => ours.get(nth - foreign).copied(),
    }
}

#[cfg(test)]
mod tests;
