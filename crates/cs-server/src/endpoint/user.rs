//! The user of a session.

use serde_json::{Value, json};

use super::organizations;
use crate::record::{MemberRecord, Roles, StackRecord, UserRecord};
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, keys, scan_json};

/// `GET /v3/user`: without the authtoken, which some answers of the vendor show.
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    Ok(Reply::ok(json!({ "user": shape(tx, scene.user()?)? })))
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
            if place == crate::record::OrganizationPlace::Owner {
                owned.push(uid.clone());
            }
            shown.push(organizations::shape(&organization, place));
        }
    }
    let mut roles = Vec::new();
    for (api_key, held) in scan_json::<Roles>(tx, &keys::user_stacks(&user.uid))? {
        let stack: Option<StackRecord> = get_json(tx, &keys::stack(&api_key))?;
        if stack.is_some() {
            roles.extend(held.roles.iter().map(|role| json!({ "name": role.name(), "api_key": api_key })));
        }
    }
    Ok(json!({
        "uid": user.uid,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "email": user.email,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "org_uid": owned,
        "shared_org_uid": organizations.iter().filter(|uid| !owned.contains(uid)).collect::<Vec<_>>(),
        "active": true,
        "failed_attempts": user.failed_attempts,
        "roles": roles,
        "organizations": shown,
        "profile_type": if user.idp_login { "sso" } else { "default" },
    }))
}

/// The organizations of a user.
pub(super) fn organizations_of(tx: &mut dyn Tx, user: &str) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, ())> = scan_json(tx, &keys::user_orgs(user))?;
    Ok(rows.into_iter().map(|(uid, ())| uid).collect())
}
