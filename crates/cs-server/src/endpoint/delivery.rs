//! Delivery tokens (seed 001, "Delivery Tokens"; seed 002, "Delivery Token Collection").

use std::sync::Arc;

use cs_model::generated::LimitId;
use cs_model::profile::AnswerShape;
use cs_model::{Moment, Secret};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::scope::{Details, Environments};
use super::{list, preview, scope, tokens};
use crate::hash;
use crate::record::{DeliveryRecord, Kind, Stamps};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{Tx, next_number};

/// `GET /v3/stacks/delivery_tokens`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let environments = scope::environments_by_uid(scene, tx)?;
    let preview = shows_preview(scene);
    let details = Details::of(scene, Details::WithoutEnvironmentMetadata);
    let tokens: Vec<DeliveryRecord> = tokens::all(tx, scene.api_key()?)?;
    let items = tokens.iter().map(|token| json!(Shown::of(token, &environments, preview, details))).collect();
    Ok(Reply::ok(list::page(scene, "tokens", items)?))
}

/// `GET /v3/stacks/delivery_tokens/{token_uid}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let token: Arc<DeliveryRecord> = tokens::known_in_path(scene, tx)?;
    read(scene, tx, None, &token)
}

/// `POST /v3/stacks/delivery_tokens`
///
/// `create_with_preview_token` counts in the query only (seed 002, "Create delivery token"); in the body it was seen to be ignored
/// (guide-lp).
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
    tokens::add(tx, api_key, &token)?;
    tokens::put_value(tx, &hash::of_value(token.token.reveal()), Kind::Delivery, api_key, &token.uid)?;
    if let Some(preview) = &token.preview_token {
        tokens::put_value(tx, &hash::of_value(preview.reveal()), Kind::Preview, api_key, &token.uid)?;
    }
    made(scene, tx, "Delivery Token created successfully.", &token)
}

/// `PUT /v3/stacks/delivery_tokens/{token_uid}`: fields that the body leaves out stay as they are. The value "remains
/// constant ... and cannot be reset" (seed 001, "Delivery Tokens").
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut token: DeliveryRecord = tokens::named_in_path(scene, tx)?;
    let fields = Fields::read(scene, tx, Some(&token))?;
    let before = std::mem::replace(&mut token.name, fields.name);
    token.description = fields.description;
    token.scope = fields.scope;
    token.stamps.touch(scene.actor_uid(), scene.now);
    tokens::put(tx, scene.api_key()?, &token, Some(&before))?;
    read(scene, tx, Some("Delivery Token updated successfully."), &token)
}

/// `DELETE /v3/stacks/delivery_tokens/{token_uid}`: its preview token goes with it (delete-delivery-token). What `force` forces is written down
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

/// "A maximum of 20 delivery tokens can be created for a stack" (seed 001, "Delivery Tokens").
fn make_room(scene: &Scene<'_>, tx: &mut dyn Tx, api_key: &str) -> Result<(), Stop> {
    let limit = scene.profile.limit(LimitId::DeliveryTokensPerStack);
    // Nobody is read who need not go.
    if !limit.is_exceeded_by(tokens::how_many::<DeliveryRecord>(tx, api_key)? + 1) {
        return Ok(());
    }
    let live: Vec<DeliveryRecord> = tokens::all(tx, api_key)?;
    tokens::evict(scene, tx, limit, live, |tx, token| discard(tx, api_key, token))
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

/// The answer to reading and updating a token.
fn read(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    notice: Option<&'static str>,
    token: &DeliveryRecord,
) -> Result<Reply, Stop> {
    let environments = scope::environments_of(scene, tx, &token.scope)?;
    let details = Details::of(scene, Details::WithoutEnvironmentMetadata);
    let token = Shown::of(token, &environments, shows_preview(scene), details);
    Ok(Reply::written(200, &One { notice, token })?.in_shape(answer_shape(scene)))
}

/// The answer to making a token or its preview token, whose value is in it in any case: it has just been made.
pub(super) fn made(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    notice: &'static str,
    token: &DeliveryRecord,
) -> Result<Reply, Stop> {
    let environments = scope::environments_of(scene, tx, &token.scope)?;
    let token = Shown::of(token, &environments, true, Details::of(scene, Details::WithoutServers));
    Ok(Reply::written(201, &One { notice: Some(notice), token })?)
}

/// Whether preview tokens are shown: in any case when the request asks (guide-lp), else as the
/// profile says.
fn shows_preview(scene: &Scene<'_>) -> bool {
    scene.call.flag("include_preview_token") || scene.profile.switches.preview_token_in_lists.value
}

/// An answer with one token.
#[derive(Serialize)]
struct One<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'static str>,
    token: Shown<'a>,
}

/// A token as answers show it, with its value (seed 002, "Delivery Token Collection").
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    description: &'a str,
    scope: Vec<scope::Shown<'a>>,
    uid: &'a str,
    created_by: &'a str,
    updated_by: &'a str,
    created_at: &'a Moment,
    updated_at: &'a Moment,
    token: &'a str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_token: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(
        token: &'a DeliveryRecord,
        environments: &'a Environments,
        preview: bool,
        details: Details,
    ) -> Self {
        Self {
            name: &token.name,
            description: &token.description,
            scope: scope::shape(&token.scope, environments, details),
            uid: &token.uid,
            created_by: &token.stamps.created_by,
            updated_by: &token.stamps.updated_by,
            created_at: &token.stamps.created_at,
            updated_at: &token.stamps.updated_at,
            token: token.token.reveal(),
            r#type: "delivery",
            preview_token: token.preview_token.as_ref().filter(|_| preview).map(Secret::reveal),
        }
    }
}

fn answer_shape(scene: &Scene<'_>) -> AnswerShape {
    scene.profile.switches.answer_shape.value
}
