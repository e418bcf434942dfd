//! How long after it was sent a request may have been counted.
//!
//! A peer counts a request somewhere between its sending and its answer. The fastest round trip seen is what
//! the network takes anyway; only what a call takes beyond it can be a delay on the way there. Most of that is
//! work of the peer, done after counting, so of an ordinary call only a little is taken for delay. A call that
//! is far slower than the others is another matter: it may have waited for a connection or a lost packet, so
//! all of it is.

use super::meter::Micros;

/// As much of an ordinary call's excess as is taken for delay on the way.
const ORDINARY: Micros = 20_000;

/// After this long without an answer, connections may have been closed, and a call first makes its own.
const COLD_AFTER: Micros = 10_000_000;

/// What is known of round trips.
#[derive(Debug, Default)]
pub(super) struct RoundTrips {
    floor: Option<Micros>,
    /// Mean and mean deviation, smoothed as TCP does (RFC 6298).
    usual: Option<(Micros, Micros)>,
    last_answer: Option<Micros>,
}

impl RoundTrips {
    /// Whether a call that leaves now may have to make a connection first.
    pub(super) fn is_cold(&self, now: Micros) -> bool {
        self.last_answer.is_none_or(|last| now.saturating_sub(last) > COLD_AFTER)
    }

    /// Learns from an answered call.
    pub(super) fn learn(&mut self, now: Micros, trip: Micros, is_cold: bool) {
        self.last_answer = Some(now);
        if is_cold {
            return;
        }
        self.floor = Some(self.floor.map_or(trip, |floor| floor.min(trip)));
        self.usual = Some(match self.usual {
            None => (trip, trip / 2),
            Some((mean, deviation)) => {
                let off = (trip - mean).abs();
                (mean + (trip - mean) / 8, deviation + (off - deviation) / 4)
            }
        });
    }

    /// How late a call may have been counted that was answered after `trip`, or that is not answered after it.
    pub(super) fn late(&self, trip: Micros, is_cold: bool) -> Micros {
        let trip = trip.max(0);
        if is_cold {
            return trip;
        }
        let excess = (trip - self.floor.unwrap_or(0)).max(0);
        match self.usual {
            Some((mean, deviation)) if trip > mean.saturating_add(deviation.saturating_mul(4)) => excess,
            _ => excess.min(ORDINARY),
        }
    }

    /// Follows a clock that was set back.
    pub(super) fn shift(&mut self, by: Micros) {
        self.last_answer = self.last_answer.map(|last| last.saturating_add(by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_calls_are_late_a_little_and_odd_ones_entirely() {
        let mut trips = RoundTrips::default();
        assert!(trips.is_cold(0));
        assert_eq!(trips.late(300_000, true), 300_000);
        trips.learn(300_000, 300_000, true);
        assert!(!trips.is_cold(300_001));
        // The first calls over warm connections have nothing to be compared with.
        assert_eq!(trips.late(45_000, false), ORDINARY);
        for index in 0..200 {
            trips.learn(400_000 + index, 50_000 + index % 3 * 1_000, false);
        }
        assert_eq!(trips.late(50_000, false), 0);
        assert_eq!(trips.late(52_000, false), 2_000);
        assert_eq!(trips.late(250_000, false), 200_000);
        assert_eq!(trips.late(40_000, false), 0);
        assert!(trips.is_cold(400_000 + COLD_AFTER + 500));
    }

    #[test]
    fn a_peer_that_is_slow_to_all_is_not_late() {
        let mut trips = RoundTrips::default();
        for index in 0..300 {
            trips.learn(index, 1_000_000 + index * 7_919 % 400_000, false);
        }
        assert_eq!(trips.late(1_390_000, false), ORDINARY);
    }
}
