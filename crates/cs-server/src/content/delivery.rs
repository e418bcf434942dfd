//! The delivery API (CDA-OA), and what the preview hosts show (JS-delivery, `src/core/lib/utils.js`): content as readers get it.
//!
//! What is published is read from where publishing put it, drafts from the documents themselves. Which of both a request
//! reads was settled when it was let in.

use std::collections::BTreeMap;

use cs_model::facts::Collection;
use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use super::collection::{Place, at};
use super::document::{self, Document};
use super::languages::Languages;
use super::published::{PublishedRecord, Shelf, State};
use super::query::{self, Query};
use super::{references, workflow};
use crate::endpoint::list::cut;
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::Tx;

const CONTENT_TYPES: &str = "/v3/content_types";
const ENTRIES: &str = "/v3/content_types/{content_type_uid}/entries";
const ASSETS: &str = "/v3/assets";

/// `GET /v3/content_types`, `GET /v3/global_fields`: models are not published, they are there.
pub(super) fn models(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let collection = known(scene.call.route.row().template)?;
    let place = Place::new(collection, scene.api_key()?, scene.branch_uid(), Vec::new());
    let all = document::all(tx, &place)?;
    let items = all.iter().filter_map(|(_, document)| document.only_form()).map(|form| json!(form));
    Ok(Reply::ok(cut(scene.call, collection.many, items.collect())?))
}

/// `GET` of one of them
pub(super) fn model(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let template = scene.call.route.row().template;
    let collection = known(template.rsplit_once("/{").map_or(template, |(list, _)| list))?;
    let place = Place::new(collection, scene.api_key()?, scene.branch_uid(), Vec::new());
    let document = document::get(tx, &place, scene.call.argument(0))?;
    let document = document.ok_or(Stop::from(collection.not_found))?;
    Ok(Reply::ok(json!({ collection.one: document.only_form() })))
}

/// `GET /v3/content_types/{content_type_uid}/entries`
pub(super) fn entries(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let content_type = content_type(scene, tx)?;
    let readable = Readable::new(scene, tx)?;
    let mut found = readable.all(tx, known(ENTRIES)?, Some(scene.call.argument(0)))?;
    for form in &mut found {
        readable.include(tx, form)?;
    }
    let mut answer = page(scene, "entries", found)?;
    if scene.call.flag("include_content_type") {
        answer["content_type"] = Value::Object(content_type);
    }
    Ok(Reply::ok(answer))
}

/// `GET /v3/content_types/{content_type_uid}/entries/{entry_uid}`
pub(super) fn entry(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let content_type = content_type(scene, tx)?;
    let (parent, uid) = (scene.call.argument(0), scene.call.argument(1));
    let mut answer = Readable::new(scene, tx)?.one(tx, known(ENTRIES)?, Some(parent), uid)?;
    if scene.call.flag("include_content_type") {
        answer["content_type"] = Value::Object(content_type);
    }
    Ok(Reply::ok(answer))
}

/// `GET /v3/assets`
pub(super) fn assets(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let found = Readable::new(scene, tx)?.all(tx, known(ASSETS)?, None)?;
    Ok(Reply::ok(page(scene, "assets", found)?))
}

/// `GET /v3/assets/{asset_uid}`
pub(super) fn asset(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    Ok(Reply::ok(Readable::new(scene, tx)?.one(tx, known(ASSETS)?, None, scene.call.argument(0))?))
}

/// `GET /v3/taxonomies/entries`: entries of all content types that a query on terms means, as in
/// `{"taxonomies.colour": "red"}`.
pub(super) fn entries_of_terms(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let readable = Readable::new(scene, tx)?;
    let collection = known(ENTRIES)?;
    let types = Place::new(known(CONTENT_TYPES)?, scene.api_key()?, scene.branch_uid(), Vec::new());
    let mut found = Vec::new();
    let uids: Vec<String> = document::all(tx, &types)?.into_iter().map(|(uid, _)| uid).collect();
    for uid in uids {
        for mut entry in readable.all(tx, collection, Some(&uid))? {
            if entry.get("taxonomies").and_then(Value::as_array).is_some_and(|terms| !terms.is_empty()) {
                entry.insert("_content_type_uid".to_owned(), json!(uid));
                found.push(entry);
            }
        }
    }
    Ok(Reply::ok(page(scene, "entries", found)?))
}

/// The content type that the path names.
fn content_type(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Map<String, Value>, Stop> {
    let types = Place::new(known(CONTENT_TYPES)?, scene.api_key()?, scene.branch_uid(), Vec::new());
    let found = document::get(tx, &types, scene.call.argument(0))?;
    let found = found.and_then(|document| document.only_form().cloned());
    found.ok_or_else(|| types.collection.not_found.into())
}

fn known(path: &str) -> Result<&'static Collection, Stop> {
    at(path).ok_or_else(|| ErrorId::RouteUnknown.into())
}

