//! Stacks (OA3; CMA-doc, "Get a single stack").

mod remove;

use cs_model::Moment;
use cs_model::generated::{ErrorId, LimitId};
use serde_json::{Map, Value, json};

use super::{list, locales, stack_users};
use crate::access_token;
use crate::admin::{NewStack, put_stack};
use crate::limiter::Allowance;
use crate::record::{MemberRecord, OrganizationPlace, OrganizationRecord, Roles, StackRecord};
use crate::refusal::{Problems, Refusal, Stop, no_text};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, keys, put_json, scan_json};

pub(super) use remove::delete;

/// `GET /v3/stacks`: those in which the user has a role; with an API key, that one.
///
/// Without the header `organization_uid`, stacks of organizations with single sign-on are left out and no error is
/// made of it, also when one is named: "an empty list" (CMA-doc, "Get a single stack").
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let wanted = scene.call.organization_uid();
    let stacks = of_user(scene, tx)?;
    if let Some(named) = &scene.stack {
        let Some(stack) = stacks.into_iter().find(|stack| stack.api_key == named.api_key) else {
            return Err(ErrorId::NoPermission.into());
        };
        return match &wanted {
            Some(organization) if stack.org_uid != **organization => Err(ErrorId::OrgScopeWrong.into()),
            None if has_single_sign_on(tx, &stack)? => Ok(Reply::ok(json!({ "stacks": [] }))),
            _ => Ok(Reply::ok(json!({ "stack": shown(scene, tx, &stack)? }))),
        };
    }
    let mut items = Vec::new();
    for stack in stacks {
        let is_shown = match &wanted {
            Some(organization) => stack.org_uid == **organization,
            None => !has_single_sign_on(tx, &stack)?,
        };
        if is_shown {
            items.push(shown(scene, tx, &stack)?);
        }
    }
    Ok(Reply::ok(list::page(scene, "stacks", items)?))
}

/// `POST /v3/stacks`: in the organization that the header `organization_uid` names.
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let user = scene.user()?;
    let organization = match scene.call.organization_uid() {
        Some(uid) => uid.into_owned(),
        None => return Err(ErrorId::OrgScopeWrong.into()),
    };
    let member: Option<MemberRecord> = get_json(tx, &keys::member(&organization, &user.uid))?;
    let member = member.ok_or(Stop::from(ErrorId::OrgScopeWrong))?;
    // Who may make stacks is a setting of the organization; without one, those who run it may (guide-prov
    // shows 403 and 316 for the others).
    if member.place == OrganizationPlace::Member {
        return Err(ErrorId::NoPermission.into());
    }
    let body = scene.call.object("stack")?;
    let mut problems = Problems::default();
    let name = name(&body, None, &mut problems);
    let description = description(&body, None, &mut problems);
    let master_locale = match body.get("master_locale") {
        None | Some(Value::Null) => locales::DEFAULT.to_owned(),
        Some(Value::String(code)) if locales::is_code(code) => code.clone(),
        Some(_) => {
            problems.at(ErrorId::FieldInvalid, "master_locale", "is not the code of a language");
            String::new()
        }
    };
    problems.sort_out()?;
    let allowance = count(scene, tx, &organization)?;
    let new = NewStack {
        name: &name,
        description: &description,
        master_locale: &master_locale,
        organization: &organization,
        owner_uid: &user.uid,
        profile: scene.profile,
    };
    let stack = put_stack(tx, scene.draw, scene.now, &new)?;
    let body = json!({ "notice": "Stack created successfully.", "stack": shape(&stack) });
    Ok(Reply::created(body).counted(allowance))
}

/// `PUT /v3/stacks`: name and description. The rest of what clients send back stays as it is, settings also: they have a
/// request of their own, and here "a wrong envelope" is answered with 200 and changes nothing.
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut stack = scene.stack()?.clone();
    let body = scene.call.object("stack")?;
    let mut problems = Problems::default();
    stack.name = name(&body, Some(&stack.name), &mut problems);
    stack.description = description(&body, Some(&stack.description), &mut problems);
    problems.sort_out()?;
    stack.updated_at = Moment::from_timestamp(scene.now);
    put_json(tx, &keys::stack(&stack.api_key), &stack)?;
    Ok(Reply::ok(json!({ "notice": "Stack updated successfully.", "stack": shape(&stack) })))
}

/// "One stack creation per minute" (CMA-doc, "Rate limiting"): in windows that begin with the minute, and told in the store, so that it holds on
/// several replicas.
fn count(scene: &Scene<'_>, tx: &mut dyn Tx, organization: &str) -> Result<Option<Allowance>, Stop> {
    let Some(most) = scene.profile.limit(LimitId::StacksPerMinute).value.filter(|_| scene.counted) else {
        return Ok(None);
    };
    let Some(mut record) = get_json::<OrganizationRecord>(tx, &keys::org(organization))? else {
        return Err(ErrorId::OrgScopeWrong.into());
    };
    let minute = scene.now.as_second().div_euclid(60);
    let used = record.stacks_made.filter(|(before, _)| *before == minute).map_or(0, |(_, used)| used);
    if used >= most {
        let exceeded = Allowance::of(most, used, true);
        return Err(Refusal::new(ErrorId::StackRateLimited).exceeds(exceeded).into());
    }
    record.stacks_made = Some((minute, used + 1));
    put_json(tx, &keys::org(organization), &record)?;
    Ok(Some(Allowance::of(most, used + 1, false)))
}

fn name(body: &Map<String, Value>, before: Option<&str>, problems: &mut Problems) -> String {
    match (body.get("name"), before) {
        (Some(Value::String(name)), _) if !name.trim().is_empty() => name.clone(),
        (None, Some(before)) => before.to_owned(),
        (other, _) => {
            problems.at(ErrorId::FieldInvalid, "name", no_text(other));
            String::new()
        }
    }
}

fn description(body: &Map<String, Value>, before: Option<&str>, problems: &mut Problems) -> String {
    match body.get("description") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) => String::new(),
        None => before.unwrap_or_default().to_owned(),
        Some(_) => {
            problems.at(ErrorId::FieldInvalid, "description", "is not a text");
            String::new()
        }
    }
}

fn has_single_sign_on(tx: &mut dyn Tx, stack: &StackRecord) -> Result<bool, StoreError> {
    Ok(get_json::<OrganizationRecord>(tx, &keys::org(&stack.org_uid))?.is_some_and(|org| org.sso))
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

/// A stack as reading it shows it, with what was asked for. With `include_discrete_variables`, the access token is there
/// (OA3), for users who may reset it: it reads everything in the stack.
fn shown(scene: &Scene<'_>, tx: &mut dyn Tx, stack: &StackRecord) -> Result<Value, Stop> {
    let mut shown = shape(stack);
    let group = |name: &str| stack.settings.get(name).cloned().unwrap_or_else(|| json!({}));
    if scene.call.flag("include_stack_variables") {
        shown["stack_variables"] = group("stack_variables");
    }
    if scene.call.flag("include_discrete_variables") {
        shown["discrete_variables"] = group("discrete_variables");
        if let Some(value) = &stack.access_token
            && access_token::is_open_to(tx, scene.profile, scene.user()?, stack, scene.now)?
        {
            shown["discrete_variables"]["access_token"] = json!(value.reveal());
        }
    }
    if scene.call.flag("include_collaborators") {
        shown["collaborators"] = json!(stack_users::collaborators(tx, stack)?);
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
