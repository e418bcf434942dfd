//! The rate limit: how many requests an organization may send in one second.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use cs_model::Profile;
use cs_model::generated::LimitId;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use jiff::Timestamp;

/// Windows of one second by organization, reads, writes and bulk requests apart. A window begins with the second, and the counts of
/// the one before are forgotten (the vendor's page on the whole API, "Rate limiting"). A bulk request counts as that only.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<BTreeMap<(String, LimitId), Window>>);

#[derive(Debug, Default)]
struct Window {
    second: i64,
    used: u32,
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
    /// Counts a request. `None` when the profile gives no number.
    pub(crate) fn count(
        &self,
        profile: &Profile,
        organization: &str,
        id: LimitId,
        now: Timestamp,
    ) -> Option<Allowance> {
        let limit = profile.limit(id).value?;
        // Counts stay right whatever happened to a thread that held the lock: they are single numbers.
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry((organization.to_owned(), id)).or_default();
        if window.second != now.as_second() {
            *window = Window { second: now.as_second(), used: 0 };
        }
        let exceeded = window.used >= limit;
        if !exceeded {
            window.used += 1;
        }
        Some(Allowance { limit, remaining: limit - window.used, exceeded })
    }
}

impl Allowance {
    /// The two headers; no other is documented, and no `Retry-After` is sent.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(self.limit));
        headers.insert(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(self.remaining));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_ten_reads_and_ten_writes_for_each_organization() {
        let (limiter, profile) = (Limiter::default(), Profile::seeds());
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        let late = at("2026-01-01T00:00:00.999Z");
        for left in (0..10).rev() {
            let allowance = limiter.count(&profile, "a", LimitId::ReadsPerSecond, late).unwrap();
            assert_eq!((allowance.remaining, allowance.exceeded), (left, false));
        }
        assert!(limiter.count(&profile, "a", LimitId::ReadsPerSecond, late).unwrap().exceeded);
        assert!(!limiter.count(&profile, "a", LimitId::WritesPerSecond, late).unwrap().exceeded);
        assert!(!limiter.count(&profile, "b", LimitId::ReadsPerSecond, late).unwrap().exceeded);
        assert!(
            !limiter
                .count(&profile, "a", LimitId::ReadsPerSecond, at("2026-01-01T00:00:01Z"))
                .unwrap()
                .exceeded
        );
        let free = profile.with_limit(LimitId::ReadsPerSecond, None, "test");
        assert_eq!(limiter.count(&free, "a", LimitId::ReadsPerSecond, late), None);
    }
}
