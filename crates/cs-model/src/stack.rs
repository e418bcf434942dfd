//! What surrounds tokens: stacks, environments, branches, aliases.

use serde::{Deserialize, Serialize};

use crate::{ApiKey, Extra};

/// A stack, as `GET /v3/stacks` answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stack {
    /// Its API key: names it in every other request.
    pub api_key: ApiKey,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The organization it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_uid: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A publishing environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Environment {
    /// Its name: what scopes of tokens and paths use.
    pub name: String,
    /// Its uid: what roles use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A branch of a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Branch {
    /// Its uid, which is its name.
    pub uid: String,
    /// The rest: `source`, times, people.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A branch alias: another name for a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BranchAlias {
    /// The `uid` field. Which of the two names it holds is not documented; see [`BranchAlias::name`].
    pub uid: String,
    /// The `alias` field, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

impl BranchAlias {
    /// The alias itself: the `alias` field where there is one, else the uid.
    #[must_use]
    pub fn name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.uid)
    }
}
