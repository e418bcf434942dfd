//! Logging in and out.

use cs_model::generated::{ErrorId, LimitId, route};
use cs_model::{Profile, RouteId};
use cs_policy::{OrganizationRole, Prepared, Principal, decide_in_service};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::user;
use crate::call::Call;
use crate::demo;
use crate::hash;
use crate::random::Draw;
use crate::record::{MemberRecord, OrganizationRecord, UserRecord};
use crate::refusal::{Refusal, Stop};
use crate::reply::Reply;
use crate::service::{Actor, Scene, Service};
use crate::sessions;
use crate::store::{Always, Mode, StoreError, Tx, get_json, keys, put_json, run};

/// `POST /v3/user-session`
///
/// The password is compared outside of any transaction: that takes long by design, and nobody else should wait for it.
pub(crate) fn log_in(service: &Service, now: Timestamp, call: &Call<'_>, draw: &Draw) -> Result<Reply, Stop> {
    let body = call.object("user")?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let (email, password) = (text("email"), text("password"));
    let user = service.transact(Mode::Read, |tx| Ok(user_of(tx, email)?))?;
    let user = user.filter(|user| !(service.reach().is_wide() && demo::is_public(&user.email)));
    let fits = match &user {
        Some(user) => hash::verify(service.passwords(), password, &user.password),
        None => {
            // As long as for a user who exists, so that nobody learns who does.
            let cost = service.options().password_cost;
            drop(cost.hash(service.passwords(), &cs_model::Secret::new(password), draw));
            false
        }
    };
    let Some(before) = user else { return Err(ErrorId::LoginFailed.into()) };
    let value = draw.authtoken();
    let hash = hash::of_value(value.reveal());
    let profile = &service.options().profile;
    let outcome = run(service.store(), Mode::Write, |tx| {
        let Some(mut user) = user_of(tx, email)? else { return Ok(Always(Err(ErrorId::LoginFailed))) };
        // The password may have been changed since it was compared.
        let fits = fits && user.password.same_as(&before.password);
        let refused = judge(tx, profile, &user, fits, now)?;
        match refused {
            Some(ErrorId::LoginFailed) => user.failed_attempts = user.failed_attempts.saturating_add(1),
            Some(_) => {}
            None => {
                user.failed_attempts = 0;
                sessions::start(tx, profile, &user.uid, &hash, now)?;
            }
        }
        put_json(tx, &keys::user(&user.uid), &user)?;
        Ok(Always(match refused {
            Some(id) => Err(id),
            None => Ok(user::shape(tx, &user)?),
        }))
    })?;
    let mut shown = outcome.0.map_err(Refusal::new)?;
    shown["authtoken"] = json!(value.reveal());
    Ok(Reply::ok(json!({ "notice": "Login Successful.", "user": shown })))
}

/// Why a login is refused, if it is.
fn judge(
    tx: &mut dyn Tx,
    profile: &Profile,
    user: &UserRecord,
    fits: bool,
    now: Timestamp,
) -> Result<Option<ErrorId>, StoreError> {
    let most = profile.limit(LimitId::FailedLogins).value;
    if most.is_some_and(|most| user.failed_attempts >= most) {
        return Ok(Some(ErrorId::AccountLocked));
    }
    if !fits {
        return Ok(Some(ErrorId::LoginFailed));
    }
    Ok((!may_have_authtoken(tx, profile, user, now)?).then_some(ErrorId::LoginIdentityProvider))
}

/// Whether the policy lets this user have an authtoken, for the sake of at least one organization or of none at all.
fn may_have_authtoken(
    tx: &mut dyn Tx,
    profile: &Profile,
    user: &UserRecord,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const LOG_IN: RouteId = route::POST_USER_SESSION;
    let mut places: Vec<(MemberRecord, Option<OrganizationRecord>)> = Vec::new();
    for uid in user::organizations_of(tx, &user.uid)? {
        let member = get_json(tx, &keys::member(&uid, &user.uid))?.unwrap_or_default();
        places.push((member, get_json(tx, &keys::org(&uid))?));
    }
    if places.is_empty() {
        places.push((MemberRecord::default(), None));
    }
    Ok(places.into_iter().any(|(member, organization)| {
        let facts = cs_policy::User {
            roles: Vec::new(),
            organization: OrganizationRole::from(member.place),
            sso: organization.as_ref().is_some_and(|record| record.sso),
            idp_login: user.idp_login,
            access_without_sso: member.access_without_sso,
            strict_mode: organization.as_ref().is_some_and(|record| record.strict_mode),
            ..cs_policy::User::default()
        };
        let prepared = Prepared::new(&Principal::Authtoken(facts));
        decide_in_service(profile, &prepared, LOG_IN, &cs_policy::Context::default(), now)
            .verdict()
            .is_allow()
    }))
}

/// `DELETE /v3/user-session`
pub(super) fn log_out(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    if let Actor::User { hash, .. } = &scene.actor {
        sessions::end(tx, hash)?;
    }
    Ok(Reply::notice("You've logged out successfully."))
}

fn user_of(tx: &mut dyn Tx, email: &str) -> Result<Option<UserRecord>, StoreError> {
    match get_json::<String>(tx, &keys::user_email(email))? {
        Some(uid) => get_json(tx, &keys::user(&uid)),
        None => Ok(None),
    }
}
