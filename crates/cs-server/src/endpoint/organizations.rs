//! Organizations, as far as their members read them (OA3).

mod invitations;
mod plan;

use cs_model::generated::ErrorId;
use serde_json::{Value, json};

use super::{list, stack_users, stacks, user};
use crate::events::{self, EventKind};
use crate::hash;
use crate::record::{Mailed, MemberRecord, OrganizationPlace, OrganizationRecord, Transfer};
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{Tx, get_json, keys, put_json};

pub(super) use invitations::{invite, list as list_invitations, remove, resend, search};

/// `GET /v3/organizations`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let user = scene.user()?;
    let mut items = Vec::new();
    for uid in user::organizations_of(tx, &user.uid)? {
        let member: MemberRecord = get_json(tx, &keys::member(&uid, &user.uid))?.unwrap_or_default();
        if let Some(organization) = get_json::<OrganizationRecord>(tx, &keys::org(&uid))? {
            items.push(shown(scene, &organization, member.place));
        }
    }
    items.sort_by_key(|item| item["created_at"].as_str().map(str::to_owned));
    Ok(Reply::ok(list::page(scene, "organizations", named_like(scene, items))?))
}

/// `GET /v3/organizations/{organization_uid}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, member) = named(scene, tx)?;
    Ok(Reply::ok(json!({ "organization": shown(scene, &organization, member.place) })))
}

/// `GET /v3/organizations/{organization_uid}/stacks`: those in which the user has a role.
pub(super) fn stacks(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let items = stacks::of_user(scene, tx)?.into_iter().filter(|stack| stack.org_uid == organization.uid);
    let items = items.map(|stack| stacks::shape(&stack)).collect();
    Ok(Reply::ok(list::page(scene, "stacks", named_like(scene, items))?))
}

/// `GET /v3/organizations/{organization_uid}/roles`; with `include_stack_roles`, also those of stacks in which the user
/// has a role.
pub(super) fn list_roles(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let mut items: Vec<Value> = [OrganizationPlace::Admin, OrganizationPlace::Member]
        .into_iter()
        .map(|place| {
            json!({
                "uid": place_uid(&organization.uid, place),
                "name": place_name(place),
                "description": "",
                "org_uid": organization.uid,
                "owner_uid": organization.owner_uid,
                "admin": place == OrganizationPlace::Admin,
                "default": true,
                "users": [],
                "created_at": organization.created_at,
                "updated_at": organization.created_at,
            })
        })
        .collect();
    if scene.call.flag("include_stack_roles") {
        for stack in stacks::of_user(scene, tx)?.iter().filter(|stack| stack.org_uid == organization.uid) {
            items.extend(roles::GIVEN.into_iter().map(|role| {
                json!({
                    "uid": roles::system_uid(&stack.api_key, role),
                    "name": role.name(),
                    "org_uid": organization.uid,
                    "stack": { "api_key": stack.api_key, "name": stack.name },
                })
            }));
        }
    }
    // Lists show the newest first, and these have no age.
    items.reverse();
    Ok(Reply::ok(list::page(scene, "roles", items)?))
}

/// `POST /v3/organizations/{organization_uid}/transfer-ownership`: offered only. No page gives the request that accepts it,
/// so that is `Admin::accept_organization`.
pub(super) fn transfer_ownership(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (mut organization, _) = named(scene, tx)?;
    let body = scene.call.body()?;
    let email = stack_users::text(&body, "transfer_to")?;
    let heir = user::by_email(tx, email)?.filter(|heir| !heir.invited);
    let heir = heir.ok_or(Stop::from(ErrorId::UserUnknown))?;
    if heir.uid == organization.owner_uid {
        return Err(stack_users::wrong("transfer_to", "is the owner").into());
    }
    organization.transfer = Some(Transfer { to_uid: heir.uid.clone(), hash: None });
    put_json(tx, &keys::org(&organization.uid), &organization)?;
    let purpose = Mailed::OrganizationOwnership;
    events::record(tx, scene.now, EventKind::Mail { purpose, user_uid: heir.uid, api_key: None })?;
    Ok(Reply::notice("Email has been sent to the user."))
}

/// The organization that the path names, and the user's place in it. To others it is as if it were not there.
fn named(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<(OrganizationRecord, MemberRecord), Stop> {
    let uid = scene.call.argument(0);
    let member: Option<MemberRecord> = get_json(tx, &keys::member(uid, &scene.user()?.uid))?;
    let organization: Option<OrganizationRecord> = get_json(tx, &keys::org(uid))?;
    organization.zip(member).ok_or_else(|| ErrorId::OrgScopeWrong.into())
}

/// Those whose name begins with what `typeahead` asks for.
fn named_like(scene: &Scene<'_>, mut items: Vec<Value>) -> Vec<Value> {
    if let Some(begin) = scene.call.parameter("typeahead").map(str::to_lowercase) {
        let name = |item: &Value| item["name"].as_str().unwrap_or_default().to_lowercase();
        items.retain(|item| name(item).starts_with(&begin));
    }
    items
}

fn shown(scene: &Scene<'_>, organization: &OrganizationRecord, place: OrganizationPlace) -> Value {
    let mut shown = shape_for(organization, place);
    if scene.call.flag("include_plan") {
        shown["plan"] = plan::shape(scene.profile);
    }
    shown
}

/// An organization as answers show it to a member.
pub(super) fn shape_for(organization: &OrganizationRecord, place: OrganizationPlace) -> Value {
    let is_owner = place == OrganizationPlace::Owner;
    let org_roles = if is_owner { json!([]) } else { json!([place_uid(&organization.uid, place)]) };
    json!({
        "uid": organization.uid,
        "name": organization.name,
        "owner_uid": organization.owner_uid,
        "is_owner": is_owner,
        "org_roles": org_roles,
        "enabled": true,
        "sso_enabled": organization.sso,
        "created_at": organization.created_at,
        "updated_at": organization.updated_at,
    })
}

const fn place_name(place: OrganizationPlace) -> &'static str {
    match place {
        OrganizationPlace::Member => "member",
        OrganizationPlace::Admin => "admin",
        OrganizationPlace::Owner => "owner",
    }
}

/// The uid of the role that stands for a place. It is computed, so nothing need be stored.
fn place_uid(organization: &str, place: OrganizationPlace) -> String {
    let digest = hash::of_value(&format!("place/{organization}/{}", place_name(place)));
    format!("blt{}", digest.get(..16).unwrap_or_default())
}
