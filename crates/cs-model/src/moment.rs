//! Points in time as answers write them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A time in an answer, kept as it was written (`2023-11-29T10:45:40.826Z`) so that it goes out as it came in (seed 002, "Create
/// delivery token").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub String);

impl Moment {
    /// The time as the API writes it: RFC 3339 in UTC, with milliseconds (seed 002, "Create delivery token").
    #[must_use]
    pub fn from_timestamp(time: Timestamp) -> Self {
        Self(format!("{time:.3}"))
    }

    /// The point in time; `None` when the text is not RFC 3339.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.0.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_as_the_api_writes_them() {
        let moment = Moment::from_timestamp("2019-07-19T07:41:05.07Z".parse().unwrap());
        assert_eq!(moment.0, "2019-07-19T07:41:05.070Z");
        assert_eq!(moment.timestamp().unwrap().to_string(), "2019-07-19T07:41:05.07Z");
        assert_eq!(Moment("soon".to_owned()).timestamp(), None);
    }
}
