//! The route table, and one constant for each row.

use std::fmt::Write as _;

use anyhow::Result;

use super::cited::cited;
use super::rust::{pascal, sources, text};
use super::spec::{Api, CollectionRow, Documented, Method, RouteRow, Spec};
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![table(spec)?, constants(spec)?, page(spec)?])
}

fn table(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "use crate::facts::{Api, Documented, Method, Route, Source};\nuse super::{Action, ModuleId};\n\n",
    );
    writeln!(
        body,
        "/// Every documented route, sorted by API, template and method. Each names its sources."
    )?;
    writeln!(body, "pub static ROUTES: [Route; {}] = [", spec.routes.len())?;
    for row in &spec.routes {
        let documented = |value: Documented| format!("Documented::{}", value.variant());
        writeln!(body, "Route {{")?;
        writeln!(body, "api: Api::{},", row.api.variant())?;
        writeln!(body, "method: Method::{},", row.method.variant())?;
        writeln!(body, "template: {},", text(&row.path))?;
        writeln!(body, "module: ModuleId::{},", pascal(&row.module))?;
        writeln!(body, "action: Action::{},", pascal(&row.action))?;
        writeln!(body, "api_key: {},", documented(row.api_key))?;
        writeln!(body, "authtoken: {},", documented(row.authtoken))?;
        writeln!(body, "management_token: {},", documented(row.management_token))?;
        writeln!(body, "delivery_token: {},", documented(row.delivery_token))?;
        writeln!(body, "preview_token: {},", documented(row.preview_token))?;
        writeln!(body, "oauth_scope: {},", text(&row.oauth_scope))?;
        writeln!(body, "branch_header: {},", documented(row.branch_header))?;
        writeln!(body, "environment: {},", documented(row.environment))?;
        writeln!(body, "state_change: {},", row.state_change)?;
        writeln!(body, "note: {},", text(&row.note))?;
        writeln!(body, "sources: {},", sources(&row.sources))?;
        writeln!(body, "}},")?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/routes.rs", "xtask/spec/routes.toml", &body)
}

fn constants(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "//! One constant for each route: method and path, `BY` before a parameter. Routes of other APIs than the \
         management API start with the name of theirs. In brackets: the documents that show the route.\n\nuse crate::facts::RouteId;\n\n",
    );
    for (index, row) in spec.routes.iter().enumerate() {
        let api = match row.api {
            Api::Management => String::new(),
            other => format!(", {}", api_title(other)),
        };
        writeln!(body, "/// {}", cited(spec, &format!("`{}`{api}", row.title()), &row.sources))?;
        writeln!(body, "pub const {}: RouteId = RouteId::generated({index});", constant(row))?;
    }
    OutFile::rust("crates/cs-model/src/generated/route.rs", "xtask/spec/routes.toml", &body)
}

/// The routes of a collection: list, create, read, update, delete.
pub(crate) fn of_collection(row: &CollectionRow, routes: &[RouteRow]) -> [Option<usize>; 5] {
    [
        (Method::Get, false),
        (Method::Post, false),
        (Method::Get, true),
        (Method::Put, true),
        (Method::Delete, true),
    ]
    .map(|(method, of_one)| row.route(routes, method, of_one))
}

/// The name of a route's constant: `DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID`, `CDA_GET_ASSETS`.
pub(crate) fn constant(row: &RouteRow) -> String {
    let prefix = match row.api {
        Api::Management => "",
        Api::Delivery => "CDA_",
        Api::Preview => "PREVIEW_",
        Api::LegacyPreview => "LEGACY_PREVIEW_",
        Api::GraphQl => "GRAPHQL_",
    };
    let mut name = format!("{prefix}{}", row.method.variant().to_uppercase());
    let path = row.path.strip_prefix("/v3").unwrap_or(&row.path);
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        name.push('_');
        if let Some(parameter) = segment.strip_prefix('{') {
            name.push_str("BY_");
            name.push_str(&parameter.trim_end_matches('}').to_uppercase());
        } else {
            name.push_str(&segment.trim_start_matches('$').replace('-', "_").to_uppercase());
        }
    }
    name
}

