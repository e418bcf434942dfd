//! OAuth grants (CMA-doc, "Authentication"; guide-auth): what an app may do for a user in an organization.
//!
//! How an app asks a user for them is the developer hub's business and not served; whoever runs the service makes them.
//! Refreshing them is served, at the path that the developer hub has.

mod refresh;

use cs_model::generated::LimitId;
use cs_model::{Profile, Secret};
use jiff::{SignedDuration, Timestamp};

use crate::hash;
use crate::random::Draw;
use crate::record::{OauthRecord, RefreshRecord};
use crate::store::{StoreError, Tx, keys, put_json};

/// The values of an OAuth grant. They are shown once: the store keeps hashes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OauthGrant {
    /// What a request carries in `authorization`, behind `Bearer` (CMA-doc, "Authentication").
    pub access_token: Secret,
    /// What a refresh is asked for with; each refresh gives another one (guide-auth; JS, `lib/core/oauthHandler.js`).
    pub refresh_token: Secret,
    /// When the access token stops working: about an hour after it was given (guide-auth), or
    /// [`LimitId::OauthTokenMinutes`](cs_model::LimitId::OauthTokenMinutes).
    pub expires_at: Timestamp,
}

pub(crate) use refresh::{is_refresh, refresh};

/// The end of an access token that is given now.
pub(crate) fn end(profile: &Profile, now: Timestamp) -> Timestamp {
    let minutes = profile.limit(LimitId::OauthTokenMinutes).value.unwrap_or(u32::MAX);
    now.checked_add(SignedDuration::from_mins(minutes.into())).unwrap_or(Timestamp::MAX)
}

/// Draws the values of a grant.
pub(crate) fn draw(draw: &Draw, expires_at: Timestamp) -> OauthGrant {
    OauthGrant {
        access_token: draw.token("oauth access"),
        refresh_token: draw.token("oauth refresh"),
        expires_at,
    }
}

/// Writes a grant under its values.
pub(crate) fn put(
    tx: &mut dyn Tx,
    grant: &OauthGrant,
    uid: &str,
    user_uid: &str,
    org_uid: &str,
    scopes: &[String],
) -> Result<(), StoreError> {
    let access_hash = hash::of_value(grant.access_token.reveal());
    let refresh_hash = hash::of_value(grant.refresh_token.reveal());
    let record = OauthRecord {
        uid: uid.to_owned(),
        user_uid: user_uid.to_owned(),
        org_uid: org_uid.to_owned(),
        scopes: scopes.to_vec(),
        expires_at: grant.expires_at,
        refresh_hash: refresh_hash.clone(),
    };
    put_json(tx, &keys::oauth(&access_hash), &record)?;
    put_json(tx, &keys::oauth_refresh(&refresh_hash), &RefreshRecord { access_hash })
}
