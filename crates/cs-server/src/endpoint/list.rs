//! Lists: filtered, ordered, cut into pages, counted.

use std::cmp::Ordering;

use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::refusal::Refusal;
use crate::service::Scene;

/// How many items a page has when nobody says, and at most.
const PAGE: usize = 100;

/// The answer to a request for a list: `items` under `name`, newest first unless asked otherwise.
///
/// `query={"name":".."}` keeps items whose fields are equal, `asc` and `desc` name a field to sort by, `skip` and
/// `limit` cut a page out, `include_count=true` adds how many there are in all, `count=true` answers nothing but that
/// number. Negative and huge limits are let pass and a negative `skip` is refused, as tests of the vendor's clients show.
pub(super) fn page(scene: &Scene<'_>, name: &str, mut items: Vec<Value>) -> Result<Value, Refusal> {
    let call = scene.call;
    if let Some(query) =
        call.parameter("query").and_then(|query| serde_json::from_str::<Map<String, Value>>(query).ok())
    {
        items.retain(|item| query.iter().all(|(field, wanted)| item.get(field) == Some(wanted)));
    }
    cut(call, name, items)
}

/// The same for those who filter themselves: ordered, cut, counted.
pub(crate) fn cut(call: &Call<'_>, name: &str, mut items: Vec<Value>) -> Result<Value, Refusal> {
    items.reverse();
    if let Some(field) = call.parameter("asc") {
        items.sort_by(|left, right| compare(left.get(field), right.get(field)));
    } else if let Some(field) = call.parameter("desc") {
        items.sort_by(|left, right| compare(right.get(field), left.get(field)));
    }
    let count = items.len();
    if call.flag("count") {
        return Ok(json!({ name: count }));
    }
    let skip = match call.parameter("skip").map(str::parse::<i64>) {
        Some(Ok(skip)) => usize::try_from(skip).map_err(|_| Refusal::new(ErrorId::SkipInvalid))?,
        Some(Err(_)) => return Err(Refusal::new(ErrorId::SkipInvalid)),
        None => 0,
    };
    let limit = call
        .parameter("limit")
        .and_then(|limit| limit.parse::<i64>().ok())
        .and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| *limit > 0).map_or(PAGE, |limit| limit.min(PAGE));
    let page: Vec<Value> = items.into_iter().skip(skip).take(limit).collect();
    let mut answer = json!({ name: page });
    if call.flag("include_count") {
        answer["count"] = json!(count);
    }
    Ok(answer)
}

/// Numbers by value, texts by their letters; what is missing comes first.
fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    match (left, right) {
        (Some(Value::String(left)), Some(Value::String(right))) => left.cmp(right),
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}
