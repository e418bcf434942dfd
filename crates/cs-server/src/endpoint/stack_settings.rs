//! The settings of a stack, in groups (OA3; JS).

use cs_model::Moment;
use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use crate::record::StackRecord;
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{StoreError, Tx, exists, keys, put_json};

/// The groups that every answer shows.
const SHOWN: [&str; 2] = ["discrete_variables", "stack_variables"];

/// `GET /v3/stacks/settings`
pub(super) fn get(scene: &Scene<'_>, _: &mut dyn Tx) -> Result<Reply, Stop> {
    Ok(Reply::ok(json!({ "stack_settings": shape(scene.stack()?) })))
}

/// `POST /v3/stacks/settings`: what a group of the body has is added to that group, and an empty one empties it, which is how
/// the vendor's JavaScript client resets them.
pub(super) fn add(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let body = read(scene, tx)?;
    let mut stack = scene.stack()?.clone();
    merge(&mut stack.settings, body);
    write(scene, tx, stack, "Settings updated successfully.")
}

/// `POST /v3/stacks/settings/reset`: back to none, and then with what the body has.
pub(super) fn reset(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let body = read(scene, tx)?;
    let mut stack = scene.stack()?.clone();
    stack.settings.clear();
    merge(&mut stack.settings, body);
    write(scene, tx, stack, "Stack settings updated successfully.")
}

/// The vendor's clients see 201 here.
fn write(scene: &Scene<'_>, tx: &mut dyn Tx, mut stack: StackRecord, notice: &str) -> Result<Reply, Stop> {
    stack.updated_at = Moment::from_timestamp(scene.now);
    put_json(tx, &keys::stack(&stack.api_key), &stack)?;
    Ok(Reply::created(json!({ "notice": notice, "stack_settings": shape(&stack) })))
}

fn merge(settings: &mut Map<String, Value>, body: Map<String, Value>) {
    for (name, group) in body {
        let Value::Object(group) = group else { continue };
        match settings.entry(name).or_insert_with(|| json!({})) {
            Value::Object(before) if !group.is_empty() => before.extend(group),
            place => *place = Value::Object(group),
        }
    }
}

fn read(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Map<String, Value>, Stop> {
    let body = scene.call.object("stack_settings")?;
    let mut problems = Problems::default();
    for (name, group) in &body {
        if !group.is_object() {
            problems.at(ErrorId::StackSettingsInvalid, &format!("settings.{name}"), "is not an object");
        }
    }
    if let Some(Value::Object(preview)) = body.get("live_preview") {
        live_preview(scene, tx, preview, &mut problems)?;
    }
    problems.sort_out()?;
    Ok(body)
}

/// The environment goes by uid here, as in roles.
fn live_preview(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    group: &Map<String, Value>,
    problems: &mut Problems,
) -> Result<(), Stop> {
    let id = ErrorId::StackSettingsInvalid;
    let key = id.row().key;
    if group.get("enabled").is_some_and(|value| !value.is_boolean()) {
        problems.at(id, key, "`enabled` is neither true nor false");
    }
    let unknown = |tx: &mut dyn Tx, uid: &str| -> Result<bool, StoreError> {
        let Some(stack) = &scene.stack else { return Ok(true) };
        Ok(!exists(tx, &keys::env(&stack.api_key, uid))?)
    };
    match group.get("default-env") {
        None | Some(Value::Null) => {}
        Some(Value::String(uid)) if uid.is_empty() || !unknown(tx, uid)? => {}
        Some(_) => problems.at(id, key, "`default-env` is not the uid of an environment"),
    }
    if group.get("default-url").is_some_and(|value| !value.is_string() && !value.is_null()) {
        problems.at(id, key, "`default-url` is not a text");
    }
    Ok(())
}

fn shape(stack: &StackRecord) -> Value {
    let mut shown = stack.settings.clone();
    for name in SHOWN {
        shown.entry(name).or_insert_with(|| json!({}));
    }
    Value::Object(shown)
}
