//! `GET /v3/stacks/sync` (CDA-OA): all that an environment shows, then what has changed since.

use cs_model::generated::{COLLECTIONS, ErrorId, ModuleId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cursor::{Cursor, Filter};
use super::published::{PublishedRecord, Shelf, State};
use crate::refusal::{Problems, Refusal, Stop};
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{Tx, get_json, keys};

/// How many items a page has.
const PAGE: usize = 100;

/// The route. `init=true` begins; `pagination_token` goes on to the next page and `sync_token` asks what is new.
pub(super) fn sync(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let environment = scene.environment.as_ref().ok_or(Stop::from(ErrorId::EnvironmentForbidden))?;
    let shelf =
        Shelf { api_key: scene.api_key()?, branch: scene.branch_uid(), environment: &environment.uid };
    let now: u64 = get_json(tx, keys::COUNTER)?.unwrap_or_default();
    let mut cursor = match Cursor::read(scene.call)? {
        Some(cursor) if cursor.environment == environment.uid && cursor.branch == scene.branch_uid() => {
            cursor
        }
        None if scene.call.flag("init") => Cursor {
            environment: environment.uid.clone(),
            branch: scene.branch_uid().to_owned(),
            position: 0,
            begun: Some(now),
            filter: filter(scene)?,
        },
        _ => return Err(ErrorId::SyncTokenInvalid.into()),
    };
    let mut changes: Vec<(&str, PublishedRecord)> = Vec::new();
    for module in [ModuleId::Entry, ModuleId::Asset] {
        for collection in COLLECTIONS.iter().filter(|collection| collection.module == module) {
            let all = shelf.all(tx, Some(collection), "")?;
            changes.extend(all.into_iter().map(|record| (collection.one, record)));
        }
    }
    changes.retain(|(kind, record)| is_meant(&cursor, kind, record));
    changes.sort_by_key(|(_, record)| record.number);
    let total = changes.len();
    let is_last = total <= PAGE;
    changes.truncate(PAGE);
    cursor.position = match changes.last() {
        Some((_, record)) if !is_last => record.number,
        _ => now,
    };
    let items: Vec<Value> =
        changes.iter().map(|(kind, record)| item(kind, record, &environment.uid)).collect();
    let mut answer = json!({ "items": items, "skip": 0, "limit": PAGE, "total_count": total });
    if is_last {
        cursor.begun = None;
        answer["sync_token"] = json!(cursor.write()?);
    } else {
        answer["pagination_token"] = json!(cursor.write()?);
    }
    Ok(Reply::ok(answer))
}

/// Whether a change is one that the client does not know, and wants to.
fn is_meant(cursor: &Cursor, kind: &str, record: &PublishedRecord) -> bool {
    // What was gone before a first synchronization began was never there for the client.
    let is_news = record.state == State::Published || cursor.begun.is_none_or(|begun| record.number > begun);
    let filter = &cursor.filter;
    let of_type = filter.content_type.is_none() || filter.content_type == record.content_type;
    let in_language = filter.locale.as_ref().is_none_or(|locale| *locale == record.locale);
    let late_enough = filter.from.is_none_or(|from| record.at.timestamp().is_none_or(|at| at >= from));
    let wanted = filter.types.is_empty() || filter.types.contains(&event(kind, record.state));
    record.number > cursor.position && is_news && of_type && in_language && late_enough && wanted
}

/// The name of what happened: `entry_published`.
fn event(kind: &str, state: State) -> String {
    let happened = match state {
        State::Published => "published",
        State::Unpublished => "unpublished",
        State::Deleted => "deleted",
    };
    format!("{kind}_{happened}")
}

fn item(kind: &str, record: &PublishedRecord, environment: &str) -> Value {
    let data = record.shown(environment).unwrap_or_else(|| {
        let mut gone = Map::new();
        gone.insert("uid".to_owned(), json!(record.uid));
        gone.insert("locale".to_owned(), json!(record.locale));
        if record.state == State::Deleted {
            gone.insert("deleted_at".to_owned(), json!(record.at));
        }
        gone
    });
    // Assets stand under a name of their own where others have their content type.
    let content_type = record.content_type.as_deref().unwrap_or("sys_assets");
    json!({
        "type": event(kind, record.state), "event_at": record.at, "content_type_uid": content_type, "data": data,
    })
}

fn filter(scene: &Scene<'_>) -> Result<Filter, Refusal> {
    let text = |name: &str| scene.call.parameter(name).filter(|text| !text.is_empty());
    let mut problems = Problems::default();
    let from = text("start_from").and_then(|text| {
        let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
        let time = text.parse::<Timestamp>().ok().or_else(|| Some(day()?.timestamp()));
        if time.is_none() {
            problems.at(ErrorId::FieldInvalid, "start_from", "is not a time");
        }
        time
    });
    problems.sort_out()?;
    let types = text("type").into_iter().flat_map(|text| text.split(',')).map(|name| name.trim().to_owned());
    Ok(Filter {
        content_type: text("content_type_uid").map(str::to_owned),
        locale: text("locale").map(str::to_owned),
        from,
        types: types.collect(),
    })
}
