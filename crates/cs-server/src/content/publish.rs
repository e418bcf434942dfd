//! Publishing entries and assets to environments, and taking them out again (OA3).

use cs_model::generated::{ErrorId, route};
use cs_model::{Moment, RouteId};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::collection::{Place, at};
use super::document::{self, Document};
use super::fields::has_languages;
use super::languages::Languages;
use super::published::{PublishedRecord, Shelf, State};
use crate::record::EnvironmentRecord;
use crate::refusal::{Problems, Refusal, Stop};
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{Tx, get_json, keys, next_number};

const ENTRIES: &str = "/v3/content_types/{content_type_uid}/entries";
const ASSETS: &str = "/v3/assets";

/// `POST .../publish`: what the environments show from now on. Later changes are drafts until they are published, too.
pub(super) fn publish(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let target = of_path(scene, tx)?;
    target.publish(scene, tx)?;
    Ok(Reply::notice(&format!("{} sent for publishing.", target.place.collection.title)))
}

/// `POST .../unpublish`
pub(super) fn unpublish(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let target = of_path(scene, tx)?;
    target.unpublish(scene, tx)?;
    Ok(Reply::notice(&format!("{} sent for unpublishing.", target.place.collection.title)))
}

/// An entry, with its content type, or an asset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) content_type: Option<&'a str>,
    pub(super) uid: &'a str,
}

impl<'a> Item<'a> {
    /// Where it is.
    pub(super) fn place(&self, api_key: &'a str, branch: &'a str) -> Result<Place<'a>, Stop> {
        let path = if self.content_type.is_some() { ENTRIES } else { ASSETS };
        let collection = at(path).ok_or(Stop::from(ErrorId::RouteUnknown))?;
        Ok(Place::new(collection, api_key, branch, self.content_type.into_iter().collect()))
    }

    /// Where it is, and what. Its content type must be there, too.
    pub(super) fn find(
        &self,
        tx: &mut dyn Tx,
        api_key: &'a str,
        branch: &'a str,
    ) -> Result<(Place<'a>, Document), Stop> {
        let place = self.place(api_key, branch)?;
        if let Some((types, uid)) = place.parent()
            && document::get(tx, &types, uid)?.is_none()
        {
            return Err(types.collection.not_found.into());
        }
        let document = document::get(tx, &place, self.uid)?.ok_or(Stop::from(place.collection.not_found))?;
        Ok((place, document))
    }
}

/// What the request for one document says.
fn of_path<'a>(scene: &'a Scene<'_>, tx: &mut dyn Tx) -> Result<Target<'a>, Stop> {
    let is_asset = is_of_assets(scene.call.route);
    let item = match is_asset {
        true => Item { content_type: None, uid: scene.call.argument(0) },
        false => Item { content_type: Some(scene.call.argument(0)), uid: scene.call.argument(1) },
    };
    let (place, document) = item.find(tx, scene.api_key()?, scene.branch_uid())?;
    let body = scene.call.body()?;
    let Some(Value::Object(wanted)) = body.get(place.collection.one) else {
        return Err(ErrorId::BodyInvalid.into());
    };
    let mut problems = Problems::default();
    let names = names(wanted, "environments", &mut problems);
    let mut locales = match wanted.get("locales") {
        None | Some(Value::Null) => Vec::new(),
        Some(_) => self::names(wanted, "locales", &mut problems),
    };
    let version = version(body.get("version"), "version", &mut problems);
    let is_later = scheduled(&body, scene.now, &mut problems);
    problems.sort_out()?;
    let environments = environments(scene, tx, &names)?;
    if is_later {
        // Nothing here waits for a time; saying that it will be done would be untrue.
        return Err(Refusal::not_served(scene.call.route).into());
    }
    if locales.is_empty() {
        let named = body.get("locale").and_then(Value::as_str).or(scene.call.parameter("locale"));
        locales.push(named.unwrap_or(&scene.stack()?.master_locale).to_owned());
    }
    Target::new(scene, tx, (place, document), item.uid, environments, locales, version)
}

/// The number of a version; none is the last.
pub(super) fn version(value: Option<&Value>, key: &str, problems: &mut Problems) -> Option<u64> {
    let value = value.filter(|value| !value.is_null())?;
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    if number.is_none() {
        problems.at(ErrorId::FieldInvalid, key, "is not a number");
    }
    number
}

/// What is to be published, and where.
pub(super) struct Target<'a> {
    place: Place<'a>,
    uid: String,
    document: Document,
    environments: Vec<EnvironmentRecord>,
    locales: Vec<String>,
    version: Option<u64>,
}

