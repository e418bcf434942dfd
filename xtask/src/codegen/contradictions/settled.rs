//! Questions that a limit or a switch of a profile settles: how the answer follows from its value.

use crate::codegen::spec::{
    AtLimit, ClientReading, Level, ProfileFile, ProfileReading, ServiceReading, Spec,
};

/// What is written in `decided_by` for such a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled<'a> {
    /// `limit:ID > N`: yes, unless the limit refuses more than N.
    More { limit: &'a str, than: u32 },
    /// `limit:ID evicts`: yes, if the oldest goes at the limit.
    Evicts { limit: &'a str },
    /// `switch:ID = VALUE`: yes, if the switch has this value.
    Is { switch: &'a str, value: &'a str },
}

impl<'a> Settled<'a> {
    /// Reads `by`, which must name a limit or switch that there is.
    pub(super) fn parse(spec: &Spec, by: &'a str) -> Option<Self> {
        let (what, rest) = by.split_once(':')?;
        let words: Vec<&str> = rest.split(' ').collect();
        let limit = |id: &str| what == "limit" && spec.limits.iter().any(|row| row.id == id);
        let switch = |id: &str, value: &str| {
            let mut values = spec.switches.iter().filter(|row| row.id == id).flat_map(|row| &row.values);
            what == "switch" && values.any(|known| known == value)
        };
        match words[..] {
            [id, ">", than] if limit(id) => Some(Self::More { limit: id, than: than.parse().ok()? }),
            [id, "evicts"] if limit(id) => Some(Self::Evicts { limit: id }),
            [id, "=", value] if switch(id, value) => Some(Self::Is { switch: id, value }),
            _ => None,
        }
    }

    /// The answer in a profile; `None` where it has no such limit or switch.
    pub(super) fn answer(self, profile: &ProfileFile) -> Option<bool> {
        match self {
            Self::More { limit, than } => {
                let limit = profile.limits.get(limit)?;
                let refuses = limit.level == Level::Error && limit.at_limit == AtLimit::Refuse;
                Some(!(refuses && limit.value.is_some_and(|most| most <= than)))
            }
            Self::Evicts { limit } => Some(profile.limits.get(limit)?.at_limit == AtLimit::EvictOldest),
            Self::Is { switch, value } => Some(profile.switches.get(switch)?.value == value),
        }
    }

    /// In words, for the page.
    pub(super) fn shown(self) -> String {
        match self {
            Self::More { limit, than } => {
                format!("the limit [`{limit}`](profiles.md): yes, unless it refuses more than {than}")
            }
            Self::Evicts { limit } => {
                format!("the limit [`{limit}`](profiles.md): yes, if the oldest goes at it")
            }
            Self::Is { switch, value } => {
                format!("the switch [`{switch}`](profiles.md): yes, if it is `{value}`")
            }
        }
    }
}

/// Whether a reading says what the value says. A client may leave open what the service must answer.
pub(super) fn agrees(reading: &ProfileReading, answer: bool) -> bool {
    let client = match reading.client {
        ClientReading::Allow | ClientReading::Warn => answer,
        ClientReading::Deny => !answer,
        ClientReading::Unsettled => true,
    };
    client && (reading.service == ServiceReading::Allow) == answer
}
