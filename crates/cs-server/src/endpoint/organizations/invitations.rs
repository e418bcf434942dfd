//! The users of an organization, which the API calls shares: listed, invited, invited again, taken out (OA3).

use std::collections::BTreeMap;

use cs_model::generated::{ErrorId, route};
use cs_policy::{Prepared, decide_in_service};
use serde_json::{Map, Value, json};

use super::super::{invite as invitation, list as page, stack_users, user};
use super::{named, place_uid};
use crate::events::{self, EventKind};
use crate::hash;
use crate::record::{
    Mailed, MemberRecord, OrganizationPlace, OrganizationRecord, Role, Roles, StackRecord, UserRecord,
};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles;
use crate::service::{Scene, principal};
use crate::store::{Tx, get_json, keys, put_json, scan_json};

/// `GET /v3/organizations/{organization_uid}/share`
pub(in super::super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let mut items: Vec<Value> = all(scene, tx, &organization)?.into_iter().map(|share| share.shown).collect();
    if let Some(begin) = scene.call.parameter("typeahead").map(str::to_lowercase) {
        items.retain(|item| {
            item["email"].as_str().is_some_and(|email| email.to_lowercase().starts_with(&begin))
        });
    }
    Ok(Reply::ok(page::page(scene, "shares", items)?))
}

/// `POST /v3/organizations/{organization_uid}/share/search`
pub(in super::super) fn search(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let emails = emails(&scene.call.body()?)?;
    let wanted = |share: &Share| emails.iter().any(|email| email.eq_ignore_ascii_case(&share.email));
    let items = all(scene, tx, &organization)?.into_iter().filter(wanted).map(|share| share.shown);
    Ok(Reply::ok(page::page(scene, "shares", items.collect())?))
}

/// `POST /v3/organizations/{organization_uid}/share`: places in the organization by address, and roles in its stacks. The
/// latter take the right to share each stack: to run an organization opens none of them.
pub(in super::super) fn invite(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let body = scene.call.object("share")?;
    let mut problems = Problems::default();
    let places = places(&organization, &body, &mut problems);
    let stacks = stack_roles(scene, tx, &organization, &body, &mut problems)?;
    if places.is_empty() && stacks.is_empty() {
        problems.at(ErrorId::FieldInvalid, "users", "is required");
    }
    problems.sort_out()?;
    for (email, place) in &places {
        invitation::to_organization(scene, tx, &organization.uid, email, Some(*place))?;
    }
    for (email, api_key, more) in stacks {
        let user = invitation::to_organization(scene, tx, &organization.uid, &email, None)?;
        let key = keys::user_stack(&user.uid, &api_key);
        let mut held: Roles = get_json(tx, &key)?.unwrap_or_default();
        held.extend(more);
        put_json(tx, &key, &held)?;
    }
    let invited = |share: &Share| places.keys().any(|email| email.eq_ignore_ascii_case(&share.email));
    let shares: Vec<Value> =
        all(scene, tx, &organization)?.into_iter().filter(invited).map(|share| share.shown).collect();
    Ok(Reply::ok(json!({ "notice": "The invitation has been sent successfully.", "shares": shares })))
}

/// `DELETE /v3/organizations/{organization_uid}/share`: with the organization goes every role in its stacks.
pub(in super::super) fn remove(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let mut problems = Problems::default();
    let mut gone = Vec::new();
    let stacks: Vec<(String, ())> = scan_json(tx, &keys::org_stacks(&organization.uid))?;
    for email in emails(&scene.call.body()?)? {
        let found = match user::by_email(tx, &email)? {
            Some(user) => {
                let member: Option<MemberRecord> = get_json(tx, &keys::member(&organization.uid, &user.uid))?;
                member.map(|member| (user, member))
            }
            None => None,
        };
        let Some((user, member)) = found else {
            problems.at(ErrorId::UserUnknown, "emails", format!("`{email}` is no user of the organization"));
            continue;
        };
        if member.place == OrganizationPlace::Owner {
            problems.at(ErrorId::OwnerStays, "emails", format!("`{email}` is the owner of the organization"));
        }
        for (api_key, ()) in &stacks {
            let held: Option<Roles> = get_json(tx, &keys::user_stack(&user.uid, api_key))?;
            if held.is_some_and(|held| held.roles.contains(&Role::Owner)) {
                problems.at(ErrorId::OwnerStays, "emails", format!("`{email}` is the owner of `{api_key}`"));
            }
        }
        gone.push(user.uid);
    }
    problems.sort_out()?;
    for user in gone {
        tx.delete(keys::member(&organization.uid, &user).as_bytes())?;
        tx.delete(keys::user_org(&user, &organization.uid).as_bytes())?;
        for (api_key, ()) in &stacks {
            tx.delete(keys::user_stack(&user, api_key).as_bytes())?;
        }
    }
    Ok(Reply::notice("The invitation has been deleted successfully."))
}

/// `GET /v3/organizations/{organization_uid}/share/{share_uid}/resend_invitation`
pub(in super::super) fn resend(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let uid = scene.call.argument(1);
    let found = all(scene, tx, &organization)?.into_iter().find(|share| share.uid == uid && share.is_pending);
    let share = found.ok_or(Stop::from(ErrorId::InvitationNotFound))?;
    let mail = EventKind::Mail { purpose: Mailed::Activation, user_uid: share.user_uid, api_key: None };
    events::record(tx, scene.now, mail)?;
    Ok(Reply::notice("The invitation has been resent successfully."))
}

