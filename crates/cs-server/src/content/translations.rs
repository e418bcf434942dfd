//! The languages of one entry (OA3): which it has a form of its own in, and giving one up.

use cs_model::generated::ErrorId;
use serde_json::{Value, json};

use super::handlers;
use super::languages::Languages;
use super::publish::Item;
use crate::endpoint::{list::cut, locales};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::Tx;

/// `GET .../entries/{entry_uid}/locales`: every language of the branch; `localized` where the entry has a form of its own.
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (_, document) = item(scene).find(tx, scene.api_key()?, scene.branch_uid())?;
    let master = scene.stack()?.master_locale.to_lowercase();
    let shown = locales::codes(scene, tx)?.into_iter().rev().map(|code| {
        let mut language = json!({ "code": code });
        if document.forms.contains_key(&code) && code != master {
            language["localized"] = json!(true);
        }
        language
    });
    let shown: Vec<Value> = shown.collect();
    Ok(Reply::ok(cut(scene.call, "locales", shown)?))
}

/// `POST .../entries/{entry_uid}/unlocalize?locale=`: the entry is again what it falls back on.
pub(super) fn unlocalize(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let (place, document) = item(scene).find(tx, scene.api_key()?, scene.branch_uid())?;
    let languages = Languages::read(scene, tx)?;
    let mut problems = Problems::default();
    if languages.locale() == languages.master {
        problems.at(ErrorId::EntryInvalid, "locale", "is the master language");
    }
    problems.sort_out()?;
    handlers::remove(scene, tx, &place, (scene.call.argument(1), document), Some(&languages))?;
    Ok(Reply::notice("Entry unlocalized successfully."))
}

fn item<'a>(scene: &'a Scene<'_>) -> Item<'a> {
    Item { content_type: Some(scene.call.argument(0)), uid: scene.call.argument(1) }
}
