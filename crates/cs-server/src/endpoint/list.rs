//! Lists: filtered, ordered, cut into pages, counted, as clients ask for it (JS; NET, `Contentstack016_DeliveryTokenTest.cs`).

use std::cmp::Ordering;

use cs_model::generated::ErrorId;
use serde_json::{Value, json};

use crate::call::Call;
use crate::content::query::Query;
use crate::refusal::Refusal;
use crate::service::Scene;

/// How many items a page has when nobody says, and at most.
const PAGE: usize = 100;

/// The answer to a request for a list: `items` under `name`, newest first unless asked otherwise.
///
/// `query={"name":".."}` keeps those that it means, as in entries; `asc` and `desc` name a field to sort by, `skip` and
/// `limit` cut a page out, `include_count=true` adds how many there are in all, `count=true` answers nothing but that
/// number. Negative and huge limits are let pass and a negative `skip` is refused, as tests of the vendor's clients show; what is
/// no number is refused for both.
pub(super) fn page(scene: &Scene<'_>, name: &str, mut items: Vec<Value>) -> Result<Value, Refusal> {
    let call = scene.call;
    let query = Query::read(call)?;
    items.retain(|item| item.as_object().is_none_or(|item| query.matches(item)));
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
    let skip = match call.parameter("skip") {
        Some(skip) => whole(skip)
            .and_then(|skip| usize::try_from(skip).ok())
            .ok_or_else(|| Refusal::new(ErrorId::SkipInvalid))?,
        None => 0,
    };
    let limit = match call.parameter("limit").filter(|limit| !limit.is_empty()) {
        Some(limit) => {
            let limit = whole(limit).ok_or_else(|| Refusal::new(ErrorId::LimitInvalid))?;
            usize::try_from(limit).ok().filter(|limit| *limit > 0).map_or(PAGE, |limit| limit.min(PAGE))
        }
        None => PAGE,
    };
    let page: Vec<Value> = items.into_iter().skip(skip).take(limit).collect();
    let mut answer = json!({ name: page });
    if call.flag("include_count") {
        answer["count"] = json!(count);
    }
    Ok(answer)
}

/// A whole number, however large: beyond what a list can have, one is as good as another.
fn whole(text: &str) -> Option<i64> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse::<i64>()
        .or_else(|error| match error.kind() {
            PosOverflow => Ok(i64::MAX),
            NegOverflow => Ok(i64::MIN),
            _ => Err(error),
        })
        .ok()
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
