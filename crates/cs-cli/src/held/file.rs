//! Tokens in JSON files, as the API answers them.

use std::path::Path;

use cs_model::answer::{self, ShapeError};
use cs_model::{DeliveryToken, ManagementToken, Many, Module, ModuleId, One};
use cs_policy::Kind;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Held;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::problem::Problem;

/// The code of a failure: a file does not show of which kind its token is.
pub(crate) const UNCLEAR: &str = "token.kind";

/// Which form a file has.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// The token itself.
    Bare,
    /// A list of tokens, as a filter leaves it of an answer.
    List,
    /// `{"token": {}}` or `{"tokens": [{}]}`.
    One,
    /// `{"tokens": [{}, {}]}`.
    Many,
}

/// All tokens of a file: one by itself, `{"token": {}}`, `{"tokens": []}` or a list. When they do not show of which kind
/// they are, `kind` says.
pub(crate) fn tokens(file: &str, kind: Option<Kind>) -> Result<Vec<Held>, Failure> {
    read_all(file, &input::text(Path::new(file))?, kind)
}

/// The same out of the text of a file, in whatever form the caller wants them.
pub(crate) fn read_all<R>(file: &str, text: &str, kind: Option<Kind>) -> Result<Vec<R>, Failure>
where
    for<'a> R: From<&'a DeliveryToken> + From<&'a ManagementToken>,
{
    let wrong = |error: &ShapeError| invalid(file, error);
    let value: Value = answer::read(text.as_bytes()).map_err(|error| wrong(&error))?;
    let (form, first) = match (&value["token"], &value["tokens"]) {
        (token @ Value::Object(_), _) => (Form::One, token),
        (_, Value::Array(tokens)) if tokens.len() == 1 => (Form::One, &tokens[0]),
        (_, Value::Array(tokens)) => (Form::Many, tokens.first().unwrap_or(&Value::Null)),
        _ if value.is_array() => (Form::List, value.get(0).unwrap_or(&Value::Null)),
        _ => (Form::Bare, &value),
    };
    // What the token shows wins over what is said of it. A list says of all what it says of the first.
    let said = match kind {
        Some(Kind::Delivery | Kind::Preview) => Some(Kind::Delivery),
        Some(Kind::Management) => Some(Kind::Management),
        _ => None,
    };
    let kind = match kind_of(first).or(said) {
        Some(kind) => kind,
        None if first.is_null() => return Ok(Vec::new()),
        None => return Err(unclear(file)),
    };
    let read = match kind {
        Kind::Delivery => read::<DeliveryToken, R>(text, form),
        _ => read::<ManagementToken, R>(text, form),
    };
    read.map_err(|error| wrong(&error))
}

fn read<T: DeserializeOwned, R>(text: &str, form: Form) -> Result<Vec<R>, ShapeError>
where
    for<'a> R: From<&'a T>,
{
    let text = text.as_bytes();
    Ok(match form {
        Form::Bare => vec![R::from(&answer::read::<T>(text)?)],
        Form::One => vec![R::from(&answer::read::<One<T>>(text)?.token)],
        Form::Many => answer::read::<Many<T>>(text)?.tokens.iter().map(R::from).collect(),
        Form::List => answer::read::<Vec<T>>(text)?.iter().map(R::from).collect(),
    })
}

/// The kind of a token, by what only one kind has.
fn kind_of(token: &Value) -> Option<Kind> {
    let has = |key: &str| token.get(key).is_some();
    let modules = || {
        let entries = token["scope"].as_array().into_iter().flatten();
        entries.filter_map(|entry| Some((entry, Module::from(entry["module"].as_str()?))))
    };
    let about_names = [ModuleId::Environment, ModuleId::Branch, ModuleId::BranchAlias].map(Module::Known);
    if token["type"] == "delivery" || has("preview_token") {
        Some(Kind::Delivery)
    } else if token["type"] == "management" || has("expires_on") || has("is_email_notification_enabled") {
        Some(Kind::Management)
    } else if modules().any(|(entry, _)| entry["environments"].is_array()) {
        Some(Kind::Delivery)
    } else if modules().any(|(_, module)| !about_names.contains(&module)) {
        Some(Kind::Management)
    } else {
        None
    }
}

fn unclear(file: &str) -> Failure {
    let message = format!("`{file}` does not show whether its token is a delivery or a management token");
    Failure::new(Exit::Invalid, UNCLEAR, message)
        .hint("give the token as the API answers it, or say it in the file: `\"type\": \"delivery\"` or `\"type\": \"management\"`")
}

fn invalid(file: &str, error: &ShapeError) -> Failure {
    let at = if error.path == "." { String::new() } else { format!(" at `{}`", error.path) };
    Failure::invalid(vec![
        Problem::in_file(file, error.line, "token.shape", format!("{}{at}", error.what))
            .column(error.column)
            .fix("give a token as the API answers it: `{\"token\": {...}}`, `{\"tokens\": [...]}`, a list of tokens, or the token alone"),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_show() {
        for (kind, token) in [
            (Some(Kind::Delivery), json!({ "scope": [{ "module": "environment", "environments": ["a"] }] })),
            (Some(Kind::Delivery), json!({ "type": "delivery", "expires_on": null })),
            (
                Some(Kind::Management),
                json!({ "scope": [{ "module": "environment", "acl": { "read": true } }], "expires_on": null }),
            ),
            (Some(Kind::Management), json!({ "scope": [{ "module": "entry", "acl": { "read": true } }] })),
            (Some(Kind::Management), json!({ "scope": [{ "module": "$all", "acl": { "read": true } }] })),
            (None, json!({ "scope": [{ "module": "branch", "branches": ["main"] }] })),
        ] {
            assert_eq!(kind_of(&token), kind, "{token}");
        }
    }
}
