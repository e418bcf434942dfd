//! How a profile reads a contradiction, beside the rule that asks for it.

use cs_model::Profile;
use cs_model::generated::{CONTRADICTIONS, ContradictionId};
use cs_model::profile::ClientReading;
use cs_policy::{Effect, Rule};
use serde::Serialize;

/// The reading on which a verdict rests, in JSON.
#[derive(Serialize)]
pub(super) struct ReadingShown {
    contradiction: &'static str,
    profile: String,
    client: &'static str,
    why: String,
}

/// The contradiction of a rule, if it stands for one.
const fn contradiction(rule: &Rule) -> Option<ContradictionId> {
    match rule.effect {
        Effect::Contradiction(id) => Some(id),
        _ => None,
    }
}

impl ReadingShown {
    pub(super) fn of(rule: &Rule, profile: &Profile) -> Option<Self> {
        let id = contradiction(rule)?;
        let reading = profile.reading(id);
        Some(Self {
            contradiction: CONTRADICTIONS[id as usize].id,
            profile: profile.name.to_string(),
            client: client(reading.client),
            why: reading.why.to_string(),
        })
    }
}

/// The same in a line: what is asked, how the profile answers, and why.
pub(super) fn line(rule: &Rule, profile: &Profile) -> Option<String> {
    let id = contradiction(rule)?;
    let reading = profile.reading(id);
    let answer = match reading.client {
        ClientReading::Allow => "yes",
        ClientReading::Warn => "yes, with a warning",
        ClientReading::Deny => "no",
        ClientReading::Unsettled => "left open",
    };
    let question = CONTRADICTIONS[id as usize].question;
    Some(format!("{question} Profile `{}`: {answer}. {}", profile.name, reading.why))
}

/// The name of a reading.
pub(crate) const fn client(reading: ClientReading) -> &'static str {
    match reading {
        ClientReading::Allow => "allow",
        ClientReading::Warn => "warn",
        ClientReading::Deny => "deny",
        ClientReading::Unsettled => "unsettled",
    }
}
