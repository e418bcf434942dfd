//! Delivery tokens.

use std::collections::BTreeMap;

use cs_model::generated::{ErrorId, LimitId};
use cs_model::profile::{AnswerShape, AtLimit};
use serde_json::{Map, Value, json};

use super::scope::Details;
use super::{list, preview, scope, tokens};
use crate::hash;
use crate::record::{DeliveryRecord, EnvironmentRecord, Kind, Stamps};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{Tx, keys, next_number};

/// `GET /v3/stacks/delivery_tokens`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let environments = scope::environments_by_uid(scene, tx)?;
    let preview = shows_preview(scene);
    let details = Details::of(scene, Details::WithoutEnvironmentMetadata);
    let tokens: Vec<DeliveryRecord> = tokens::all(tx, scene.api_key()?)?;
    let items = tokens.iter().map(|token| shape(token, &environments, preview, details)).collect();
    Ok(Reply::ok(list::page(scene, "tokens", items)?))
}

/// `GET /v3/stacks/delivery_tokens/{token_uid}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let token: DeliveryRecord = tokens::named_in_path(scene, tx)?;
    let shown = shown(scene, tx, &token)?;
    Ok(Reply::ok(json!({ "token": shown })).in_shape(answer_shape(scene)))
}

/// `POST /v3/stacks/delivery_tokens`
///
/// `create_with_preview_token` counts in the query only; in the body it was seen to be ignored.
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let fields = Fields::read(scene, tx, None)?;
    let with_preview = scene.call.flag("create_with_preview_token");
    if with_preview {
        preview::has_room(scene, false)?;
    }
    make_room(scene, tx, api_key)?;
    let token = DeliveryRecord {
        uid: scene.draw.uid("token"),
        name: fields.name,
        description: fields.description,
        scope: fields.scope,
        token: scene.draw.token("value"),
        preview_token: with_preview.then(|| scene.draw.token("preview")),
        number: next_number(tx)?,
        stamps: Stamps::new(scene.actor_uid(), scene.now),
    };
    tokens::put(tx, api_key, &token, None)?;
    tokens::put_value(tx, &hash::of_value(token.token.reveal()), Kind::Delivery, api_key, &token.uid)?;
    if let Some(preview) = &token.preview_token {
        tokens::put_value(tx, &hash::of_value(preview.reveal()), Kind::Preview, api_key, &token.uid)?;
    }
    // The value of the preview token is in this answer in any case: it has just been made.
    let shown = made(scene, tx, &token)?;
    Ok(Reply::created(json!({ "notice": "Delivery Token created successfully.", "token": shown })))
}

/// `PUT /v3/stacks/delivery_tokens/{token_uid}`: fields that the body leaves out stay as they are. The value "remains
/// constant ... and cannot be reset" (seed 001).
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut token: DeliveryRecord = tokens::named_in_path(scene, tx)?;
    let fields = Fields::read(scene, tx, Some(&token))?;
    let before = std::mem::replace(&mut token.name, fields.name);
    token.description = fields.description;
    token.scope = fields.scope;
    token.stamps.touch(scene.actor_uid(), scene.now);
    tokens::put(tx, scene.api_key()?, &token, Some(&before))?;
    let shown = shown(scene, tx, &token)?;
    let body = json!({ "notice": "Delivery Token updated successfully.", "token": shown });
    Ok(Reply::ok(body).in_shape(answer_shape(scene)))
}

/// `DELETE /v3/stacks/delivery_tokens/{token_uid}`: its preview token goes with it. What `force` forces is written down
/// nowhere; nothing here needs forcing.
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let token: DeliveryRecord = tokens::named_in_path(scene, tx)?;
    discard(tx, api_key, &token)?;
    Ok(Reply::notice("Delivery Token deleted successfully.").in_shape(answer_shape(scene)))
}

/// Takes a token out with everything that belongs to it.
fn discard(tx: &mut dyn Tx, api_key: &str, token: &DeliveryRecord) -> Result<(), Stop> {
    for value in std::iter::once(&token.token).chain(&token.preview_token) {
        tokens::remove_value(tx, &hash::of_value(value.reveal()))?;
    }
    Ok(tokens::remove(tx, api_key, token)?)
}

