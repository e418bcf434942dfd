//! Who makes a request: the credential that it carries, looked up.

use std::sync::Arc;

use cs_model::generated::{ContradictionId, ErrorId};
use cs_model::profile::ServiceReading;
use cs_model::{Api, RouteId};
use http::header::AUTHORIZATION;
use jiff::Timestamp;

use super::{Actor, Service};
use crate::call::{Call, headers};
use crate::demo;
use crate::record::{
    DeliveryRecord, Kind, ManagementRecord, OauthRecord, SessionRecord, StackRecord, UserRecord, ValueOf,
};
use crate::refusal::Stop;
use crate::store::{Tx, get_json, get_known, keys};
use crate::{hash, sessions};

impl Service {
    /// Finds out who makes the request.
    ///
    /// A route that asks for no credential looks at none, so that an old authtoken does not keep anybody from logging
    /// in. Each API looks for its own credential first; another one that is there instead is looked up as well, so that
    /// it can be said of whom it is that has no business here.
    pub(super) fn actor_of(
        &self,
        tx: &mut dyn Tx,
        call: &Call<'_>,
        stack: Option<&StackRecord>,
        now: Timestamp,
    ) -> Result<Actor, Stop> {
        let id = call.route;
        if super::authority::is_credential_free(id) {
            return Ok(Actor::Nobody);
        }
        let api = id.row().api;
        let found = match api {
            Api::Delivery | Api::GraphQl => match self.content_token(tx, call, stack)? {
                None => preview_token(tx, call, stack)?,
                found => found,
            },
            Api::Preview => match preview_token(tx, call, stack)? {
                None => self.content_token(tx, call, stack)?,
                found => found,
            },
            _ => None,
        };
        let found = match found {
            None => self.management_credential(tx, call, stack, now).or_else(|stop| hide(id, stop))?,
            found => found,
        };
        let found = match (found, api) {
            (None, Api::Management | Api::LegacyPreview) => match self.content_token(tx, call, stack)? {
                None => preview_token(tx, call, stack)?,
                found => found,
            },
            (found, _) => found,
        };
        found.ok_or_else(|| missing(id).into())
    }

    /// What stands in `authorization` or `authtoken`. When both are there, both must hold and the user counts: the page
    /// on deleting preview tokens asks for both, and what comes first is not documented (seed 002, "Delete preview
    /// token").
    fn management_credential(
        &self,
        tx: &mut dyn Tx,
        call: &Call<'_>,
        stack: Option<&StackRecord>,
        now: Timestamp,
    ) -> Result<Option<Actor>, Stop> {
        let authorized = match call.header(AUTHORIZATION) {
            Some(value) => Some(self.authorized(tx, &value, stack, now)?),
            None => None,
        };
        let user = match call.header(&headers::AUTHTOKEN) {
            Some(value) => Some(self.session(tx, &value, now)?),
            None => None,
        };
        Ok(user.or(authorized))
    }

    /// What stands in `authorization`: a management token alone, or an OAuth token behind `Bearer` (CMA-doc, "Authentication";
    /// guide-auth).
    fn authorized(
        &self,
        tx: &mut dyn Tx,
        value: &str,
        stack: Option<&StackRecord>,
        now: Timestamp,
    ) -> Result<Actor, Stop> {
        match value.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => {
                oauth_token(tx, rest.trim(), now)
            }
            _ => self.management_token(tx, value, stack, now),
        }
    }

    fn management_token(
        &self,
        tx: &mut dyn Tx,
        value: &str,
        stack: Option<&StackRecord>,
        now: Timestamp,
    ) -> Result<Actor, Stop> {
        let unknown = || Stop::from(ErrorId::ManagementTokenInvalid);
        let found = value_of(tx, value, stack)?.filter(|found| found.kind == Kind::Management);
        let found = found.ok_or_else(unknown)?;
        let key = keys::token(Kind::Management, &found.api_key, &found.uid);
        let token: Arc<ManagementRecord> = get_known(tx, &key)?.ok_or_else(unknown)?;
        let edge = self.options.profile.switches.expiry_day.value;
        if token.expires_on.ends_at(edge).is_some_and(|ends| ends <= now) {
            return Err(ErrorId::ManagementTokenExpired.into());
        }
        Ok(Actor::Management(token))
    }

    /// What stands in `access_token`: a delivery token (CDA-OA), or the legacy access token of the stack (seed 001, "Access Tokens").
    fn content_token(
        &self,
        tx: &mut dyn Tx,
        call: &Call<'_>,
        stack: Option<&StackRecord>,
    ) -> Result<Option<Actor>, Stop> {
        let Some(value) = call.credential("access_token", stack) else { return Ok(None) };
        // One report shows 401 to a token of another kind, the documentation of a client 412.
        let is_unauthorized = self.options.profile.reading(ContradictionId::WrongTokenOnDeliveryApi).service;
        let invalid = || match is_unauthorized {
            ServiceReading::Allow => Stop::from(ErrorId::DeliveryTokenInvalid),
            ServiceReading::Deny => Stop::from(ErrorId::ApiKeyUnknown),
        };
        let found = value_of(tx, &value, stack)?.ok_or_else(invalid)?;
        match found.kind {
            Kind::Access => Ok(Some(Actor::Access)),
            Kind::Delivery => delivery(tx, &found)?.map(Actor::Delivery).map(Some).ok_or_else(invalid),
            Kind::Preview | Kind::Management => Err(invalid()),
        }
    }

    fn session(&self, tx: &mut dyn Tx, value: &str, now: Timestamp) -> Result<Actor, Stop> {
        let invalid = || Stop::from(ErrorId::AuthtokenInvalid);
        let hash = hash::of_value(value);
        let session: Arc<SessionRecord> = get_known(tx, &keys::session(&hash))?.ok_or_else(invalid)?;
        if sessions::is_over(&self.options.profile, &session, now) {
            return Err(ErrorId::AuthtokenExpired.into());
        }
        let user: Arc<UserRecord> = get_known(tx, &keys::user(&session.user_uid))?.ok_or_else(invalid)?;
        if self.reach.is_wide() && demo::is_public(&user.email) {
            return Err(invalid());
        }
        Ok(Actor::User { user, hash })
    }
}

