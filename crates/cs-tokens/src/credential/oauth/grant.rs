//! A pair of tokens.

use std::time::Duration;

use cs_model::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a user gave an app: an access token with its end, and the token that gives the next pair. Secrets are redacted in
/// `Debug` and JSON, unless wrapped in [`Revealed`](cs_model::Revealed).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OAuthGrant {
    /// What a request carries behind `Bearer` (CMA-doc, "Authentication").
    pub access_token: Secret,
    /// Gives the next pair, and works once (guide-auth; JS, `lib/core/oauthHandler.js`).
    pub refresh_token: Secret,
    /// When the access token stops working.
    pub expires_at: Timestamp,
    /// When the access token was made, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obtained_at: Option<Timestamp>,
}

impl OAuthGrant {
    /// A pair, and the end of its access token.
    #[must_use]
    pub const fn new(access_token: Secret, refresh_token: Secret, expires_at: Timestamp) -> Self {
        Self { access_token, refresh_token, expires_at, obtained_at: None }
    }

    /// Whether it is time to refresh: `margin` before the end, but not in the first half of its life.
    pub(crate) fn is_due(&self, now: Timestamp, margin: Duration) -> bool {
        let life = self.obtained_at.map(|from| self.expires_at.duration_since(from));
        let half = life.map_or(margin, |life| Duration::try_from(life).unwrap_or_default() / 2);
        match now.checked_add(margin.min(half)) {
            Ok(soon) => soon >= self.expires_at,
            Err(_) => true,
        }
    }

    /// Whether both are one pair.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.access_token.same_as(&other.access_token) && self.refresh_token.same_as(&other.refresh_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_life_has_a_first_half() {
        let at = |text: &str| -> Timestamp { format!("2026-11-21T{text}Z").parse().unwrap() };
        let mut grant = OAuthGrant::new(Secret::new("a"), Secret::new("r"), at("13:00:00"));
        let margin = Duration::from_secs(300);
        assert!(!grant.is_due(at("12:54:59"), margin));
        assert!(grant.is_due(at("12:55:00"), margin));
        assert!(grant.is_due(at("14:00:00"), margin));
        grant.obtained_at = Some(at("12:58:00"));
        assert!(!grant.is_due(at("12:58:30"), margin), "it was made half a minute ago, and lives for two");
        assert!(grant.is_due(at("12:59:00"), margin));
    }
}
