//! What refers to an entry, an asset or a content type (OA3).

use std::collections::BTreeSet;

use cs_model::generated::{Action, ErrorId, ModuleId};
use serde_json::{Map, Value, json};

use super::collection::{Place, at};
use super::publish::Item;
use super::{document, published};
use crate::endpoint::list::cut;
use crate::endpoint::locales;
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::Tx;

const CONTENT_TYPES: &str = "/v3/content_types";
const ENTRIES: &str = "/v3/content_types/{content_type_uid}/entries";
const GLOBAL_FIELDS: &str = "/v3/global_fields";

/// `GET .../entries/{entry_uid}/references`: the entries that name this one.
pub(super) fn of_entry(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    list(scene, tx, Item { content_type: Some(scene.call.argument(0)), uid: scene.call.argument(1) })
}

/// `GET /v3/assets/{asset_uid}/references`: the entries that name it.
pub(super) fn of_asset(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    list(scene, tx, Item { content_type: None, uid: scene.call.argument(0) })
}

/// `GET /v3/content_types/{content_type_uid}/references`: the content types with a field that refers to it, also by way of a
/// global field; with `include_global_fields`, these, too.
pub(super) fn of_content_type(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let uid = scene.call.argument(0);
    let types = place(scene, CONTENT_TYPES, Vec::new())?;
    document::get(tx, &types, uid)?.ok_or(Stop::from(types.collection.not_found))?;
    let globals = schemas(tx, &place(scene, GLOBAL_FIELDS, Vec::new())?)?;
    let mut through: BTreeSet<&str> = BTreeSet::new();
    // Global fields hold global fields: until no more are found.
    loop {
        let before = through.len();
        let found = globals.iter().filter(|(_, schema)| refers(schema, uid, &through));
        through.extend(found.map(|(global, _)| global.as_str()).collect::<Vec<_>>());
        if through.len() == before {
            break;
        }
    }
    let found = schemas(tx, &types)?.into_iter().filter(|(_, schema)| refers(schema, uid, &through));
    let mut answer = cut(scene.call, "references", found.map(|(found, _)| json!(found)).collect())?;
    if scene.call.flag("include_global_fields") {
        answer["global_fields"] = json!(through);
    }
    Ok(Reply::ok(answer))
}

fn list(scene: &Scene<'_>, tx: &mut dyn Tx, item: Item<'_>) -> Result<Reply, Stop> {
    item.find(tx, scene.api_key()?, scene.branch_uid())?;
    let only = match scene.call.parameter("locale").filter(|locale| !locale.is_empty()) {
        Some(named) => {
            let chain = locales::chain(scene, tx, Some(named))?.ok_or(Stop::from(ErrorId::EntryNotFound))?;
            chain.into_iter().next()
        }
        None => None,
    };
    let mut shown = Vec::new();
    for (content_type, title, _) in titled(tx, &place(scene, CONTENT_TYPES, Vec::new())?)? {
        let entries = place(scene, ENTRIES, vec![&content_type])?;
        for (uid, entry) in document::all(tx, &entries)? {
            for (locale, form) in &entry.forms {
                if only.as_ref().is_some_and(|only| only != locale) || !names(form, item.uid) {
                    continue;
                }
                let wanted = roles::Wanted {
                    action: Action::Read,
                    module: ModuleId::Entry,
                    content_type: Some(&content_type),
                    uid: &uid,
                    locale: Some(locale),
                };
                if !roles::may(scene, tx, &wanted)? {
                    continue;
                }
                let mut reference = json!({
                    "entry_uid": uid,
                    "content_type_uid": content_type,
                    "locale": locale,
                    "title": form.get("title"),
                    "content_type_title": title,
                });
                if scene.call.flag("include_publish_details") {
                    reference["publish_details"] = json!(published::details(scene, tx, &entries, &uid)?);
                }
                shown.push(reference);
            }
        }
    }
    Ok(Reply::ok(cut(scene.call, "references", shown)?))
}

