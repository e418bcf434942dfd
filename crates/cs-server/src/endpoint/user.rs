//! The user of a session (OA3; JAVA, `mockuser/getuser.json`).

use cs_model::Moment;
use cs_model::generated::ErrorId;
use serde_json::{Value, json};

use super::organizations;
use crate::record::{MemberRecord, OrganizationPlace, Roles, StackRecord, UserRecord};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, keys, put_json, scan_json};

/// What a user writes about himself, beside the names.
const PROFILE: [&str; 5] = ["company", "country_code", "mobile_number", "job_title", "timezone"];

/// `GET /v3/user`: without the authtoken, which some answers of the vendor show.
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    Ok(Reply::ok(json!({ "user": shape(tx, scene.user()?)? })))
}

/// `PUT /v3/user`: "only the information entered here will be updated". Clients send the whole object back, so what the
/// service writes itself is let pass and stays as it is.
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut user = scene.user()?.clone();
    let body = scene.call.object("user")?;
    let mut problems = Problems::default();
    for (key, field) in [
        ("first_name", &mut user.first_name),
        ("last_name", &mut user.last_name),
        ("username", &mut user.username),
    ] {
        match body.get(key) {
            Some(Value::String(text)) => text.clone_into(field),
            Some(Value::Null) => field.clear(),
            Some(_) => problems.at(ErrorId::FieldInvalid, key, "is not a text"),
            None => {}
        }
    }
    for key in PROFILE {
        match body.get(key) {
            Some(value @ (Value::String(_) | Value::Number(_))) => {
                user.profile.insert(key.to_owned(), value.clone());
            }
            Some(Value::Null) => {
                user.profile.remove(key);
            }
            Some(_) => problems.at(ErrorId::FieldInvalid, key, "is not a text"),
            None => {}
        }
    }
    problems.sort_out()?;
    user.updated_at = Moment::from_timestamp(scene.now);
    put_json(tx, &keys::user(&user.uid), &user)?;
    Ok(Reply::ok(json!({ "notice": "Profile updated successfully.", "user": shape(tx, &user)? })))
}

/// A user as answers show it.
pub(super) fn shape(tx: &mut dyn Tx, user: &UserRecord) -> Result<Value, StoreError> {
    let organizations = organizations_of(tx, &user.uid)?;
    let mut owned = Vec::new();
    let mut shown = Vec::new();
    for uid in &organizations {
        if let Some(organization) = get_json(tx, &keys::org(uid))? {
            let place =
                get_json::<MemberRecord>(tx, &keys::member(uid, &user.uid))?.unwrap_or_default().place;
            if place == OrganizationPlace::Owner {
                owned.push(uid.clone());
            }
            shown.push(organizations::shape_for(&organization, place));
        }
    }
    let mut roles = Vec::new();
    for (api_key, held) in scan_json::<Roles>(tx, &keys::user_stacks(&user.uid))? {
        let stack: Option<StackRecord> = get_json(tx, &keys::stack(&api_key))?;
        let Some(stack) = stack else { continue };
        for (uid, name) in roles::names(tx, &api_key, &held)? {
            roles.push(json!({
                "uid": uid,
                "name": name,
                "api_key": api_key,
                "org_uid": stack.org_uid,
            }));
        }
    }
    let mut shown = json!({
        "uid": user.uid,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "email": user.email,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "org_uid": owned,
        "shared_org_uid": organizations.iter().filter(|uid| !owned.contains(uid)).collect::<Vec<_>>(),
        "active": !user.invited,
        "failed_attempts": user.failed_attempts,
        "tfa_status": if user.second_factor.is_some() { "verified" } else { "disabled" },
        "roles": roles,
        "organizations": shown,
        "profile_type": if user.idp_login { "sso" } else { "default" },
    });
    for (key, value) in &user.profile {
        shown[key] = value.clone();
    }
    Ok(shown)
}

/// A user as others see it, among those of a stack or an organization.
pub(crate) fn shape_for_others(user: &UserRecord) -> Value {
    json!({
        "uid": user.uid,
        "email": user.email,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "active": !user.invited,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })
}

/// The organizations of a user.
pub(super) fn organizations_of(tx: &mut dyn Tx, user: &str) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, ())> = scan_json(tx, &keys::user_orgs(user))?;
    Ok(rows.into_iter().map(|(uid, ())| uid).collect())
}

/// The user with this e-mail address.
pub(super) fn by_email(tx: &mut dyn Tx, email: &str) -> Result<Option<UserRecord>, StoreError> {
    match get_json::<String>(tx, &keys::user_email(email))? {
        Some(uid) => get_json(tx, &keys::user(&uid)),
        None => Ok(None),
    }
}
