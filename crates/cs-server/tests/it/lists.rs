//! What requests for lists say: queries, pages.

use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, rw};

/// The names in a list, sorted.
fn names(stage: &Stage, path: &str, query: &Value) -> Vec<String> {
    let query = percent_encoding::utf8_percent_encode(&query.to_string(), percent_encoding::NON_ALPHANUMERIC)
        .to_string();
    let list = stage.get(&format!("{path}?query={query}")).ok();
    let items = list.as_object().unwrap().values().find_map(Value::as_array).unwrap();
    let mut names: Vec<String> = items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn queries_mean_in_lists_of_tokens_what_they_mean_in_entries() {
    let stage = Stage::new();
    for name in ["a", "b", "c"] {
        stage.delivery(name);
        stage.management(name, &[("entry", rw())]);
    }
    for path in [DELIVERY, MANAGEMENT] {
        for (query, expected) in [
            (json!({}), "a b c"),
            (json!({ "name": "b" }), "b"),
            (json!({ "name": { "$in": ["a", "c", "z"] } }), "a c"),
            (json!({ "name": { "$nin": ["a"] } }), "b c"),
            (json!({ "$or": [{ "name": "a" }, { "name": "b" }] }), "a b"),
            (json!({ "name": { "$gt": "a" }, "uid": { "$exists": true } }), "b c"),
            (json!({ "scope.module": "branch" }), "a b c"),
            (json!({ "name": "z" }), ""),
        ] {
            assert_eq!(names(&stage, path, &query).join(" "), expected, "{path} {query}");
        }
    }
    assert_eq!(names(&stage, "/v3/environments", &json!({ "name": { "$in": ["staging"] } })), ["staging"]);
}

#[test]
fn what_is_not_understood_is_refused_and_not_left_out() {
    let stage = Stage::new();
    stage.delivery("a");
    for path in [DELIVERY, MANAGEMENT, "/v3/environments", "/v3/locales", "/v3/roles", "/v3/stacks/branches"]
    {
        for (query, key) in [
            ("query=%7Bbad", "query"),
            ("query=%5B%5D", "query"),
            ("query=%7B%22name%22%3A%7B%22%24where%22%3A1%7D%7D", "query"),
            ("limit=abc", "limit"),
            ("limit=1.5", "limit"),
            ("skip=abc", "skip"),
            ("skip=-1", "skip"),
        ] {
            let answer = stage.get(&format!("{path}?{query}"));
            answer.is(422, 141);
            assert_eq!(answer.keys(), [key], "{path} {query}");
        }
        for query in
            ["query=", "query=%7B%7D", "limit=-5", "limit=10000", "limit=99999999999999999999999", "skip=0"]
        {
            assert_eq!(stage.get(&format!("{path}?{query}")).status, 200, "{path} {query}");
        }
    }
}
