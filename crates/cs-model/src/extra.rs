//! Fields that no type of ours knows: kept, given back, never printed.
//!
//! Updates send back what was read, and answers hold more than the pages show; so nothing is dropped.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::secret::{REDACTED, revealing};

/// How names of fields end whose values are secrets wherever they stand in an answer, in any case of letters:
/// `token`, `preview_token`, `http_basic_password`, `client_secret`.
const SENSITIVE_ENDS: &[&str] = &["token", "password", "secret", "secret_key", "authorization"];

/// The unknown fields of an answer, by name.
///
/// They survive a round trip. `Debug` shows names only; `Serialize` redacts the value of every field
/// with a secret's name, at any depth, unless wrapped in [`crate::Revealed`].
#[derive(Clone, Default, PartialEq)]
pub struct Extra(pub Map<String, Value>);

impl Extra {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One of them by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text field by name; `None` when it is missing or of another type.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self)
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_map(&self.0, serializer)
    }
}

/// Whether a field of this name holds a secret wherever it stands.
pub(crate) fn is_sensitive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SENSITIVE_ENDS.iter().any(|end| name.ends_with(end))
}

/// The same value without the fields that hold secrets, at any depth.
pub(crate) fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(name, _)| !is_sensitive(name))
                .map(|(name, value)| (name.clone(), without_secrets(value)))
                .collect(),
        ),
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        other => other.clone(),
    }
}

fn serialize_map<S: Serializer>(map: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
    let open = revealing();
    let mut out = serializer.serialize_map(Some(map.len()))?;
    for (name, value) in map {
        if !open && !value.is_null() && is_sensitive(name) {
            out.serialize_entry(name, REDACTED)?;
        } else {
            out.serialize_entry(name, &Careful(value))?;
        }
    }
    out.end()
}

/// A value whose objects are looked through for secrets.
struct Careful<'a>(&'a Value);

impl Serialize for Careful<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => serialize_map(map, serializer),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Careful)),
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Revealed;

    #[test]
    fn a_secret_need_not_be_a_text_nor_its_name_in_lower_case() {
        let text = r#"{"authtoken":["canary"],"secret":{"v":"canary"},"access_token":7357,"Token":"canary",
            "authorization":"canary","deep":[{"http_basic_password":"canary"}],"delivery_token":null,"uid":"seen"}"#;
        let extra: Extra = serde_json::from_str(text).unwrap();
        let shown = serde_json::to_string(&extra).unwrap();
        assert!(!shown.contains("canary") && !shown.contains("7357"), "{shown}");
        assert!(shown.contains("seen"));
    }

    #[test]
    fn secrets_in_unknown_places_are_redacted() {
        let text = r#"{"discrete_variables":[{"access_token":"canary","_version":3}],"note":"x"}"#;
        let extra: Extra = serde_json::from_str(text).unwrap();
        assert!(!format!("{extra:?}").contains("canary"));
        assert!(!serde_json::to_string(&extra).unwrap().contains("canary"));
        let back: Value = serde_json::to_value(Revealed(&extra)).unwrap();
        assert_eq!(back, serde_json::from_str::<Value>(text).unwrap());
    }
}
