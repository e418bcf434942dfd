//! The shape of the reference page (seed 002): with the switch on, each of its requests gets an answer with the keys and the
//! types of its sample. `samples.json` holds these; the samples' values are left out.

use cs_model::Profile;
use cs_model::profile::AnswerShape;
use serde_json::{Map, Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, with};

/// A request of the page.
struct Sample {
    title: String,
    method: String,
    /// As the page writes it, with placeholders.
    path: String,
    headers: Map<String, Value>,
    answer: Value,
}

fn samples() -> Vec<Sample> {
    let all: Vec<Value> = serde_json::from_str(include_str!("documented/samples.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |row: &Value| {
        let request = text(&row["request"]);
        let (method, path) = request.split_once(' ').unwrap();
        Sample {
            title: text(&row["title"]),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: row["headers"].as_object().unwrap().clone(),
            answer: row["answer"].clone(),
        }
    };
    all.iter().map(read).collect()
}

/// Where `value` has not the keys and types of `sample`; empty when it has.
fn differences(place: &str, sample: &Value, value: &Value) -> Vec<String> {
    let wrong = |what: &str| vec![format!("{place}: {what}")];
    match (sample, value) {
        (Value::Object(sample), Value::Object(value)) => {
            let keys = sample.keys().chain(value.keys().filter(|key| !sample.contains_key(*key)));
            let of_key = |key: &String| match (sample.get(key), value.get(key)) {
                (Some(sample), Some(value)) => differences(&format!("{place}/{key}"), sample, value),
                (Some(_), None) => wrong(&format!("`{key}` is missing")),
                _ => wrong(&format!("`{key}` is not in the sample")),
            };
            keys.flat_map(of_key).collect()
        }
        (Value::Array(sample), Value::Array(value)) if sample.len() == value.len() => {
            let pairs = sample.iter().zip(value).enumerate();
            pairs
                .flat_map(|(n, (sample, value))| differences(&format!("{place}/{n}"), sample, value))
                .collect()
        }
        (Value::String(kind), Value::String(_)) if kind == "text" => Vec::new(),
        (Value::String(kind), Value::Bool(_)) if kind == "flag" => Vec::new(),
        (Value::String(kind), Value::Number(_)) if kind == "number" => Vec::new(),
        _ => wrong(&format!("{value} where the sample has {sample}")),
    }
}

/// The service in the situation of the samples, and what its placeholders stand for.
struct Set {
    stage: Stage,
    delivery: String,
    management: String,
    /// The value of a management token, for the page that asks for one beside the authtoken.
    authorization: String,
}

impl Set {
    fn new(shape: AnswerShape) -> Self {
        let mut profile = Profile::seeds();
        profile.switches.answer_shape.value = shape;
        // Two of its samples are of a stack in which a token names no branch.
        profile.switches.branch_scope_required.value = false;
        let stage = Stage::with(profile);
        let urls = json!([{ "url": "http://www.example.invalid", "locale": "en-us" }]);
        stage.ask("PUT", "/v3/environments/production", &json!({ "environment": { "urls": urls } })).ok();
        let delivery =
            stage.ask("POST", DELIVERY, &body("site", &delivery_scope(&["deploy", "release"]))).ok();
        let mut values = Vec::new();
        for name in ["ci", "other"] {
            let module = if name == "ci" { "content_type" } else { "$all" };
            let made = stage.ask("POST", MANAGEMENT, &management(name, &[module], &["deploy"])).ok();
            values.push((made["token"]["uid"].clone(), made["token"]["token"].clone()));
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            delivery: text(&delivery["token"]["uid"]),
            management: text(&values[0].0),
            authorization: text(&values[1].1),
            stage,
        }
    }

    /// The body that goes with a sample.
    fn body(&self, title: &str) -> Value {
        match title {
            "Create delivery token" => {
                let environment = delivery_scope(&[])[0].clone();
                body("new", &json!([environment]))
            }
            "Update delivery token" => body("site", &delivery_scope(&["deploy"])),
            "Create preview token" => json!({}),
            "Create management token" => management("new", &["content_type"], &["deploy", "release"]),
            "Update management token" => management("ci 2", &["content_type", "entry"], &["deploy"]),
            _ => Value::Null,
        }
    }

    /// Sends the request of a sample with the headers that it names.
    fn ask(&self, sample: &Sample, body: &Value) -> Value {
        let uid = if sample.path.contains("management") { &self.management } else { &self.delivery };
        let mut path = format!("/v3{}", sample.path)
            .replace("{token_uid}", uid)
            .replace("{delivery_token_uid}", uid)
            .replace("{boolean_value}", "true");
        if sample.title == "Create delivery token" {
            path.push_str("?create_with_preview_token=true");
        }
        let values = [
            ("api_key", self.stage.api_key()),
            ("authtoken", self.stage.owner.reveal()),
            ("authorization", &self.authorization),
        ];
        let named: Vec<_> =
            values.into_iter().filter(|(name, _)| sample.headers.get(*name).is_some()).collect();
        self.stage.send(&sample.method, &path, &named, body).ok()
    }
}

fn body(name: &str, scope: &Value) -> Value {
    json!({ "token": { "name": name, "description": "for a test", "scope": scope } })
}

fn delivery_scope(aliases: &[&str]) -> Value {
    let read = json!({ "read": true });
    json!([
        { "module": "environment", "environments": ["production"], "acl": read },
        { "module": "branch", "branches": ["main", "development"], "acl": read },
        { "module": "branch_alias", "branch_aliases": aliases, "acl": read },
    ])
}

fn management(name: &str, modules: &[&str], aliases: &[&str]) -> Value {
    let acl = json!({ "read": true, "write": true });
    let mut scope: Vec<Value> =
        modules.iter().map(|module| json!({ "module": module, "acl": acl })).collect();
    scope.extend(delivery_scope(aliases).as_array().unwrap()[1..].iter().cloned());
    let body = with(body(name, &json!(scope)), "expires_on", json!("2026-12-10"));
    with(body, "is_email_notification_enabled", json!(true))
}

#[test]
fn every_documented_request_is_answered_in_the_documented_shape() {
    let samples = samples();
    assert_eq!(samples.len(), 12);
    for sample in samples {
        let set = Set::new(AnswerShape::Documented);
        if sample.title == "Create preview token" {
            // Its sample, too, names no branch.
            let scope = json!([delivery_scope(&[])[0].clone()]);
            set.stage.ask("PUT", &format!("{DELIVERY}/{}", set.delivery), &body("site", &scope)).ok();
        }
        if sample.title == "Delete preview token" {
            set.stage.ask("POST", &format!("{DELIVERY}/{}/preview_token", set.delivery), &json!({})).ok();
        }
        let answer = set.ask(&sample, &set.body(&sample.title));
        assert_eq!(differences("", &sample.answer, &answer), [""; 0], "{}: {answer}", sample.title);
    }
}

/// With the switch off, the answers are those that the vendor's clients read.
#[test]
fn the_other_shape_is_that_of_the_clients() {
    for sample in samples() {
        let set = Set::new(AnswerShape::Live);
        if sample.title == "Delete preview token" {
            set.stage.ask("POST", &format!("{DELIVERY}/{}/preview_token", set.delivery), &json!({})).ok();
        }
        let answer = set.ask(&sample, &set.body(&sample.title));
        let single = !sample.title.contains("all") && sample.method != "DELETE";
        assert_eq!(answer["token"].is_object(), single, "{}", sample.title);
        assert_eq!(answer["tokens"].is_array(), sample.title.contains("all"), "{}", sample.title);
        assert_eq!(answer["notice"].is_string(), sample.method != "GET", "{}", sample.title);
        assert!(answer.get("notice:").is_none());
    }
}

#[test]
fn a_difference_is_found() {
    let sample = json!({ "name": "text", "scope": [{ "read": "flag" }], "_version": "number", "tags": [] });
    let same = json!({ "name": "x", "scope": [{ "read": true }], "_version": 1, "tags": [] });
    assert_eq!(differences("", &sample, &same), [""; 0]);
    for (field, value) in [
        ("name", json!(7)),
        ("name", Value::Null),
        ("scope", json!([{ "read": "true" }])),
        ("scope", json!([{}])),
        ("scope", json!([])),
        ("scope", json!([{ "read": true, "write": true }])),
        ("_version", json!("1")),
        ("tags", json!({})),
        ("more", json!(1)),
    ] {
        let mut other = same.clone();
        other[field] = value;
        assert_eq!(differences("", &sample, &other).len(), 1, "{other}");
    }
}
