//! Parts of tokens in words: scopes, branches, expiry.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::{Access, Expiry, ExpiryState, Grant, LimitId, Module, Moment, Profile};
use jiff::Timestamp;

/// What stands where there is nothing to show.
pub(crate) const NOTHING: &str = "-";

/// `main, development`, `all`, or `-`.
pub(crate) fn grant(grant: &Grant) -> String {
    match grant {
        Grant::None => NOTHING.to_owned(),
        Grant::Only(names) => set(names),
        Grant::All => "all".to_owned(),
    }
}

/// `production, staging`, or `-`.
pub(crate) fn set(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        NOTHING.to_owned()
    } else {
        Vec::from_iter(names.iter().map(String::as_str)).join(", ")
    }
}

/// `content_type:r, entry:rw`, or `-`.
pub(crate) fn modules(modules: &BTreeMap<Module, Access>) -> String {
    if modules.is_empty() {
        return NOTHING.to_owned();
    }
    modules
        .iter()
        .map(|(module, access)| format!("{module}:{}", access.short()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `never`, `2027-01-31`, `2026-11-25 (due)`, `2026-11-20 (expired)`.
pub(crate) fn expiry(expiry: &Expiry, profile: &Profile, now: Timestamp) -> String {
    let notice = profile.limit(LimitId::ExpiryNoticeDays).value.unwrap_or(0);
    match expiry.state(now, profile.switches.expiry_day.value, notice) {
        ExpiryState::Expired { .. } => format!("{expiry} (expired)"),
        ExpiryState::Due { .. } => format!("{expiry} (due)"),
        ExpiryState::Never | ExpiryState::Valid { .. } => expiry.to_string(),
    }
}

/// A time as the API writes it, or `-`.
pub(crate) fn moment(moment: Option<&Moment>) -> String {
    moment.map_or_else(|| NOTHING.to_owned(), |moment| moment.0.clone())
}
