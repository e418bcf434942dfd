//! Management tokens (seed 001, "Management Tokens"; seed 002, "Management Token Collection").

use std::collections::BTreeMap;

use cs_model::Expiry;
use cs_model::generated::{ContradictionId, LimitId};
use cs_model::profile::ServiceReading;
use serde_json::{Map, Value, json};

use super::scope::Details;
use super::{list, scope, tokens};
use crate::record::{Kind, ManagementRecord, ScopeRecord, Stamps};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{Tx, next_number};
use crate::{hash, notices};

/// `GET /v3/stacks/management_tokens`: expired ones too, and no value ever (seed 002, "Get all management
/// tokens").
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let tokens: Vec<ManagementRecord> = tokens::all(tx, scene.api_key()?)?;
    Ok(Reply::ok(list::page(scene, "tokens", tokens.iter().map(|token| shape(scene, token)).collect())?))
}

/// `GET /v3/stacks/management_tokens/{token_uid}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let token: ManagementRecord = tokens::named_in_path(scene, tx)?;
    Ok(Reply::ok(json!({ "token": shape(scene, &token) })))
}

/// `POST /v3/stacks/management_tokens`: the only answer with the value (seed 002, "Create management token").
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let fields = Fields::read(scene, tx, None)?;
    make_room(scene, tx, api_key)?;
    let value = scene.draw.token("value");
    let token = ManagementRecord {
        uid: scene.draw.uid("token"),
        name: fields.name,
        description: fields.description,
        scope: fields.scope,
        expires_on: fields.expires_on,
        is_email_notification_enabled: fields.is_email_notification_enabled,
        rate_limit_enabled: fields.rate_limit_enabled,
        reads_per_second: fields.reads_per_second,
        writes_per_second: fields.writes_per_second,
        noticed_for: None,
        hash: hash::of_value(value.reveal()),
        number: next_number(tx)?,
        stamps: Stamps::new(scene.actor_uid(), scene.now),
    };
    tokens::add(tx, api_key, &token)?;
    tokens::put_value(tx, &token.hash, Kind::Management, api_key, &token.uid)?;
    notices::plan(tx, scene.profile, api_key, &token)?;
    let mut shown = shape(scene, &token);
    shown["token"] = json!(value.reveal());
    Ok(Reply::created(json!({ "notice": "Management Token created successfully.", "token": shown })))
}

/// `PUT /v3/stacks/management_tokens/{token_uid}`: fields that the body leaves out stay as they are.
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let mut token: ManagementRecord = tokens::named_in_path(scene, tx)?;
    let fields = Fields::read(scene, tx, Some(&token))?;
    let before = std::mem::replace(&mut token.name, fields.name);
    token.description = fields.description;
    token.scope = fields.scope;
    token.expires_on = fields.expires_on;
    token.is_email_notification_enabled = fields.is_email_notification_enabled;
    token.rate_limit_enabled = fields.rate_limit_enabled;
    token.reads_per_second = fields.reads_per_second;
    token.writes_per_second = fields.writes_per_second;
    token.stamps.touch(scene.actor_uid(), scene.now);
    tokens::put(tx, api_key, &token, Some(&before))?;
    notices::plan(tx, scene.profile, api_key, &token)?;
    Ok(Reply::ok(
        json!({ "notice": "Management Token updated successfully.", "token": shape(scene, &token) }),
    ))
}

/// `DELETE /v3/stacks/management_tokens/{token_uid}`
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let token: ManagementRecord = tokens::named_in_path(scene, tx)?;
    discard(tx, scene.api_key()?, &token)?;
    Ok(Reply::notice("Management Token deleted successfully."))
}

fn discard(tx: &mut dyn Tx, api_key: &str, token: &ManagementRecord) -> Result<(), Stop> {
    tokens::remove_value(tx, &token.hash)?;
    notices::forget(tx, api_key, &token.uid)?;
    Ok(tokens::remove(tx, api_key, token)?)
}

/// "A maximum of 10 Management Tokens can be created per stack" (seed 001, "Management Tokens"); other pages say thirty, and one says that the
/// oldest one gives way: the profile tells.
fn make_room(scene: &Scene<'_>, tx: &mut dyn Tx, api_key: &str) -> Result<(), Stop> {
    let limit = scene.profile.limit(LimitId::ManagementTokensPerStack);
    // Nobody is read who need not go.
    if !limit.is_exceeded_by(tokens::how_many::<ManagementRecord>(tx, api_key)? + 1) {
        return Ok(());
    }
    let switches = &scene.profile.switches;
    let mut live: Vec<ManagementRecord> = tokens::all(tx, api_key)?;
    if !switches.expired_counts.value {
        let edge = switches.expiry_day.value;
        live.retain(|token| token.expires_on.ends_at(edge).is_none_or(|ends| ends > scene.now));
    }
    tokens::evict(scene, tx, limit, live, |tx, token| discard(tx, api_key, token))
}

/// What a body says.
struct Fields {
    name: String,
    description: String,
    scope: Vec<ScopeRecord>,
    expires_on: Expiry,
    is_email_notification_enabled: bool,
    rate_limit_enabled: Option<bool>,
    reads_per_second: Option<u32>,
    writes_per_second: Option<u32>,
}

