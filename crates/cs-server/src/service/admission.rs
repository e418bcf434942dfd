//! Letting a request in: the checks before any endpoint runs, in the order that was observed.

use cs_model::Documented;
use cs_model::generated::{ErrorId, route};
use cs_policy::{Prepared, decide_in_service};
use jiff::Timestamp;

use super::{Actor, Scene, Service, authority};
use crate::call::Call;
use crate::demo;
use crate::hash;
use crate::random::Draw;
use crate::record::{Kind, ManagementRecord, SessionRecord, StackRecord, UserRecord, ValueOf};
use crate::refusal::Stop;
use crate::store::{Tx, get_json, keys};
use crate::trace::Notes;

impl Service {
    /// Lets a request in, or says why not.
    pub(super) fn admit<'a>(
        &'a self,
        tx: &mut dyn Tx,
        now: Timestamp,
        call: &'a Call<'a>,
        draw: &'a Draw,
        notes: &Notes,
    ) -> Result<Scene<'a>, Stop> {
        let row = call.route.row();
        let profile = &self.options.profile;
        let stack = stack_of(tx, call)?;
        let organization = match &stack {
            Some(stack) => Some(stack.org_uid.clone()),
            None => authority::organization_named(tx, call)?,
        };
        stack.iter().for_each(|stack| notes.stack(stack));
        organization.iter().for_each(|uid| notes.organization(uid));
        let actor = self.actor_of(tx, call, stack.as_ref(), now)?;
        notes.actor(&actor);
        // Only those who belong to an organization use up its limit: else anybody who knows an API key could.
        if let Some(organization) = &organization
            && authority::belongs(tx, &actor, stack.as_ref(), organization)?
        {
            self.count(organization, &actor, stack.as_ref(), row, now, notes)?;
        }
        let branch = match &stack {
            Some(stack) => authority::branch_of(tx, call, stack)?,
            None => None,
        };
        branch.iter().for_each(|named| notes.branch(named.name()));
        let principal = authority::principal(tx, &actor, stack.as_ref(), organization.as_deref())?;
        let prepared = Prepared::new(&principal);
        let context = authority::context(&prepared, branch.as_ref());
        let decision = decide_in_service(profile, &prepared, call.route, &context, now);
        notes.decision(&decision);
        if !decision.verdict().is_allow() {
            return Err(authority::refusal(&decision, &actor).into());
        }
        Ok(Scene { profile, now, call, draw, actor, stack })
    }

    /// Finds out who makes the request.
    ///
    /// A route that asks for no credential looks at none, so that an old authtoken does not keep anybody from logging
    /// in. When both headers are there, both must hold and the user counts: the page on deleting preview tokens asks
    /// for both, and what comes first is not documented (seed 002, "Delete preview token").
    fn actor_of(
        &self,
        tx: &mut dyn Tx,
        call: &Call<'_>,
        stack: Option<&StackRecord>,
        now: Timestamp,
    ) -> Result<Actor, Stop> {
        if authority::is_credential_free(call.route) {
            return Ok(Actor::Nobody);
        }
        let management = match call.header("authorization") {
            Some(value) => Some(self.management_token(tx, &value, stack, now)?),
            None => None,
        };
        let user = match call.header("authtoken") {
            Some(value) => Some(self.session(tx, &value)?),
            None => None,
        };
        user.or(management).ok_or_else(|| ErrorId::AuthtokenMissing.into())
    }

    fn management_token(
        &self,
        tx: &mut dyn Tx,
        value: &str,
        stack: Option<&StackRecord>,
        now: Timestamp,
    ) -> Result<Actor, Stop> {
        let (value, bearer) = match value.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => (rest.trim(), true),
            _ => (value, false),
        };
        let unknown = if bearer { ErrorId::OauthTokenInvalid } else { ErrorId::ManagementTokenInvalid };
        let found: Option<ValueOf> = get_json(tx, &keys::token_value(&hash::of_value(value)))?;
        let Some(found) = found.filter(|found| found.kind == Kind::Management) else {
            return Err(unknown.into());
        };
        if bearer {
            return Err(ErrorId::ManagementTokenBearer.into());
        }
        if stack.is_some_and(|stack| stack.api_key != found.api_key) {
            return Err(unknown.into());
        }
        let key = keys::token(Kind::Management, &found.api_key, &found.uid);
        let token: ManagementRecord = get_json(tx, &key)?.ok_or(Stop::from(unknown))?;
        let edge = self.options.profile.switches.expiry_day.value;
        if token.expires_on.ends_at(edge).is_some_and(|ends| ends <= now) {
            return Err(ErrorId::ManagementTokenExpired.into());
        }
        Ok(Actor::Management(Box::new(token)))
    }

    fn session(&self, tx: &mut dyn Tx, value: &str) -> Result<Actor, Stop> {
        let invalid = || Stop::from(ErrorId::AuthtokenInvalid);
        let hash = hash::of_value(value);
        let session: SessionRecord = get_json(tx, &keys::session(&hash))?.ok_or_else(invalid)?;
        let user: UserRecord = get_json(tx, &keys::user(&session.user_uid))?.ok_or_else(invalid)?;
        if self.reach.is_wide() && demo::is_public(&user.email) {
            return Err(invalid());
        }
        Ok(Actor::User { user: Box::new(user), hash })
    }
}

/// The stack that the request names. Needed where the route asks for it; elsewhere only looked at where it means
/// something: `GET /v3/stacks` with an API key is one stack.
fn stack_of(tx: &mut dyn Tx, call: &Call<'_>) -> Result<Option<StackRecord>, Stop> {
    let needed = call.route.row().api_key == Documented::Yes;
    let meant = needed || call.route == route::GET_STACKS;
    match call.header("api_key").filter(|_| meant) {
        Some(api_key) => match get_json(tx, &keys::stack(&api_key))? {
            Some(stack) => Ok(Some(stack)),
            None => Err(ErrorId::ApiKeyUnknown.into()),
        },
        None if needed => Err(ErrorId::ApiKeyMissing.into()),
        None => Ok(None),
    }
}
