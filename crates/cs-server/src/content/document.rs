//! Documents: what collections hold, in one form whatever they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::collection::{Place, at};
use crate::store::{StoreError, Tx, get_json, keys, put_json, scan_json};

/// A document as it stands in the store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Orders what is listed.
    pub(crate) number: u64,
    /// What it is in each language; a document of a collection without languages has one form, under an empty name.
    pub(crate) forms: BTreeMap<String, Map<String, Value>>,
}

// Content is nobody's business but its owner's.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Document {
    /// The form in the first of these languages that it has; else in any, so that nothing is invisible.
    pub(super) fn form(&self, languages: &[String]) -> Option<&Map<String, Value>> {
        let found = languages.iter().find_map(|locale| self.forms.get(locale));
        found.or_else(|| self.forms.values().next())
    }

    /// The folder that it is in, of an asset.
    pub(super) fn folder(&self) -> Option<&str> {
        self.only_form()?.get("parent_uid")?.as_str()
    }

    /// The form of a document of a collection without languages.
    pub(super) fn only_form(&self) -> Option<&Map<String, Value>> {
        self.form(&[])
    }
}

/// A document.
pub(super) fn get(tx: &mut dyn Tx, place: &Place<'_>, uid: &str) -> Result<Option<Document>, StoreError> {
    get_json(tx, &keys::document(&place.prefix(), uid))
}

/// All documents of a place, oldest first, with their uids.
pub(super) fn all(tx: &mut dyn Tx, place: &Place<'_>) -> Result<Vec<(String, Document)>, StoreError> {
    let mut all: Vec<(String, Document)> = scan_json(tx, &keys::document(&place.prefix(), ""))?;
    all.sort_by_key(|(_, document)| document.number);
    Ok(all)
}

/// Writes a document.
pub(super) fn put(
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    document: &Document,
) -> Result<(), StoreError> {
    put_json(tx, &keys::document(&place.prefix(), uid), document)
}

/// Takes a document out, with its versions and with everything below it.
pub(super) fn remove(tx: &mut dyn Tx, place: &Place<'_>, uid: &str) -> Result<(), StoreError> {
    tx.delete(keys::document(&place.prefix(), uid).as_bytes())?;
    remove_all(tx, &keys::versions(&place.prefix(), uid))?;
    for child in place.children() {
        let below = place.below(child, uid).prefix();
        remove_all(tx, &keys::document(&below, ""))?;
        remove_all(tx, &keys::versions_below(&below))?;
    }
    Ok(())
}

/// Keeps a form as the version that it is.
pub(super) fn put_version(
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    locale: &str,
    form: &Map<String, Value>,
) -> Result<(), StoreError> {
    put_json(tx, &keys::version(&place.prefix(), uid, locale, version_of(form)), form)
}

/// A form as it was at a version.
pub(super) fn version(
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    locale: &str,
    version: u64,
) -> Result<Option<Map<String, Value>>, StoreError> {
    get_json(tx, &keys::version(&place.prefix(), uid, locale, version))
}

/// All versions of a form, oldest first.
pub(super) fn all_versions(
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    locale: &str,
) -> Result<Vec<Map<String, Value>>, StoreError> {
    let prefix = format!("{}{locale}/", keys::versions(&place.prefix(), uid));
    Ok(scan_json(tx, &prefix)?.into_iter().map(|(_, form)| form).collect())
}

/// How often a form was changed, its making included.
pub(crate) fn version_of(form: &Map<String, Value>) -> u64 {
    form.get("_version").and_then(Value::as_u64).unwrap_or_default()
}

/// All workflows of a stack.
pub(crate) fn workflows(tx: &mut dyn Tx, api_key: &str) -> Result<Vec<Map<String, Value>>, StoreError> {
    all_of(tx, api_key, "/v3/workflows")
}

/// All publish rules of a stack.
pub(crate) fn publish_rules(tx: &mut dyn Tx, api_key: &str) -> Result<Vec<Map<String, Value>>, StoreError> {
    all_of(tx, api_key, "/v3/workflows/publishing_rules")
}

/// All documents of a collection that is the same in all branches.
fn all_of(tx: &mut dyn Tx, api_key: &str, path: &str) -> Result<Vec<Map<String, Value>>, StoreError> {
    let Some(collection) = at(path) else { return Ok(Vec::new()) };
    let all = all(tx, &Place::new(collection, api_key, "", Vec::new()))?;
    Ok(all.into_iter().flat_map(|(_, document)| document.forms.into_values()).collect())
}

/// The folder that an asset is in.
pub(crate) fn folder_of(
    tx: &mut dyn Tx,
    api_key: &str,
    branch: &str,
    asset: &str,
) -> Result<Option<String>, StoreError> {
    let Some(collection) = at("/v3/assets") else { return Ok(None) };
    let found = get(tx, &Place::new(collection, api_key, branch, Vec::new()), asset)?;
    Ok(found.and_then(|asset| asset.folder().map(str::to_owned)))
}

fn remove_all(tx: &mut dyn Tx, prefix: &str) -> Result<(), StoreError> {
    for (key, _) in tx.scan(prefix.as_bytes())? {
        tx.delete(&key)?;
    }
    Ok(())
}
