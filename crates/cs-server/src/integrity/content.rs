//! Documents, their versions, and what environments show.

use cs_model::facts::Reach;

use super::rows::Check;
use crate::content::kept::{self, Document, PublishedRecord};
use crate::record::MAIN_BRANCH;
use crate::store::keys;

/// `<owner>/<branch>/<collection>/<..>/<uid>`
pub(super) fn document(check: &mut Check<'_>, key: &str, rest: &str) {
    let Some(document) = check.read::<Document>(key) else { return };
    check.number(document.number);
    if document.forms.is_empty() {
        check.fault(key, "has no form");
    }
    let Some((place, uid)) = kept::place(rest) else {
        check.fault(key, "is the key of no collection");
        return;
    };
    if document.forms.values().any(|form| form.get("uid").and_then(|uid| uid.as_str()) != Some(uid)) {
        check.fault(key, "has another `uid` than its key");
    }
    match place.collection.module.row().reach {
        Reach::OutsideStack => check.needs(key, &keys::org(place.owner()), "organization"),
        Reach::Branch => {
            check.needs(key, &keys::stack(place.owner()), "stack");
            check.needs(key, &keys::branch(place.owner(), place.branch()), "branch");
        }
        _ => check.needs(key, &keys::stack(place.owner()), "stack"),
    }
    if let Some((parent, uid)) = place.parent() {
        check.needs(key, &keys::document(&parent.prefix(), uid), "document");
    }
}

/// `<..>/<uid>/<locale>/<version>`
pub(super) fn version(check: &mut Check<'_>, key: &str, rest: &str) {
    let Some(form) = check.read::<serde_json::Map<String, serde_json::Value>>(key) else { return };
    let mut parts = rest.rsplitn(3, '/');
    let (Some(number), Some(_), Some(of)) = (parts.next(), parts.next(), parts.next()) else {
        check.fault(key, "is the key of no version");
        return;
    };
    check.same(key, "_version", &format!("{:020}", kept::version_of(&form)), number);
    check.needs(key, &format!("doc/{of}"), "document");
}

/// `<api_key>/<branch>/<environment>/<collection>/<..>/<uid>/<locale>`. What is deleted stays as a mark, so the document need
/// not be there.
pub(super) fn published(check: &mut Check<'_>, key: &str, rest: &str) {
    let Some(record) = check.read::<PublishedRecord>(key) else { return };
    check.number(record.number);
    let parts: Vec<&str> = rest.split('/').collect();
    let [api_key, branch, environment, .., uid, locale] = parts.as_slice() else {
        check.fault(key, "is the key of nothing published");
        return;
    };
    check.same(key, "uid", &record.uid, uid);
    check.same(key, "locale", &record.locale, locale);
    check.needs(key, &keys::env(api_key, environment), "environment");
    if *branch != MAIN_BRANCH {
        check.needs(key, &keys::branch(api_key, branch), "branch");
    }
    if record.is_shown() != record.form.is_some() {
        check.fault(key, "shows nothing, or shows what is no longer published");
    }
}
