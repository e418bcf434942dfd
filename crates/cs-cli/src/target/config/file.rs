//! The text of the configuration. No value of it is in any message: somebody may have put a secret in the wrong place.

use std::collections::BTreeMap;

use cs_model::{ApiKey, listed};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::TargetConfig;
use crate::target::LOCAL;

/// The keys of a target.
const KEYS: [&str; 7] =
    ["region", "url", "api_key", "profile", "authtoken_env", "management_token_env", "oauth_token_env"];

/// What is wrong with the text, and the byte where it shows.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) offset: Option<usize>,
    pub(super) what: String,
}

/// Reads the targets.
pub(super) fn targets(text: &str) -> Result<BTreeMap<String, TargetConfig>, Wrong> {
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
            targets.insert(name.get_ref().to_string(), target(name.get_ref(), value)?);
        }
    }
    Ok(targets)
}

fn target(name: &str, value: &Spanned<DeValue<'_>>) -> Result<TargetConfig, Wrong> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(wrong(value, "a target is a table, under `[targets.NAME]`"));
    };
    let mut target = TargetConfig::default();
    for (key, value) in table {
        let key_name = key.get_ref().as_ref();
        if !KEYS.contains(&key_name) {
            return Err(unknown(key, &format!("`[targets.{name}]`"), &KEYS));
        }
        let DeValue::String(text) = value.get_ref() else {
            return Err(wrong(value, format!("`{key_name}` takes a text, in quotes")));
        };
        let text = text.to_string();
        let variable = |text: String| {
            if is_variable(&text) {
                Ok(Some(text))
            } else {
                let what = format!(
                    "`{key_name}` takes the name of the environment variable that holds the credential, never the credential"
                );
                Err(wrong(value, what))
            }
        };
        match key_name {
            "region" => target.region = Some(text),
            "url" => target.url = Some(text),
            "profile" => target.profile = Some(text),
            "api_key" => {
                let key = ApiKey::new(&text)
                    .map_err(|_| wrong(value, "`api_key` is not the API key of a stack"))?;
                target.api_key = Some(key);
            }
            "authtoken_env" => target.authtoken_env = variable(text)?,
            "management_token_env" => target.management_token_env = variable(text)?,
            _ => target.oauth_token_env = variable(text)?,
        }
    }
    Ok(target)
}

/// Whether a text is the name of a variable, and not a value in its place: `blt` or `cs` with a long number are how the API
/// makes tokens.
fn is_variable(text: &str) -> bool {
    let name = !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let number = |rest: &str| rest.len() >= 12 && rest.chars().all(|c| c.is_ascii_hexdigit());
    let token = ["blt", "cs"].into_iter().filter_map(|start| text.strip_prefix(start)).any(number);
    name && !token
}

fn unknown(key: &Spanned<std::borrow::Cow<'_, str>>, what: &str, known: &[&str]) -> Wrong {
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
            let wrong = targets(text).unwrap_err();
            assert!(!wrong.what.contains("canary") && !wrong.what.contains("caca"), "{text}: {wrong:?}");
            assert!(wrong.offset.is_some(), "{text}");
        }
        assert!(targets("[targets.x]\nauthtoken_env = \"blt_token\"").is_ok());
    }
}
