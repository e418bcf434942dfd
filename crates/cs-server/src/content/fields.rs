//! What collections ask of documents beyond what all of them have in common.

use cs_model::facts::Collection;
use cs_model::generated::{ErrorId, ModuleId};
use serde_json::{Map, Value, json};

use super::body::Body;
use super::collection::Place;
use super::languages::Languages;
use super::{document, teams};
use crate::refusal::{Problems, Stop};
use crate::service::Scene;
use crate::store::Tx;

/// Whether documents are kept in several languages.
pub(super) fn has_languages(collection: &Collection) -> bool {
    matches!(collection.module, ModuleId::Entry | ModuleId::EntryVariant)
}

/// Whether documents are published.
pub(super) fn is_published(collection: &Collection) -> bool {
    matches!(collection.module, ModuleId::Entry | ModuleId::Asset)
}

/// Checks a body. `before` is the uid of the document that is to be changed, with what it was.
pub(super) fn check(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    place: &Place<'_>,
    body: &Body,
    before: Option<(&str, &Map<String, Value>)>,
    problems: &mut Problems,
) -> Result<(), Stop> {
    let collection = place.collection;
    match collection.module {
        ModuleId::ContentType | ModuleId::GlobalField => schema(collection, body, problems),
        ModuleId::Entry => entry(scene, tx, place, body, before, problems)?,
        ModuleId::Asset if before.is_none() && body.file.is_none() => {
            problems.at(collection.invalid, "upload", "is required");
        }
        ModuleId::Term => parent_term(tx, place, body, problems)?,
        ModuleId::Team => teams::check(tx, scene.call.argument(0), body, problems)?,
        _ => {}
    }
    Ok(())
}

/// Puts in place of what a body says what is kept of it, where that changes other things.
pub(super) fn settle(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    collection: &Collection,
    body: &mut Body,
) -> Result<(), Stop> {
    match collection.module {
        ModuleId::Team => teams::settle(scene, tx, scene.call.argument(0), body),
        _ => Ok(()),
    }
}

/// Adds what the service itself gives to a document of this kind. What was there `before` and is left out stays as it is.
pub(super) fn complete(
    scene: &Scene<'_>,
    collection: &Collection,
    locale: &str,
    uid: &str,
    before: Option<&Map<String, Value>>,
    body: &mut Body,
) {
    let fields = &mut body.fields;
    let mut default = |name: &str, value: Value| {
        if !before.is_some_and(|before| before.contains_key(name)) {
            fields.entry(name).or_insert(value);
        }
    };
    match collection.module {
        ModuleId::Entry | ModuleId::EntryVariant => {
            default("tags", json!([]));
            fields.insert("ACL".to_owned(), json!({}));
            fields.insert("_in_progress".to_owned(), json!(false));
            fields.insert("locale".to_owned(), json!(locale));
        }
        ModuleId::Asset => {
            default("tags", json!([]));
            default("parent_uid", Value::Null);
            fields.insert("is_dir".to_owned(), json!(false));
            if let Some(file) = &body.file {
                if before.is_none() {
                    fields.entry("title").or_insert_with(|| json!(file.name));
                }
                fields.insert("filename".to_owned(), json!(file.name));
                fields.insert("content_type".to_owned(), json!(file.kind));
                // A text, as the vendor's clients show it.
                fields.insert("file_size".to_owned(), json!(file.size.to_string()));
                fields.insert("url".to_owned(), json!(address_of(scene, uid, &file.name)));
            }
        }
        ModuleId::Folder => {
            default("parent_uid", Value::Null);
            fields.insert("is_dir".to_owned(), json!(true));
        }
        ModuleId::Release => {
            default("items", json!([]));
            default("locked", json!(false));
            default("archived", json!(false));
        }
        ModuleId::Workflow => {
            default("enabled", json!(true));
            let stages = fields.get_mut("workflow_stages").and_then(Value::as_array_mut);
            for (number, stage) in stages.into_iter().flatten().enumerate() {
                if let Value::Object(stage) = stage {
                    stage.entry("uid").or_insert_with(|| json!(scene.draw.uid(&format!("stage {number}"))));
                }
            }
        }
        _ => {}
    }
}

/// Where the file of an asset would be read. The file itself is not kept, so nothing answers there.
fn address_of(scene: &Scene<'_>, uid: &str, name: &str) -> String {
    let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    let name = name.to_string().replace("%2E", ".").replace("%2D", "-").replace("%5F", "_");
    format!("{}/v3/assets/{}/{uid}/{name}", scene.public_url, scene.api_key().unwrap_or_default())
}

/// Fields that have one type in whatever collection has them as its own. Of entries the content type tells, and metadata is what each
/// extension makes of it.
const TYPED: [Typed; 4] = [
    Typed {
        names: &["title", "name", "description", "entity_uid"],
        fits: Value::is_string,
        says: "is not a text",
    },
    Typed {
        names: &["locked", "archived", "enabled", "disabled"],
        fits: Value::is_boolean,
        says: "is neither true nor false",
    },
    Typed { names: &["channels", "content_types"], fits: is_texts, says: "is not a list of texts" },
    Typed {
        names: &["destinations", "workflow_stages", "items"],
        fits: is_objects,
        says: "is not a list of objects",
    },
];

