//! What the API says when it refuses (CMA-doc, "Errors"; studio-cma). The cases that are known stand in [`ERRORS`].

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::facts::ErrorRow;
use crate::generated::{ERRORS, ErrorId};

/// A refusal, in any of the shapes that the API is known to use.
///
/// Reading one never fails: a body that is not JSON, or not an object, still makes an error with its status.
/// Branch on [`ApiError::code`] and [`ApiError::has_key`], never on the message.
///
/// ```
/// use cs_model::ApiError;
/// let body = br#"{"error_message":"x","error_code":141,"errors":{"scope.branch_or_alias":["is required"]}}"#;
/// let error = ApiError::read(422, body);
/// assert_eq!(error.code, Some(141));
/// assert_eq!(error.diagnosis().unwrap().id, "branch_scope_missing");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status; it is not in the body.
    pub status: u16,
    /// `error_message`, or the `message` that some services use instead of it (JS, `lib/core/contentstackError.js`); empty when
    /// there is none.
    pub message: String,
    /// `error_code`: the vendor's own number, not the HTTP status (CMA-doc, "Errors"). Some answers have none (NET,
    /// `Mokes/Response/400Response.txt`).
    pub code: Option<u32>,
    /// `errors`: by field, what is wrong with it. Empty for the forms `[]`, `[{}]`, `{}` and absent (JS,
    /// `test/unit/ContentstackClient-test.js`; third-party, a Go client).
    pub fields: Vec<FieldError>,
    /// `tfa_type` of two-factor errors: `totp_authenticator`, `sms` (JS, `lib/core/contentstackError.js`; user-session).
    pub tfa_type: Option<String>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldError {
    /// The field, as a dotted path: `scope.branch_or_alias`.
    pub key: String,
    /// The messages.
    pub messages: Vec<String>,
}

impl ApiError {
    /// Reads the body of an answer with an error status.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Self {
        let value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let message = text("error_message").or_else(|| text("message")).or_else(|| text("error"));
        let fields = match value.get("errors") {
            Some(Value::Object(map)) => fields(map),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).flat_map(fields).collect(),
            _ => Vec::new(),
        };
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        Self {
            status,
            message: message.unwrap_or_default(),
            code: value.get("error_code").and_then(number).and_then(|code| u32::try_from(code).ok()),
            fields,
            tfa_type: text("tfa_type"),
        }
    }

    /// Whether `errors` has this key.
    #[must_use]
    pub fn has_key(&self, key: &str) -> bool {
        self.fields.iter().any(|field| field.key == key)
    }

    /// The row of the error table that fits best: cause and fix. `None` for an error that nobody has described.
    ///
    /// A row with a key that this error has beats one without, which beats one whose key an answer without `errors`
    /// cannot show; an exact status beats a number alone. An answer without a number is told by its status, so only
    /// a row that is known under no other fits it.
    #[must_use]
    pub fn diagnosis(&self) -> Option<&'static ErrorRow> {
        let fits = |row: &&ErrorRow| match self.code {
            Some(_) => row.sent_code() == self.code,
            None => row.sent_code().is_none() && row.statuses == [self.status] && !self.message.is_empty(),
        };
        let key = |row: &ErrorRow| match (row.key.is_empty(), self.has_key(row.key)) {
            (false, true) => Some(2),
            (true, _) => Some(1),
            (false, false) if self.fields.is_empty() => Some(0),
            (false, false) => None,
        };
        ERRORS
            .iter()
            .filter(fits)
            .filter_map(|row| Some((key(row)?, row.statuses.contains(&self.status), row)))
            // `max_by_key` keeps the last of equals; the table's order says which is meant first.
            .rev()
            .max_by_key(|(key, status, _)| (*key, *status))
            .map(|(_, _, row)| row)
    }

    /// Whether the credential was refused, rather than its rights: only then can another credential help.
    ///
    /// A 401 with code 161 (environment), 162 (rights) or 294 (two-factor) is not one (JS, `lib/core/concurrency-queue.js`;
    /// studio-cma; CMA-doc, "branches_queue").
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.says_credential_unknown() || (self.status == 401 && self.code.is_none())
    }

    /// Whether the API itself says that it does not know the credential, by its number for that: 105 (probe; CMA-doc, "Errors").
    /// This proves that a session is over; a 401 without a number may come from anything on the way.
    ///
    /// ```
    /// use cs_model::ApiError;
    /// assert!(ApiError::read(401, br#"{"error_message":"x","error_code":105}"#).says_credential_unknown());
    /// assert!(!ApiError::read(401, b"<html>who are you?</html>").says_credential_unknown());
    /// ```
    #[must_use]
    pub fn says_credential_unknown(&self) -> bool {
        self.code == ErrorId::AuthtokenInvalid.row().sent_code()
    }

    /// Whether it has anything of the form of the API's refusals: a number, a message or fields. What has none, a page for
    /// people or an empty body, may come from anything on the way.
    #[must_use]
    pub fn is_of_the_api(&self) -> bool {
        self.code.is_some() || !self.message.is_empty() || !self.fields.is_empty()
    }
}

