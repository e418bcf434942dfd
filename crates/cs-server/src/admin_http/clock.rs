//! The clock.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::answer::{Answer, Problem, read};
use crate::clock::{ClockError, ClockSetting, parse_duration, parse_time, within};

/// What to do with it: one of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Move {
    /// To this time; whether it runs or stands stays as it is.
    Set(String),
    /// By this much.
    Advance(String),
    /// `real`, `fixed:TIME` or `offset:DURATION`.
    Show(String),
}

impl Shared {
    pub(super) fn clock(&self) -> Result<Answer, Problem> {
        Ok(Answer::ok(json!({ "now": self.clock.now(), "clock": self.clock.setting().to_string() })))
    }

    /// Moves it, and has the service do what time brought along.
    pub(super) fn move_clock(&self, body: &Bytes) -> Result<Answer, Problem> {
        match read::<Move>(body)? {
            Move::Set(time) => self.clock.set(parse_time(&time)?),
            Move::Advance(text) => {
                let by = parse_duration(&text)?;
                within(self.clock.now(), by, &text)?;
                self.clock.advance(by);
            }
            Move::Show(text) => self.clock.show(text.parse::<ClockSetting>()?),
        }
        self.service.tick(self.clock.now())?;
        self.clock()
    }
}

impl From<ClockError> for Problem {
    fn from(error: ClockError) -> Self {
        Self::new(422, error.to_string())
    }
}
