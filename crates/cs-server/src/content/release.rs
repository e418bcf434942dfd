//! What is in a release (OA3; JS; JAVA): entries and assets, each with a version and what is to be done with it.

mod moves;

use cs_model::generated::{Action, ErrorId, route};
use cs_model::{Moment, RouteId};
use serde_json::{Map, Value, json};

use super::bulk;
use super::collection::{Place, at};
use super::document::{self, Document};
use super::languages::Languages;
use super::publish::{self, Item, Target};
use crate::record::Stamps;
use crate::refusal::{Problems, Refusal, Stop, no_list, no_text};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{Tx, next_number};

pub(super) use moves::{move_to, update};

const RELEASES: &str = "/v3/releases";

/// How the vendor calls the content type of assets in a release.
const OF_ASSETS: &str = "built_io_upload";

/// `GET /v3/releases/{release_uid}/items`
pub(super) fn items(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let release = Release::named(scene, tx)?;
    Ok(Reply::ok(crate::endpoint::list::cut(
        scene.call,
        "items",
        release.items().into_iter().rev().collect(),
    )?))
}

/// `POST .../items`, and `POST .../item` for one: what is there already, in the same language, is replaced.
pub(super) fn add(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut release = Release::open(scene, tx)?;
    let mut items = release.items();
    for mut added in read(scene, tx, true)? {
        added.insert("_added_at".to_owned(), json!(Moment::from_timestamp(scene.now)));
        items.retain(|item| !is_same(item, &added));
        items.push(Value::Object(added));
    }
    release.put(scene, tx, items)?;
    Ok(release.done("Item(s) added to release successfully."))
}

/// `DELETE .../items`, also with `all=true`, and `DELETE .../item` for one
pub(super) fn remove(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut release = Release::open(scene, tx)?;
    let mut items = release.items();
    if scene.call.flag("all") {
        items.clear();
    } else {
        let mut problems = Problems::default();
        for (number, gone) in read(scene, tx, false)?.iter().enumerate() {
            let before = items.len();
            items.retain(|item| !is_same(item, gone));
            if items.len() == before {
                problems.at(ErrorId::FieldInvalid, &format!("items.{number}"), "is not in the release");
            }
        }
        problems.sort_out()?;
    }
    release.put(scene, tx, items)?;
    Ok(release.done("Item(s) removed from release successfully."))
}

/// `POST .../deploy`: publishes what is in it, or takes it out, each item as it says unless the request says otherwise.
pub(super) fn deploy(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let release = Release::named(scene, tx)?;
    let wanted = scene.call.object("release")?;
    let mut problems = Problems::default();
    let names = publish::names(&wanted, "environments", &mut problems);
    let is_later = publish::scheduled(&wanted, scene.now, &mut problems);
    let action = wanted.get("action").filter(|action| !action.is_null());
    if action.is_some_and(|action| action != "publish" && action != "unpublish") {
        problems.at(ErrorId::FieldInvalid, "action", "is neither `publish` nor `unpublish`");
    }
    problems.sort_out()?;
    let environments = publish::environments(scene, tx, &names)?;
    if is_later {
        return Err(Refusal::not_served(scene.call.route).into());
    }
    let mut problems = Problems::default();
    for (number, item) in release.items().iter().enumerate() {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        let one = Item { content_type: content_type(item), uid: text("uid") };
        let version = item.get("version").and_then(Value::as_u64);
        let locales = vec![text("locale").to_owned()];
        let is_published = action.unwrap_or(&item["action"]) == "publish";
        bulk::is_open(scene, tx, one, Some(text("locale")), Action::Publish)?;
        let found = one.find(tx, scene.api_key()?, scene.branch_uid());
        let done = found.and_then(|found| {
            let target = Target::new(scene, tx, found, one.uid, environments.clone(), locales, version)?;
            if is_published { target.publish(scene, tx) } else { target.unpublish(scene, tx) }
        });
        match done {
            Ok(()) => {}
            // It may be gone since it was added.
            Err(Stop::Refused(refusal)) => {
                problems.at(refusal.id(), &format!("items.{number}"), refusal.id().row().message);
            }
            Err(stop) => return Err(stop),
        }
    }
    problems.sort_out()?;
    Ok(Reply::notice("The release has been deployed."))
}