fn place<'a>(scene: &'a Scene<'_>, path: &str, parents: Vec<&'a str>) -> Result<Place<'a>, Stop> {
    let collection = at(path).ok_or(Stop::from(ErrorId::RouteUnknown))?;
    Ok(Place::new(collection, scene.api_key()?, scene.branch_uid(), parents))
}

/// Models of a place: uid, title and schema.
fn titled(tx: &mut dyn Tx, place: &Place<'_>) -> Result<Vec<(String, Value, Value)>, Stop> {
    let mut models = Vec::new();
    for (uid, document) in document::all(tx, place)? {
        let form = document.only_form();
        let field = |name: &str| form.and_then(|form| form.get(name)).cloned().unwrap_or_default();
        models.push((uid, field("title"), field("schema")));
    }
    Ok(models)
}

fn schemas(tx: &mut dyn Tx, place: &Place<'_>) -> Result<Vec<(String, Value)>, Stop> {
    Ok(titled(tx, place)?.into_iter().map(|(uid, _, schema)| (uid, schema)).collect())
}

/// Whether a form names a uid in a field: as a reference, a file, or in rich text. Uids are drawn, so no other text is one.
fn names(form: &Map<String, Value>, uid: &str) -> bool {
    form.iter().any(|(field, value)| field != "uid" && holds(value, &|text| text == uid))
}

/// Whether the schema of a model has a field that refers to a content type, or is one of these global fields.
fn refers(schema: &Value, content_type: &str, globals: &BTreeSet<&str>) -> bool {
    match schema {
        Value::Array(items) => items.iter().any(|item| refers(item, content_type, globals)),
        Value::Object(field) => {
            let is_global = field.get("data_type").is_some_and(|kind| kind == "global_field");
            let refers_here = field.get("reference_to").is_some_and(|to| {
                holds(to, &|uid| if is_global { globals.contains(uid) } else { uid == content_type })
            });
            refers_here
                || ["schema", "blocks"]
                    .into_iter()
                    .any(|inner| field.get(inner).is_some_and(|inner| refers(inner, content_type, globals)))
        }
        _ => false,
    }
}

fn holds(value: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => wanted(text),
        Value::Array(items) => items.iter().any(|item| holds(item, wanted)),
        Value::Object(fields) => fields.values().any(|field| holds(field, wanted)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_wherever_they_stand() {
        for (form, found) in [
            (json!({ "uid": "blt1", "title": "x" }), false),
            (json!({ "author": [{ "uid": "blt1", "_content_type_uid": "page" }] }), true),
            (json!({ "group": { "file": "blt1" } }), true),
            (json!({ "body": { "children": [{ "attrs": { "entry-uid": "blt1" } }] } }), true),
            (json!({ "title": "blt12" }), false),
        ] {
            assert_eq!(names(form.as_object().unwrap(), "blt1"), found, "{form}");
        }
    }

    #[test]
    fn schemas_refer_also_within_groups_and_blocks() {
        let globals = BTreeSet::from(["seo"]);
        for (field, found) in [
            (json!({ "data_type": "reference", "reference_to": ["news", "page"] }), true),
            (json!({ "data_type": "reference", "reference_to": "page" }), true),
            (json!({ "data_type": "reference", "reference_to": ["seo"] }), false),
            (json!({ "data_type": "global_field", "reference_to": "seo" }), true),
            (json!({ "data_type": "global_field", "reference_to": "page" }), false),
            (json!({ "data_type": "text", "uid": "page" }), false),
            (json!({ "data_type": "group", "schema": [{ "reference_to": ["page"] }] }), true),
            (json!({ "blocks": [{ "uid": "a", "schema": [{ "reference_to": ["page"] }] }] }), true),
        ] {
            assert_eq!(refers(&json!([field]), "page", &globals), found, "{field}");
        }
    }
}
