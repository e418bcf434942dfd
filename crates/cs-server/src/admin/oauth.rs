//! Making OAuth tokens.

use jiff::Timestamp;

use super::{Admin, unknown};
use crate::admin::AdminError;
use crate::oauth::{self, OauthGrant};
use crate::random::Draw;
use crate::store::{exists, keys};

impl Admin<'_> {
    /// Makes an OAuth token for a user in an organization, as a user gives one to an app (CMA-doc, "Authentication"). Without a time to expire it
    /// lives as long as the profile says.
    ///
    /// # Errors
    ///
    /// [`AdminError::UnknownScopes`] for scopes that no document names ([`cs_policy::oauth_scopes`] has those that one does);
    /// [`AdminError::Unknown`] when there is no such user, no such organization, or the one is no member of the other;
    /// a failing store.
    pub fn create_oauth_token(
        &self,
        user: &str,
        organization: &str,
        scopes: &[String],
        expires: Option<Timestamp>,
    ) -> Result<OauthGrant, AdminError> {
        let is_unknown = |scope: &&String| !cs_policy::oauth_scopes().any(|known| known == **scope);
        let unknown_scopes: Vec<String> = scopes.iter().filter(is_unknown).cloned().collect();
        if !unknown_scopes.is_empty() {
            return Err(AdminError::UnknownScopes(unknown_scopes));
        }
        let draw = Draw::new()?;
        let end = expires.unwrap_or_else(|| oauth::end(&self.service.options().profile, self.now));
        let grant = oauth::draw(&draw, end);
        self.write(|tx| {
            for (what, uid, key) in [
                ("user", user, keys::user(user)),
                ("organization", organization, keys::org(organization)),
                ("member", user, keys::member(organization, user)),
            ] {
                if !exists(tx, &key)? {
                    return Ok(Err(unknown(what, uid)));
                }
            }
            oauth::put(tx, &grant, &draw.uid("oauth"), user, organization, scopes)?;
            Ok(Ok(()))
        })?;
        Ok(grant)
    }
}
