//! Tokens in JSON files, as the API answers them.

use std::path::Path;
use std::slice;

use cs_model::answer::{self, ShapeError};
use cs_model::{DeliveryToken, ManagementToken, Many, Module, ModuleId, One, Plain};
use cs_policy::Kind;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};
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

/// All tokens of a file: one by itself, `{"token": {}}`, `{"tokens": []}` or a list, which may hold both kinds. Of those
/// that do not show of which kind they are, `kind` says it.
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
    let (form, all) = match (&value["token"], &value["tokens"], &value) {
        (token @ Value::Object(_), _, _) => (Form::One, slice::from_ref(token)),
        (_, Value::Array(tokens), _) => (if tokens.len() == 1 { Form::One } else { Form::Many }, &**tokens),
        (_, _, Value::Array(tokens)) => (Form::List, &**tokens),
        _ => (Form::Bare, slice::from_ref(&value)),
    };
    // What a token shows wins over what is said of all of them.
    let said = match kind {
        Some(Kind::Delivery | Kind::Preview) => Some(Kind::Delivery),
        Some(Kind::Management) => Some(Kind::Management),
        _ => None,
    };
    let mut kinds: Vec<Kind> = Vec::with_capacity(all.len());
    for (index, token) in all.iter().enumerate() {
        // What is no token at all is of no kind: reading it says what is there instead.
        let kind = kind_of(token).or(said).or_else(|| (!token.is_object()).then_some(Kind::Delivery));
        kinds.push(kind.ok_or_else(|| unclear(file, (all.len() > 1).then_some((index, token))))?);
    }
    let is = |wanted: Kind| kinds.iter().all(|kind| *kind == wanted);
    let read = match said {
        _ if kinds.is_empty() => return Ok(Vec::new()),
        _ if is(Kind::Delivery) => read::<DeliveryToken, R>(text, form),
        _ if is(Kind::Management) => read::<ManagementToken, R>(text, form),
        Some(Kind::Management) => mixed::<R, true>(text, form, all),
        _ => mixed::<R, false>(text, form, all),
    };
    read.map_err(|error| wrong(&error))
}

/// Tokens of both kinds, each read as what it is.
fn mixed<R, const SAID_MANAGEMENT: bool>(text: &str, form: Form, all: &[Value]) -> Result<Vec<R>, ShapeError>
where
    for<'a> R: From<&'a DeliveryToken> + From<&'a ManagementToken>,
{
    let bytes = text.as_bytes();
    let read = match form {
        Form::List => answer::read::<Vec<Either<R, SAID_MANAGEMENT>>>(bytes),
        _ => answer::read::<Many<_>>(bytes).map(|many| many.tokens),
    };
    match read {
        Ok(all) => Ok(all.into_iter().map(|Either(token)| token).collect()),
        Err(mut error) => {
            // It tells which token is wrong; that token alone tells the place within.
            let within = all.iter().find_map(|token| Either::<R, SAID_MANAGEMENT>::of(token).err());
            if let Some(within) = within.filter(|within| within.path != ".") {
                error.path = format!("{}.{}", error.path, within.path);
            }
            Err(error)
        }
    }
}

/// A token of the kind that it shows or, where it shows none, of the one that is said of it.
struct Either<R, const SAID_MANAGEMENT: bool>(R);

impl<R, const SAID_MANAGEMENT: bool> Either<R, SAID_MANAGEMENT>
where
    for<'a> R: From<&'a DeliveryToken> + From<&'a ManagementToken>,
{
    fn of(token: &Value) -> Result<Self, ShapeError> {
        let said = if SAID_MANAGEMENT { Kind::Management } else { Kind::Delivery };
        let text = token.to_string();
        Ok(Self(match kind_of(token).unwrap_or(said) {
            Kind::Delivery => R::from(&answer::read::<DeliveryToken>(text.as_bytes())?),
            _ => R::from(&answer::read::<ManagementToken>(text.as_bytes())?),
        }))
    }
}

impl<'de, R, const SAID_MANAGEMENT: bool> Deserialize<'de> for Either<R, SAID_MANAGEMENT>
where
    for<'a> R: From<&'a DeliveryToken> + From<&'a ManagementToken>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
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

/// `token` is the one of many that is unclear, with its place among them.
fn unclear(file: &str, token: Option<(usize, &Value)>) -> Failure {
    let whose = match token.map(|(index, token)| (index + 1, token["name"].as_str())) {
        None => "its token".to_owned(),
        Some((number, Some(name))) => format!("its token `{}` (number {number})", Plain(name)),
        Some((number, None)) => format!("its token number {number}"),
    };
    let message = format!("`{file}` does not show whether {whose} is a delivery or a management token");
    Failure::new(Exit::Invalid, UNCLEAR, message)
        .hint("give the token as the API answers it, or say it in the file: `\"type\": \"delivery\"` or `\"type\": \"management\"`")
}

fn invalid(file: &str, error: &ShapeError) -> Failure {
    let at = if error.path == "." { String::new() } else { format!(" at `{}`", error.path) };
    Failure::invalid(vec![
        Problem::in_file(file, error.line, "token.shape", format!("{}{at}", error.what))
            // Of what ends too early the place is the end, which may be before the first column.
            .column(error.column.max(1))
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

    #[test]
    fn each_token_of_a_list_is_of_its_own_kind() {
        let kinds = |text: &str, said| -> Result<Vec<Kind>, Failure> {
            let all: Vec<Held> = read_all("mix.json", text, said)?;
            Ok(all.iter().map(|held| held.scope.kind()).collect())
        };
        let web = r#"{"uid": "a", "name": "web", "type": "delivery", "scope": []}"#;
        let adm = r#"{"uid": "b", "name": "adm", "expires_on": null, "scope": []}"#;
        let dim = r#"{"uid": "c", "name": "dim", "scope": []}"#;
        let both = [Kind::Delivery, Kind::Management];
        assert_eq!(kinds(&format!("[{web},{adm}]"), None).unwrap(), both);
        assert_eq!(kinds(&format!("{{\"tokens\": [{web},{adm}]}}"), Some(Kind::Delivery)).unwrap(), both);
        // What is said of all serves those alone that show nothing.
        assert_eq!(kinds(&format!("[{web},{dim}]"), Some(Kind::Management)).unwrap(), both);
        assert_eq!(kinds(&format!("[{dim},{adm}]"), Some(Kind::Preview)).unwrap(), both);
        let unclear = kinds(&format!("[{web},{dim}]"), None).unwrap_err();
        assert_eq!(unclear.code, UNCLEAR);
        assert!(unclear.message.contains("`dim` (number 2)"), "{}", unclear.message);
        assert!(kinds("[]", None).unwrap().is_empty());
        // What is wrong with one of them has its place.
        let wrong = kinds(&format!("[{web},\n{{\"type\": \"management\", \"uid\": 7}}]"), None).unwrap_err();
        let problem = &wrong.problems[0];
        assert_eq!(problem.line, Some(2));
        assert!(problem.message.ends_with("at `[1].uid`"), "{}", problem.message);
        assert_eq!(kinds(&format!("[{web},1]"), None).unwrap_err().code, "token.shape");
    }
}
