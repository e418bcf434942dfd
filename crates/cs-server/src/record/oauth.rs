//! OAuth tokens.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What an app was allowed to do for a user in an organization. The value of the access token is nowhere: the key holds
/// a hash of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OauthRecord {
    /// Names the grant in logs; the same after each refresh.
    pub(crate) uid: String,
    pub(crate) user_uid: String,
    pub(crate) org_uid: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: Timestamp,
    /// The hash of the refresh token that goes with it.
    pub(crate) refresh_hash: String,
}

/// What a refresh token leads to; its value is nowhere, either.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshRecord {
    /// The hash of the access token that it renews.
    pub(crate) access_hash: String,
}
