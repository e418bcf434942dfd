//! The routes of collections, alike for all of them; what differs is in [`fields`](super::fields).

use cs_model::facts::{Collection, NamedBy, Reach};
use cs_model::generated::{ErrorId, ModuleId, route};
use serde_json::{Map, Value, json};

use super::body::Body;
use super::collection::{self, Place};
use super::document::{self, Document};
use super::languages::Languages;
use super::query::{self, Query};
use super::{fields, published, workflow};
use crate::endpoint::list::cut;
use crate::record::Stamps;
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles::Sight;
use crate::service::Scene;
use crate::store::{Tx, exists, keys, next_number};

/// `GET` of a collection
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let place = place(scene, tx)?;
    let query = Query::read(scene.call)?;
    let languages = Languages::of(scene, tx, place.collection)?;
    let sight = Sight::of(scene, tx, place.collection.module)?;
    let mut items = Vec::new();
    for (uid, document) in document::all(tx, &place)? {
        if !sight.as_ref().is_none_or(|sight| sight.sees(&place.name_in_rules(&uid), document.folder())) {
            continue;
        }
        let Some(form) = document.form(&languages.chain).filter(|form| query.matches(form)) else { continue };
        let mut form = form.clone();
        if scene.call.flag("include_publish_details") {
            add_publish_details(scene, tx, &place, &uid, &mut form)?;
        }
        hide_stage(scene, &mut form);
        query::project(scene.call, &mut form);
        items.push(Value::Object(form));
    }
    let mut answer = cut(scene.call, place.collection.many, items)?;
    add_content_type(scene, tx, &place, &mut answer)?;
    Ok(Reply::ok(answer))
}

/// `GET` of one document
pub(super) fn read(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let place = place(scene, tx)?;
    let (uid, document) = named_in_path(scene, tx, &place)?;
    let languages = Languages::of(scene, tx, place.collection)?;
    let form = document.form(&languages.chain).ok_or(Stop::from(place.collection.not_found))?;
    let mut form = match scene.call.parameter("version").filter(|_| place.collection.versioned) {
        Some(version) => at_version(tx, &place, &uid, form, languages.locale(), version)?,
        None => form.clone(),
    };
    add_publish_details(scene, tx, &place, &uid, &mut form)?;
    hide_stage(scene, &mut form);
    query::project(scene.call, &mut form);
    let mut answer = envelope(place.collection, form);
    add_content_type(scene, tx, &place, &mut answer)?;
    Ok(Reply::ok(answer))
}

/// `POST` to a collection
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let place = place(scene, tx)?;
    let collection = place.collection;
    let languages = Languages::of(scene, tx, collection)?;
    let locale = languages.locale();
    let mut body = Body::read(scene, collection)?;
    let mut problems = Problems::default();
    let uid = match collection.named {
        NamedBy::Drawn => scene.draw.uid(collection.one),
        NamedBy::Given => given_uid(&body, collection, &mut problems),
    };
    if !uid.is_empty() && document::get(tx, &place, &uid)?.is_some() {
        problems.at(collection.invalid, "uid", "is not unique");
    }
    for field in collection.required {
        if body.fields.get(*field).is_none_or(is_blank) {
            problems.at(collection.invalid, field, "is required");
        }
    }
    fields::types(collection, &body, &mut problems);
    fields::check(scene, tx, &place, &body, None, &mut problems)?;
    problems.sort_out()?;
    fields::settle(scene, tx, collection, &mut body)?;
    fields::complete(scene, collection, locale, &uid, None, &mut body);
    let mut form = body.fields;
    stamp(scene, collection, &uid, None, &mut form);
    let document = Document {
        number: next_number(tx)?,
        forms: [(locale.to_owned(), form.clone())].into_iter().collect(),
    };
    write(tx, &place, &uid, locale, &document, &form)?;
    let mut answer = envelope(collection, form);
    answer["notice"] = json!(format!("{} created successfully.", collection.title));
    Ok(Reply::created(answer))
}

