//! The peer of our types: structs as one writes them, with unknown fields kept.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A list of tokens.
#[derive(Debug, Deserialize)]
pub struct PlainList {
    /// The tokens.
    pub tokens: Vec<PlainToken>,
    /// How many there are in all.
    pub count: Option<u64>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A delivery token.
#[derive(Debug, Deserialize)]
pub struct PlainToken {
    /// Its uid.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it reaches.
    pub scope: Vec<PlainScope>,
    /// Its value.
    pub token: Option<String>,
    /// The value of its preview token.
    pub preview_token: Option<String>,
    /// When it was made.
    pub created_at: Option<String>,
    /// When it was last changed.
    pub updated_at: Option<String>,
    /// Who made it.
    pub created_by: Option<String>,
    /// Who last changed it.
    pub updated_by: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One entry of a scope.
#[derive(Debug, Deserialize)]
pub struct PlainScope {
    /// The module.
    pub module: String,
    /// What may be done.
    pub acl: Option<PlainAcl>,
    /// The environments.
    pub environments: Option<Vec<PlainEnvironment>>,
    /// The branches.
    pub branches: Option<Vec<String>>,
    /// The aliases.
    pub branch_aliases: Option<Vec<String>>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What may be done.
#[derive(Debug, Deserialize)]
pub struct PlainAcl {
    /// Reading.
    pub read: Option<bool>,
    /// Writing.
    pub write: Option<bool>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An environment.
#[derive(Debug, Deserialize)]
pub struct PlainEnvironment {
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