/// Filtered, ordered, cut into pages, without fields that nobody asked for.
fn page(scene: &Scene<'_>, name: &str, found: Vec<Map<String, Value>>) -> Result<Value, Stop> {
    let query = Query::read(scene.call)?;
    let meant = found.into_iter().filter(|form| query.matches(form)).map(|mut form| {
        query::project(scene.call, &mut form);
        Value::Object(form)
    });
    Ok(cut(scene.call, name, meant.collect())?)
}

/// What a request may read: what an environment shows, or drafts.
struct Readable<'a> {
    scene: &'a Scene<'a>,
    shelf: Option<Shelf<'a>>,
    /// The language, and those that it falls back on.
    languages: Vec<String>,
}

impl<'a> Readable<'a> {
    fn new(scene: &'a Scene<'a>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        let shelf = match (&scene.environment, scene.is_draft) {
            (_, true) => None,
            (Some(environment), false) => Some(Shelf {
                api_key: scene.api_key()?,
                branch: scene.branch_uid(),
                environment: &environment.uid,
            }),
            // Named, and not there.
            (None, false) => return Err(ErrorId::EnvironmentForbidden.into()),
        };
        Ok(Self { scene, shelf, languages: Languages::read(scene, tx)?.chain })
    }

    /// The languages in which published content is looked for: only the one, unless the request asks for more.
    fn shown_in(&self) -> &[String] {
        let count = if self.scene.call.flag("include_fallback") { self.languages.len() } else { 1 };
        self.languages.get(..count).unwrap_or_default()
    }

    /// All documents of a collection, oldest first.
    fn all(
        &self,
        tx: &mut dyn Tx,
        collection: &'static Collection,
        parent: Option<&str>,
    ) -> Result<Vec<Map<String, Value>>, Stop> {
        let Some(shelf) = &self.shelf else {
            let place = self.place(collection, parent)?;
            let all = document::all(tx, &place)?;
            return Ok(all.iter().filter_map(|(_, document)| self.draft(document)).collect());
        };
        let mut shown = shelf.all(tx, Some(collection), parent.unwrap_or_default())?;
        shown.retain(|record| record.state == State::Published);
        // Of each document the first language that it is shown in.
        let place = |locale: &String| self.shown_in().iter().position(|known| known == locale);
        let mut best: BTreeMap<&str, usize> = BTreeMap::new();
        for record in &shown {
            if let Some(place) = place(&record.locale) {
                best.entry(&record.uid).and_modify(|best| *best = place.min(*best)).or_insert(place);
            }
        }
        let is_best = |record: &&PublishedRecord| {
            place(&record.locale).is_some_and(|place| best.get(record.uid.as_str()) == Some(&place))
        };
        Ok(shown.iter().filter(is_best).filter_map(|record| record.shown(shelf.environment)).collect())
    }

    /// One document, in its envelope, with what it refers to where the request asks for that.
    fn one(
        &self,
        tx: &mut dyn Tx,
        collection: &'static Collection,
        parent: Option<&str>,
        uid: &str,
    ) -> Result<Value, Stop> {
        let found = self.find(tx, collection, parent, uid)?;
        let mut form = found.ok_or(Stop::from(collection.not_found))?;
        self.include(tx, &mut form)?;
        query::project(self.scene.call, &mut form);
        Ok(json!({ collection.one: form }))
    }

    /// Puts entries in the place of references, at the paths in `include[]`.
    fn include(&self, tx: &mut dyn Tx, form: &mut Map<String, Value>) -> Result<(), Stop> {
        let entries = known(ENTRIES)?;
        for path in self.scene.call.parameters("include[]") {
            references::include(form, path, &mut |content_type, uid| {
                self.find(tx, entries, Some(content_type), uid)
            })?;
        }
        Ok(())
    }

    /// One document.
    fn find(
        &self,
        tx: &mut dyn Tx,
        collection: &'static Collection,
        parent: Option<&str>,
        uid: &str,
    ) -> Result<Option<Map<String, Value>>, Stop> {
        Ok(match &self.shelf {
            None => {
                let place = self.place(collection, parent)?;
                document::get(tx, &place, uid)?.and_then(|document| self.draft(&document))
            }
            Some(shelf) => {
                let mut found = None;
                for locale in self.shown_in() {
                    if found.is_none() {
                        found = shelf.get(tx, collection, parent.unwrap_or_default(), uid, locale)?;
                    }
                }
                found.and_then(|record| record.shown(shelf.environment))
            }
        })
    }

    fn place<'s>(
        &'s self,
        collection: &'static Collection,
        parent: Option<&'s str>,
    ) -> Result<Place<'s>, Stop> {
        let parents = parent.into_iter().collect();
        Ok(Place::new(collection, self.scene.api_key()?, self.scene.branch_uid(), parents))
    }

    /// A draft in the language of the request. Where it is not translated, what it falls back on is what editors see.
    fn draft(&self, document: &Document) -> Option<Map<String, Value>> {
        let mut form = document.form(&self.languages)?.clone();
        form.remove("ACL");
        form.remove(workflow::STAGE);
        Some(form)
    }
}