/// `PUT` of one document: fields that the body leaves out stay as they are. A language that it does not have yet begins as
/// what it falls back on. A variant of an entry is made when it is not there.
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let place = place(scene, tx)?;
    let collection = place.collection;
    let makes = collection.create.is_none();
    let (uid, mut document) = match named_in_path(scene, tx, &place) {
        Err(Stop::Refused(_)) if makes => {
            let uid = last_argument(scene, collection);
            if !is_uid(&uid) {
                return Err(collection.not_found.into());
            }
            (uid, Document { number: next_number(tx)?, forms: Default::default() })
        }
        found => found?,
    };
    let languages = Languages::of(scene, tx, collection)?;
    let locale = languages.locale();
    let mut body = Body::read(scene, collection)?;
    let before = document.form(&languages.chain).cloned();
    let mut problems = Problems::default();
    for field in collection.required {
        if body.fields.get(*field).is_some_and(is_blank) {
            problems.at(collection.invalid, field, "is required");
        }
    }
    fields::types(collection, &body, &mut problems);
    fields::check(
        scene,
        tx,
        &place,
        &body,
        before.as_ref().map(|before| (uid.as_str(), before)),
        &mut problems,
    )?;
    problems.sort_out()?;
    fields::settle(scene, tx, collection, &mut body)?;
    fields::complete(scene, collection, locale, &uid, before.as_ref(), &mut body);
    let is_new_language = !document.forms.contains_key(locale);
    let mut form = before.clone().unwrap_or_default();
    form.append(&mut body.fields);
    stamp(scene, collection, &uid, before.as_ref().filter(|_| !is_new_language), &mut form);
    document.forms.insert(locale.to_owned(), form.clone());
    write(tx, &place, &uid, locale, &document, &form)?;
    hide_stage(scene, &mut form);
    let mut answer = envelope(collection, form);
    answer["notice"] = json!(format!("{} updated successfully.", collection.title));
    Ok(Reply::ok(answer))
}

/// `DELETE` of one document, with everything below it: an environment that showed it shows it no longer. With `locale`, of
/// one translation.
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let place = place(scene, tx)?;
    let collection = place.collection;
    let (uid, document) = named_in_path(scene, tx, &place)?;
    let languages = Languages::of(scene, tx, collection)?;
    remove(scene, tx, &place, (&uid, document), scene.call.parameter("locale").map(|_| &languages))?;
    match collection.deleted {
        200 => Ok(Reply::notice(&format!("{} deleted successfully.", collection.title))),
        status => Ok(Reply::empty(status)),
    }
}

/// Takes a document out, with all its translations unless it is another than the master language that is named.
pub(super) fn remove(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    place: &Place<'_>,
    (uid, mut document): (&str, Document),
    named: Option<&Languages>,
) -> Result<(), Stop> {
    match named.filter(|languages| languages.locale() != languages.master) {
        Some(languages) => {
            if document.forms.remove(languages.locale()).is_none() {
                return Err(place.collection.not_found.into());
            }
            document::put(tx, place, uid, &document)?;
            published::forget(scene, tx, place, uid, Some(languages.locale()))
        }
        None => {
            published::forget(scene, tx, place, uid, None)?;
            Ok(document::remove(tx, place, uid)?)
        }
    }
}

/// Where the request leads. What it is below of must be there.
pub(super) fn place<'a>(scene: &'a Scene<'_>, tx: &mut dyn Tx) -> Result<Place<'a>, Stop> {
    let (collection, _) = collection::of(scene.call.route).ok_or(Stop::from(ErrorId::RouteUnknown))?;
    place_in(scene, tx, collection)
}

/// The same of a request whose path begins as that of the collection.
pub(super) fn place_in<'a>(
    scene: &'a Scene<'_>,
    tx: &mut dyn Tx,
    collection: &'static Collection,
) -> Result<Place<'a>, Stop> {
    let place = Place::of(collection, scene)?;
    if collection.module.row().reach == Reach::OutsideStack {
        // Beside stacks there are organizations, which only their members know.
        let organization = scene.call.argument(0);
        if !exists(tx, &keys::member(organization, &scene.user()?.uid))? {
            return Err(ErrorId::OrgScopeWrong.into());
        }
    }
    let mut below = place.parent();
    while let Some((parent, uid)) = below {
        if document::get(tx, &parent, uid)?.is_none() {
            return Err(parent.collection.not_found.into());
        }
        below = parent.parent();
    }
    Ok(place)
}

fn named_in_path(scene: &Scene<'_>, tx: &mut dyn Tx, place: &Place<'_>) -> Result<(String, Document), Stop> {
    let uid = last_argument(scene, place.collection);
    let document = document::get(tx, place, &uid)?.ok_or(Stop::from(place.collection.not_found))?;
    Ok((uid, document))
}