pub(crate) fn api_title(api: Api) -> &'static str {
    match api {
        Api::Management => "management API",
        Api::Delivery => "delivery API",
        Api::Preview => "preview API",
        Api::LegacyPreview => "live preview of older clients",
        Api::GraphQl => "GraphQL API",
    }
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = format!(
        "# Routes\n\nEvery documented route: {} of them. Each names the [module](modules.md) it works on, what it does there, and \
         the credentials that the documents list for it.\n\n\
         `yes`: listed. `no`: left out of a list that is there, or denied. `?`: no document speaks of it; the route is known from a \
         client only. What follows from all this for a token is in [rules.md](rules.md). Where the documents disagree, the note names a row of \
         [contradictions.md](contradictions.md).\n",
        spec.routes.len()
    );
    for api in Api::ALL {
        let rows: Vec<_> = spec.routes.iter().filter(|row| row.api == api).collect();
        let management = api == Api::Management;
        writeln!(body, "\n## {}{}\n", api_title(api)[..1].to_uppercase(), &api_title(api)[1..])?;
        writeln!(body, "{} routes.\n", rows.len())?;
        body.push_str(&markdown::head(if management {
            &[
                "route",
                "module",
                "action",
                "api key",
                "authtoken",
                "management token",
                "OAuth scope",
                "branch header",
                "sources",
            ]
        } else {
            &[
                "route",
                "module",
                "action",
                "api key",
                "delivery token",
                "preview token",
                "management token",
                "branch header",
                "environment",
                "sources",
            ]
        }));
        for row in &rows {
            let mut cells = vec![
                markdown::code(&row.title()),
                markdown::code(&row.module),
                if row.state_change {
                    format!("`{}`, state change", row.action)
                } else {
                    markdown::code(&row.action)
                },
                mark(row.api_key),
            ];
            if management {
                cells.extend([
                    mark(row.authtoken),
                    mark(row.management_token),
                    markdown::code(&row.oauth_scope),
                    mark(row.branch_header),
                ]);
            } else {
                cells.extend([
                    mark(row.delivery_token),
                    mark(row.preview_token),
                    mark(row.management_token),
                    mark(row.branch_header),
                    mark(row.environment),
                ]);
            }
            cells.push(markdown::sources(&row.sources));
            body.push_str(&markdown::row(cells));
        }
        let noted: Vec<_> = rows.iter().filter(|row| !row.note.is_empty()).collect();
        if !noted.is_empty() {
            body.push_str("\nNotes:\n\n");
            for row in noted {
                writeln!(body, "- `{}`: {}", row.title(), row.note)?;
            }
        }
    }
    Ok(OutFile::markdown("docs/reference/routes.md", "xtask/spec/routes.toml", &body))
}

fn mark(value: Documented) -> String {
    match value {
        Documented::Yes => "yes",
        Documented::No => "no",
        Documented::Silent => "?",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(api: Api, method: Method, path: &str) -> RouteRow {
        RouteRow {
            api,
            method,
            path: path.to_owned(),
            module: String::new(),
            action: String::new(),
            api_key: Documented::No,
            authtoken: Documented::No,
            management_token: Documented::No,
            delivery_token: Documented::No,
            preview_token: Documented::No,
            oauth_scope: String::new(),
            branch_header: Documented::No,
            environment: Documented::No,
            state_change: false,
            note: String::new(),
            sources: Vec::new(),
        }
    }

    #[test]
    fn names_of_constants() {
        let name = |api, method, path| constant(&route(api, method, path));
        assert_eq!(
            name(Api::Management, Method::Delete, "/v3/stacks/delivery_tokens/{token_uid}"),
            "DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID"
        );
        assert_eq!(
            name(Api::Management, Method::Get, "/v3/taxonomies/$all/terms"),
            "GET_TAXONOMIES_ALL_TERMS"
        );
        assert_eq!(name(Api::Management, Method::Post, "/v3/user-session"), "POST_USER_SESSION");
        assert_eq!(name(Api::Delivery, Method::Get, "/v3/assets"), "CDA_GET_ASSETS");
        assert_eq!(name(Api::GraphQl, Method::Post, "/stacks/{api_key}"), "GRAPHQL_POST_STACKS_BY_API_KEY");
    }
}
