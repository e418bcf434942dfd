//! Languages of a branch (OA3; branches-guide). The master language of the stack is one of them from the start, in every branch.

use std::collections::BTreeMap;

use cs_model::generated::{ErrorId, ModuleId};
use serde_json::{Map, Value, json};

use super::list;
use crate::hash;
use crate::record::{LocaleRecord, StackRecord, Stamps};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles::Sight;
use crate::service::Scene;
use crate::store::{StoreError, Tx, keys, next_number, put_json, scan_json};

/// The master language of a stack that names none.
pub(super) const DEFAULT: &str = "en-us";
/// Its name.
const DEFAULT_NAME: &str = "English - United States";

/// `GET /v3/locales`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let sight = Sight::of(scene, tx, ModuleId::Locale)?;
    let is_seen = |locale: &&&LocaleRecord| sight.as_ref().is_none_or(|sight| sight.sees(&locale.uid, None));
    let languages = Languages::read(scene, tx)?;
    let items = languages.in_order().iter().filter(is_seen).map(|locale| shape(locale)).collect();
    Ok(Reply::ok(list::page(scene, "locales", items)?))
}

/// `GET /v3/locales/{code}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    Ok(Reply::ok(json!({ "locale": shape(Languages::read(scene, tx)?.named_in_path(scene)?) })))
}

/// `POST /v3/locales`. Without a fallback, that is the master language.
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let languages = Languages::read(scene, tx)?;
    let body = scene.call.object("locale")?;
    let mut problems = Problems::default();
    let code = match body.get("code").and_then(Value::as_str) {
        Some(code) if is_code(code) => code.to_lowercase(),
        _ => {
            problems.at(ErrorId::FieldInvalid, "code", "is not the code of a language");
            String::new()
        }
    };
    let name = name(&body, &code, &mut problems);
    let master = &languages.master;
    let fallback = languages.fallback(&body, &code, Some(master), &mut problems);
    problems.sort_out()?;
    if languages.all.contains_key(&code) {
        return Err(ErrorId::LocaleExists.into());
    }
    let locale = LocaleRecord {
        uid: scene.draw.uid("locale"),
        code,
        name,
        fallback,
        version: 1,
        number: next_number(tx)?,
        stamps: Stamps::new(scene.actor_uid(), scene.now),
    };
    languages.write(scene, tx, &locale)?;
    Ok(Reply::created(json!({ "notice": "Language added successfully.", "locale": shape(&locale) })))
}

/// `PUT /v3/locales/{code}`, also by uid: one page has it so. The code itself stays.
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let languages = Languages::read(scene, tx)?;
    let mut locale = languages.named_in_path(scene)?.clone();
    let body = scene.call.object("locale")?;
    let mut problems = Problems::default();
    if body
        .get("code")
        .is_some_and(|code| code.as_str().map(str::to_lowercase).as_ref() != Some(&locale.code))
    {
        problems.at(ErrorId::FieldInvalid, "code", "cannot be changed");
    }
    locale.name = name(&body, &locale.name, &mut problems);
    locale.fallback = languages.fallback(&body, &locale.code, locale.fallback.as_deref(), &mut problems);
    problems.sort_out()?;
    locale.version += 1;
    locale.stamps.touch(scene.actor_uid(), scene.now);
    languages.write(scene, tx, &locale)?;
    Ok(Reply::ok(json!({ "notice": "Language updated successfully.", "locale": shape(&locale) })))
}

/// `DELETE /v3/locales/{code}`
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let languages = Languages::read(scene, tx)?;
    let locale = languages.named_in_path(scene)?;
    let mut problems = Problems::default();
    if locale.code == languages.master {
        problems.add(ErrorId::LocaleNeeded, "is the master language of the stack");
    }
    for other in languages.in_order() {
        if other.fallback.as_ref() == Some(&locale.code) {
            problems.add(ErrorId::LocaleNeeded, format!("`{}` falls back on it", other.code));
        }
    }
    problems.sort_out()?;
    tx.delete(keys::locale(scene.api_key()?, &languages.branch, &locale.code).as_bytes())?;
    Ok(Reply::notice("Language removed successfully."))
}

/// The uids of all languages of a stack, in whatever branch.
pub(super) fn uids(tx: &mut dyn Tx, stack: &StackRecord) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, LocaleRecord)> = scan_json(tx, &keys::all_locales(&stack.api_key))?;
    let mut uids: Vec<String> = rows.into_iter().map(|(_, locale)| locale.uid).collect();
    uids.push(master(stack).uid);
    Ok(uids)
}

/// The codes of all languages of the branch that a request is for, in order.
pub(crate) fn codes(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Vec<String>, Stop> {
    let languages = Languages::read(scene, tx)?;
    Ok(languages.in_order().iter().map(|locale| locale.code.clone()).collect())
}

/// The names of the language of a branch with this code or uid: its uid and its code. Only the word itself when there is none.
pub(crate) fn names(
    tx: &mut dyn Tx,
    stack: &StackRecord,
    branch: &str,
    word: &str,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, LocaleRecord)> = scan_json(tx, &keys::locales(&stack.api_key, branch))?;
    let mut all = rows.into_iter().map(|(_, locale)| locale).chain([master(stack)]);
    let found = all.find(|locale| locale.uid == word || locale.code == word.to_lowercase());
    Ok(found.map_or_else(|| vec![word.to_owned()], |locale| vec![locale.uid, locale.code]))
}

