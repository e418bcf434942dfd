//! OpenAPI 3.1 of what the service serves: every documented route, with its parameters, credentials, bodies and answers.
//!
//! Routes, errors and collections are the tables; schemas of bodies, which no table has, stand in `openapi.json`. Routes
//! of several APIs that share a method and a path are one operation here, because the service has one port for all.

mod answers;
mod parameters;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use super::OutFile;
use super::routes::{api_title, constant};
use super::spec::{Documented, Method, RouteRow, Spec, sorted};

/// The spec of bodies.
const SPEC: &str = "xtask/spec/openapi.json";

/// Routes by their shape, which is the path with nameless parameters, and method.
pub(super) type ByShape<'a> = BTreeMap<String, BTreeMap<Method, Vec<&'a RouteRow>>>;

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    let shapes = shapes(spec);
    let written = spec.openapi["operations"].as_object().context("openapi.json has no operations")?;
    for title in written.keys() {
        let known = spec.routes.iter().any(|row| row.title() == *title);
        ensure!(known, "{SPEC}: `{title}` is no route");
    }
    let mut paths = Map::new();
    for methods in shapes.values() {
        // One name for each parameter: that of the first route.
        let path =
            methods.values().next().and_then(|rows| rows.first()).context("a shape without a route")?;
        let mut item = Map::new();
        for (method, rows) in methods {
            item.insert(method.variant().to_lowercase(), operation(spec, &path.path, rows)?);
        }
        paths.insert(path.path.clone(), Value::Object(item));
    }
    let mut schemas = spec.openapi["schemas"].as_object().cloned().unwrap_or_default();
    schemas.insert("Error".to_owned(), answers::error_schema(spec));
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Token service",
            "version": spec.version,
            "description": "What `cstok serve` answers: the documented routes of the Contentstack APIs, judged and served by one port. Operations tagged `judged` are judged like the others, and answered with 501 to those who may make them.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags(spec),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters::shared(),
            "responses": answers::shared(),
            "securitySchemes": parameters::security_schemes(),
        },
    });
    // For people, and, without blanks, for whoever asks the server.
    let document = sorted(document);
    let text = serde_json::to_string_pretty(&document)? + "\n";
    let served = serde_json::to_string(&document)? + "\n";
    Ok(vec![
        OutFile { path: "docs/openapi.json".to_owned(), text },
        OutFile { path: "crates/cs-server/src/generated/openapi.json".to_owned(), text: served },
    ])
}

/// All routes.
pub(super) fn shapes(spec: &Spec) -> ByShape<'_> {
    let mut shapes = ByShape::new();
    for row in &spec.routes {
        shapes.entry(shape(&row.path)).or_default().entry(row.method).or_default().push(row);
    }
    shapes
}

/// The path with nameless parameters.
fn shape(path: &str) -> String {
    let segment = |segment: &str| if segment.starts_with('{') { "{}".to_owned() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn operation(spec: &Spec, path: &str, rows: &[&RouteRow]) -> Result<Value> {
    let first = rows.first().context("an operation without a route")?;
    let written = &spec.openapi["operations"][first.title()];
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), json!(constant(first).to_lowercase()));
    let module = spec.modules.iter().find(|module| module.id == first.module);
    let action = spec.actions.iter().find(|action| action.id == first.action);
    let summary = match &written["summary"] {
        Value::String(summary) => summary.clone(),
        _ => format!("{}: {}", first.module, first.action),
    };
    operation.insert("summary".to_owned(), json!(summary));
    let mut says: Vec<String> = Vec::new();
    says.extend(module.map(|module| module.says.clone()));
    says.extend(action.map(|action| action.says.clone()));
    says.extend(rows.iter().filter(|row| !row.note.is_empty()).map(|row| row.note.clone()));
    if rows.len() > 1 {
        let apis: Vec<_> = rows.iter().map(|row| api_title(row.api)).collect();
        says.push(format!("Several APIs have it, told apart by their credentials: {}.", apis.join(", ")));
    }
    operation.insert("description".to_owned(), json!(says.join(" ")));
    let is_served = is_served(spec, rows);
    let kind = if is_served { "served" } else { "judged" };
    operation.insert("tags".to_owned(), json!([first.module, kind]));
    operation.insert("parameters".to_owned(), parameters::of(path, rows, written));
    operation.insert("security".to_owned(), parameters::security(rows));
    if let Some(body) = body(spec, first, written, is_served) {
        operation.insert("requestBody".to_owned(), body);
    }
    operation.insert("responses".to_owned(), answers::of(spec, first, rows, written, is_served));
    Ok(Value::Object(operation))
}

