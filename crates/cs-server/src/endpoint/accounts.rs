//! Accounts: activated by invitation, and with another password (OA3). Tokens that mails would bring come from
//! `Admin::mailed_token`: no mail is ever sent.

use cs_model::generated::ErrorId;
use cs_model::{Moment, Secret};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::user;
use crate::call::Call;
use crate::hash;
use crate::random::Draw;
use crate::record::{Mailed, MailedRecord, UserRecord};
use crate::refusal::{Problems, Stop, no_text};
use crate::reply::Reply;
use crate::service::{Scene, Service};
use crate::store::{Mode, StoreError, Tx, get_json, keys, put_json};

/// `POST /v3/user/activate/{user_activation_token}`
pub(super) fn activate(
    service: &Service,
    now: Timestamp,
    call: &Call<'_>,
    draw: &Draw,
) -> Result<Reply, Stop> {
    let body = call.object("user")?;
    let mut problems = Problems::default();
    let password = password(&body, &mut problems);
    let [first_name, last_name] = ["first_name", "last_name"].map(|key| name(&body, key, &mut problems));
    problems.sort_out()?;
    let password = hashed(service, &password, draw)?;
    let token = call.argument(0);
    let user = service.transact(Mode::Write, |tx| {
        let mut user = redeem(tx, token, Mailed::Activation)?;
        user.invited = false;
        first_name.clone_into(&mut user.first_name);
        last_name.clone_into(&mut user.last_name);
        set_password(tx, user, &password, now)
    })?;
    let shown = service.transact(Mode::Read, |tx| Ok(user::shape(tx, &user)?))?;
    Ok(Reply::ok(json!({ "notice": "Your account has been activated.", "user": shown })))
}

/// `POST /v3/user/reset_password`. It does not unlock: that is left to those who run the service.
pub(super) fn reset_password(
    service: &Service,
    now: Timestamp,
    call: &Call<'_>,
    draw: &Draw,
) -> Result<Reply, Stop> {
    let body = call.object("user")?;
    let mut problems = Problems::default();
    let password = password(&body, &mut problems);
    let token = match body.get("reset_password_token") {
        Some(Value::String(token)) if !token.is_empty() => token.clone(),
        other => {
            problems.at(ErrorId::FieldInvalid, "reset_password_token", no_text(other));
            String::new()
        }
    };
    problems.sort_out()?;
    let password = hashed(service, &password, draw)?;
    service.transact(Mode::Write, |tx| {
        let user = redeem(tx, &token, Mailed::PasswordReset)?;
        set_password(tx, user, &password, now)
    })?;
    Ok(Reply::notice("Your password has been reset successfully."))
}

/// `POST /v3/user/forgot_password`: the same answer for every address, so that it tells nobody who has an account.
pub(super) fn forgot_password(scene: &Scene<'_>, _: &mut dyn Tx) -> Result<Reply, Stop> {
    let body = scene.call.object("user")?;
    if !body.get("email").and_then(Value::as_str).is_some_and(super::is_address) {
        let mut problems = Problems::default();
        problems.at(ErrorId::FieldInvalid, "email", "is not valid");
        problems.sort_out()?;
    }
    Ok(Reply::notice("If the address is in our records, a mail with a link is on its way to it."))
}

/// The user whose token this is; the token is used up.
fn redeem(tx: &mut dyn Tx, token: &str, purpose: Mailed) -> Result<UserRecord, Stop> {
    let key = keys::mailed(&hash::of_value(token));
    let mailed: Option<MailedRecord> = get_json(tx, &key)?;
    let mailed = mailed.filter(|mailed| mailed.purpose == purpose);
    let user = match mailed {
        Some(mailed) => get_json(tx, &keys::user(&mailed.user_uid))?,
        None => None,
    };
    tx.delete(key.as_bytes())?;
    user.ok_or_else(|| ErrorId::MailedTokenInvalid.into())
}

fn set_password(
    tx: &mut dyn Tx,
    mut user: UserRecord,
    password: &Secret,
    now: Timestamp,
) -> Result<UserRecord, Stop> {
    user.password = password.clone();
    user.updated_at = Moment::from_timestamp(now);
    put_json(tx, &keys::user(&user.uid), &user)?;
    Ok(user)
}

/// Outside of any transaction: it takes long by design.
fn hashed(service: &Service, password: &Secret, draw: &Draw) -> Result<Secret, Stop> {
    let hash = service.options().password_cost.hash(service.passwords(), password, draw);
    hash.ok_or_else(|| Stop::Store(StoreError::Random))
}

fn password(body: &Map<String, Value>, problems: &mut Problems) -> Secret {
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let password = text("password");
    if password.is_none() {
        problems.at(ErrorId::FieldInvalid, "password", no_text(body.get("password")));
    } else if text("password_confirmation") != password {
        problems.at(ErrorId::FieldInvalid, "password_confirmation", "is not the same as `password`");
    }
    Secret::new(password.unwrap_or_default())
}

fn name(body: &Map<String, Value>, key: &str, problems: &mut Problems) -> String {
    match body.get(key) {
        Some(Value::String(name)) if !name.trim().is_empty() => name.clone(),
        other => {
            problems.at(ErrorId::FieldInvalid, key, no_text(other));
            String::new()
        }
    }
}