fn fields(map: &serde_json::Map<String, Value>) -> Vec<FieldError> {
    let texts = |value: &Value| match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    };
    map.iter().map(|(key, value)| FieldError { key: key.clone(), messages: texts(value) }).collect()
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message.trim_end_matches('.'))?;
        }
        // A field that says the same again is only named.
        let (same, others): (Vec<&FieldError>, Vec<&FieldError>) =
            self.fields.iter().partition(|field| field.messages == [self.message.as_str()]);
        for field in same {
            write!(f, " ({})", field.key)?;
        }
        for field in others {
            write!(f, "; {}: {}", field.key, field.messages.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_shape_is_read() {
        let read = |body: &str| ApiError::read(422, body.as_bytes());
        assert!(read(r#"{"error_message":"m","error_code":104}"#).fields.is_empty());
        assert!(
            read(r#"{"error_message":"m","error_code":294,"errors":[],"tfa_type":"sms"}"#).fields.is_empty()
        );
        assert!(read(r#"{"error_message":"m","error_code":1,"errors":[{}]}"#).fields.is_empty());
        assert_eq!(read(r#"{"error_message":"only"}"#).code, None);
        assert_eq!(read(r#"{"message":"other"}"#).message, "other");
        assert_eq!(
            read("<html>"),
            ApiError { status: 422, message: String::new(), code: None, fields: vec![], tfa_type: None }
        );
        let error = read(r#"{"error_code":"141","errors":{"name":["is not unique."],"scope":"odd"}}"#);
        assert_eq!(error.code, Some(141));
        assert!(error.has_key("name") && error.has_key("scope"));
    }

    #[test]
    fn what_a_field_repeats_is_said_once() {
        let body =
            br#"{"error_message":"no such stack","errors":{"api_key":["no such stack"],"name":["is odd"]}}"#;
        assert_eq!(ApiError::read(412, body).to_string(), "HTTP 412: no such stack (api_key); name: is odd");
    }

    #[test]
    fn a_key_beats_the_bare_code() {
        let bare = ApiError::read(422, br#"{"error_code":141,"errors":{"other":["x"]}}"#);
        assert_ne!(bare.diagnosis().unwrap().id, "branch_scope_missing");
        assert_eq!(ApiError::read(418, b"{}").diagnosis(), None);
        let taken = ApiError::read(422, br#"{"error_code":141,"errors":{"name":["x"]}}"#);
        assert_eq!(taken.diagnosis().unwrap().id, "name_taken");
        assert_eq!(
            ApiError::read(400, br#"{"error_message":"x"}"#).diagnosis().unwrap().id,
            "bad_content_type"
        );
    }

    #[test]
    fn answers_without_errors_are_told_by_their_number() {
        let id = |status, body: &str| ApiError::read(status, body.as_bytes()).diagnosis().map(|row| row.id);
        assert_eq!(id(401, r#"{"error_code":105}"#), Some("authtoken_invalid"));
        assert_eq!(id(412, r#"{"error_code":109}"#), Some("api_key_unknown"));
        assert_eq!(id(403, "<html>"), None);
        assert_eq!(id(422, "{}"), None);
        assert_eq!(id(400, "<html>"), None);
    }

    #[test]
    fn not_every_401_is_about_the_credential() {
        assert!(ApiError::read(401, br#"{"error_code":105}"#).is_authentication());
        for code in [161, 162, 294] {
            let body = format!(r#"{{"error_code":{code}}}"#);
            assert!(!ApiError::read(401, body.as_bytes()).is_authentication());
        }
    }
}
