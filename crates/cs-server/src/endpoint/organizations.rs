//! Organizations, as far as their members read them.

use cs_model::generated::ErrorId;
use serde_json::{Value, json};

use super::{list, stacks, user};
use crate::record::{MemberRecord, OrganizationPlace, OrganizationRecord};
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{Tx, get_json, keys};

/// `GET /v3/organizations`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let user = scene.user()?;
    let mut items = Vec::new();
    for uid in user::organizations_of(tx, &user.uid)? {
        let member: MemberRecord = get_json(tx, &keys::member(&uid, &user.uid))?.unwrap_or_default();
        if let Some(organization) = get_json::<OrganizationRecord>(tx, &keys::org(&uid))? {
            items.push(shape(&organization, member.place));
        }
    }
    Ok(Reply::ok(list::page(scene, "organizations", items)?))
}

/// `GET /v3/organizations/{organization_uid}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, member) = named(scene, tx)?;
    Ok(Reply::ok(json!({ "organization": shape(&organization, member.place) })))
}

/// `GET /v3/organizations/{organization_uid}/stacks`: those in which the user has a role.
pub(super) fn stacks(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (organization, _) = named(scene, tx)?;
    let items = stacks::of_user(scene, tx)?.into_iter().filter(|stack| stack.org_uid == organization.uid);
    Ok(Reply::ok(list::page(scene, "stacks", items.map(|stack| stacks::shape(&stack)).collect())?))
}

/// The organization that the path names, and the user's place in it. To others it is as if it were not there.
fn named(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<(OrganizationRecord, MemberRecord), Stop> {
    let uid = scene.call.argument(0);
    let member: Option<MemberRecord> = get_json(tx, &keys::member(uid, &scene.user()?.uid))?;
    let organization: Option<OrganizationRecord> = get_json(tx, &keys::org(uid))?;
    organization.zip(member).ok_or_else(|| ErrorId::OrgScopeWrong.into())
}

/// An organization as answers show it.
pub(super) fn shape(organization: &OrganizationRecord, place: OrganizationPlace) -> Value {
    json!({
        "uid": organization.uid,
        "name": organization.name,
        "owner_uid": organization.owner_uid,
        "is_owner": place == OrganizationPlace::Owner,
        "enabled": true,
        "sso_enabled": organization.sso,
        "created_at": organization.created_at,
        "updated_at": organization.updated_at,
    })
}
