//! Parameters and credentials.

use serde_json::{Map, Value, json};

use super::is_said;
use crate::codegen::spec::{Api, RouteRow};

/// Parameters that many operations have.
pub(super) fn shared() -> Value {
    json!({
        "Branch": {
            "name": "branch", "in": "header", "schema": { "type": "string" },
            "description": "A branch or a branch alias; `main` without it.",
        },
        "Environment": {
            "name": "environment", "in": "query", "schema": { "type": "string" },
            "description": "The environment whose content is asked for.",
        },
        "OrganizationUid": {
            "name": "organization_uid", "in": "header", "schema": { "type": "string" },
            "description": "The organization; needed for those with single sign-on.",
        },
        "LivePreview": {
            "name": "live_preview", "in": "header", "schema": { "type": "string" },
            "description": "The hash of a preview session; needed beside a preview token.",
        },
    })
}

/// The parameters of an operation: those of its path first.
pub(super) fn of(path: &str, rows: &[&RouteRow], written: &Value) -> Value {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }))
        .collect();
    let any = |is: fn(&RouteRow) -> bool| rows.iter().any(|row| is(row));
    if any(|row| is_said(row.branch_header)) {
        parameters.push(json!({ "$ref": "#/components/parameters/Branch" }));
    }
    if any(|row| is_said(row.environment)) {
        parameters.push(json!({ "$ref": "#/components/parameters/Environment" }));
    }
    if any(|row| matches!(row.api, Api::Preview | Api::LegacyPreview)) {
        parameters.push(json!({ "$ref": "#/components/parameters/LivePreview" }));
    }
    if (path.starts_with("/v3/stacks") || any(|row| is_said(row.api_key)))
        && rows.iter().all(|row| row.api == Api::Management)
    {
        parameters.push(json!({ "$ref": "#/components/parameters/OrganizationUid" }));
    }
    if let Some(Value::Object(query)) = written.get("query") {
        for (name, schema) in query {
            parameters.push(json!({ "name": name, "in": "query", "schema": schema }));
        }
    }
    Value::Array(parameters)
}

/// Each kind of credential, and the API key that goes with it.
pub(super) fn security_schemes() -> Value {
    let header = |name: &str, says: &str| json!({ "type": "apiKey", "in": "header", "name": name, "description": says });
    json!({
        "apiKey": header("api_key", "The API key of the stack."),
        "authtoken": header("authtoken", "The authtoken of a session."),
        "managementToken": header("authorization", "A management token, without a scheme before it."),
        "oauth": { "type": "http", "scheme": "bearer", "description": "An OAuth access token." },
        "accessToken": header("access_token", "A delivery token, or the legacy access token of an old stack."),
        "previewToken": header("preview_token", "A preview token."),
    })
}

/// Which credentials the documents list, one of them at a time.
pub(super) fn security(rows: &[&RouteRow]) -> Value {
    let mut ways: Vec<Value> = Vec::new();
    for row in rows {
        let columns = [
            (is_said(row.authtoken), "authtoken"),
            (is_said(row.management_token), "managementToken"),
            (!row.oauth_scope.is_empty(), "oauth"),
            (is_said(row.delivery_token), "accessToken"),
            (is_said(row.preview_token), "previewToken"),
        ];
        for (_, scheme) in columns.into_iter().filter(|(takes, _)| *takes) {
            let mut way = Map::new();
            // GraphQL has the key in its path.
            if is_said(row.api_key) && row.api != Api::GraphQl {
                way.insert("apiKey".to_owned(), json!([]));
            }
            way.insert(scheme.to_owned(), json!([]));
            let way = Value::Object(way);
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
    }
    Value::Array(ways)
}
