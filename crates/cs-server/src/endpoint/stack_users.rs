//! The users of a stack and their roles (OA3).

use std::collections::BTreeMap;

use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use super::{invite, stacks, user};
use crate::record::{Role, Roles, StackRecord, UserRecord};
use crate::refusal::{Problems, Refusal, Stop, no_text};
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, keys, put_json};

/// `GET /v3/stacks/users`: the stack with those who work on it.
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let mut shown = stacks::shape(stack);
    shown["collaborators"] = json!(collaborators(tx, stack)?);
    Ok(Reply::ok(json!({ "stack": shown })))
}

/// `POST /v3/stacks/share`: roles for addresses. Who has no account is invited; who has roles gets these too.
pub(super) fn share(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let body = scene.call.body()?;
    let mut problems = Problems::default();
    let emails = strings(body.get("emails"));
    if emails.as_ref().is_none_or(Vec::is_empty) {
        problems.at(ErrorId::FieldInvalid, "emails", "is not a list of addresses");
    }
    let by_email = body.get("roles").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut wanted: BTreeMap<String, Roles> = BTreeMap::new();
    for email in emails.unwrap_or_default() {
        if !invite::is_address(&email) {
            problems.at(ErrorId::FieldInvalid, "emails", format!("`{email}` is not an address"));
            continue;
        }
        let uids = by_email.iter().find(|(name, _)| name.eq_ignore_ascii_case(&email));
        let roles = of_body(tx, &stack.api_key, uids.map(|(_, uids)| uids), &mut problems)?;
        wanted.insert(email, roles);
    }
    problems.sort_out()?;
    for (email, more) in wanted {
        let user = invite::to_organization(scene, tx, &stack.org_uid, &email, None)?;
        let key = keys::user_stack(&user.uid, &stack.api_key);
        let mut held: Roles = get_json(tx, &key)?.unwrap_or_default();
        held.extend(more);
        put_json(tx, &key, &held)?;
    }
    Ok(Reply::ok(
        json!({ "notice": "The invitation has been sent successfully.", "stack": stacks::shape(stack) }),
    ))
}

/// `POST /v3/stacks/unshare`: the user stays a member of the organization.
pub(super) fn unshare(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let body = scene.call.body()?;
    let email = body.get("email").and_then(Value::as_str).unwrap_or_default();
    let found = user::by_email(tx, email)?;
    let (user, held) = match found {
        Some(found) => {
            let held: Option<Roles> = get_json(tx, &keys::user_stack(&found.uid, &stack.api_key))?;
            held.map(|held| (found, held)).ok_or(Stop::from(ErrorId::UserUnknown))?
        }
        None => return Err(ErrorId::UserUnknown.into()),
    };
    if held.roles.contains(&Role::Owner) {
        return Err(ErrorId::OwnerStays.into());
    }
    tx.delete(keys::user_stack(&user.uid, &stack.api_key).as_bytes())?;
    Ok(Reply::notice("The stack has been successfully unshared."))
}

/// `POST /v3/stacks/users/roles`: in place of the roles that each user has.
pub(super) fn update_roles(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let body = scene.call.body()?;
    let Some(Value::Object(users)) = body.get("users") else {
        return Err(wrong("users", "is not an object of users and their roles").into());
    };
    if users.is_empty() {
        return Err(wrong("users", "is empty").into());
    }
    let mut problems = Problems::default();
    let mut wanted = Vec::new();
    for (uid, uids) in users {
        let key = keys::user_stack(uid, &stack.api_key);
        match get_json::<Roles>(tx, &key)? {
            None => problems.at(ErrorId::UserUnknown, "users", format!("`{uid}` is no user of the stack")),
            Some(held) if held.roles.contains(&Role::Owner) => {
                problems.at(ErrorId::OwnerStays, "users", format!("`{uid}` is the owner"));
            }
            Some(_) => {
                wanted.push((key, of_body(tx, &stack.api_key, Some(uids), &mut problems)?));
            }
        }
    }
    problems.sort_out()?;
    for (key, roles) in &wanted {
        put_json(tx, key, roles)?;
    }
    Ok(Reply::notice("The roles were applied successfully."))
}

/// Users of a stack as answers show them, each with roles.
pub(super) fn collaborators(tx: &mut dyn Tx, stack: &StackRecord) -> Result<Vec<Value>, StoreError> {
    let mut shown = Vec::new();
    for (uid, held) in roles::users(tx, stack)? {
        let Some(user) = get_json::<UserRecord>(tx, &keys::user(&uid))? else { continue };
        let mut row = user::shape_for_others(&user);
        let names = roles::names(tx, &stack.api_key, &held)?;
        row["roles"] = names.into_iter().map(|(uid, name)| json!({ "uid": uid, "name": name })).collect();
        shown.push(row);
    }
    Ok(shown)
}

/// The roles that a body gives to one user, by uid.
fn of_body(
    tx: &mut dyn Tx,
    api_key: &str,
    uids: Option<&Value>,
    problems: &mut Problems,
) -> Result<Roles, StoreError> {
    let Some(uids) = strings(uids).filter(|uids| !uids.is_empty()) else {
        problems.at(ErrorId::FieldInvalid, "roles", "is not a list of uids of roles");
        return Ok(Roles::default());
    };
    Ok(match roles::given(tx, api_key, &uids)? {
        Ok(roles) => roles,
        Err(unknown) => {
            for uid in unknown {
                problems.at(ErrorId::RoleNotFound, "roles", format!("`{uid}` is no role that can be given"));
            }
            Roles::default()
        }
    })
}

/// A list of texts, or `None` when the value is anything else.
pub(super) fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    let items = value?.as_array()?;
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// One thing that is wrong, under its key.
pub(super) fn wrong(key: &str, says: &str) -> Refusal {
    let mut problems = Problems::default();
    problems.at(ErrorId::FieldInvalid, key, says);
    match problems.sort_out() {
        Err(refusal) => refusal,
        Ok(()) => Refusal::new(ErrorId::FieldInvalid),
    }
}

/// The value of a key of a body, as a text that is not empty.
pub(super) fn text<'a>(body: &'a Map<String, Value>, key: &str) -> Result<&'a str, Refusal> {
    body.get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| wrong(key, no_text(body.get(key))))
}
