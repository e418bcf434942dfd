//! The text of the configuration. No value of it is in any message: somebody may have put a secret in the wrong place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use cs_model::{ApiKey, OrganizationUid, listed};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::credentials::Holds;
use super::{Credentials, StackConfig, TargetConfig};
use crate::output::did_you_mean;
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
    /// What to do, where that is more than to read what is wrong.
    pub(super) fix: String,
    /// The target that it keeps from being used; `None` for all of them.
    pub(super) target: Option<String>,
}

/// What the text says.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The targets that nothing is wrong with.
    pub(super) targets: BTreeMap<String, TargetConfig>,
    /// Everything that is wrong, in the order of the text.
    pub(super) wrong: Vec<Wrong>,
}

/// Reads the targets.
pub(super) fn targets(text: &str, folder: &Path) -> Found {
    let mut found = Found::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What the parser made of the rest is a guess.
        found.wrong = errors.iter().map(syntax).collect();
        return found;
    }
    for (key, value) in table.get_ref() {
        if key.get_ref() != "targets" {
            found.wrong.push(unknown(key, "the configuration", &["targets"]));
            continue;
        }
        let DeValue::Table(table) = value.get_ref() else {
            found.wrong.push(wrong(value, "`targets` holds tables, each under `[targets.NAME]`"));
            continue;
        };
        for (name, value) in table {
            if name.get_ref() == LOCAL {
                let what = format!("`{LOCAL}` is the target inside this program, and takes no configuration");
                found.wrong.push(Wrong::new(name.span().start, what));
                continue;
            }
            let name = name.get_ref().to_string();
            match target(&name, value, folder) {
                Ok(target) => drop(found.targets.insert(name, target)),
                Err(wrong) => found
                    .wrong
                    .extend(wrong.into_iter().map(|wrong| Wrong { target: Some(name.clone()), ..wrong })),
            }
        }
    }
    found.wrong.sort_by_key(|wrong| wrong.offset);
    found
}

fn target(name: &str, value: &Spanned<DeValue<'_>>, folder: &Path) -> Result<TargetConfig, Vec<Wrong>> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(vec![wrong(value, "a target is a table, under `[targets.NAME]`")]);
    };
    let (mut target, mut all) = (TargetConfig::default(), Vec::new());
    for (key, value) in table {
        let read = match key.get_ref().as_ref() {
            "region" => text(key, value).map(|text| target.region = Some(text)),
            "url" => text(key, value).map(|text| target.url = Some(text)),
            "profile" => text(key, value).map(|text| target.profile = Some(text)),
            "api_key" => api_key(key, value).map(|api_key| target.api_key = Some(api_key)),
            "organization" => organization(key, value).map(|uid| target.organization = Some(uid)),
            "stacks" => {
                all.extend(stacks(name, value, folder, &mut target.stacks));
                Ok(())
            }
            _ => credential(&format!("targets.{name}"), &KEYS, key, value, folder, &mut target.credentials),
        };
        all.extend(read.err());
    }
    all.extend(whole(&target.credentials, value, &all));
    if all.is_empty() { Ok(target) } else { Err(all) }
}

/// Reads the stacks of a target; gives back what is wrong with them.
fn stacks(
    target: &str,
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
    stacks: &mut BTreeMap<String, StackConfig>,
) -> Vec<Wrong> {
    let DeValue::Table(table) = value.get_ref() else {
        return vec![wrong(
            value,
            format!("`stacks` holds tables, each under `[targets.{target}.stacks.NAME]`"),
        )];
    };
    let mut all = Vec::new();
    for (name, value) in table {
        let place = format!("targets.{target}.stacks.{}", name.get_ref());
        let found = match stack(&place, value, folder) {
            Ok(found) => found,
            Err(wrong) => {
                all.extend(wrong);
                continue;
            }
        };
        if let Some((other, _)) = stacks.iter().find(|(_, other)| other.api_key == found.api_key) {
            let what = format!("`[{place}]` has the `api_key` of `[targets.{target}.stacks.{other}]`");
            all.push(wrong(value, what));
        } else {
            stacks.insert(name.get_ref().to_string(), found);
        }
    }
    all
}