impl<'a> Target<'a> {
    /// One document, in languages that the branch has.
    pub(super) fn new(
        scene: &Scene<'_>,
        tx: &mut dyn Tx,
        (place, document): (Place<'a>, Document),
        uid: &str,
        environments: Vec<EnvironmentRecord>,
        mut locales: Vec<String>,
        version: Option<u64>,
    ) -> Result<Self, Stop> {
        for locale in &mut locales {
            *locale = Languages::named(scene, tx, Some(locale))?.locale().to_owned();
        }
        Ok(Self { place, uid: uid.to_owned(), document, environments, locales, version })
    }

    /// Shows it in the environments from now on.
    pub(super) fn publish(&self, scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<(), Stop> {
        let master = scene.stack()?.master_locale.to_lowercase();
        let mut forms = Vec::new();
        for locale in &self.locales {
            forms.push((locale, self.form(tx, locale, &master)?));
        }
        for environment in &self.environments {
            for (locale, form) in &forms {
                let shown = Some(form.clone());
                self.put(scene, tx, environment, locale, State::Published, shown)?;
            }
        }
        Ok(())
    }

    /// Shows it in the environments no longer.
    pub(super) fn unpublish(&self, scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<(), Stop> {
        for environment in &self.environments {
            for locale in &self.locales {
                let shelf = self.shelf(scene, environment)?;
                if shelf.get(tx, self.place.collection, self.parent(), &self.uid, locale)?.is_some() {
                    self.put(scene, tx, environment, locale, State::Unpublished, None)?;
                }
            }
        }
        Ok(())
    }

    /// What is published: a translation must be there, and so must the version.
    fn form(&self, tx: &mut dyn Tx, locale: &str, master: &str) -> Result<Map<String, Value>, Stop> {
        let kept = if has_languages(self.place.collection) { locale } else { "" };
        let form = self.document.forms.get(kept).ok_or(Stop::from(self.place.collection.not_found))?;
        match self.version {
            // The version is that of the master language where several are published at once.
            Some(version) if locale == master || self.locales.len() == 1 => {
                if document::version_of(form) == version {
                    return Ok(form.clone());
                }
                let found = document::version(tx, &self.place, &self.uid, kept, version)?;
                found.ok_or_else(|| ErrorId::VersionNotFound.into())
            }
            _ => Ok(form.clone()),
        }
    }

    fn parent(&self) -> &'a str {
        self.place.parent().map(|(_, uid)| uid).unwrap_or_default()
    }

    fn shelf<'s>(&self, scene: &'s Scene<'_>, environment: &'s EnvironmentRecord) -> Result<Shelf<'s>, Stop> {
        Ok(Shelf { api_key: scene.api_key()?, branch: scene.branch_uid(), environment: &environment.uid })
    }

    fn put(
        &self,
        scene: &Scene<'_>,
        tx: &mut dyn Tx,
        environment: &EnvironmentRecord,
        locale: &str,
        state: State,
        form: Option<Map<String, Value>>,
    ) -> Result<(), Stop> {
        let parent = self.parent();
        let record = PublishedRecord {
            number: next_number(tx)?,
            state,
            uid: self.uid.clone(),
            content_type: (!parent.is_empty()).then(|| parent.to_owned()),
            locale: locale.to_owned(),
            at: Moment::from_timestamp(scene.now),
            by: scene.actor_uid().to_owned(),
            version: form.as_ref().map(document::version_of).unwrap_or_default(),
            form,
        };
        Ok(self.shelf(scene, environment)?.put(tx, self.place.collection, &record)?)
    }
}

fn is_of_assets(id: RouteId) -> bool {
    [route::POST_ASSETS_BY_ASSET_UID_PUBLISH, route::POST_ASSETS_BY_ASSET_UID_UNPUBLISH].contains(&id)
}

/// The environments of these names; uids are taken, too. One that is not there is told as one that is closed: "unknown or
/// forbidden" have one number.
pub(super) fn environments(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    names: &[String],
) -> Result<Vec<EnvironmentRecord>, Stop> {
    let api_key = scene.api_key()?;
    let mut found = Vec::new();
    for name in names {
        let uid: Option<String> = get_json(tx, &keys::env_name(api_key, name))?;
        let environment: Option<EnvironmentRecord> =
            get_json(tx, &keys::env(api_key, uid.as_deref().unwrap_or(name)))?;
        let environment = environment.ok_or(Stop::from(ErrorId::EnvironmentForbidden))?;
        if !roles::publishes_to(scene, tx, &environment.uid)? {
            return Err(ErrorId::EnvironmentForbidden.into());
        }
        found.push(environment);
    }
    Ok(found)
}

pub(super) fn names(wanted: &Map<String, Value>, key: &str, problems: &mut Problems) -> Vec<String> {
    let list = wanted.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> =
        list.iter().filter_map(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.is_empty() || names.len() != list.len() {
        problems.at(ErrorId::FieldInvalid, key, "is not a list of names");
    }
    names
}

/// Whether it is to be done later.
pub(super) fn scheduled(body: &Map<String, Value>, now: Timestamp, problems: &mut Problems) -> bool {
    match body.get("scheduled_at") {
        None | Some(Value::Null) => false,
        Some(time) => match time.as_str().and_then(|time| time.parse::<Timestamp>().ok()) {
            Some(time) => time > now,
            None => {
                problems.at(ErrorId::FieldInvalid, "scheduled_at", "is not a time");
                false
            }
        },
    }
}
