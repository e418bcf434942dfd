//! Logging in and out (seed 001, "Authentication Tokens (Authtokens)"; user-session).

mod second_factor;

use cs_model::generated::{ErrorId, LimitId, route};
use cs_model::{Profile, RouteId, Secret};
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
pub(super) fn log_in(service: &Service, now: Timestamp, call: &Call<'_>, draw: &Draw) -> Result<Reply, Stop> {
    let body = call.object("user")?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let (email, password) = (text("email"), text("password"));
    let code = code_of(body.get("tfa_token"));
    let user = service.transact(Mode::Read, |tx| Ok(user::by_email(tx, email)?))?;
    let user = user.filter(|user| !(service.reach().is_wide() && demo::is_public(&user.email)));
    let fits = match &user {
        Some(user) => hash::verify(service.passwords(), password, &user.password),
        None => {
            // As long as for a user who exists, so that the time tells nobody who does.
            let cost = service.options().password_cost;
            drop(cost.hash(service.passwords(), &Secret::new(password), draw));
            false
        }
    };
    let Some(before) = user else { return Err(ErrorId::LoginFailed.into()) };
    let value = draw.authtoken();
    let hash = hash::of_value(value.reveal());
    let profile = &service.options().profile;
    let outcome = run(service.store(), Mode::Write, |tx| {
        let Some(mut user) = user::by_email(tx, email)? else {
            return Ok(Always(Err(Refusal::new(ErrorId::LoginFailed))));
        };
        // The password may have been changed since it was compared.
        let fits = fits && user.password.same_as(&before.password);
        let attempt = Attempt { fits, code: code.as_ref(), profile, draw, now };
        let refused = attempt.judge(tx, &mut user)?;
        if refused.is_none() {
            user.failed_attempts = 0;
            sessions::start(tx, profile, &user.uid, &hash, now)?;
        }
        put_json(tx, &keys::user(&user.uid), &user)?;
        Ok(Always(match refused {
            Some(refusal) => Err(refusal),
            None => Ok(user::shape(tx, &user)?),
        }))
    })?;
    let mut shown = outcome.0?;
    shown["authtoken"] = json!(value.reveal());
    Ok(Reply::ok(json!({ "notice": "Login Successful.", "user": shown })))
}

/// The code of a second factor. A number counts as its digits; nothing and an empty text are none.
fn code_of(value: Option<&Value>) -> Option<Secret> {
    match value? {
        Value::String(code) if !code.trim().is_empty() => Some(Secret::new(code.trim())),
        Value::Number(code) => Some(Secret::new(code.to_string())),
        _ => None,
    }
}

/// An attempt to log in, with everything that is judged.
struct Attempt<'a> {
    /// Whether the password fits.
    fits: bool,
    code: Option<&'a Secret>,
    profile: &'a Profile,
    draw: &'a Draw,
    now: Timestamp,
}

impl Attempt<'_> {
    /// Why it is refused, if it is: the lock first, which keeps off the right password, too; then the password; then whether
    /// the user may have an authtoken at all; and the second factor last, so that it is asked for and used up only by who
    /// knows the password.
    fn judge(&self, tx: &mut dyn Tx, user: &mut UserRecord) -> Result<Option<Refusal>, StoreError> {
        let most = self.profile.limit(LimitId::FailedLogins).value;
        if most.is_some_and(|most| user.failed_attempts >= most) {
            return Ok(Some(Refusal::new(ErrorId::AccountLocked)));
        }
        if !self.fits {
            return Ok(Some(count_failure(user, most, Refusal::new(ErrorId::LoginFailed))));
        }
        if !may_have_authtoken(tx, self.profile, user, self.now)? {
            return Ok(Some(Refusal::new(ErrorId::LoginIdentityProvider)));
        }
        let Some(factor) = &mut user.second_factor else { return Ok(None) };
        let tfa_type = factor.tfa_type();
        let code = self.code.map(Secret::reveal);
        let refused = second_factor::judge(factor, code, self.profile, self.draw, self.now);
        Ok(refused.map(|id| {
            let refusal = second_factor::refusal(id, tfa_type, self.profile);
            // To be asked for the code is no failure; to guess at it is.
            if id == ErrorId::TfaRequired { refusal } else { count_failure(user, most, refusal) }
        }))
    }
}

/// One failure more, and how many are left until the lock.
fn count_failure(user: &mut UserRecord, most: Option<u32>, refusal: Refusal) -> Refusal {
    user.failed_attempts = user.failed_attempts.saturating_add(1);
    match most {
        Some(most) => refusal.says(format!("attempts left: {}", most.saturating_sub(user.failed_attempts))),
        None => refusal,
    }
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
