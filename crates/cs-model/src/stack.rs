//! What surrounds tokens: stacks, environments, branches, aliases (OA3).

use serde::Serialize;

use crate::one_pass::one_pass;
use crate::{ApiKey, Extra};

/// A stack, as `GET /v3/stacks` answers it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stack {
    /// Its API key: names it in every other request (seed 000, "Method 1: API Key + Authtoken").
    pub api_key: ApiKey,
    /// Its name.
    pub name: String,
    /// The uid of the organization it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_uid: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(Stack { "api_key" => api_key: needed, "name" => name: or_default, "org_uid" => org_uid: or_default });

/// A publishing environment, as lists and scopes of delivery tokens hold it (seed 002, "Get all delivery tokens").
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Environment {
    /// Its name: what scopes of tokens (JS, `test/sanity-check/api/token-test.js`) and paths use (guide-prov).
    pub name: String,
    /// Its uid: what roles use (CMA-doc, "Roles").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(Environment { "name" => name: needed, "uid" => uid: or_default });

/// A branch of a stack.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Branch {
    /// Its uid, which is its name: at most [`LimitId::BranchUidLength`](crate::LimitId::BranchUidLength) characters.
    pub uid: String,
    /// The rest: `source`, times, people.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(Branch { "uid" => uid: needed });

/// A branch alias: another name for a branch. Several may stand for one branch (branches-guide), and a token with an alias works
/// with the data of the branch behind it (seed 001, "Types of Tokens").
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BranchAlias {
    /// The `uid` field. Which of the two names it holds is not documented; see [`BranchAlias::name`].
    pub uid: String,
    /// The `alias` field, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(BranchAlias { "uid" => uid: needed, "alias" => alias: or_default });

impl BranchAlias {
    /// The alias itself: the `alias` field where there is one, else the uid.
    #[must_use]
    pub fn name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.uid)
    }
}
