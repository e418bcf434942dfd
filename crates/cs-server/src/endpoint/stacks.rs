//! Stacks.

use cs_model::generated::ErrorId;
use serde_json::{Value, json};

use super::list;
use crate::access_token;
use crate::admin::{NewStack, put_stack};
use crate::record::{MemberRecord, OrganizationPlace, OrganizationRecord, Roles, StackRecord};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, keys, scan_json};

/// `GET /v3/stacks`: those in which the user has a role; with an API key, that one.
///
/// Without the header `organization_uid`, stacks of organizations with single sign-on are left out and no error is
/// made of it (the vendor's page on the whole API, "Get a single stack").
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let wanted = scene.call.header("organization_uid");
    let stacks = of_user(scene, tx)?;
    if let Some(named) = &scene.stack {
        return match stacks.into_iter().find(|stack| stack.api_key == named.api_key) {
            Some(stack) => Ok(Reply::ok(json!({ "stack": shown(scene, tx, &stack)? }))),
            None => Err(ErrorId::NoPermission.into()),
        };
    }
    let mut items = Vec::new();
    for stack in stacks {
        let shown = match &wanted {
            Some(organization) => stack.org_uid == **organization,
            None => {
                !get_json::<OrganizationRecord>(tx, &keys::org(&stack.org_uid))?.is_some_and(|org| org.sso)
            }
        };
        if shown {
            items.push(self::shown(scene, tx, &stack)?);
        }
    }
    Ok(Reply::ok(list::page(scene, "stacks", items)?))
}

/// `POST /v3/stacks`: in the organization that the header `organization_uid` names.
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let user = scene.user()?;
    let organization = match scene.call.header("organization_uid") {
        Some(uid) => uid.into_owned(),
        None => return Err(ErrorId::OrgScopeWrong.into()),
    };
    let member: Option<MemberRecord> = get_json(tx, &keys::member(&organization, &user.uid))?;
    let member = member.ok_or(Stop::from(ErrorId::OrgScopeWrong))?;
    // Who may make stacks is a setting of the organization; without one, those who run it may (a guide of the vendor
    // to provisioning shows 403 and 316 for the others).
    if member.place == OrganizationPlace::Member {
        return Err(ErrorId::NoPermission.into());
    }
    let body = scene.call.object("stack")?;
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let mut problems = Problems::default();
    let name = text("name").unwrap_or_default();
    if name.trim().is_empty() {
        problems.at(ErrorId::FieldInvalid, "name", "is required");
    }
    problems.sort_out()?;
    let new = NewStack {
        name,
        description: text("description").unwrap_or_default(),
        master_locale: text("master_locale").unwrap_or("en-us"),
        organization: &organization,
        owner_uid: &user.uid,
    };
    let stack = put_stack(tx, scene.draw, scene.now, &new)?;
    Ok(Reply::created(json!({ "notice": "Stack created successfully.", "stack": shape(&stack) })))
}

/// The stacks in which the user has a role, oldest first.
pub(super) fn of_user(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Vec<StackRecord>, Stop> {
    let roles: Vec<(String, Roles)> = scan_json(tx, &keys::user_stacks(&scene.user()?.uid))?;
    let stacks: Result<Vec<Option<StackRecord>>, StoreError> =
        roles.iter().map(|(api_key, _)| get_json(tx, &keys::stack(api_key))).collect();
    let mut stacks: Vec<StackRecord> = stacks?.into_iter().flatten().collect();
    stacks.sort_by_key(|stack| stack.number);
    Ok(stacks)
}

/// A stack as reading it shows it. With `include_discrete_variables`, the access token is there (the vendor's description
/// of the API), for users who may reset it: it reads everything in the stack.
fn shown(scene: &Scene<'_>, tx: &mut dyn Tx, stack: &StackRecord) -> Result<Value, Stop> {
    let mut shown = shape(stack);
    if scene.call.flag("include_discrete_variables")
        && let Some(value) = &stack.access_token
        && access_token::is_open_to(tx, scene.profile, scene.user()?, stack, scene.now)?
    {
        shown["discrete_variables"]["access_token"] = json!(value.reveal());
    }
    Ok(shown)
}

/// A stack as answers show it.
pub(super) fn shape(stack: &StackRecord) -> Value {
    json!({
        "uid": stack.uid,
        "api_key": stack.api_key,
        "name": stack.name,
        "description": stack.description,
        "org_uid": stack.org_uid,
        "master_locale": stack.master_locale,
        "owner_uid": stack.owner_uid,
        "created_at": stack.created_at,
        "updated_at": stack.updated_at,
    })
}
