//! Tokens.

use cs_model::{Access, Expiry, Secret};
use serde::{Deserialize, Serialize};

use super::Stamps;
use crate::store::Record;

/// The kinds of token whose values are findable. A preview token is part of its delivery token, an access token of its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Delivery,
    Preview,
    Management,
    /// The legacy access token of a stack, which is part of the stack.
    Access,
}

impl Kind {
    /// The first part of its keys.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Preview => "preview",
            Self::Management => "management",
            Self::Access => "access",
        }
    }
}

/// One entry of a scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScopeRecord {
    pub(crate) module: String,
    /// The flags of its acl, as far as they were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) read: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) write: Option<bool>,
    /// Uids of environments: a token follows an environment whose name changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) environments: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) branches: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) branch_aliases: Option<Vec<String>>,
    /// What `_metadata.uid` shows.
    pub(crate) metadata_uid: String,
}

impl ScopeRecord {
    /// The rights of its acl.
    pub(crate) fn access(&self) -> Option<Access> {
        Access::from_flags(self.read == Some(true), self.write == Some(true))
    }
}

/// A delivery token, with its preview token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeliveryRecord {
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) scope: Vec<ScopeRecord>,
    pub(crate) token: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preview_token: Option<Secret>,
    pub(crate) number: u64,
    #[serde(flatten)]
    pub(crate) stamps: Stamps,
}

/// A management token. Its value is nowhere but in the answer that made it; `hash` finds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ManagementRecord {
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) scope: Vec<ScopeRecord>,
    pub(crate) expires_on: Expiry,
    pub(crate) is_email_notification_enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rate_limit_enabled: Option<bool>,
    /// Its own limits per second, which count when `rate_limit_enabled` is on; the organization's where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reads_per_second: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) writes_per_second: Option<u32>,
    /// The expiry for which the notice was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) noticed_for: Option<Expiry>,
    /// The SHA-256 of the value.
    pub(crate) hash: String,
    pub(crate) number: u64,
    #[serde(flatten)]
    pub(crate) stamps: Stamps,
}

/// What both kinds of record have in common.
pub(crate) trait TokenRecord: Serialize + Record {
    const KIND: Kind;
    fn uid(&self) -> &str;
    fn name(&self) -> &str;
    fn number(&self) -> u64;
    fn scope_mut(&mut self) -> &mut [ScopeRecord];
}

macro_rules! token_record {
    ($type:ty, $kind:ident) => {
        impl TokenRecord for $type {
            const KIND: Kind = Kind::$kind;
            fn uid(&self) -> &str {
                &self.uid
            }
            fn name(&self) -> &str {
                &self.name
            }
            fn number(&self) -> u64 {
                self.number
            }
            fn scope_mut(&mut self) -> &mut [ScopeRecord] {
                &mut self.scope
            }
        }
    };
}

token_record!(DeliveryRecord, Delivery);
token_record!(ManagementRecord, Management);

/// Whose value a hash is that of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ValueOf {
    pub(crate) kind: Kind,
    pub(crate) api_key: String,
    pub(crate) uid: String,
}
