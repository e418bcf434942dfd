//! What entries and assets were (OA3): a list of their versions, the newest first, and names for them.

use cs_model::generated::{ErrorId, ModuleId};
use serde_json::{Map, Value, json};

use super::collection::Place;
use super::document;
use super::languages::Languages;
use super::publish::Item;
use crate::endpoint::list::cut;
use crate::refusal::{Problems, Stop, no_text};
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

/// `POST .../versions/{version_number}/name`: one version of a language has the name; with `force`, another one loses it.
pub(super) fn name(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let named = Named::read(scene, tx)?;
    let body = scene.call.object(named.envelope())?;
    let mut problems = Problems::default();
    let name = body.get(NAME).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if name.is_empty() {
        problems.at(ErrorId::FieldInvalid, NAME, no_text(body.get(NAME)));
    }
    problems.sort_out()?;
    let (locale, mut form) = named.form(scene, tx, body.get("locale"))?;
    let all = document::all_versions(tx, &named.place, named.item.uid, &locale)?;
    let is_other = |other: &Map<String, Value>| document::version_of(other) != document::version_of(&form);
    if let Some(mut other) =
        all.into_iter().find(|other| other.get(NAME).is_some_and(|known| known == name) && is_other(other))
    {
        if body.get("force") != Some(&Value::Bool(true)) {
            let mut problems = Problems::default();
            problems.at(ErrorId::FieldInvalid, NAME, "is not unique");
            problems.sort_out()?;
        }
        other.remove(NAME);
        document::put_version(tx, &named.place, named.item.uid, &locale, &other)?;
    }
    form.insert(NAME.to_owned(), json!(name));
    document::put_version(tx, &named.place, named.item.uid, &locale, &form)?;
    Ok(Reply::notice("Version name assigned successfully."))
}

/// `DELETE .../versions/{version_number}/name`: the version has its number only.
pub(super) fn forget_name(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let named = Named::read(scene, tx)?;
    let locale = match named.item.content_type {
        Some(_) => scene.call.peek().and_then(|mut body| body.pointer_mut("/entry/locale").map(Value::take)),
        None => None,
    };
    let (locale, mut form) = named.form(scene, tx, locale.as_ref())?;
    form.remove(NAME);
    document::put_version(tx, &named.place, named.item.uid, &locale, &form)?;
    Ok(Reply::notice("Version name deleted successfully."))
}

/// Where a version keeps its name: in what it was, not in the document, so that the next version has none.
const NAME: &str = "_version_name";

/// The version that the path names.
struct Named<'a> {
    item: Item<'a>,
    place: Place<'a>,
    version: &'a str,
}

impl<'a> Named<'a> {
    fn read(scene: &'a Scene<'_>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        let call = scene.call;
        let (item, version) = match call.route.row().module {
            ModuleId::Asset => (Item { content_type: None, uid: call.argument(0) }, call.argument(1)),
            _ => (Item { content_type: Some(call.argument(0)), uid: call.argument(1) }, call.argument(2)),
        };
        let (place, _) = item.find(tx, scene.api_key()?, scene.branch_uid())?;
        Ok(Self { item, place, version })
    }

    /// What a body is wrapped in.
    const fn envelope(&self) -> &'static str {
        if self.item.content_type.is_some() { "entry" } else { "upload" }
    }

    /// What the version was, with its language: that of the body, or of the request.
    fn form(
        &self,
        scene: &Scene<'_>,
        tx: &mut dyn Tx,
        locale: Option<&Value>,
    ) -> Result<(String, Map<String, Value>), Stop> {
        let locale = match (self.item.content_type, locale.and_then(Value::as_str)) {
            (None, _) => String::new(),
            (Some(_), Some(named)) => Languages::named(scene, tx, Some(named))?.locale().to_owned(),
            (Some(_), None) => Languages::read(scene, tx)?.locale().to_owned(),
        };
        let number: u64 = self.version.parse().map_err(|_| Stop::from(ErrorId::VersionNotFound))?;
        let form = document::version(tx, &self.place, self.item.uid, &locale, number)?;
        Ok((locale, form.ok_or(Stop::from(ErrorId::VersionNotFound))?))
    }
}

fn list(scene: &Scene<'_>, tx: &mut dyn Tx, item: Item<'_>, locale: &str) -> Result<Reply, Stop> {
    let (place, _) = item.find(tx, scene.api_key()?, scene.branch_uid())?;
    let versions = document::all_versions(tx, &place, item.uid, locale)?;
    let is_asked_for = |form: &&Map<String, Value>| !scene.call.flag("named") || form.contains_key(NAME);
    let shown =
        versions.iter().filter(is_asked_for).map(|form| Value::Object(shown(scene, form, locale))).collect();
    Ok(Reply::ok(cut(scene.call, "versions", shown)?))
}

fn shown(scene: &Scene<'_>, form: &Map<String, Value>, locale: &str) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("_version".to_owned(), json!(document::version_of(form)));
    if !locale.is_empty() {
        shown.insert("locale".to_owned(), json!(locale));
    }
    if let Some(name) = form.get(NAME) {
        shown.insert(NAME.to_owned(), name.clone());
    }
    for name in ["updated_at", "updated_by"] {
        // Left out when the request says so.
        if scene.call.parameter(&format!("include_{name}")) != Some("false") {
            shown.insert(name.to_owned(), form.get(name).cloned().unwrap_or_default());
        }
    }
    shown
}