/// A user of an organization, with the answer that shows it.
struct Share {
    uid: String,
    email: String,
    user_uid: String,
    is_pending: bool,
    shown: Value,
}

/// Everybody in an organization, in the order in which they came.
fn all(scene: &Scene<'_>, tx: &mut dyn Tx, organization: &OrganizationRecord) -> Result<Vec<Share>, Stop> {
    let members: Vec<(String, MemberRecord)> = scan_json(tx, &keys::members(&organization.uid))?;
    let mut shares = Vec::new();
    for (user_uid, member) in members {
        let Some(user) = get_json::<UserRecord>(tx, &keys::user(&user_uid))? else { continue };
        let number = member.invitation.as_ref().map_or(0, |invitation| invitation.number);
        shares.push((number, share(scene, organization, &user, &member)));
    }
    shares.sort_by_key(|(number, _)| *number);
    Ok(shares.into_iter().map(|(_, share)| share).collect())
}

fn share(
    scene: &Scene<'_>,
    organization: &OrganizationRecord,
    user: &UserRecord,
    member: &MemberRecord,
) -> Share {
    let (uid, invited_by, invited_at) = match &member.invitation {
        Some(invitation) => (invitation.uid.clone(), invitation.invited_by.as_str(), &invitation.invited_at),
        // One who was there from the start.
        None => {
            let digest = hash::of_value(&format!("share/{}/{}", organization.uid, user.uid));
            let uid = format!("blt{}", digest.get(..16).unwrap_or_default());
            (uid, organization.owner_uid.as_str(), &organization.created_at)
        }
    };
    let org_roles = match member.place {
        OrganizationPlace::Owner => json!([]),
        place => json!([place_uid(&organization.uid, place)]),
    };
    let mut shown = json!({
        "uid": uid,
        "email": user.email,
        "user_uid": user.uid,
        "org_uid": organization.uid,
        "org_roles": org_roles,
        "is_owner": member.place == OrganizationPlace::Owner,
        "invited_by": invited_by,
        "invited_at": invited_at,
        "status": if user.invited { "pending" } else { "accepted" },
        "created_at": invited_at,
        "updated_at": invited_at,
    });
    if scene.call.flag("include_user_details") {
        shown["user"] = user::shape_for_others(user);
    }
    Share { uid, email: user.email.clone(), user_uid: user.uid.clone(), is_pending: user.invited, shown }
}

/// `users` of a body: the place for each address.
fn places(
    organization: &OrganizationRecord,
    body: &Map<String, Value>,
    problems: &mut Problems,
) -> BTreeMap<String, OrganizationPlace> {
    let mut places = BTreeMap::new();
    let users = match body.get("users") {
        None | Some(Value::Null) => return places,
        Some(Value::Object(users)) => users,
        Some(_) => {
            problems.at(ErrorId::FieldInvalid, "users", "is not an object");
            return places;
        }
    };
    for (email, uids) in users {
        if !invitation::is_address(email) {
            problems.at(ErrorId::FieldInvalid, "users", format!("`{email}` is not an address"));
        }
        let uids = stack_users::strings(Some(uids)).unwrap_or_default();
        let is = |place| uids.iter().all(|uid| *uid == place_uid(&organization.uid, place));
        let place = match uids.is_empty() {
            false if is(OrganizationPlace::Admin) => OrganizationPlace::Admin,
            false if is(OrganizationPlace::Member) => OrganizationPlace::Member,
            _ => {
                problems.at(ErrorId::RoleNotFound, "users", format!("`{email}` needs the uid of one role"));
                continue;
            }
        };
        places.insert(email.clone(), place);
    }
    places
}

/// `stacks` of a body: for each address the roles in each stack.
fn stack_roles(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    organization: &OrganizationRecord,
    body: &Map<String, Value>,
    problems: &mut Problems,
) -> Result<Vec<(String, String, Roles)>, Stop> {
    let mut found = Vec::new();
    for (email, stacks) in body.get("stacks").and_then(Value::as_object).into_iter().flatten() {
        if !invitation::is_address(email) {
            problems.at(ErrorId::FieldInvalid, "stacks", format!("`{email}` is not an address"));
        }
        for (api_key, uids) in stacks.as_object().into_iter().flatten() {
            let stack: Option<StackRecord> = get_json(tx, &keys::stack(api_key))?;
            let Some(stack) = stack.filter(|stack| stack.org_uid == organization.uid) else {
                problems.at(ErrorId::FieldInvalid, "stacks", format!("`{api_key}` is no stack of it"));
                continue;
            };
            let facts = principal(tx, &scene.actor, Some(&stack), Some(&organization.uid), None)?;
            let context = cs_policy::Context::default();
            let prepared = Prepared::new(&facts);
            let shares = route::POST_STACKS_SHARE;
            if !decide_in_service(scene.profile, &prepared, shares, &context, scene.now).verdict().is_allow()
            {
                return Err(ErrorId::NoPermission.into());
            }
            let uids = stack_users::strings(Some(uids)).unwrap_or_default();
            match roles::given(tx, api_key, &uids)? {
                Ok(roles) if !roles.is_empty() => found.push((email.clone(), api_key.clone(), roles)),
                _ => problems.at(ErrorId::RoleNotFound, "stacks", format!("roles of `{email}` are wrong")),
            }
        }
    }
    Ok(found)
}

fn emails(body: &Map<String, Value>) -> Result<Vec<String>, Stop> {
    let emails = stack_users::strings(body.get("emails")).filter(|emails| !emails.is_empty());
    emails.ok_or_else(|| stack_users::wrong("emails", "is not a list of addresses").into())
}
