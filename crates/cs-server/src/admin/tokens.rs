//! What tokens need and no request gives: the reset of an access token, and what was recorded.

use cs_model::{ApiKey, Moment, Secret};

use super::{Admin, AdminError, unknown};
use crate::events::{Event, EventKind};
use crate::random::Draw;
use crate::record::{StackRecord, UserRecord};
use crate::store::{Mode, get_json, keys, put_json};
use crate::{access_token, events};

impl Admin<'_> {
    /// Replaces the legacy access token of a stack, for a user who may do that: its owner, an admin, a developer
    /// (seed 001, "Access Tokens"). No document gives a request for it. The value before works no longer.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::NoAccessToken`] when the stack was made too late to have one;
    /// [`AdminError::Forbidden`] when the user's role does not allow it; a failing store.
    pub fn reset_access_token(&self, api_key: &ApiKey, by_user: &str) -> Result<Secret, AdminError> {
        let draw = Draw::new()?;
        self.write(|tx| {
            let Some(mut stack) = get_json::<StackRecord>(tx, &keys::stack(api_key.as_str()))? else {
                return Ok(Err(unknown("stack", api_key.as_str())));
            };
            let Some(user) = get_json::<UserRecord>(tx, &keys::user(by_user))? else {
                return Ok(Err(unknown("user", by_user)));
            };
            if stack.access_token.is_none() {
                return Ok(Err(AdminError::NoAccessToken(api_key.to_string())));
            }
            let profile = &self.service.options().profile;
            if !access_token::is_open_to(tx, profile, &user, &stack, self.now)? {
                return Ok(Err(AdminError::Forbidden { user: by_user.to_owned() }));
            }
            let value = access_token::replace(tx, &draw, &mut stack)?;
            stack.updated_at = Moment::from_timestamp(self.now);
            put_json(tx, &keys::stack(api_key.as_str()), &stack)?;
            let reset = EventKind::AccessTokenReset { api_key: api_key.to_string(), user_uid: user.uid };
            events::record(tx, self.now, reset)?;
            Ok(Ok(value))
        })
    }

    /// What the service recorded, with higher numbers than `after`, oldest first. What is due by now is recorded first.
    ///
    /// # Errors
    ///
    /// A failing store.
    pub fn events(&self, after: u64) -> Result<Vec<Event>, AdminError> {
        self.service.tick(self.now)?;
        crate::store::run(self.service.store(), Mode::Read, |tx| Ok(Ok(events::all_after(tx, after)?)))?
    }
}
