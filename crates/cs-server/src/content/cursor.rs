//! Where a client of the sync route stands, as text that it hands back.
//!
//! The text says nothing that its reader could not read anyway, and opens nothing: the credential is judged for the
//! environment and the branch in it at each request.

use cs_model::generated::{ErrorId, route};
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::random::hex;
use crate::refusal::Refusal;

/// Where a client stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The uid of the environment.
    pub(super) environment: String,
    pub(super) branch: String,
    /// All changes up to this number are known.
    pub(super) position: u64,
    /// While a first synchronization goes on: the number up to which what is gone need not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) begun: Option<u64>,
    pub(super) filter: Filter,
}

/// What of it the client wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) locale: Option<String>,
    /// Nothing that happened before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) types: Vec<String>,
}

/// The vendor's tokens look like its uids.
const BEGINNING: &str = "blt";

impl Cursor {
    /// As text.
    pub(super) fn write(&self) -> Result<String, Refusal> {
        let json = serde_json::to_vec(self).map_err(|_| Refusal::new(ErrorId::Internal))?;
        Ok(format!("{BEGINNING}{}", hex(&json)))
    }

    /// The one that a request hands back, if it does.
    pub(super) fn read(call: &Call<'_>) -> Result<Option<Self>, Refusal> {
        let text = call.parameter("pagination_token").or(call.parameter("sync_token"));
        let Some(text) = text else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| Refusal::new(ErrorId::SyncTokenInvalid))
    }
}

/// The uid of the environment that a cursor is for: clients leave it out when they send one.
pub(crate) fn environment_of(call: &Call<'_>) -> Option<String> {
    if call.route != route::CDA_GET_STACKS_SYNC {
        return None;
    }
    Cursor::read(call).ok().flatten().map(|cursor| cursor.environment)
}

fn parse(text: &str) -> Option<Cursor> {
    let digits = text.strip_prefix(BEGINNING)?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let [high, low] = pair else { return None };
        bytes.push(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?);
    }
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let cursor = Cursor {
            environment: "blt1".to_owned(),
            branch: "main".to_owned(),
            position: 7,
            begun: Some(3),
            filter: Filter { types: vec!["entry_published".to_owned()], ..Filter::default() },
        };
        let text = cursor.write().unwrap();
        assert!(text.starts_with("blt7b"));
        assert_eq!(parse(&text), Some(cursor));
        for text in ["", "blt", "blt7", "bltzz", "blt7b7d", "\u{e4}blt"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