fn last_argument(scene: &Scene<'_>, collection: &Collection) -> String {
    scene.call.argument(collection.path.matches('{').count()).to_owned()
}

fn at_version(
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    form: &Map<String, Value>,
    locale: &str,
    version: &str,
) -> Result<Map<String, Value>, Stop> {
    let unknown = || Stop::from(ErrorId::VersionNotFound);
    let version: u64 = version.parse().map_err(|_| unknown())?;
    if document::version_of(form) == version {
        return Ok(form.clone());
    }
    document::version(tx, place, uid, locale, version)?.ok_or_else(unknown)
}

/// A uid that whoever makes a document gives it. It stands in paths.
fn given_uid(body: &Body, collection: &Collection, problems: &mut Problems) -> String {
    match &body.uid {
        Some(Value::String(uid)) if is_uid(uid) => uid.clone(),
        None | Some(Value::Null) => {
            problems.at(collection.invalid, "uid", "is required");
            String::new()
        }
        Some(Value::String(_)) => {
            problems.at(collection.invalid, "uid", "is not valid");
            String::new()
        }
        Some(_) => {
            problems.at(collection.invalid, "uid", "is not a text");
            String::new()
        }
    }
}

/// Whether a text can be the uid of a document: it stands in paths, and in keys of the store, which some engines bound.
fn is_uid(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !text.is_empty() && text.len() <= 200 && text.chars().all(is_plain)
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Writes what the service itself knows into a form.
fn stamp(
    scene: &Scene<'_>,
    collection: &Collection,
    uid: &str,
    before: Option<&Map<String, Value>>,
    form: &mut Map<String, Value>,
) {
    let stamps = Stamps::new(scene.actor_uid(), scene.now);
    let kept = |name: &str| before.and_then(|before| before.get(name)).cloned();
    let created_at = kept("created_at").unwrap_or_else(|| json!(stamps.created_at));
    let created_by = kept("created_by").unwrap_or_else(|| json!(stamps.created_by));
    form.insert("uid".to_owned(), json!(uid));
    form.insert("created_at".to_owned(), created_at);
    form.insert("updated_at".to_owned(), json!(stamps.updated_at));
    form.insert("created_by".to_owned(), created_by);
    form.insert("updated_by".to_owned(), json!(stamps.updated_by));
    if collection.versioned {
        let version = before.map_or(0, document::version_of) + 1;
        form.insert("_version".to_owned(), json!(version));
    }
}

fn write(
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    locale: &str,
    document: &Document,
    form: &Map<String, Value>,
) -> Result<(), Stop> {
    document::put(tx, place, uid, document)?;
    if fields::is_published(place.collection) {
        document::put_version(tx, place, uid, locale, form)?;
    }
    Ok(())
}

fn envelope(collection: &Collection, form: Map<String, Value>) -> Value {
    // Whoever sends a team without an envelope reads it without one.
    if collection.bare && collection.module == ModuleId::Team {
        return Value::Object(form);
    }
    json!({ collection.one: form })
}

/// The stage of an entry in its workflow is shown to those who ask for it.
fn hide_stage(scene: &Scene<'_>, form: &mut Map<String, Value>) {
    if !scene.call.flag("include_workflow") {
        form.remove(workflow::STAGE);
    }
}

/// Where it is published, of what can be.
fn add_publish_details(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    form: &mut Map<String, Value>,
) -> Result<(), Stop> {
    if fields::is_published(place.collection) {
        let details = published::details(scene, tx, place, uid)?;
        form.insert("publish_details".to_owned(), Value::Array(details));
    }
    Ok(())
}

/// The model of entries beside them, if the request asks for it.
fn add_content_type(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    place: &Place<'_>,
    answer: &mut Value,
) -> Result<(), Stop> {
    let asked = scene.call.flag("include_content_type");
    let is_entries = [
        Some(route::GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES),
        Some(route::GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID),
    ]
    .contains(&Some(scene.call.route));
    if let Some((types, uid)) = place.parent().filter(|_| asked && is_entries)
        && let Some(content_type) = document::get(tx, &types, uid)?
    {
        answer["content_type"] = json!(content_type.only_form());
    }
    Ok(())
}
