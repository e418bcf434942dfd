//! When a management token stops working.

use std::fmt;

use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::profile::DayEdge;

/// The expiry of a management token, as `expires_on` carries it.
///
/// Dates are UTC (seed 002, "Create management token"). A date says a day, not an edge of it: at which edge the token
/// dies is a switch of the profile ([`DayEdge`]). The other token kinds have no expiry: an authtoken has none by its page (seed 001,
/// "Authentication Tokens (Authtokens)"), and delivery and preview tokens have no field for one (seed 002).
///
/// ```
/// use cs_model::{Expiry, ExpiryState, profile::DayEdge};
/// let expiry: Expiry = "2026-12-10".parse()?;
/// let now = "2026-12-04T12:00:00Z".parse()?;
/// assert_eq!(expiry.ends_at(DayEdge::Start).unwrap().to_string(), "2026-12-10T00:00:00Z");
/// assert!(matches!(expiry.state(now, DayEdge::Start, 7), ExpiryState::Due { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Expiry {
    /// `null`, or a missing field: never (CLIP, `contentstack-bootstrap/src/bootstrap/utils.ts`; JS,
    /// `test/sanity-check/api/token-test.js`).
    #[default]
    Never,
    /// A date, `YYYY-MM-DD` (seed 002, "Create management token").
    On(Date),
    /// A point in time as RFC 3339, kept as it was written: the service takes it (JS, `test/sanity-check/api/token-test.js`).
    At(Timestamp, Box<str>),
    /// A text that is neither, in an answer: kept, never sent.
    Unreadable(Box<str>),
}

/// How a token stands with its expiry at some time. The four words are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers must handle each")]
pub enum ExpiryState {
    /// It has no end that can be read.
    Never,
    /// It ends, but not soon.
    Valid {
        /// When.
        ends: Timestamp,
    },
    /// It ends within the days of the e-mail notice: seven (seed 002, "Create management token"), or those of
    /// [`LimitId::ExpiryNoticeDays`](crate::LimitId::ExpiryNoticeDays).
    Due {
        /// When.
        ends: Timestamp,
    },
    /// It has ended.
    Expired {
        /// Since when.
        ended: Timestamp,
    },
}

/// A text that is neither a date nor a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a date (YYYY-MM-DD) nor a time (RFC 3339, 2026-12-10T00:00:00Z)")]
pub struct ExpiryError(pub String);

impl Expiry {
    /// A point in time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self::At(time, time.to_string().into())
    }

    /// The moment from which the token no longer works; `None` for never and for what cannot be read.
    #[must_use]
    pub fn ends_at(&self, edge: DayEdge) -> Option<Timestamp> {
        match self {
            Self::Never | Self::Unreadable(_) => None,
            Self::At(time, _) => Some(*time),
            Self::On(date) => {
                let day = match edge {
                    DayEdge::Start => *date,
                    DayEdge::End => date.tomorrow().ok()?,
                };
                day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
            }
        }
    }

    /// How it stands at `now`; `notice_days` days of 24 hours before the end it is [`ExpiryState::Due`].
    #[must_use]
    pub fn state(&self, now: Timestamp, edge: DayEdge, notice_days: u32) -> ExpiryState {
        let Some(ends) = self.ends_at(edge) else { return ExpiryState::Never };
        if ends <= now {
            ExpiryState::Expired { ended: ends }
        } else if ends.duration_since(now) <= SignedDuration::from_hours(24 * i64::from(notice_days)) {
            ExpiryState::Due { ends }
        } else {
            ExpiryState::Valid { ends }
        }
    }

    /// Whether both end at the same time, however they are written. A date and a time are never the same,
    /// because at which edge of the date it ends is not documented.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::At(left, _), Self::At(right, _)) => left == right,
            _ => self == other,
        }
    }
}

impl std::str::FromStr for Expiry {
    type Err = ExpiryError;

    fn from_str(text: &str) -> Result<Self, ExpiryError> {
        // A date is told by its length: jiff reads the date part of a longer text too.
        if text.len() == 10
            && let Ok(date) = text.parse()
        {
            return Ok(Self::On(date));
        }
        match text.parse().ok().or_else(|| out_of_range(text)) {
            Some(time) => Ok(Self::At(time, text.into())),
            None => Err(ExpiryError(text.to_owned())),
        }
    }
}

/// The last or first time there is, for one in the last or first day of the calendar that is beyond it: some write such a time
/// for one that never comes.
fn out_of_range(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let local = pieces.date().to_datetime(pieces.time()?);
    let time = pieces.to_numeric_offset()?.to_timestamp(local);
    Some(time.unwrap_or(if local.year() > 0 { Timestamp::MAX } else { Timestamp::MIN }))
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::On(date) => write!(f, "{date}"),
            Self::At(_, text) | Self::Unreadable(text) => f.write_str(text),
        }
    }
}

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_none(),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(match text {
            None => Self::Never,
            Some(text) => text.parse().unwrap_or_else(|_| Self::Unreadable(text.into())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_edges_of_a_day() {
        let expiry: Expiry = "2020-12-10".parse().unwrap();
        assert_eq!(expiry.ends_at(DayEdge::Start).unwrap().to_string(), "2020-12-10T00:00:00Z");
        assert_eq!(expiry.ends_at(DayEdge::End).unwrap().to_string(), "2020-12-11T00:00:00Z");
    }

    #[test]
    fn the_last_day_of_the_calendar_is_a_time() {
        for text in ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-11:00"] {
            let expiry: Expiry = text.parse().unwrap();
            assert_eq!(expiry.ends_at(DayEdge::Start), Some(Timestamp::MAX));
            assert_eq!(expiry.to_string(), text, "it goes out as it came");
        }
        for text in [
            "9999-12-31T23:59:60.5.1Z",
            "9999-12-32T00:00:00Z",
            "9999-12-31T23:59:59",
            "10000-01-01T00:00:00Z",
        ] {
            assert!(text.parse::<Expiry>().is_err(), "{text}");
        }
        let first: Expiry = "-009999-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(first.ends_at(DayEdge::Start), Some(Timestamp::MIN));
    }

    #[test]
    fn states_around_the_end() {
        let expiry: Expiry = "2020-12-10".parse().unwrap();
        let state = |now: &str| expiry.state(now.parse().unwrap(), DayEdge::Start, 7);
        assert!(matches!(state("2020-12-02T23:59:59Z"), ExpiryState::Valid { .. }));
        assert!(matches!(state("2020-12-03T00:00:00Z"), ExpiryState::Due { .. }));
        assert!(matches!(state("2020-12-09T23:59:59Z"), ExpiryState::Due { .. }));
        assert!(matches!(state("2020-12-10T00:00:00Z"), ExpiryState::Expired { .. }));
    }

    #[test]
    fn every_wire_form_goes_out_as_it_came() {
        for text in
            ["null", r#""2020-12-10""#, r#""2026-12-01T00:00:00.000Z""#, r#""3000-01-01""#, r#""soon""#]
        {
            let expiry: Expiry = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&expiry).unwrap(), text);
        }
        assert_eq!(serde_json::from_str::<Expiry>("\"soon\"").unwrap(), Expiry::Unreadable("soon".into()));
        assert_eq!(Expiry::Unreadable("soon".into()).ends_at(DayEdge::Start), None);
    }
}
