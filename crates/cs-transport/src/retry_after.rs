//! What an answer says of time: the headers `Retry-After` and `Date`.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::Timestamp;

/// How long an answer asks to wait: `Retry-After` in seconds, or as a date (RFC 9110, section 10.2.3).
///
/// A date is read against the answer's own `Date`, because both are of the peer's clock; `now` stands in when
/// there is none. A date in the past asks for no wait. `None` when the header is absent or unreadable.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use cs_transport::retry_after;
/// use http::{HeaderMap, HeaderValue, header};
/// use jiff::Timestamp;
///
/// let mut headers = HeaderMap::new();
/// headers.insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
/// assert_eq!(retry_after(&headers, Timestamp::UNIX_EPOCH), Some(Duration::from_secs(7)));
/// ```
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = date(text)?;
    let since = answered_at(headers).unwrap_or(now);
    Some(Duration::try_from(then.duration_since(since)).unwrap_or_default())
}

/// When an answer was written, by the clock of whoever wrote it: `Date` (RFC 9110, section 6.6.1). `None` when the header is
/// absent or unreadable.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(header::DATE, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:07 GMT"));
/// assert_eq!(cs_transport::answered_at(&headers).map(|date| date.as_second()), Some(7));
/// ```
pub fn answered_at(headers: &HeaderMap) -> Option<Timestamp> {
    date(headers.get(header::DATE)?.to_str().ok()?)
}

/// The form of a date that HTTP sends today; the two obsolete ones are not read.
fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asked(retry_after_text: &'static str, date: Option<&'static str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(retry_after_text));
        if let Some(date) = date {
            headers.insert(header::DATE, HeaderValue::from_static(date));
        }
        retry_after(&headers, "1994-11-06T08:49:30Z".parse().unwrap())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(asked("120", None), seconds(120));
        assert_eq!(asked(" 0 ", None), seconds(0));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", None), seconds(7));
        // Of two clocks that differ, the peer's counts.
        let date = Some("Sun, 06 Nov 1994 08:49:35 GMT");
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", date), seconds(2));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT", date), seconds(0));
    }

    #[test]
    fn what_is_neither_asks_for_nothing() {
        for text in ["", "soon", "-1", "1.5", "99999999999999999999999", "06 Nov"] {
            assert_eq!(asked(text, None), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }
}
