//! Many entries and assets at once (OA3): all of them, or none. What the vendor does one after another, behind the answer, is done
//! here before it; so there are no jobs to ask for.

use cs_model::generated::{Action, ErrorId, ModuleId};
use serde_json::{Map, Value};

use super::handlers;
use super::languages::Languages;
use super::publish::{self, Item, Target};
use crate::record::EnvironmentRecord;
use crate::refusal::{Problems, Refusal, Stop};
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::Tx;

/// `POST /v3/bulk/publish`
pub(super) fn publish(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    publish_all(scene, tx, |target, scene, tx| target.publish(scene, tx))?;
    Ok(Reply::notice("Your bulk publish request has been carried out."))
}

/// `POST /v3/bulk/unpublish`
pub(super) fn unpublish(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    publish_all(scene, tx, |target, scene, tx| target.unpublish(scene, tx))?;
    Ok(Reply::notice("Your bulk unpublish request has been carried out."))
}

/// `POST /v3/bulk/delete`
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let body = scene.call.body()?;
    for_each(&body, tx, |tx, one| {
        is_open(scene, tx, one.item, one.locale, Action::Delete)?;
        let (place, document) = one.item.find(tx, scene.api_key()?, scene.branch_uid())?;
        let languages = match one.locale {
            Some(locale) => Some(Languages::named(scene, tx, Some(locale))?),
            None => None,
        };
        let languages = languages.filter(|_| one.item.content_type.is_some());
        handlers::remove(scene, tx, &place, (one.item.uid, document), languages.as_ref())
    })?;
    Ok(Reply::notice("Your bulk delete request has been carried out."))
}

/// One of the things that a body names.
struct One<'a> {
    item: Item<'a>,
    locale: Option<&'a str>,
    version: Option<&'a Value>,
}

/// Whether the roles of whoever asks let one item be changed: many at once are no way around rules on single ones.
pub(super) fn is_open(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    item: Item<'_>,
    locale: Option<&str>,
    action: Action,
) -> Result<(), Stop> {
    let module = if item.content_type.is_some() { ModuleId::Entry } else { ModuleId::Asset };
    let wanted = roles::Wanted { action, module, content_type: item.content_type, uid: item.uid, locale };
    if roles::may(scene, tx, &wanted)? { Ok(()) } else { Err(ErrorId::NoPermission.into()) }
}

fn publish_all(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    act: fn(&Target<'_>, &Scene<'_>, &mut dyn Tx) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let body = scene.call.body()?;
    let mut problems = Problems::default();
    let names = publish::names(&body, "environments", &mut problems);
    let locales = match body.get("locales") {
        None | Some(Value::Null) => Vec::new(),
        Some(_) => publish::names(&body, "locales", &mut problems),
    };
    let is_later = publish::scheduled(&body, scene.now, &mut problems);
    problems.sort_out()?;
    let environments: Vec<EnvironmentRecord> = publish::environments(scene, tx, &names)?;
    if is_later {
        return Err(Refusal::not_served(scene.call.route).into());
    }
    for_each(&body, tx, |tx, one| {
        is_open(scene, tx, one.item, one.locale, Action::Publish)?;
        let found = one.item.find(tx, scene.api_key()?, scene.branch_uid())?;
        let mut problems = Problems::default();
        let version = publish::version(one.version, "version", &mut problems);
        problems.sort_out()?;
        let master = &scene.stack()?.master_locale;
        let own = || vec![one.locale.unwrap_or(master).to_owned()];
        let locales = if locales.is_empty() { own() } else { locales.clone() };
        let target = Target::new(scene, tx, found, one.item.uid, environments.clone(), locales, version)?;
        act(&target, scene, tx)
    })
}

/// Does something with all that a body names, and tells of all that could not be.
fn for_each(
    body: &Map<String, Value>,
    tx: &mut dyn Tx,
    mut work: impl FnMut(&mut dyn Tx, &One<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut problems = Problems::default();
    let mut count = 0;
    for list in ["entries", "assets"] {
        let items = match body.get(list) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(items)) => items,
            Some(_) => {
                problems.at(ErrorId::FieldInvalid, list, "is not a list");
                continue;
            }
        };
        for (number, value) in items.iter().enumerate() {
            count += 1;
            let key = format!("{list}.{number}");
            let Some(one) = one(list, value) else {
                problems.at(ErrorId::FieldInvalid, &key, "names nothing by its `uid` and `content_type`");
                continue;
            };
            match work(tx, &one) {
                Ok(()) => {}
                // What the whole request lacks is no matter of one item.
                Err(Stop::Refused(refusal)) if refusal.id() != ErrorId::NoPermission => {
                    problems.at(refusal.id(), &key, refusal.id().row().message);
                }
                Err(stop) => return Err(stop),
            }
        }
    }
    if count == 0 {
        problems.at(ErrorId::FieldInvalid, "entries", "is required, or `assets` is");
    }
    Ok(problems.sort_out()?)
}

fn one<'a>(list: &str, value: &'a Value) -> Option<One<'a>> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let content_type = text("content_type").or_else(|| text("content_type_uid"));
    let item = Item { content_type: content_type.filter(|_| list == "entries"), uid: text("uid")? };
    if list == "entries" && item.content_type.is_none() {
        return None;
    }
    Some(One { item, locale: text("locale"), version: value.get("version") })
}
