//! Time for whatever stands around the service, which itself reads no clock.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A clock that can be moved. It runs with the system's, or stands.
///
/// ```
/// use cs_server::{Clock, ClockSetting};
/// let clock = Clock::new("fixed:2026-11-21T00:00:00Z".parse()?);
/// clock.advance("36h".parse()?);
/// assert_eq!(clock.now().to_string(), "2026-11-22T12:00:00Z");
/// assert!(matches!(clock.setting(), ClockSetting::Fixed(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Clock(Mutex<ClockSetting>);

/// What a [`Clock`] shows. As text: `real`, `offset:DURATION` or `fixed:TIME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a clock shows the time, another one, or stands")]
pub enum ClockSetting {
    /// The system's time.
    Real,
    /// The system's time and this much: it runs.
    Offset(SignedDuration),
    /// This time, until it is moved.
    Fixed(Timestamp),
}

impl Clock {
    /// A clock that shows this.
    #[must_use]
    pub const fn new(setting: ClockSetting) -> Self {
        Self(Mutex::new(setting))
    }

    /// The system's time.
    #[must_use]
    pub const fn real() -> Self {
        Self::new(ClockSetting::Real)
    }

    /// The time on it.
    pub fn now(&self) -> Timestamp {
        self.setting().now()
    }

    /// What it shows.
    pub fn setting(&self) -> ClockSetting {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows something else from now on.
    pub fn show(&self, setting: ClockSetting) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = setting;
    }

    /// Sets it. One that stands stands there, one that runs goes on from there.
    pub fn set(&self, time: Timestamp) {
        self.change(|setting| match setting {
            ClockSetting::Fixed(_) => ClockSetting::Fixed(time),
            _ => ClockSetting::offset(time.duration_since(Timestamp::now())),
        });
    }

    /// Moves it, at most to the ends of time. Whether it stands or runs stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        self.change(|setting| match setting {
            ClockSetting::Fixed(at) => ClockSetting::Fixed(moved(at, by)),
            running => {
                let now = Timestamp::now();
                let offset = running.ahead().checked_add(by);
                match offset.filter(|offset| now.checked_add(*offset).is_ok()) {
                    // As it was said, and not as two readings of the system's clock would have it.
                    Some(offset) => ClockSetting::offset(offset),
                    // From the time that it shows: what lies beyond the ends of time would have to be moved back first.
                    None => ClockSetting::offset(moved(running.now(), by).duration_since(now)),
                }
            }
        });
    }

    /// Lets time pass: the thread sleeps, or a clock that stands moves.
    pub(crate) fn wait(&self, duration: Duration) {
        if matches!(self.setting(), ClockSetting::Fixed(_)) {
            self.advance(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX));
        } else {
            std::thread::sleep(duration);
        }
    }

    fn change(&self, change: impl FnOnce(ClockSetting) -> ClockSetting) {
        let mut setting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *setting = change(*setting);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

impl ClockSetting {
    /// The time that it shows now.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Real => Timestamp::now(),
            Self::Offset(by) => moved(Timestamp::now(), by),
            Self::Fixed(at) => at,
        }
    }

    /// How far it is ahead of the system's time, while it runs.
    const fn ahead(self) -> SignedDuration {
        match self {
            Self::Offset(by) => by,
            Self::Real | Self::Fixed(_) => SignedDuration::ZERO,
        }
    }

    const fn offset(by: SignedDuration) -> Self {
        if by.is_zero() { Self::Real } else { Self::Offset(by) }
    }
}

fn moved(at: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(by).unwrap_or(end)
}

/// Text that says no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// None of the three forms.
    #[error(
        "`{0}` is none of `real`, `fixed:TIME` such as `fixed:2026-11-21T12:00:00Z`, and `offset:DURATION` such as `offset:-2h` or `offset:90d`"
    )]
    Form(String),
    /// Not a time.
    #[error("`{0}` is not a time such as `2026-11-21T12:00:00Z`")]
    Time(String),
    /// Not a duration.
    #[error(
        "`{0}` is not a duration such as `90d`, `-2h` or `PT30M`; a month or a year has no length of its own"
    )]
    Duration(String),
    /// A duration that is longer than the calendar.
    #[error("`{0}` is longer than all of the calendar, which has less than 20,000 years")]
    Long(String),
    /// The clock would show a time that is none.
    #[error("`{0}` leads out of the calendar, which goes from {min} to {max}", min = Timestamp::MIN, max = Timestamp::MAX)]
    Beyond(String),
}

impl FromStr for ClockSetting {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        match text.split_once(':') {
            None if text == "real" => Ok(Self::Real),
            Some(("fixed", time)) => parse_time(time).map(Self::Fixed),
            Some(("offset", text)) => {
                let by = parse_duration(text)?;
                within(Timestamp::now(), by, text).map(|()| Self::offset(by))
            }
            _ => Err(ClockError::Form(text.to_owned())),
        }
    }
}

impl fmt::Display for ClockSetting {
    /// A text that is read again. An offset is told to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Offset(by) => write!(f, "offset:{}", Days(*by)),
            Self::Fixed(at) => write!(f, "fixed:{at}"),
        }
    }
}

/// A duration in days and what is left of them, to the second: `400d`, `-1d12h`.
struct Days(SignedDuration);

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.0.round(jiff::Unit::Second).unwrap_or(self.0);
        let seconds = by.as_secs().unsigned_abs();
        if seconds == 0 {
            // Too short for that, and not nothing.
            return self.0.fmt(f);
        }
        f.write_str(if by.is_negative() { "-" } else { "" })?;
        let parts = [
            (seconds / 86_400, 'd'),
            (seconds / 3_600 % 24, 'h'),
            (seconds / 60 % 60, 'm'),
            (seconds % 60, 's'),
        ];
        parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .try_for_each(|(number, unit)| write!(f, "{number}{unit}"))
    }
}

