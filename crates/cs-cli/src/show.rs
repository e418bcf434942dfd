//! Parts of tokens in words: scopes, branches, expiry.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::{Access, Expiry, ExpiryState, Grant, LimitId, Module, Moment, Plain, Profile};
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
        names.iter().map(|name| Plain(name).to_string()).collect::<Vec<_>>().join(", ")
    }
}

/// `content_type:r, entry:rw`, or `-`.
pub(crate) fn modules(modules: &BTreeMap<Module, Access>) -> String {
    if modules.is_empty() {
        return NOTHING.to_owned();
    }
    modules
        .iter()
        .map(|(module, access)| format!("{}:{}", Plain(module.as_str()), access.short()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `never`, `2027-01-31`, `2026-11-25 (due)`, `2026-11-20 (expired)`.
pub(crate) fn expiry(expiry: &Expiry, profile: &Profile, now: Timestamp) -> String {
    let notice = profile.limit(LimitId::ExpiryNoticeDays).value.unwrap_or(0);
    let text = expiry.to_string();
    let text = Plain(&text);
    match expiry.state(now, profile.switches.expiry_day.value, notice) {
        ExpiryState::Expired { .. } => format!("{text} (expired)"),
        ExpiryState::Due { .. } => format!("{text} (due)"),
        ExpiryState::Never | ExpiryState::Valid { .. } => text.to_string(),
    }
}

/// A time as the API writes it, or `-`.
pub(crate) fn moment(moment: Option<&Moment>) -> String {
    moment.map_or_else(|| NOTHING.to_owned(), |moment| Plain(&moment.0).to_string())
}
