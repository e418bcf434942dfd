//! The limits per second: how many requests may come in one second, for an organization and for a token.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use cs_model::generated::LimitId;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use jiff::Timestamp;

/// Beyond this number of windows, those of other seconds are swept out.
const SWEPT: usize = 1024;

/// Windows of one second, reads, writes and bulk requests apart. A window begins with the second, and the counts of
/// the one before are forgotten (CMA-doc, "Rate limiting"). A bulk request counts as that only.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<BTreeMap<(String, LimitId), Window>>);

#[derive(Debug, Default)]
struct Window {
    second: i64,
    used: u32,
}

/// One limit that a request counts against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// Whose limit it is.
    pub(crate) whose: String,
    /// What it counts.
    pub(crate) id: LimitId,
    /// How many requests the second allows.
    pub(crate) limit: u32,
}

/// What a request found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// How many requests the second allows.
    limit: u32,
    /// How many are left after this one.
    remaining: u32,
    /// Whether this one is too many.
    pub(crate) exceeded: bool,
}

impl Limiter {
    /// Counts a request against all bounds, or against none when it is too many for one. What it found is told of the
    /// bound that has the fewest left; `None` without bounds.
    pub(crate) fn count(&self, bounds: &[Bound], now: Timestamp) -> Option<Allowance> {
        let second = now.as_second();
        // Counts stay right whatever happened to a thread that held the lock: they are single numbers.
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() > SWEPT {
            windows.retain(|_, window| window.second == second);
        }
        let mut used = |bound: &Bound, more: u32| {
            let window = windows.entry((bound.whose.clone(), bound.id)).or_default();
            if window.second != second {
                *window = Window { second, used: 0 };
            }
            window.used += more;
            window.used
        };
        let exceeded = bounds.iter().any(|bound| used(bound, 0) >= bound.limit);
        let found = |bound: &Bound| {
            let used = used(bound, u32::from(!exceeded));
            Allowance { limit: bound.limit, remaining: bound.limit.saturating_sub(used), exceeded }
        };
        bounds.iter().map(found).min_by_key(|allowance| (allowance.remaining, allowance.limit))
    }
}

impl Allowance {
    /// What a request found that is counted elsewhere: `used` with it, or without it when it is one too many.
    pub(crate) const fn of(limit: u32, used: u32, exceeded: bool) -> Self {
        Self { limit, remaining: limit.saturating_sub(used), exceeded }
    }

    /// Of two, the one that has the fewest left.
    pub(crate) fn tighter(self, other: Self) -> Self {
        std::cmp::min_by_key(self, other, |allowance| {
            (!allowance.exceeded, allowance.remaining, allowance.limit)
        })
    }

    /// The two headers (CMA-doc, "Rate limiting"); no other is documented, and no `Retry-After` is sent (studio-cma).
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(self.limit));
        headers.insert(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(self.remaining));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(whose: &str, id: LimitId, limit: u32) -> Bound {
        Bound { whose: whose.to_owned(), id, limit }
    }

    #[test]
    fn a_second_has_ten_reads_and_ten_writes_for_each_organization() {
        let limiter = Limiter::default();
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        let late = at("2026-01-01T00:00:00.999Z");
        let count =
            |whose: &str, id: LimitId, now: Timestamp| limiter.count(&[bound(whose, id, 10)], now).unwrap();
        for left in (0..10).rev() {
            let allowance = count("a", LimitId::ReadsPerSecond, late);
            assert_eq!((allowance.remaining, allowance.exceeded), (left, false));
        }
        assert!(count("a", LimitId::ReadsPerSecond, late).exceeded);
        assert!(!count("a", LimitId::WritesPerSecond, late).exceeded);
        assert!(!count("b", LimitId::ReadsPerSecond, late).exceeded);
        assert!(!count("a", LimitId::ReadsPerSecond, at("2026-01-01T00:00:01Z")).exceeded);
        assert_eq!(limiter.count(&[], late), None);
    }

    #[test]
    fn a_request_that_is_too_many_for_one_bound_uses_up_none() {
        let limiter = Limiter::default();
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let id = LimitId::WritesPerSecond;
        let both = [bound("organization", id, 10), bound("token", id, 2)];
        for left in [1, 0] {
            let allowance = limiter.count(&both, now).unwrap();
            assert_eq!((allowance.limit, allowance.remaining, allowance.exceeded), (2, left, false));
        }
        for _ in 0..5 {
            let allowance = limiter.count(&both, now).unwrap();
            assert_eq!((allowance.limit, allowance.remaining, allowance.exceeded), (2, 0, true));
        }
        for _ in 0..8 {
            assert!(!limiter.count(&both[..1], now).unwrap().exceeded);
        }
        let allowance = limiter.count(&both[..1], now).unwrap();
        assert_eq!((allowance.limit, allowance.remaining, allowance.exceeded), (10, 0, true));
    }

    #[test]
    fn windows_of_other_seconds_are_swept_out() {
        let limiter = Limiter::default();
        for second in 0..3 {
            for who in 0..SWEPT {
                let whose = format!("{second} {who}");
                let now = Timestamp::from_second(second).unwrap();
                limiter.count(&[bound(&whose, LimitId::ReadsPerSecond, 1)], now);
            }
        }
        assert!(limiter.0.lock().unwrap().len() <= SWEPT + 1);
    }
}
