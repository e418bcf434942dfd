//! Refusals: a row of the error table, and what is wrong with which field.

use std::collections::BTreeMap;

use cs_model::RouteId;
use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use crate::limiter::Allowance;
use crate::reply::Reply;
use crate::store::StoreError;

/// An answer with an error status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    id: ErrorId,
    errors: BTreeMap<String, Vec<String>>,
    /// In place of the first status of the row.
    status: Option<u16>,
    /// Behind the message of the row.
    says: Option<String>,
    /// More keys of the body.
    more: Vec<(&'static str, Value)>,
    /// The limit that is exceeded, where it is not one of those of each second.
    allowance: Option<Allowance>,
}

impl Refusal {
    /// The row, with its own key in `errors` when it has one.
    pub(crate) fn new(id: ErrorId) -> Self {
        let row = id.row();
        let mut refusal = Self::with_errors(id, BTreeMap::new());
        if !row.key.is_empty() {
            refusal.errors.insert(row.key.to_owned(), vec![row.message.to_owned()]);
        }
        refusal
    }

    /// Its row.
    pub(crate) const fn id(&self) -> ErrorId {
        self.id
    }

    /// The answer to a request that would be carried out if its route were served.
    pub(crate) fn not_served(route: RouteId) -> Self {
        let row = route.row();
        let says = format!(
            "{} {} of the {} API is allowed for this credential, and not served here",
            row.method.as_str(),
            row.template,
            row.api.name()
        );
        Self {
            errors: BTreeMap::from([("route".to_owned(), vec![says])]),
            ..Self::new(ErrorId::NotImplemented)
        }
    }

    /// The same with a word on a field.
    pub(crate) fn with(mut self, key: &str, says: &str) -> Self {
        self.errors.entry(key.to_owned()).or_default().push(says.to_owned());
        self
    }

    const fn with_errors(id: ErrorId, errors: BTreeMap<String, Vec<String>>) -> Self {
        Self { id, errors, status: None, says: None, more: Vec::new(), allowance: None }
    }

    /// With another of the statuses that were seen.
    pub(crate) const fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// With a clause more in its message.
    pub(crate) fn says(mut self, clause: impl Into<String>) -> Self {
        self.says = Some(clause.into());
        self
    }

    /// With a key more in its body.
    pub(crate) fn more(mut self, key: &'static str, value: Value) -> Self {
        self.more.push((key, value));
        self
    }

    /// With the limit that is exceeded.
    pub(crate) const fn exceeds(mut self, allowance: Allowance) -> Self {
        self.allowance = Some(allowance);
        self
    }

    /// The answer.
    pub(crate) fn reply(&self) -> Reply {
        let row = self.id.row();
        let mut body = Map::new();
        let message = match &self.says {
            Some(clause) => format!("{}; {clause}", row.message),
            None => row.message.to_owned(),
        };
        body.insert("error_message".to_owned(), json!(message));
        if let Some(code) = row.sent_code() {
            body.insert("error_code".to_owned(), json!(code));
        }
        match self.id {
            // Flat, as they were recorded.
            ErrorId::RateLimited
            | ErrorId::StackRateLimited
            | ErrorId::BadContentType
            | ErrorId::LoginFailed
            | ErrorId::AccountLocked => {}
            // The vendor's clients were seen to get an empty list here.
            ErrorId::TfaRequired | ErrorId::TfaWrong | ErrorId::TfaReused => {
                body.insert("errors".to_owned(), json!([]));
            }
            _ => {
                body.insert("errors".to_owned(), json!(self.errors));
            }
        }
        for (key, value) in &self.more {
            body.insert((*key).to_owned(), value.clone());
        }
        Reply::new(self.status.unwrap_or_else(|| row.sent_status()), Value::Object(body))
            .counted(self.allowance)
    }
}

/// Why an endpoint stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The request is refused.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ErrorId> for Stop {
    fn from(id: ErrorId) -> Self {
        Self::Refused(Refusal::new(id))
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What is wrong with a value that is to be a text, and is none or a blank one.
pub(crate) const fn no_text(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Null | Value::String(_)) => "is required",
        Some(_) => "is not a text",
    }
}

/// What is wrong with a value that is to be a list, and is none or an empty one.
pub(crate) const fn no_list(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Null | Value::Array(_)) => "is required",
        Some(_) => "is not a list",
    }
}

/// Everything that is wrong with a body, collected.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    first: Option<ErrorId>,
    errors: BTreeMap<String, Vec<String>>,
}

impl Problems {
    /// One more, under the key of its row.
    pub(crate) fn add(&mut self, id: ErrorId, says: impl Into<String>) {
        self.at(id, id.row().key, says);
    }

    /// One more, under a key of its own.
    pub(crate) fn at(&mut self, id: ErrorId, key: &str, says: impl Into<String>) {
        self.first.get_or_insert(id);
        let list = self.errors.entry(key.to_owned()).or_default();
        let says = says.into();
        if !list.contains(&says) {
            list.push(says);
        }
    }

    /// One more of the general kind, under a key.
    pub(crate) fn field(&mut self, key: &str, says: impl Into<String>) {
        self.at(ErrorId::TokenInvalid, key, says);
    }

    /// A refusal with all of them, if there are any. Its message is that of the first.
    pub(crate) fn sort_out(self) -> Result<(), Refusal> {
        match self.first {
            None => Ok(()),
            Some(id) => Err(Refusal::with_errors(id, self.errors)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(refusal: &Refusal) -> Value {
        serde_json::from_slice(refusal.reply().respond().body()).unwrap()
    }

    #[test]
    fn the_rate_limit_is_flat_and_the_content_type_has_no_code() {
        let rate = body(&Refusal::new(ErrorId::RateLimited));
        assert_eq!(rate["error_code"], 429);
        assert!(rate.get("errors").is_none());
        let content_type = body(&Refusal::new(ErrorId::BadContentType));
        assert_eq!(content_type.as_object().unwrap().keys().collect::<Vec<_>>(), ["error_message"]);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let mut problems = Problems::default();
        problems.add(ErrorId::NameTaken, "is not unique");
        problems.field("scope", "is required");
        problems.field("scope", "is required");
        let refusal = problems.sort_out().unwrap_err();
        assert_eq!(refusal.reply().status, 422);
        assert_eq!(body(&refusal)["errors"], json!({"name": ["is not unique"], "scope": ["is required"]}));
        assert!(Problems::default().sort_out().is_ok());
    }
}