/// `POST .../clone`: another release with the same items.
pub(super) fn clone(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut release = Release::named(scene, tx)?;
    let wanted = scene.call.object("release")?;
    let name = wanted.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
    let description = wanted.get("description").filter(|text| !text.is_null());
    let mut problems = Problems::default();
    if name.is_none() {
        problems.at(ErrorId::FieldInvalid, "name", no_text(wanted.get("name")));
    }
    if description.is_some_and(|text| !text.is_string()) {
        problems.at(ErrorId::FieldInvalid, "description", "is not a text");
    }
    problems.sort_out()?;
    release.uid = scene.draw.uid("release");
    release.document.number = next_number(tx)?;
    let stamps = Stamps::new(scene.actor_uid(), scene.now);
    let form = release.form();
    form.insert("name".to_owned(), json!(name));
    form.insert("description".to_owned(), description.cloned().unwrap_or_else(|| json!("")));
    form.insert("locked".to_owned(), json!(false));
    form.insert("created_at".to_owned(), json!(stamps.created_at));
    form.insert("created_by".to_owned(), json!(stamps.created_by));
    let uid = release.uid.clone();
    release.form().insert("uid".to_owned(), json!(uid));
    let items = release.items();
    release.put(scene, tx, items)?;
    Ok(Reply::created(json!({ "notice": "Release cloned successfully.", "release": release.form() })))
}

/// A release, and where it is.
struct Release<'a> {
    place: Place<'a>,
    uid: String,
    document: Document,
}

impl<'a> Release<'a> {
    /// The one that the path names.
    fn named(scene: &'a Scene<'_>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        Self::of_uid(scene, tx, scene.call.argument(0))
    }

    fn of_uid(scene: &'a Scene<'_>, tx: &mut dyn Tx, uid: &str) -> Result<Self, Stop> {
        let collection = at(RELEASES).ok_or(Stop::from(ErrorId::RouteUnknown))?;
        let place = Place::new(collection, scene.api_key()?, scene.branch_uid(), Vec::new());
        let document = document::get(tx, &place, uid)?.ok_or(Stop::from(collection.not_found))?;
        Ok(Self { place, uid: uid.to_owned(), document })
    }

    /// The one that the path names, to be changed.
    fn open(scene: &'a Scene<'_>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        Self::named(scene, tx)?.unlocked()
    }

    /// To be changed: a locked one stays as it is.
    fn unlocked(mut self) -> Result<Self, Stop> {
        let mut problems = Problems::default();
        if self.form().get("locked") == Some(&Value::Bool(true)) {
            problems.at(ErrorId::FieldInvalid, "locked", "the release is locked");
        }
        problems.sort_out()?;
        Ok(self)
    }

    fn form(&mut self) -> &mut Map<String, Value> {
        self.document.forms.entry(String::new()).or_default()
    }

    fn items(&self) -> Vec<Value> {
        let items = self.document.only_form().and_then(|form| form.get("items")?.as_array());
        items.cloned().unwrap_or_default()
    }

    fn put(&mut self, scene: &Scene<'_>, tx: &mut dyn Tx, items: Vec<Value>) -> Result<(), Stop> {
        let stamps = Stamps::new(scene.actor_uid(), scene.now);
        let form = self.form();
        form.insert("items".to_owned(), Value::Array(items));
        form.insert("updated_at".to_owned(), json!(stamps.updated_at));
        form.insert("updated_by".to_owned(), json!(stamps.updated_by));
        Ok(document::put(tx, &self.place, &self.uid, &self.document)?)
    }