/// An OAuth token, if it has not ended: "about an hour" after it was given.
fn oauth_token(tx: &mut dyn Tx, value: &str, now: Timestamp) -> Result<Actor, Stop> {
    let hash = hash::of_value(value);
    let Some(token) = get_json::<OauthRecord>(tx, &keys::oauth(&hash))? else {
        let known: Option<ValueOf> = get_json(tx, &keys::token_value(&hash))?;
        return Err(match known.map(|known| known.kind) {
            Some(Kind::Management) => ErrorId::ManagementTokenBearer.into(),
            _ => ErrorId::OauthTokenInvalid.into(),
        });
    };
    if token.expires_at <= now {
        return Err(ErrorId::OauthTokenInvalid.into());
    }
    let user: Option<Arc<UserRecord>> = get_known(tx, &keys::user(&token.user_uid))?;
    let user = user.ok_or(Stop::from(ErrorId::OauthTokenInvalid))?;
    Ok(Actor::Oauth { token: Box::new(token), user })
}

fn preview_token(
    tx: &mut dyn Tx,
    call: &Call<'_>,
    stack: Option<&StackRecord>,
) -> Result<Option<Actor>, Stop> {
    let Some(value) = call.credential("preview_token", stack) else { return Ok(None) };
    let invalid = || Stop::from(ErrorId::PreviewTokenInvalid);
    let found = value_of(tx, &value, stack)?.filter(|found| found.kind == Kind::Preview);
    let found = found.ok_or_else(invalid)?;
    delivery(tx, &found)?.map(Actor::Preview).map(Some).ok_or_else(invalid)
}

/// Whose value it is, in this stack.
fn value_of(tx: &mut dyn Tx, value: &str, stack: Option<&StackRecord>) -> Result<Option<ValueOf>, Stop> {
    let found: Option<ValueOf> = get_json(tx, &keys::token_value(&hash::of_value(value)))?;
    Ok(found.filter(|found| stack.is_none_or(|stack| stack.api_key == found.api_key)))
}

fn delivery(tx: &mut dyn Tx, found: &ValueOf) -> Result<Option<Arc<DeliveryRecord>>, Stop> {
    Ok(get_known(tx, &keys::token(Kind::Delivery, &found.api_key, &found.uid))?)
}

/// The refusal of a request without a credential.
const fn missing(id: RouteId) -> ErrorId {
    match id.row().api {
        Api::Delivery | Api::GraphQl => ErrorId::DeliveryTokenInvalid,
        Api::Preview => ErrorId::PreviewTokenInvalid,
        _ => ErrorId::AuthtokenMissing,
    }
}

/// An API that takes neither authtokens nor management tokens does not say whether one holds.
fn hide(id: RouteId, stop: Stop) -> Result<Option<Actor>, Stop> {
    match (id.row().api, stop) {
        (Api::Management | Api::LegacyPreview, stop) | (_, stop @ Stop::Store(_)) => Err(stop),
        (_, Stop::Refused(_)) => Err(missing(id).into()),
    }
}
