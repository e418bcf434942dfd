//! Stacks and what their tokens name.

use cs_model::{Moment, Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The branch that every stack with branches begins with, and that a request without a `branch` header is for
/// (CMA-doc, "Branches").
pub(crate) const MAIN_BRANCH: &str = "main";

/// Who made and last changed something, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stamps {
    pub(crate) created_by: String,
    pub(crate) updated_by: String,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

impl Stamps {
    pub(crate) fn new(user: &str, now: Timestamp) -> Self {
        let now = Moment::from_timestamp(now);
        Self {
            created_by: user.to_owned(),
            updated_by: user.to_owned(),
            created_at: now.clone(),
            updated_at: now,
        }
    }

    pub(crate) fn touch(&mut self, user: &str, now: Timestamp) {
        user.clone_into(&mut self.updated_by);
        self.updated_at = Moment::from_timestamp(now);
    }
}

/// A stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StackRecord {
    pub(crate) api_key: String,
    pub(crate) uid: String,
    pub(crate) org_uid: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) master_locale: String,
    pub(crate) owner_uid: String,
    pub(crate) number: u64,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    /// The legacy access token, of stacks that are old enough to have one. The API shows it again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access_token: Option<Secret>,
    /// What was set, by group: `stack_variables`, `discrete_variables`, `live_preview`, `rte`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) settings: Map<String, Value>,
    /// Ownership that is on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transfer: Option<Transfer>,
}

impl StackRecord {
    /// Whether credentials count in headers only.
    pub(crate) fn blocks_credentials_in_queries(&self) -> bool {
        let set = |settings: &Map<String, Value>| {
            settings.get("blockAuthQueryParams").is_some_and(|value| *value == Value::Bool(true))
        };
        let in_group = |group: &Value| group.as_object().is_some_and(set);
        set(&self.settings) || self.settings.values().any(in_group)
    }
}

/// The ownership of a stack or of an organization, on offer to a user who has not yet accepted it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) to_uid: String,
    /// The SHA-256 of the token that the mail would bring, once it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hash: Option<String>,
}

/// A publishing environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EnvironmentRecord {
    pub(crate) uid: String,
    pub(crate) name: String,
    /// `{url, locale}` objects.
    pub(crate) urls: Vec<Value>,
    pub(crate) deploy_content: bool,
    pub(crate) version: u64,
    pub(crate) number: u64,
    #[serde(flatten)]
    pub(crate) stamps: Stamps,
}

/// A branch. Its uid is its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BranchRecord {
    pub(crate) uid: String,
    /// The branch that it was made from; empty for `main`.
    pub(crate) source: String,
    pub(crate) number: u64,
    #[serde(flatten)]
    pub(crate) stamps: Stamps,
}

/// A branch alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AliasRecord {
    pub(crate) uid: String,
    /// The branch behind it.
    pub(crate) branch: String,
    pub(crate) number: u64,
    #[serde(flatten)]
    pub(crate) stamps: Stamps,
}

/// A language of a branch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LocaleRecord {
    pub(crate) uid: String,
    pub(crate) code: String,
    pub(crate) name: String,
    /// The code of the language in which content is looked for that is not there in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fallback: Option<String>,
    pub(crate) version: u64,
    pub(crate) number: u64,
    #[serde(flatten)]
    pub(crate) stamps: Stamps,
}

/// A role made in a stack. Those of the system have no records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RoleRecord {
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// As they were sent: the policy reads them, and answers show them again.
    pub(crate) rules: Vec<Value>,
    pub(crate) number: u64,
    #[serde(flatten)]
    pub(crate) stamps: Stamps,
}
