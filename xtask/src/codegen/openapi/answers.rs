//! Answers: what is answered when all is well, and the errors of the table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{collection, is_said};
use crate::codegen::spec::{Api, Method, RouteRow, Spec};

/// The statuses of refusals, each with what it means here.
const REFUSALS: [(&str, &str); 10] = [
    ("400", "The body or its content type cannot be read."),
    ("401", "The credential is missing, unknown, expired, or of another kind."),
    ("403", "The credential does not allow it."),
    ("404", "The route or what it names is unknown."),
    ("408", "The body did not come in time."),
    ("412", "The API key is missing, or that of no stack."),
    ("413", "The body is too large."),
    ("422", "What is asked for is not valid, or does not exist."),
    ("429", "Too many requests in this second."),
    ("501", "It is allowed, and not served here."),
];

/// Answers that operations share.
pub(super) fn shared() -> Value {
    let error = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    let mut responses = Map::new();
    for (status, says) in REFUSALS {
        responses.insert(format!("Refused{status}"), json!({ "description": says, "content": error }));
    }
    responses.insert(
        "Failed".to_owned(),
        json!({ "description": "The service cannot answer now.", "content": error }),
    );
    Value::Object(responses)
}

/// An error, with the numbers of the table.
pub(super) fn error_schema(spec: &Spec) -> Value {
    let codes: BTreeSet<u32> = spec.errors.iter().filter_map(|row| row.code.or(row.service_code)).collect();
    let mut by_status: BTreeMap<u16, BTreeSet<u32>> = BTreeMap::new();
    for row in &spec.errors {
        if let (Some(status), Some(code)) = (row.statuses.first(), row.code.or(row.service_code)) {
            by_status.entry(*status).or_default().insert(code);
        }
    }
    let list = |codes: &BTreeSet<u32>| codes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let says: Vec<String> =
        by_status.iter().map(|(status, codes)| format!("{status}: {}", list(codes))).collect();
    json!({
        "type": "object",
        "required": ["error_message"],
        "properties": {
            "error_message": { "type": "string" },
            "error_code": {
                "type": "integer",
                "enum": codes,
                "description": format!("By status: {}.", says.join("; ")),
            },
            "errors": {
                "description": "What is wrong with which field; an empty list for some errors of a second factor.",
                "oneOf": [
                    { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } },
                    { "type": "array", "maxItems": 0 },
                ],
            },
        },
    })
}

/// The answers of an operation.
pub(super) fn of(spec: &Spec, row: &RouteRow, rows: &[&RouteRow], written: &Value, is_served: bool) -> Value {
    let mut responses = Map::new();
    if is_served {
        for (status, schema) in successes(spec, row, written) {
            responses.insert(
                status,
                json!({
                    "description": "It was done.",
                    "headers": limits(row),
                    "content": { "application/json": { "schema": schema } },
                }),
            );
        }
    }
    let has_body = matches!(row.method, Method::Post | Method::Put | Method::Delete);
    let takes_credential = rows.iter().any(|row| {
        [row.authtoken, row.management_token, row.delivery_token, row.preview_token].into_iter().any(is_said)
    });
    for (status, _) in REFUSALS {
        let applies = match status {
            "400" | "408" | "413" => has_body,
            "412" => rows.iter().any(|row| row.api_key != crate::codegen::spec::Documented::No),
            "403" => takes_credential,
            "501" => !is_served || collection(spec, row).is_none(),
            _ => true,
        };
        if applies {
            responses.insert(
                status.to_owned(),
                json!({ "$ref": format!("#/components/responses/Refused{status}") }),
            );
        }
    }
    if let Some(Value::Array(more)) = written.get("statuses") {
        for status in more.iter().filter_map(Value::as_str) {
            responses.insert(status.to_owned(), json!({ "$ref": "#/components/responses/Refused422" }));
        }
    }
    responses.insert("5XX".to_owned(), json!({ "$ref": "#/components/responses/Failed" }));
    Value::Object(responses)
}

/// What is answered when all is well: each status with a schema.
fn successes(spec: &Spec, row: &RouteRow, written: &Value) -> Vec<(String, Value)> {
    if let Some(Value::Object(answers)) = written.get("answers") {
        return answers.iter().map(|(status, schema)| (status.clone(), schema.clone())).collect();
    }
    let Some((collection, of_one)) = collection(spec, row).filter(|_| row.api == Api::Management) else {
        return vec![
            ("200".to_owned(), json!({ "type": "object" })),
            ("201".to_owned(), json!({ "type": "object" })),
        ];
    };
    let envelope = |name: &str, schema: Value| json!({ "type": "object", "required": [name], "properties": { name: schema } });
    let one = || envelope(&collection.one, json!({ "type": "object" }));
    vec![match (row.method, of_one) {
        (Method::Get, false) => {
            ("200".to_owned(), envelope(&collection.many, json!({ "type": ["array", "integer"] })))
        }
        (Method::Post, _) => {
            ("201".to_owned(), if collection.bare { json!({ "type": "object" }) } else { one() })
        }
        (Method::Delete, _) => (collection.deleted.to_string(), json!({ "type": ["object", "null"] })),
        _ => ("200".to_owned(), if collection.bare { json!({ "type": "object" }) } else { one() }),
    }]
}

/// The headers about limits per second, which come with answers to those who belong to an organization.
fn limits(row: &RouteRow) -> Value {
    if row.api != Api::Management {
        return json!({});
    }
    let number = json!({ "schema": { "type": "integer", "minimum": 0 } });
    json!({ "X-RateLimit-Limit": number, "X-RateLimit-Remaining": number })
}
