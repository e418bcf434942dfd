//! Queries over documents: which ones, and which of their fields.

use std::cmp::Ordering;

use cs_model::generated::ErrorId;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::refusal::{Problems, Refusal};

/// How deep conditions may stand in each other.
const DEEPEST: usize = 8;

/// What `query` in a request asks for. One that is not understood is refused: it would be answered with too much or too
/// little, and nobody would see it.
#[derive(Debug, Default)]
pub(crate) struct Query(Map<String, Value>);

impl Query {
    /// Reads it.
    pub(crate) fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let Some(text) = call.parameter("query").filter(|text| !text.is_empty()) else {
            return Ok(Self::default());
        };
        let query: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| Refusal::new(ErrorId::QueryInvalid))?;
        check(&query, DEEPEST)?;
        Ok(Self(query))
    }

    /// Whether a document is meant.
    pub(crate) fn matches(&self, document: &Map<String, Value>) -> bool {
        matches(&self.0, document)
    }
}

fn check(query: &Map<String, Value>, depth: usize) -> Result<(), Refusal> {
    let refused = |says: String| {
        let mut problems = Problems::default();
        problems.add(ErrorId::QueryInvalid, says);
        problems.sort_out()
    };
    if depth == 0 {
        return refused("stands too deep in itself".to_owned());
    }
    for (field, condition) in query {
        match (field.as_str(), condition) {
            ("$and" | "$or", Value::Array(parts)) => {
                for part in parts {
                    let Value::Object(part) = part else {
                        return refused(format!("`{field}` takes objects"));
                    };
                    check(part, depth - 1)?;
                }
            }
            (name, _) if name.starts_with('$') => {
                return refused(format!("`{name}` is not known here"));
            }
            (_, Value::Object(operators)) if is_operators(operators) => {
                for (operator, wanted) in operators {
                    let fits = match operator.as_str() {
                        "$in" | "$nin" => wanted.is_array(),
                        "$exists" => wanted.is_boolean(),
                        "$ne" | "$lt" | "$lte" | "$gt" | "$gte" => true,
                        _ => return refused(format!("`{operator}` is not known here")),
                    };
                    if !fits {
                        return refused(format!("`{operator}` takes something else"));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_operators(condition: &Map<String, Value>) -> bool {
    condition.keys().any(|key| key.starts_with('$'))
}

fn matches(query: &Map<String, Value>, document: &Map<String, Value>) -> bool {
    query.iter().all(|(field, condition)| match (field.as_str(), condition) {
        ("$and", Value::Array(parts)) => parts.iter().all(|part| part_matches(part, document)),
        ("$or", Value::Array(parts)) => parts.iter().any(|part| part_matches(part, document)),
        (field, condition) => {
            let found = values(field, document);
            match condition {
                Value::Object(operators) if is_operators(operators) => {
                    operators.iter().all(|(operator, wanted)| holds(operator, wanted, &found))
                }
                wanted => found.iter().any(|value| is(value, wanted)),
            }
        }
    })
}

fn part_matches(part: &Value, document: &Map<String, Value>) -> bool {
    part.as_object().is_some_and(|part| matches(part, document))
}

fn holds(operator: &str, wanted: &Value, found: &[&Value]) -> bool {
    let one_of = || {
        let list = wanted.as_array().map(Vec::as_slice).unwrap_or_default();
        found.iter().any(|value| list.iter().any(|wanted| is(value, wanted)))
    };
    let any = |fits: fn(Ordering) -> bool| found.iter().any(|value| compare(value, wanted).is_some_and(fits));
    match operator {
        "$in" => one_of(),
        "$nin" => !one_of(),
        "$ne" => !found.iter().any(|value| is(value, wanted)),
        "$exists" => found.is_empty() != (*wanted == Value::Bool(true)),
        "$lt" => any(Ordering::is_lt),
        "$lte" => any(Ordering::is_le),
        "$gt" => any(Ordering::is_gt),
        "$gte" => any(Ordering::is_ge),
        _ => false,
    }
}

/// Whether a value is the one that is wanted, or a list that holds it.
fn is(value: &Value, wanted: &Value) -> bool {
    value == wanted || value.as_array().is_some_and(|list| list.contains(wanted))
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// The values behind a field: `group.title` looks into objects, and into each object of a list. Terms of an entry are found
/// under the uid of their taxonomy: `taxonomies.colour`.
fn values<'a>(field: &str, document: &'a Map<String, Value>) -> Vec<&'a Value> {
    if let Some(taxonomy) = field.strip_prefix("taxonomies.") {
        let terms = document.get("taxonomies").and_then(Value::as_array).into_iter().flatten();
        let of_it = terms.filter(|term| term.get("taxonomy_uid").and_then(Value::as_str) == Some(taxonomy));
        return of_it.filter_map(|term| term.get("term_uid")).collect();
    }
    let mut parts = field.split('.');
    let first = parts.next().and_then(|name| document.get(name));
    parts.fold(first.into_iter().collect(), |found: Vec<&Value>, name| {
        let inner = |value: &'a Value| match value {
            Value::Array(list) => list.iter().filter_map(|item| item.get(name)).collect(),
            value => value.get(name).into_iter().collect::<Vec<_>>(),
        };
        found.into_iter().flat_map(inner).collect()
    })
}

/// Keeps those fields of a document that `only[BASE][]` names, or drops those that `except[BASE][]` names. The uid stays.
pub(super) fn project(call: &Call<'_>, document: &mut Map<String, Value>) {
    let only: Vec<&str> = call.parameters("only[BASE][]").collect();
    if !only.is_empty() {
        document.retain(|name, _| name == "uid" || only.contains(&name.as_str()));
    }
    for name in call.parameters("except[BASE][]").filter(|name| *name != "uid") {
        document.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn conditions() {
        let document = object(&json!({
            "title": "A", "size": 3, "tags": ["x", "y"], "seo": { "title": "S" }, "list": [{ "n": 1 }, { "n": 2 }],
            "taxonomies": [{ "taxonomy_uid": "colour", "term_uid": "red" }],
        }));
        for (query, expected) in [
            (json!({}), true),
            (json!({ "title": "A", "size": 3 }), true),
            (json!({ "title": "A", "size": 4 }), false),
            (json!({ "tags": "y" }), true),
            (json!({ "tags": ["x", "y"] }), true),
            (json!({ "seo.title": "S" }), true),
            (json!({ "list.n": 2 }), true),
            (json!({ "list.n": { "$gt": 2 } }), false),
            (json!({ "size": { "$gte": 3, "$lt": 4 } }), true),
            (json!({ "size": { "$lt": "4" } }), false),
            (json!({ "title": { "$in": ["B", "A"] } }), true),
            (json!({ "title": { "$nin": ["B", "A"] } }), false),
            (json!({ "title": { "$ne": "A" } }), false),
            (json!({ "missing": { "$ne": "A" } }), true),
            (json!({ "missing": { "$exists": false } }), true),
            (json!({ "title": { "$exists": true } }), true),
            (json!({ "$or": [{ "title": "B" }, { "size": 3 }] }), true),
            (json!({ "$and": [{ "title": "B" }, { "size": 3 }] }), false),
            (json!({ "taxonomies.colour": "red" }), true),
            (json!({ "taxonomies.colour": { "$in": ["blue"] } }), false),
            (json!({ "taxonomies.shape": { "$exists": true } }), false),
        ] {
            let query = object(&query);
            assert!(check(&query, DEEPEST).is_ok());
            assert_eq!(matches(&query, &document), expected, "{query:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let mut deep = json!({ "title": "A" });
        for _ in 0..DEEPEST {
            deep = json!({ "$or": [deep] });
        }
        for query in [
            json!({ "title": { "$regex": "^A" } }),
            json!({ "$where": "1" }),
            json!({ "$or": ["A"] }),
            json!({ "$or": {} }),
            json!({ "title": { "$in": "A" } }),
            json!({ "title": { "$exists": 1 } }),
            deep,
        ] {
            assert!(check(&object(&query), DEEPEST).is_err(), "{query}");
        }
    }
}
