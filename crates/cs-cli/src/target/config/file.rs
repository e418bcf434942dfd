//! The text of the configuration. No value of it is in any message: somebody may have put a secret in the wrong place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use cs_model::{ApiKey, OrganizationUid, listed};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::credentials::Holds;
use super::{Credentials, StackConfig, TargetConfig};
use crate::target::LOCAL;

/// The keys of a target beside those of its credentials.
const KEYS: [&str; 6] = ["region", "url", "api_key", "organization", "profile", "stacks"];
/// The key of a stack beside those of its credentials.
const STACK_KEYS: [&str; 1] = ["api_key"];

/// What is wrong with the text, and the byte where it shows.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) offset: Option<usize>,
    pub(super) what: String,
}

/// Reads the targets.
pub(super) fn targets(text: &str, folder: &Path) -> Result<BTreeMap<String, TargetConfig>, Wrong> {
    let table = DeTable::parse(text).map_err(|error| Wrong {
        offset: error.span().map(|span| span.start),
        // What the parser says names what it expected, not what it found.
        what: error.message().trim_end_matches(['\n', '.']).to_lowercase(),
    })?;
    let mut targets = BTreeMap::new();
    for (key, value) in table.get_ref() {
        if key.get_ref() != "targets" {
            return Err(unknown(key, "the configuration", &["targets"]));
        }
        let DeValue::Table(found) = value.get_ref() else {
            return Err(wrong(value, "`targets` holds tables, each under `[targets.NAME]`"));
        };
        for (name, value) in found {
            if name.get_ref() == LOCAL {
                return Err(Wrong {
                    offset: Some(name.span().start),
                    what: format!("`{LOCAL}` is the target inside this program, and takes no configuration"),
                });
            }
            targets.insert(name.get_ref().to_string(), target(name.get_ref(), value, folder)?);
        }
    }
    Ok(targets)
}

fn target(name: &str, value: &Spanned<DeValue<'_>>, folder: &Path) -> Result<TargetConfig, Wrong> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(wrong(value, "a target is a table, under `[targets.NAME]`"));
    };
    let mut target = TargetConfig::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "region" => target.region = Some(text(key, value)?),
            "url" => target.url = Some(text(key, value)?),
            "profile" => target.profile = Some(text(key, value)?),
            "api_key" => target.api_key = Some(api_key(key, value)?),
            "organization" => {
                let uid = OrganizationUid::new(text(key, value)?);
                let uid =
                    uid.map_err(|_| wrong(value, "`organization` is not the uid of an organization"))?;
                target.organization = Some(uid);
            }
            "stacks" => {
                let DeValue::Table(stacks) = value.get_ref() else {
                    let what = format!("`stacks` holds tables, each under `[targets.{name}.stacks.NAME]`");
                    return Err(wrong(value, what));
                };
                for (stack_name, value) in stacks {
                    let place = format!("targets.{name}.stacks.{}", stack_name.get_ref());
                    let found = stack(&place, value, folder)?;
                    let twin = target.stacks.iter().find(|(_, other)| other.api_key == found.api_key);
                    if let Some((other, _)) = twin {
                        let what =
                            format!("`[{place}]` has the `api_key` of `[targets.{name}.stacks.{other}]`");
                        return Err(wrong(value, what));
                    }
                    target.stacks.insert(stack_name.get_ref().to_string(), found);
                }
            }
            _ => credential(&format!("targets.{name}"), &KEYS, key, value, folder, &mut target.credentials)?,
        }
    }
    whole(&target.credentials, value)?;
    Ok(target)
}

fn stack(place: &str, value: &Spanned<DeValue<'_>>, folder: &Path) -> Result<StackConfig, Wrong> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(wrong(value, format!("a stack is a table, under `[{place}]`")));
    };
    let (mut found, mut credentials) = (None, Credentials::default());
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "api_key" => found = Some(api_key(key, value)?),
            _ => credential(place, &STACK_KEYS, key, value, folder, &mut credentials)?,
        }
    }
    whole(&credentials, value)?;
    let api_key = found.ok_or_else(|| wrong(value, format!("`[{place}]` has no `api_key`")))?;
    Ok(StackConfig { api_key, credentials })
}

