//! OpenAPI 3.1 of what is served, generated from the same tables as the routes.

/// The document, as JSON.
pub const DOCUMENT: &str = include_str!("generated/openapi.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cs_model::{Method, RouteId};
    use serde_json::Value;

    use super::*;
    use crate::endpoint::served;

    /// The path with nameless parameters: operations of several APIs share one.
    fn shape(path: &str) -> String {
        let segment =
            |segment: &str| if segment.starts_with('{') { "{}".to_owned() } else { segment.to_owned() };
        path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }

    /// What the document calls served is served, and nothing else.
    #[test]
    fn it_says_what_is_served() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let mut tagged = BTreeMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let is_served = operation["tags"].as_array().unwrap().contains(&"served".into());
                tagged.insert((shape(path), method.to_uppercase()), is_served);
            }
        }
        let mut wrong = Vec::new();
        let mut by_operation: BTreeMap<(String, String), bool> = BTreeMap::new();
        for id in RouteId::all() {
            let row = id.row();
            let key = (shape(row.template), Method::as_str(row.method).to_owned());
            *by_operation.entry(key).or_default() |= served(id).is_some();
        }
        for (key, is_served) in &by_operation {
            if tagged.get(key) != Some(is_served) {
                wrong.push(format!("{} {}: {is_served}", key.1, key.0));
            }
        }
        assert!(wrong.is_empty(), "put these right in xtask/spec/openapi.json:\n{}", wrong.join("\n"));
        assert_eq!(tagged.len(), by_operation.len());
    }
}