/// A language of the branch that a request is for, with those that it falls back on, in order; `None` for one that is none
/// of the branch. Without a name, the master language.
pub(crate) fn chain(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    code: Option<&str>,
) -> Result<Option<Vec<String>>, Stop> {
    let languages = Languages::read(scene, tx)?;
    let mut next = Some(code.map_or_else(|| languages.master.clone(), str::to_lowercase));
    let mut chain = Vec::new();
    while let Some(locale) = next.take().and_then(|code| languages.all.get(&code)) {
        // They never lead back, and what was written before that was checked shall not, either.
        if chain.contains(&locale.code) {
            break;
        }
        chain.push(locale.code.clone());
        next.clone_from(&locale.fallback);
    }
    Ok(Some(chain).filter(|chain| !chain.is_empty()))
}

/// Whether a text looks like the code of a language: `en`, `en-us`, `zh-hant-tw`.
pub(super) fn is_code(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language =
        |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_more =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    parts.next().is_some_and(is_language) && parts.all(is_more)
}

/// The languages of the branch that a request is for.
struct Languages {
    branch: String,
    /// The code of the master language.
    master: String,
    all: BTreeMap<String, LocaleRecord>,
}

impl Languages {
    fn read(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        let stack = scene.stack()?;
        let branch = scene.branch_uid().to_owned();
        let rows: Vec<(String, LocaleRecord)> = scan_json(tx, &keys::locales(&stack.api_key, &branch))?;
        let mut all: BTreeMap<String, LocaleRecord> = rows.into_iter().collect();
        let master = master(stack);
        let code = master.code.clone();
        // It has a record of its own as soon as it is changed.
        all.entry(code.clone()).or_insert(master);
        Ok(Self { branch, master: code, all })
    }

    fn in_order(&self) -> Vec<&LocaleRecord> {
        let mut locales: Vec<_> = self.all.values().collect();
        locales.sort_by_key(|locale| locale.number);
        locales
    }

    fn named_in_path(&self, scene: &Scene<'_>) -> Result<&LocaleRecord, Stop> {
        let name = scene.call.argument(0);
        let by_code = self.all.get(&name.to_lowercase());
        let found = by_code.or_else(|| self.all.values().find(|locale| locale.uid == name));
        found.ok_or_else(|| ErrorId::EntryNotFound.into())
    }

    /// The fallback that a body gives a language; `before` when it says nothing.
    fn fallback(
        &self,
        body: &Map<String, Value>,
        code: &str,
        before: Option<&str>,
        problems: &mut Problems,
    ) -> Option<String> {
        let given = match body.get("fallback_locale") {
            None => return before.map(str::to_owned),
            Some(Value::Null) => return Some(self.master.clone()).filter(|master| master != code),
            Some(Value::String(given)) => given.to_lowercase(),
            Some(_) => {
                problems.at(ErrorId::FieldInvalid, "fallback_locale", "is not the code of a language");
                return None;
            }
        };
        let mut wrong = |says: &str| problems.at(ErrorId::FieldInvalid, "fallback_locale", says);
        if code == self.master {
            wrong("the master language has none");
        } else if !self.all.contains_key(&given) {
            wrong("is no language of the stack");
        } else if self.leads_to(&given, code) {
            wrong("leads back to the language itself");
        }
        Some(given)
    }

    /// Whether the fallbacks from one language lead to another.
    fn leads_to(&self, from: &str, to: &str) -> bool {
        let mut code = Some(from);
        // No chain is longer than there are languages.
        for _ in 0..=self.all.len() {
            match code {
                Some(here) if here == to => return true,
                Some(here) => code = self.all.get(here).and_then(|locale| locale.fallback.as_deref()),
                None => return false,
            }
        }
        false
    }

    fn write(&self, scene: &Scene<'_>, tx: &mut dyn Tx, locale: &LocaleRecord) -> Result<(), Stop> {
        Ok(put_json(tx, &keys::locale(scene.api_key()?, &self.branch, &locale.code), locale)?)
    }
}

/// The master language of a stack while nobody has changed it.
fn master(stack: &StackRecord) -> LocaleRecord {
    let code = stack.master_locale.to_lowercase();
    let digest = hash::of_value(&format!("locale/{}/{code}", stack.api_key));
    LocaleRecord {
        uid: format!("blt{}", digest.get(..16).unwrap_or_default()),
        name: if code == DEFAULT { DEFAULT_NAME.to_owned() } else { code.clone() },
        code,
        fallback: None,
        version: 1,
        number: 0,
        stamps: Stamps {
            created_by: stack.owner_uid.clone(),
            updated_by: stack.owner_uid.clone(),
            created_at: stack.created_at.clone(),
            updated_at: stack.created_at.clone(),
        },
    }
}

fn name(body: &Map<String, Value>, before: &str, problems: &mut Problems) -> String {
    match body.get("name") {
        Some(Value::String(name)) if !name.trim().is_empty() => name.clone(),
        None | Some(Value::Null) => before.to_owned(),
        Some(_) => {
            problems.at(ErrorId::FieldInvalid, "name", "is not a text");
            String::new()
        }
    }
}

fn shape(locale: &LocaleRecord) -> Value {
    json!({
        "uid": locale.uid,
        "code": locale.code,
        "name": locale.name,
        "fallback_locale": locale.fallback,
        "created_by": locale.stamps.created_by,
        "updated_by": locale.stamps.updated_by,
        "created_at": locale.stamps.created_at,
        "updated_at": locale.stamps.updated_at,
        "ACL": [],
        "_version": locale.version,
    })
}

#[cfg(test)]
mod tests {
    use super::is_code;

    #[test]
    fn codes_of_languages() {
        assert!(["en", "en-us", "fil", "zh-Hant-TW", "es-419"].iter().all(|code| is_code(code)));
        assert!(
            ["", "e", "english", "en_us", "en-", "12", "en-us/../", "en us"]
                .iter()
                .all(|code| !is_code(code))
        );
    }
}
