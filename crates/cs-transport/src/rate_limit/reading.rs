//! What an answer says about its limit.

use std::num::NonZeroU32;

use http::{HeaderMap, HeaderName, HeaderValue};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// What an answer says about the limit that its request counted against, in two headers that Contentstack's management API sends
/// (CMA-doc, "Rate limiting").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateReading {
    /// How many requests a window takes: `X-RateLimit-Limit`.
    pub limit: Option<NonZeroU32>,
    /// How many more the current one takes: `X-RateLimit-Remaining`.
    pub remaining: Option<u32>,
}

impl RateReading {
    /// Reads the headers of an answer. What is not a plain number is as good as absent.
    pub fn of(headers: &HeaderMap) -> Self {
        let (mut limit, mut remaining) = (None, None);
        // To look at each name takes less time than to look for two.
        for (name, value) in headers {
            if *name == LIMIT {
                limit.get_or_insert(value);
            } else if *name == REMAINING {
                remaining.get_or_insert(value);
            }
        }
        let number = |value: Option<&HeaderValue>| plain_number(value?.as_bytes());
        Self { limit: number(limit).and_then(NonZeroU32::new), remaining: number(remaining) }
    }

    /// How many requests the peer has counted in the current window.
    pub(super) fn used(self) -> Option<u32> {
        Some(self.limit?.get().saturating_sub(self.remaining?))
    }
}

/// Digits, and nothing else but white space around them.
fn plain_number(text: &[u8]) -> Option<u32> {
    let (first, rest) = text.trim_ascii().split_first()?;
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    rest.iter().try_fold(digit(*first)?, |number, byte| number.checked_mul(10)?.checked_add(digit(*byte)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_read() {
        let reading = |limit: &'static str, remaining: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(LIMIT, HeaderValue::from_static(limit));
            headers.insert(REMAINING, HeaderValue::from_static(remaining));
            let reading = RateReading::of(&headers);
            (reading.limit.map(NonZeroU32::get), reading.remaining, reading.used())
        };
        assert_eq!(reading("10", " 7 "), (Some(10), Some(7), Some(3)));
        assert_eq!(reading("0", "0"), (None, Some(0), None));
        assert_eq!(reading("10;w=1", "-1"), (None, None, None));
        assert_eq!(reading("+1", ""), (None, None, None));
        assert_eq!(reading("4294967296", "12"), (None, Some(12), None));
        assert_eq!(reading("10", "12"), (Some(10), Some(12), Some(0)));
        // Of two, the first counts.
        let mut twice = HeaderMap::new();
        for limit in ["10", "20"] {
            twice.append(LIMIT, HeaderValue::from_static(limit));
        }
        assert_eq!(RateReading::of(&twice).limit, NonZeroU32::new(10));
        assert_eq!(RateReading::of(&HeaderMap::new()), RateReading::default());
    }
}
