//! Items that go from one release into another (JS; JAVA), or take the last version of what they are (OA3).

use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use super::{Release, content_type, is_same, version_of};
use crate::content::publish::Item;
use crate::refusal::{Problems, Refusal, Stop, no_list, no_text};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::Tx;

/// `PUT .../items/move`, or `POST`, as the profile reads it: takes items, by uid and language, into another release.
pub(in crate::content) fn move_to(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut from = Release::open(scene, tx)?;
    let body = scene.call.body()?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let Some(target) = body.get("release_uid").and_then(Value::as_str) else {
        return Err(Refusal::new(ErrorId::BodyInvalid)
            .with("release_uid", no_text(body.get("release_uid")))
            .into());
    };
    let wanted = listed(&body)?;
    let mut problems = Problems::default();
    if target == from.uid {
        problems.at(ErrorId::FieldInvalid, "release_uid", "is that of the release itself");
    }
    problems.sort_out()?;
    let mut to = Release::of_uid(scene, tx, target)?.unlocked()?;
    let (mut left, mut there) = (from.items(), to.items());
    let mut problems = Problems::default();
    for (number, wanted) in wanted.iter().enumerate() {
        let (uid, locale) = (text(wanted, "uid"), text(wanted, "locale"));
        let is_it = |item: &Value| {
            text(item, "uid") == uid
                && locale.as_ref().is_none_or(|code| text(item, "locale").as_ref() == Some(code))
        };
        let (moved, rest): (Vec<Value>, Vec<Value>) = left.into_iter().partition(is_it);
        left = rest;
        if uid.is_none() || moved.is_empty() {
            problems.at(ErrorId::FieldInvalid, &format!("items.{number}"), "is not in the release");
        }
        for item in moved.iter().filter_map(Value::as_object) {
            there.retain(|other| !is_same(other, item));
        }
        there.extend(moved);
    }
    problems.sort_out()?;
    from.put(scene, tx, left)?;
    to.put(scene, tx, there)?;
    Ok(from.done("Item(s) moved to the release successfully."))
}

/// `PUT .../update_items`: all items, or those that the body names by uid, with the last version of what they are.
pub(in crate::content) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut release = Release::open(scene, tx)?;
    let body = scene.call.body()?;
    let wanted = listed(&body)?;
    let uid = |item: &Value| item.as_str().or_else(|| item.get("uid")?.as_str()).map(str::to_owned);
    let named: Vec<String> = wanted.iter().filter_map(uid).collect();
    let is_for_all = named.iter().any(|uid| uid == "$all");
    let mut items = release.items();
    let mut problems = Problems::default();
    for (number, wanted) in named.iter().enumerate().filter(|_| !is_for_all) {
        if !items.iter().any(|item| item["uid"] == **wanted) {
            problems.at(ErrorId::FieldInvalid, &format!("items.{number}"), "is not in the release");
        }
    }
    problems.sort_out()?;
    for item in &mut items {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        if !is_for_all && !named.iter().any(|uid| uid == text("uid")) {
            continue;
        }
        let one = Item { content_type: content_type(item), uid: text("uid") };
        match version_of(scene, tx, one, text("locale"), None) {
            Ok(version) => item["version"] = json!(version),
            // It is gone since it was added: deploying the release says so.
            Err(Stop::Refused(_)) => {}
            Err(stop) => return Err(stop),
        }
    }
    release.put(scene, tx, items)?;
    Ok(release.done("Release items updated successfully."))
}

/// The items of a body, which names some.
fn listed(body: &Map<String, Value>) -> Result<&[Value], Refusal> {
    let listed = body.get("items").and_then(Value::as_array).filter(|items| !items.is_empty());
    listed
        .map(Vec::as_slice)
        .ok_or_else(|| Refusal::new(ErrorId::BodyInvalid).with("items", no_list(body.get("items"))))
}