impl Fields {
    fn read(scene: &Scene<'_>, tx: &mut dyn Tx, before: Option<&ManagementRecord>) -> Result<Self, Stop> {
        let body: Map<String, Value> = scene.call.object("token")?;
        let mut problems = Problems::default();
        let name = tokens::name(scene, tx, &body, before, &mut problems)?;
        let description =
            tokens::description(&body, before.map(|token| token.description.as_str()), &mut problems);
        // One of the vendor's clients writes the key with a capital.
        let capital = body.get("Scope").filter(|_| scene.profile.switches.capital_scope_accepted.value);
        let scope = match (body.get("scope").or(capital), before) {
            (Some(value), _) => scope::read(scene, tx, Kind::Management, value, &mut problems)?,
            (None, Some(before)) => before.scope.clone(),
            (None, None) => {
                problems.field("scope", "is required");
                Vec::new()
            }
        };
        let expires_on = expiry(scene, &body, before, &mut problems);
        let mut flag = |key: &str, before: Option<bool>| match tokens::flag(body.get(key)) {
            Ok(Some(on)) => Some(on),
            Ok(None) if body.contains_key(key) => None,
            Ok(None) => before,
            Err(()) => {
                problems.field(key, "is neither true nor false");
                None
            }
        };
        let notify =
            flag("is_email_notification_enabled", before.map(|token| token.is_email_notification_enabled));
        let rate_limit_enabled =
            flag("rate_limit_enabled", before.and_then(|token| token.rate_limit_enabled));
        let mut limit = |id: LimitId, before: Option<u32>| match body.get(id.row().name) {
            None => before,
            value => own_limit(scene, id, value, &mut problems),
        };
        let reads_per_second =
            limit(LimitId::ReadsPerSecond, before.and_then(|token| token.reads_per_second));
        let writes_per_second =
            limit(LimitId::WritesPerSecond, before.and_then(|token| token.writes_per_second));
        problems.sort_out()?;
        Ok(Self {
            name,
            description,
            scope,
            expires_on,
            is_email_notification_enabled: notify.unwrap_or(false),
            rate_limit_enabled,
            reads_per_second,
            writes_per_second,
        })
    }
}

/// A limit per second of the token's own; `null` for that of the organization, which none may exceed
/// (generate-management-token; limitations). What the fields are called is not documented: here they have the names of the limits.
fn own_limit(scene: &Scene<'_>, id: LimitId, value: Option<&Value>, problems: &mut Problems) -> Option<u32> {
    let value = value.filter(|value| !value.is_null())?;
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    match number.filter(|number| *number > 0) {
        None => problems.field(id.row().name, "is not a whole number from one on"),
        Some(number) if scene.profile.limit(id).is_exceeded_by(number as usize) => {
            problems.field(id.row().name, "is more than the organization may send");
        }
        number => return number,
    }
    None
}

/// When the token is to end: a date, a time, or never (`null`, left out of a new token, or `is_never_expires`).
fn expiry(
    scene: &Scene<'_>,
    body: &Map<String, Value>,
    before: Option<&ManagementRecord>,
    problems: &mut Problems,
) -> Expiry {
    if tokens::flag(body.get("is_never_expires")) == Ok(Some(true)) {
        if body.get("expires_on").is_some_and(|date| !date.is_null()) {
            problems.field("expires_on", "and `is_never_expires` exclude each other");
            problems.field("is_never_expires", "and `expires_on` exclude each other");
        }
        return Expiry::Never;
    }
    let expiry: Expiry = match body.get("expires_on") {
        Some(Value::Null) => return Expiry::Never,
        None => {
            let optional = scene.profile.reading(ContradictionId::ExpiresOnOmitted).service;
            if before.is_none() && optional == ServiceReading::Deny {
                problems.field("expires_on", "is required");
            }
            return before.map_or(Expiry::Never, |token| token.expires_on.clone());
        }
        Some(Value::String(text)) => match text.parse() {
            Ok(expiry) => expiry,
            Err(_) => {
                problems.field("expires_on", "is neither a date nor a time");
                return Expiry::Never;
            }
        },
        Some(_) => {
            problems.field("expires_on", "is neither a date nor a time");
            return Expiry::Never;
        }
    };
    let kept = before.is_some_and(|token| token.expires_on.same_as(&expiry));
    let past = expiry.ends_at(scene.profile.switches.expiry_day.value).is_some_and(|ends| ends <= scene.now);
    if past && !kept {
        problems.field("expires_on", "is in the past");
    }
    expiry
}

/// A token as answers show it, without its value (seed 002, "Management Token Collection").
fn shape(scene: &Scene<'_>, token: &ManagementRecord) -> Value {
    let details = Details::of(scene, Details::WithoutMetadata);
    let mut shown = json!({
        "name": token.name,
        "description": token.description,
        "scope": scope::shape(&token.scope, &BTreeMap::new(), details),
        "expires_on": token.expires_on,
        "is_email_notification_enabled": token.is_email_notification_enabled,
        "uid": token.uid,
        "created_by": token.stamps.created_by,
        "updated_by": token.stamps.updated_by,
        "created_at": token.stamps.created_at,
        "updated_at": token.stamps.updated_at,
    });
    if let Some(on) = token.rate_limit_enabled {
        shown["rate_limit_enabled"] = json!(on);
    }
    for (id, own) in [
        (LimitId::ReadsPerSecond, token.reads_per_second),
        (LimitId::WritesPerSecond, token.writes_per_second),
    ] {
        if let Some(own) = own {
            shown[id.row().name] = json!(own);
        }
    }
    shown
}
