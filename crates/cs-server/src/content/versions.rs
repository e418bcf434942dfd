//! What entries and assets were: a list of their versions, the newest first.

use serde_json::{Map, Value, json};

use super::document;
use super::languages::Languages;
use super::publish::Item;
use crate::endpoint::list::cut;
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::Tx;

/// `GET .../entries/{entry_uid}/versions`
pub(super) fn of_entry(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let item = Item { content_type: Some(scene.call.argument(0)), uid: scene.call.argument(1) };
    let locale = Languages::read(scene, tx)?.locale().to_owned();
    list(scene, tx, item, &locale)
}

/// `GET /v3/assets/{asset_uid}/versions`
pub(super) fn of_asset(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    list(scene, tx, Item { content_type: None, uid: scene.call.argument(0) }, "")
}

fn list(scene: &Scene<'_>, tx: &mut dyn Tx, item: Item<'_>, locale: &str) -> Result<Reply, Stop> {
    let (place, _) = item.find(tx, scene.api_key()?, scene.branch_uid())?;
    let versions = document::all_versions(tx, &place, item.uid, locale)?;
    let shown = versions.iter().map(|form| Value::Object(shown(scene, form, locale))).collect();
    Ok(Reply::ok(cut(scene.call, "versions", shown)?))
}

fn shown(scene: &Scene<'_>, form: &Map<String, Value>, locale: &str) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("_version".to_owned(), json!(document::version_of(form)));
    if !locale.is_empty() {
        shown.insert("locale".to_owned(), json!(locale));
    }
    for name in ["updated_at", "updated_by"] {
        // Left out when the request says so.
        if scene.call.parameter(&format!("include_{name}")) != Some("false") {
            shown.insert(name.to_owned(), form.get(name).cloned().unwrap_or_default());
        }
    }
    shown
}