/// "A maximum of 20 delivery tokens can be created for a stack" (seed 001).
fn make_room(scene: &Scene<'_>, tx: &mut dyn Tx, api_key: &str) -> Result<(), Stop> {
    let limit = scene.profile.limit(LimitId::DeliveryTokensPerStack);
    // Nobody is read who need not go.
    if !limit.is_exceeded_by(tx.count(keys::tokens(Kind::Delivery, api_key).as_bytes())? + 1) {
        return Ok(());
    }
    let mut live: Vec<DeliveryRecord> = tokens::all(tx, api_key)?;
    while limit.is_exceeded_by(live.len() + 1) {
        if limit.at_limit == AtLimit::Refuse || live.is_empty() {
            return Err(ErrorId::TokenLimitReached.into());
        }
        let oldest = live.remove(0);
        discard(tx, api_key, &oldest)?;
        tokens::record_eviction(tx, scene, &oldest)?;
    }
    Ok(())
}

/// What a body says.
struct Fields {
    name: String,
    description: String,
    scope: Vec<crate::record::ScopeRecord>,
}

impl Fields {
    fn read(scene: &Scene<'_>, tx: &mut dyn Tx, before: Option<&DeliveryRecord>) -> Result<Self, Stop> {
        let body: Map<String, Value> = scene.call.object("token")?;
        let mut problems = Problems::default();
        let name = tokens::name(scene, tx, &body, before, &mut problems)?;
        let description =
            tokens::description(&body, before.map(|token| token.description.as_str()), &mut problems);
        let scope = match (body.get("scope"), before) {
            (Some(value), _) => scope::read(scene, tx, Kind::Delivery, value, &mut problems)?,
            (None, Some(before)) => before.scope.clone(),
            (None, None) => {
                problems.field("scope", "is required");
                Vec::new()
            }
        };
        problems.sort_out()?;
        Ok(Self { name, description, scope })
    }
}

/// One token as the answers to reading and updating it show it.
fn shown(scene: &Scene<'_>, tx: &mut dyn Tx, token: &DeliveryRecord) -> Result<Value, Stop> {
    let details = Details::of(scene, Details::WithoutEnvironmentMetadata);
    Ok(shape(token, &scope::environments_by_uid(scene, tx)?, shows_preview(scene), details))
}

/// One token as the answers to making it or its preview token show it.
pub(super) fn made(scene: &Scene<'_>, tx: &mut dyn Tx, token: &DeliveryRecord) -> Result<Value, Stop> {
    let details = Details::of(scene, Details::WithoutServers);
    Ok(shape(token, &scope::environments_by_uid(scene, tx)?, true, details))
}

/// Whether preview tokens are shown: in any case when the request asks (a guide of the vendor to live preview), else as the
/// profile says.
fn shows_preview(scene: &Scene<'_>) -> bool {
    scene.call.flag("include_preview_token") || scene.profile.switches.preview_token_in_lists.value
}

/// A token as answers show it, with its value (seed 002, "Delivery Token Collection").
fn shape(
    token: &DeliveryRecord,
    environments: &BTreeMap<String, EnvironmentRecord>,
    preview: bool,
    details: Details,
) -> Value {
    let mut shown = json!({
        "name": token.name,
        "description": token.description,
        "scope": scope::shape(&token.scope, environments, details),
        "uid": token.uid,
        "created_by": token.stamps.created_by,
        "updated_by": token.stamps.updated_by,
        "created_at": token.stamps.created_at,
        "updated_at": token.stamps.updated_at,
        "token": token.token.reveal(),
        "type": "delivery",
    });
    if let Some(value) = token.preview_token.as_ref().filter(|_| preview) {
        shown["preview_token"] = json!(value.reveal());
    }
    shown
}

fn answer_shape(scene: &Scene<'_>) -> AnswerShape {
    scene.profile.switches.answer_shape.value
}