    fn done(&mut self, notice: &str) -> Reply {
        Reply::ok(json!({ "notice": notice, "release": self.form() }))
    }
}

/// The items of a body. Those that are added must be there, with the version that is named.
fn read(scene: &Scene<'_>, tx: &mut dyn Tx, is_added: bool) -> Result<Vec<Map<String, Value>>, Stop> {
    let body = scene.call.body()?;
    let listed = match (is_of_one(scene.call.route), body.get("item"), body.get("items")) {
        (true, Some(item), _) => vec![item],
        (_, _, Some(Value::Array(items))) if !items.is_empty() => items.iter().collect(),
        _ => {
            let says = no_list(body.get("items"));
            return Err(Refusal::new(ErrorId::BodyInvalid).with("items", says).into());
        }
    };
    let mut problems = Problems::default();
    let mut read = Vec::new();
    for (number, value) in listed.into_iter().enumerate() {
        let key = format!("items.{number}");
        let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(uid) = text("uid") else {
            let says = if value.get("uid").is_some_and(|uid| !uid.is_string()) {
                "`uid` is not a text"
            } else {
                "has no `uid`"
            };
            problems.at(ErrorId::FieldInvalid, &key, says);
            continue;
        };
        let action = text("action").unwrap_or("publish");
        if !matches!(action, "publish" | "unpublish") {
            problems.at(ErrorId::FieldInvalid, &key, "`action` is neither `publish` nor `unpublish`");
        }
        let item = Item { content_type: content_type(value), uid };
        let language =
            Languages::named(scene, tx, text("locale")).map(|languages| languages.locale().to_owned());
        let checked = language.and_then(|locale| {
            let version = publish::version(value.get("version"), &key, &mut problems);
            let version =
                if is_added { Some(version_of(scene, tx, item, &locale, version)?) } else { version };
            Ok((locale, version))
        });
        match checked {
            Ok((locale, version)) => {
                let item = json!({
                    "uid": uid, "version": version, "locale": locale, "action": action,
                    "content_type_uid": item.content_type.unwrap_or(OF_ASSETS),
                });
                read.extend(item.as_object().cloned());
            }
            Err(Stop::Refused(refusal)) => problems.at(refusal.id(), &key, refusal.id().row().message),
            Err(stop) => return Err(stop),
        }
    }
    problems.sort_out()?;
    Ok(read)
}

/// The version of an item, which must have been: the last when none is named.
fn version_of(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    item: Item<'_>,
    locale: &str,
    version: Option<u64>,
) -> Result<u64, Stop> {
    let (place, document) = item.find(tx, scene.api_key()?, scene.branch_uid())?;
    let kept = if item.content_type.is_some() { locale } else { "" };
    let form = document.forms.get(kept).ok_or(Stop::from(place.collection.not_found))?;
    let last = document::version_of(form);
    match version {
        Some(version) if version != last => {
            let found = document::version(tx, &place, item.uid, kept, version)?;
            found.map(|_| version).ok_or_else(|| ErrorId::VersionNotFound.into())
        }
        _ => Ok(last),
    }
}

/// The content type of an entry; none of an asset.
fn content_type(item: &Value) -> Option<&str> {
    let named = item.get("content_type_uid").and_then(Value::as_str);
    named.filter(|uid| !matches!(*uid, "" | OF_ASSETS | "sys_assets"))
}

/// Whether two items are the same thing in the same language.
fn is_same(item: &Value, other: &Map<String, Value>) -> bool {
    ["uid", "content_type_uid", "locale"].iter().all(|key| item.get(*key) == other.get(*key))
}

fn is_of_one(id: RouteId) -> bool {
    [route::POST_RELEASES_BY_RELEASE_UID_ITEM, route::DELETE_RELEASES_BY_RELEASE_UID_ITEM].contains(&id)
}