/// Reads a time with its offset from UTC.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, ClockError> {
    text.parse().map_err(|_| ClockError::Time(text.to_owned()))
}

/// Reads a duration; a day has 24 hours.
pub(crate) fn parse_duration(text: &str) -> Result<SignedDuration, ClockError> {
    let wrong = || ClockError::Duration(text.to_owned());
    let span: Span =
        text.parse().map_err(|_| if is_long(text) { ClockError::Long(text.to_owned()) } else { wrong() })?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())
}

/// Whether a text would be a duration if only its numbers were smaller.
fn is_long(text: &str) -> bool {
    let mut short = String::with_capacity(text.len());
    for c in text.chars() {
        let c = if c.is_ascii_digit() { '1' } else { c };
        if c != '1' || !short.ends_with('1') {
            short.push(c);
        }
    }
    short.parse::<Span>().is_ok()
}

/// Sees to it that a clock can be moved by so much; `text` is how it was said.
pub(crate) fn within(from: Timestamp, by: SignedDuration, text: &str) -> Result<(), ClockError> {
    from.checked_add(by).map(drop).map_err(|_| ClockError::Beyond(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_and_no_other() {
        let fixed: ClockSetting = "fixed:2026-11-21T13:00:00+01:00".parse().unwrap();
        assert_eq!(fixed.to_string(), "fixed:2026-11-21T12:00:00Z");
        assert_eq!("real".parse(), Ok(ClockSetting::Real));
        assert_eq!("offset:0s".parse(), Ok(ClockSetting::Real));
        for (text, hours) in
            [("offset:90d", 90 * 24), ("offset:-2h", -2), ("offset:PT30H", 30), ("offset:1w", 168)]
        {
            let setting: ClockSetting = text.parse().unwrap();
            assert_eq!(setting, ClockSetting::Offset(SignedDuration::from_hours(hours)), "{text}");
            assert_eq!(setting.to_string().parse(), Ok(setting), "what is shown is read again");
        }
        for (text, says) in [
            ("offset:99999999999999h", "is longer than"),
            ("offset:-99999999999999999999999h", "is longer than"),
            ("offset:-15000y", "is not a duration"),
            ("offset:-5000000d", "leads out of"),
            ("offset:5000000d", "leads out of"),
        ] {
            let error = text.parse::<ClockSetting>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        for wrong in
            ["", "now", "fixed", "fixed:", "fixed:noon", "fixed:2026-11-21", "offset:1mo", "offset:x", "Real"]
        {
            let says = wrong.parse::<ClockSetting>().unwrap_err().to_string();
            assert!(says.contains("such as"), "{wrong}: {says}");
        }
    }

    #[test]
    fn an_offset_is_told_as_it_was_said() {
        let clock = Clock::real();
        clock.advance(SignedDuration::from_hours(400 * 24));
        assert_eq!(clock.setting().to_string(), "offset:400d");
        clock.advance(SignedDuration::from_hours(-36));
        assert_eq!(clock.setting().to_string(), "offset:398d12h");
        for (nanoseconds, shown) in [
            (-129_600_000_000_000, "offset:-1d12h"),
            (34_560_000_000_000_040, "offset:400d"),
            (3_599_999_999_999, "offset:1h"),
            (61_000_000_000, "offset:1m1s"),
        ] {
            let setting = ClockSetting::Offset(SignedDuration::from_nanos(nanoseconds));
            assert_eq!(setting.to_string(), shown);
            assert_eq!(shown.parse::<ClockSetting>().unwrap().to_string(), shown);
        }
        let short = ClockSetting::Offset(SignedDuration::from_millis(100));
        assert_eq!(short.to_string().parse(), Ok(short));
    }

    #[test]
    fn a_clock_that_stands_moves_only_when_it_is_moved() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let clock = Clock::new(ClockSetting::Fixed(at("2026-11-21T12:00:00Z")));
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_hours(-24));
        clock.wait(Duration::from_secs(3600));
        assert_eq!(clock.now(), at("2026-11-20T13:00:00Z"));
        clock.set(at("2030-01-01T00:00:00Z"));
        assert_eq!(clock.setting(), ClockSetting::Fixed(at("2030-01-01T00:00:00Z")));
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn a_clock_at_an_end_of_time_comes_back_at_once() {
        for (by, end) in [(SignedDuration::MIN, Timestamp::MIN), (SignedDuration::MAX, Timestamp::MAX)] {
            for setting in [ClockSetting::Real, ClockSetting::Fixed(Timestamp::UNIX_EPOCH)] {
                let clock = Clock::new(setting);
                clock.advance(by);
                clock.advance(by);
                assert!(
                    clock.now().duration_since(end).abs() < SignedDuration::from_secs(5),
                    "{}",
                    clock.now()
                );
                let back = SignedDuration::from_hours(if by.is_negative() { 48 } else { -48 });
                clock.advance(back);
                let found = clock.now().duration_since(end);
                assert!((found - back).abs() < SignedDuration::from_secs(5), "{found:?}");
            }
        }
    }

    #[test]
    fn a_clock_that_runs_goes_on_from_where_it_is_set() {
        let clock = Clock::real();
        clock.set("2030-01-01T00:00:00Z".parse().unwrap());
        let first = clock.now();
        std::thread::sleep(Duration::from_millis(5));
        assert!(clock.now() > first);
        assert!(clock.now().to_string().starts_with("2030-01-01T00:00:"));
        clock.show(ClockSetting::Real);
        assert!(clock.now().duration_since(Timestamp::now()).abs() < SignedDuration::from_secs(1));
    }
}