/// Fields of one type.
struct Typed {
    names: &'static [&'static str],
    fits: fn(&Value) -> bool,
    /// What is wrong with a value of another type.
    says: &'static str,
}

fn is_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
}

fn is_objects(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(Value::is_object))
}

/// Checks that fields which have one type have no other.
pub(super) fn types(collection: &Collection, body: &Body, problems: &mut Problems) {
    let is_fixed = |name: &str| match collection.module {
        ModuleId::Entry | ModuleId::EntryVariant => false,
        ModuleId::Metadata => collection.required.contains(&name),
        _ => true,
    };
    for Typed { names, fits, says } in TYPED {
        for name in names.iter().filter(|name| is_fixed(name)) {
            if body.fields.get(*name).is_some_and(|value| !value.is_null() && !fits(value)) {
                problems.at(collection.invalid, name, says);
            }
        }
    }
}

/// What is wrong with a value of a field of an entry, by the type in the content type: `None` for types whose values have several
/// forms, and for what is left empty.
fn wrong_type(field: &Value, value: &Value) -> Option<&'static str> {
    let says = |fits: fn(&Value) -> bool, says: &'static str, lists: &'static str| {
        let is_list = field.get("multiple").and_then(Value::as_bool) == Some(true);
        let fits_all = match value {
            Value::Null => true,
            Value::Array(list) if is_list => list.iter().all(fits),
            value => !is_list && fits(value),
        };
        (!fits_all).then_some(if is_list { lists } else { says })
    };
    match field.get("data_type").and_then(Value::as_str)? {
        "text" => says(Value::is_string, "is not a text", "is not a list of texts"),
        "number" => says(Value::is_number, "is not a number", "is not a list of numbers"),
        "boolean" => says(Value::is_boolean, "is neither true nor false", "is not a list of true and false"),
        "isodate" => says(Value::is_string, "is not a date", "is not a list of dates"),
        _ => None,
    }
}

/// A list of fields, each with a uid.
fn schema(collection: &Collection, body: &Body, problems: &mut Problems) {
    match body.fields.get("schema") {
        None | Some(Value::Null) => {}
        Some(Value::Array(list)) => {
            let has_uid =
                |field: &Value| field.get("uid").and_then(Value::as_str).is_some_and(|uid| !uid.is_empty());
            if !list.iter().all(has_uid) {
                problems.at(collection.invalid, "schema", "holds a field without `uid`");
            }
        }
        Some(_) => problems.at(collection.invalid, "schema", "is not a list of fields"),
    }
}

/// Fields that the content type asks for, and those that must be unique among entries of one language.
fn entry(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    place: &Place<'_>,
    body: &Body,
    before: Option<(&str, &Map<String, Value>)>,
    problems: &mut Problems,
) -> Result<(), Stop> {
    let Some((types, uid)) = place.parent() else { return Ok(()) };
    let Some(content_type) = document::get(tx, &types, uid)? else { return Ok(()) };
    let schema = content_type.only_form().and_then(|form| form.get("schema")?.as_array().cloned());
    let schema = schema.unwrap_or_default();
    let is = |field: &Value, flag: &str| field.get(flag).and_then(Value::as_bool) == Some(true);
    let mut unique = Vec::new();
    for field in &schema {
        let Some(name) = field.get("uid").and_then(Value::as_str) else { continue };
        let given = body.fields.get(name);
        let blank = given.is_none_or(|value| value.is_null() || value.as_str().is_some_and(str::is_empty));
        let is_left_as_it_was = given.is_none() && before.is_some();
        if let Some(says) = given.and_then(|given| wrong_type(field, given)) {
            problems.at(ErrorId::EntryInvalid, name, says);
            continue;
        }
        if is(field, "mandatory") && blank && !is_left_as_it_was {
            problems.at(ErrorId::EntryInvalid, name, "is a required field");
        }
        if let Some(given) = given.filter(|_| is(field, "unique") && !blank) {
            unique.push((name, given));
        }
    }
    if unique.is_empty() {
        return Ok(());
    }
    let languages = Languages::of(scene, tx, place.collection)?;
    for (other, document) in document::all(tx, place)? {
        let Some(form) = document.forms.get(languages.locale()) else { continue };
        if before.is_some_and(|(uid, _)| uid == other) {
            continue;
        }
        for (name, given) in &unique {
            if form.get(*name) == Some(*given) {
                problems.at(ErrorId::EntryDuplicate, name, "is not unique");
            }
        }
    }
    Ok(())
}

/// A term below another one needs that one.
fn parent_term(tx: &mut dyn Tx, place: &Place<'_>, body: &Body, problems: &mut Problems) -> Result<(), Stop> {
    match body.fields.get("parent_uid") {
        None | Some(Value::Null) => {}
        Some(Value::String(uid)) if document::get(tx, place, uid)?.is_some() => {}
        Some(_) => problems.at(place.collection.invalid, "parent_uid", "is not that of a term"),
    }
    Ok(())
}