/// Takes the key of a credential, or refuses one that nobody knows.
fn credential(
    place: &str,
    others: &[&str],
    key: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
    credentials: &mut Credentials,
) -> Result<(), Wrong> {
    let name = key.get_ref().as_ref();
    let Some((_, holds, slot)) = credentials.slots().into_iter().find(|(known, ..)| *known == name) else {
        let known: Vec<&str> = others.iter().copied().chain(Credentials::KEYS).collect();
        return Err(unknown(key, &format!("`[{place}]`"), &known));
    };
    let text = text(key, value)?;
    let refused = match holds {
        Holds::Variable => {
            (!is_variable(&text)).then_some("the environment variable that holds the credential")
        }
        Holds::File => (text.is_empty() || is_token(&text)).then_some("the file that holds the credential"),
        Holds::Text => None,
    };
    if let Some(what) = refused {
        return Err(wrong(value, format!("`{name}` takes the name of {what}, never the credential")));
    }
    *slot = Some(match holds {
        Holds::File => folder.join(&text).to_string_lossy().into_owned(),
        Holds::Variable | Holds::Text => text,
    });
    Ok(())
}

/// Refuses a grant without the app that it was given to.
fn whole(credentials: &Credentials, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
    credentials.app().map(drop).map_err(|what| wrong(value, what))
}

fn text(key: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Result<String, Wrong> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.to_string()),
        _ => Err(wrong(value, format!("`{}` takes a text, in quotes", key.get_ref()))),
    }
}

fn api_key(key: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Result<ApiKey, Wrong> {
    ApiKey::new(text(key, value)?).map_err(|_| wrong(value, "`api_key` is not the API key of a stack"))
}

/// Whether a text is the name of a variable, and not a value in its place: `blt` or `cs` with a long number are how the API
/// makes tokens.
fn is_variable(text: &str) -> bool {
    let name = !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    name && !is_token(text)
}

fn is_token(text: &str) -> bool {
    let number = |rest: &str| rest.len() >= 12 && rest.chars().all(|c| c.is_ascii_hexdigit());
    ["blt", "cs"].into_iter().filter_map(|start| text.strip_prefix(start)).any(number)
}

fn unknown(key: &Spanned<Cow<'_, str>>, what: &str, known: &[&str]) -> Wrong {
    let name = key.get_ref();
    Wrong {
        offset: Some(key.span().start),
        what: format!("{what} has no key `{name}`; it has {}", listed(name, known.iter().copied())),
    }
}

fn wrong(value: &Spanned<DeValue<'_>>, what: impl Into<String>) -> Wrong {
    Wrong { offset: Some(value.span().start), what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_in_a_message() {
        for text in [
            "[targets.x]\nauthtoken = \"bltcanary\"",
            "[targets.x]\nauthtoken_env = \"bltcanary-1\"",
            "[targets.x]\nauthtoken_env = \"bltcaca0123456789abcdef\"",
            concat!("[targets.x]\nmanagement_token_env = \"cs", "caca0123456789abcdef0123\""),
            "[targets.x]\noauth_token_env = \"\"",
            "[targets.x]\nauthtoken_file = \"bltcaca0123456789abcdef\"",
            "[targets.x.stacks.a]\nmanagement_token_env = \"canary-x\"",
            "[targets.x.stacks]\na = \"canary\"",
            "[targets.x.stacks.a]\nauthtoken_env = \"A\"",
            "[targets.x]\noauth_file = \"canary.json\"",
            "[targets.x]\napi_key = \"blt canary\"",
            "[targets]\nx = \"bltcanary\"",
            "targets = \"bltcanary\"",
            "[targets.x]\nurl = [\"bltcanary\"]",
            "[targets.x]\nurl = bltcanary",
            "[targets.x]\nurl = \"bltcanary",
            "bltcanary",
            "[targets.x]\nregion = \"a\"\nregion = \"bltcanary\"",
            "[targets.local]\nurl = \"bltcanary\"",
            "other = \"bltcanary\"",
        ] {
            let wrong = targets(text, Path::new("")).unwrap_err();
            assert!(!wrong.what.contains("canary") && !wrong.what.contains("caca"), "{text}: {wrong:?}");
            assert!(wrong.offset.is_some(), "{text}");
        }
        assert!(targets("[targets.x]\nauthtoken_env = \"blt_token\"", Path::new("")).is_ok());
    }
}