/// The tags: one for each module, and two that say what becomes of an operation.
fn tags(spec: &Spec) -> Value {
    let mut tags: Vec<Value> = vec![
        json!({ "name": "served", "description": "Does what it says." }),
        json!({ "name": "judged", "description": "Refused to those who may not make it, answered with 501 to the others." }),
    ];
    tags.extend(spec.modules.iter().map(|module| json!({ "name": module.id, "description": module.says })));
    Value::Array(tags)
}

/// Whether the service does what an operation says. `openapi.json` lists what no collection has.
pub(super) fn is_served(spec: &Spec, rows: &[&RouteRow]) -> bool {
    let served = spec.openapi["served"].as_array();
    let is_listed = |row: &&RouteRow| {
        served.is_some_and(|served| served.iter().any(|title| title.as_str() == Some(&row.title())))
            || spec.openapi["operations"].get(row.title()).is_some()
    };
    rows.iter().any(|row| is_listed(row) || collection(spec, row).is_some())
}

/// The collection that a route belongs to, and whether it is about one document of it.
fn collection<'a>(spec: &'a Spec, row: &RouteRow) -> Option<(&'a super::spec::CollectionRow, bool)> {
    let is_this = |at: Option<usize>| at.is_some_and(|at| std::ptr::eq(&raw const spec.routes[at], row));
    // A collection lists and makes; of one document, it shows, changes and deletes.
    let places: &[bool] = match row.method {
        Method::Get => &[false, true],
        Method::Post => &[false],
        Method::Put | Method::Delete => &[true],
    };
    spec.collections.iter().find_map(|collection| {
        places
            .iter()
            .find(|of_one| is_this(collection.route(&spec.routes, row.method, **of_one)))
            .map(|of_one| (collection, *of_one))
    })
}

/// What is sent.
fn body(spec: &Spec, row: &RouteRow, written: &Value, is_served: bool) -> Option<Value> {
    if let Some(schema) = written.get("request") {
        return Some(json!({ "required": true, "content": { "application/json": { "schema": schema } } }));
    }
    if !matches!(row.method, Method::Post | Method::Put) || !is_served {
        return None;
    }
    let schema = match collection(spec, row) {
        Some((collection, _)) if !collection.bare => {
            let one = &collection.one;
            json!({ "type": "object", "required": [one], "properties": { one: { "type": "object" } } })
        }
        _ => json!({ "type": "object" }),
    };
    Some(json!({ "required": false, "content": { "application/json": { "schema": schema } } }))
}

/// Whether a document speaks for it.
fn is_said(value: Documented) -> bool {
    value == Documented::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        let spec = Spec::load(&super::super::root().join("xtask/spec")).unwrap();
        serde_json::from_str(&generate(&spec).unwrap()[0].text).unwrap()
    }

    /// Every `$ref` leads somewhere, every path parameter is described, and no operation has the name of another.
    #[test]
    fn the_document_holds_together() {
        let document = document();
        let mut names = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                names.push(operation["operationId"].as_str().unwrap().to_owned());
                let described: Vec<&str> = operation["parameters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|parameter| parameter["in"] == "path")
                    .map(|parameter| parameter["name"].as_str().unwrap())
                    .collect();
                let named: Vec<&str> = path
                    .split('/')
                    .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
                    .collect();
                assert_eq!(described, named, "{path}");
                assert!(!operation["responses"].as_object().unwrap().is_empty(), "{path}");
            }
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(references.len() > 100);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_route_is_in_it() {
        let spec = Spec::load(&super::super::root().join("xtask/spec")).unwrap();
        let document = document();
        let shapes: Vec<(String, &Map<String, Value>)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, item)| (shape(path), item.as_object().unwrap()))
            .collect();
        for row in &spec.routes {
            let (_, item) = shapes.iter().find(|(path, _)| *path == shape(&row.path)).unwrap();
            assert!(item.contains_key(&row.method.variant().to_lowercase()), "{}", row.title());
        }
    }

    fn collect<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                into.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| collect(value, into));
            }
            Value::Array(array) => array.iter().for_each(|value| collect(value, into)),
            _ => {}
        }
    }
}