fn stack(place: &str, value: &Spanned<DeValue<'_>>, folder: &Path) -> Result<StackConfig, Vec<Wrong>> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(vec![wrong(value, format!("a stack is a table, under `[{place}]`"))]);
    };
    let (mut found, mut credentials, mut all) = (None, Credentials::default(), Vec::new());
    let mut has_key = false;
    for (key, value) in table {
        let read = match key.get_ref().as_ref() {
            "api_key" => {
                has_key = true;
                api_key(key, value).map(|api_key| found = Some(api_key))
            }
            _ => credential(place, &STACK_KEYS, key, value, folder, &mut credentials),
        };
        all.extend(read.err());
    }
    all.extend(whole(&credentials, value, &all));
    if !has_key {
        all.push(wrong(value, format!("`[{place}]` has no `api_key`")));
    }
    match found {
        Some(api_key) if all.is_empty() => Ok(StackConfig { api_key, credentials }),
        _ => Err(all),
    }
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

/// Refuses a grant without the app that it was given to, unless a part of it is what is wrong.
fn whole(credentials: &Credentials, value: &Spanned<DeValue<'_>>, others: &[Wrong]) -> Option<Wrong> {
    let what = credentials.app().err()?;
    others.is_empty().then(|| wrong(value, what))
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

fn organization(key: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Result<OrganizationUid, Wrong> {
    OrganizationUid::new(text(key, value)?)
        .map_err(|_| wrong(value, "`organization` is not the uid of an organization"))
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
    let has = format!("{what} has no key `{name}`; it has {}", listed(name, known.iter().copied()));
    let fix = did_you_mean(name, known.iter().copied()).unwrap_or_default();
    Wrong { fix, ..Wrong::new(key.span().start, has) }
}

fn wrong(value: &Spanned<DeValue<'_>>, what: impl Into<String>) -> Wrong {
    Wrong::new(value.span().start, what)
}

fn syntax(error: &toml::de::Error) -> Wrong {
    // What the parser says names what it expected, not what it found.
    let what = error.message().trim_end_matches(['\n', '.']).to_lowercase();
    let offset = error.span().map(|span| span.start);
    Wrong { offset, ..Wrong::new(0, what) }
}

impl Wrong {
    fn new(offset: usize, what: impl Into<String>) -> Self {
        Self { offset: Some(offset), what: what.into(), fix: String::new(), target: None }
    }
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
            let found = targets(text, Path::new(""));
            assert!(!found.wrong.is_empty(), "{text}");
            for wrong in found.wrong {
                assert!(!wrong.what.contains("canary") && !wrong.what.contains("caca"), "{text}: {wrong:?}");
                assert!(!wrong.fix.contains("canary") && wrong.offset.is_some(), "{text}: {wrong:?}");
            }
        }
        assert!(targets("[targets.x]\nauthtoken_env = \"blt_token\"", Path::new("")).wrong.is_empty());
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_target() {
        let text = "other = 1\n[targets.good]\nregion = \"eu\"\n[targets.bad]\nregoin = \"eu\"\nurl = 7\n\
                    [targets.bad.stacks.a]\nauthtoken_env = \"1X\"\n[targets.local]\n";
        let found = targets(text, Path::new(""));
        assert!(found.targets.contains_key("good") && !found.targets.contains_key("bad"));
        let told: Vec<(Option<&str>, &str)> =
            found.wrong.iter().map(|wrong| (wrong.target.as_deref(), wrong.fix.as_str())).collect();
        let bad = Some("bad");
        assert_eq!(told[0], (None, ""));
        assert_eq!(told[1].0, bad);
        assert!(told[1].1.starts_with("did you mean `region`"), "{told:?}");
        // The stack has two mistakes, and `local` is nobody's.
        assert_eq!(told[2..].iter().map(|(target, _)| *target).collect::<Vec<_>>(), [bad, bad, bad, None]);
    }
}
