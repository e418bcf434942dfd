//! Answers of the admin API.

use bytes::Bytes;
use cs_model::Revealed;
use http::Response;
use http_body_util::LengthLimitError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::admin::AdminError;
use crate::reply::Reply;
use crate::store::StoreError;

/// What was done.
pub(super) enum Answer {
    Reply(Reply),
    /// JSON that is text already.
    Raw(Vec<u8>),
}

/// Why nothing was done: a status and a clause.
#[derive(Debug)]
pub(super) struct Problem {
    status: u16,
    says: String,
    /// One more key of the body.
    more: Option<(&'static str, Value)>,
}

impl Answer {
    pub(super) const fn ok(body: Value) -> Self {
        Self::Reply(Reply::ok(body))
    }

    pub(super) const fn created(body: Value) -> Self {
        Self::Reply(Reply::created(body))
    }

    /// With what it holds shown, secrets too: whoever asks here has made them, or may read them in the store.
    pub(super) fn shown(body: &impl Serialize) -> Result<Self, Problem> {
        serde_json::to_value(Revealed(body)).map(Self::ok).map_err(|_| Problem::internal())
    }

    pub(super) const fn raw(text: Vec<u8>) -> Self {
        Self::Raw(text)
    }

    pub(super) fn respond(self) -> Response<Bytes> {
        match self {
            Self::Reply(reply) => reply.respond(),
            Self::Raw(text) => Reply::ok(Value::Null).respond().map(|_| Bytes::from(text)),
        }
    }
}

impl Problem {
    pub(super) fn new(status: u16, says: impl Into<String>) -> Self {
        Self { status, says: says.into(), more: None }
    }

    /// The same with a key more in its body.
    pub(super) fn with(mut self, key: &'static str, value: Value) -> Self {
        self.more = Some((key, value));
        self
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "send the token of the admin API: `authorization: Bearer TOKEN`")
    }

    pub(super) fn unknown() -> Self {
        Self::new(404, "the admin API has no such request")
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "something unexpected happened")
    }

    pub(super) fn slow() -> Self {
        Self::new(503, "it took too long; what was asked for may still be done")
    }

    pub(super) fn body(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Self {
        if error.is::<LengthLimitError>() {
            Self::new(413, "the body is too large")
        } else {
            Self::new(400, "the body broke off")
        }
    }

    pub(super) fn respond(&self) -> Response<Bytes> {
        let mut body = json!({ "error": self.says });
        if let Some((key, value)) = &self.more {
            body[*key] = value.clone();
        }
        Reply::new(self.status, body).respond()
    }
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        let status = match &error {
            AdminError::Store(error) => return Self::store(error),
            AdminError::UnknownScopes(_) => {
                let known: Vec<&str> = cs_policy::oauth_scopes().collect();
                return Self::new(422, error.to_string()).with("known", json!(known));
            }
            AdminError::EmailTaken(_) | AdminError::OwnerNeeded { .. } | AdminError::NotDue { .. } => 409,
            AdminError::Unknown { .. } => 404,
            AdminError::DemoReachable => 403,
            _ => 422,
        };
        Self::new(status, error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::store(&error)
    }
}

impl Problem {
    fn store(error: &StoreError) -> Self {
        tracing::error!(error = error as &dyn std::error::Error, "the store failed the admin API");
        Self::new(503, error.to_string())
    }
}

/// Sees to it that a body says nothing: for requests that need none.
pub(super) fn read_nothing(body: &Bytes) -> Result<(), Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    read::<Nothing>(body).map(|_| ())
}

/// Reads a body. What is wrong with it is told to whoever sent it, and to nobody else.
pub(super) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Problem::new(400, format!("the body is not what is taken here: {error}")))
}
