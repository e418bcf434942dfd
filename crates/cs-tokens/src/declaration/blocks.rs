//! The blocks of the file, key by key.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::{
    Access, ApiKey, DeliveryTokenDraft, Expiry, Grant, ManagementTokenDraft, Module, ViolationId,
};
use toml::de::{DeTable, DeValue};

use crate::declaration::read::{Block, Reader, get, key_span};
use crate::declaration::sinks::{Preview, sinks};
use crate::declaration::{Declaration, DeclaredDelivery, DeclaredExpiry, DeclaredManagement, Places};

const DELIVERY_KEYS: &[&str] =
    &["name", "description", "environments", "branches", "aliases", "preview", "sink"];
const MANAGEMENT_KEYS: &[&str] =
    &["name", "description", "scope", "branches", "aliases", "expires_on", "expires_in", "notify", "sink"];

/// More days than any token will be kept.
const MOST_DAYS: u32 = 36_500;

pub(crate) fn root(reader: &mut Reader<'_>, table: &DeTable<'_>, declaration: &mut Declaration) {
    let block = Block { table, what: "the file", span: 0..0 };
    reader.only(&block, &["stack", "delivery", "management"]);
    stack(reader, table, declaration);
    for block in blocks(reader, table, "delivery", "a `[[delivery]]` block") {
        declaration.delivery.push(delivery(reader, &block));
    }
    for block in blocks(reader, table, "management", "a `[[management]]` block") {
        declaration.management.push(management(reader, &block));
    }
}

fn stack(reader: &mut Reader<'_>, table: &DeTable<'_>, declaration: &mut Declaration) {
    let Some(value) = get(table, "stack") else { return };
    let DeValue::Table(stack) = value.get_ref() else {
        reader.wrong::<()>("stack", "a table, `[stack]`", value.get_ref(), &value.span());
        return;
    };
    let block = Block { table: stack, what: "`[stack]`", span: value.span() };
    reader.only(&block, &["name", "api_key"]);
    declaration.stack_name = reader.text(&block, "name").map(|(text, _)| text);
    if let Some((text, span)) = reader.text(&block, "api_key") {
        match ApiKey::new(&text) {
            Ok(api_key) => declaration.api_key = Some(api_key),
            Err(_) => {
                let message = format!("`{}` is not the API key of a stack", text.escape_debug());
                reader.push(ViolationId::FileWrongType, &span, message).fix =
                    "copy the API key from the stack's settings".to_owned();
            }
        }
    }
}

/// The tables of an array of tables.
fn blocks<'t, 'i>(
    reader: &mut Reader<'_>,
    table: &'t DeTable<'i>,
    key: &str,
    what: &'static str,
) -> Vec<Block<'t, 'i>> {
    let Some(value) = get(table, key) else { return Vec::new() };
    let form = format!("a list of blocks, each under `[[{key}]]`");
    let DeValue::Array(items) = value.get_ref() else {
        let span = key_span(table, key).unwrap_or_else(|| value.span());
        reader.wrong::<()>(key, &form, value.get_ref(), &span);
        return Vec::new();
    };
    let mut blocks = Vec::new();
    for item in items.iter() {
        match item.get_ref() {
            DeValue::Table(table) => blocks.push(Block { table, what, span: item.span() }),
            other => {
                reader.wrong::<()>(key, &form, other, &item.span());
            }
        }
    }
    blocks
}

fn delivery(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> DeclaredDelivery {
    let meant = reader.only(block, DELIVERY_KEYS);
    let mut places = places(reader, block, meant);
    let mut draft = DeliveryTokenDraft::new(name(reader, block, &mut places));
    draft.description = reader.text(block, "description").map(|(text, _)| text).unwrap_or_default();
    let before = reader.problems.len();
    if let Some(value) = get(block.table, "environments") {
        let form = "a list of names, such as `[\"production\"]`";
        draft.environments.extend(reader.texts(value, "environments", form, &mut places));
    }
    if reader.problems.len() > before {
        places.faulty.insert("environments");
    }
    draft.branches = grant(reader, block, "branches", &mut places);
    draft.aliases = grant(reader, block, "aliases", &mut places);
    let preview = reader.flag(block, "preview").filter(|_| !places.faulty.contains("preview"));
    let owner = owner("delivery", &draft.name);
    let wants = preview.map_or(Preview::Unclear, |on| if on { Preview::Wanted } else { Preview::Unwanted });
    let (sink, preview_sink) = sinks(reader, block, &owner, wants, &mut places);
    DeclaredDelivery { draft, preview: preview == Some(true), sink, preview_sink, places }
}

fn management(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> DeclaredManagement {
    let meant = reader.only(block, MANAGEMENT_KEYS);
    let mut places = places(reader, block, meant);
    let mut draft = ManagementTokenDraft::new(name(reader, block, &mut places));
    draft.description = reader.text(block, "description").map(|(text, _)| text).unwrap_or_default();
    let before = reader.problems.len();
    draft.modules = scope(reader, block, &mut places);
    if reader.problems.len() > before {
        places.faulty.insert("scope");
    }
    draft.branches = grant(reader, block, "branches", &mut places);
    draft.aliases = grant(reader, block, "aliases", &mut places);
    draft.email_notification = reader.flag(block, "notify").unwrap_or_default();
    let before = reader.problems.len();
    let expires = expiry(reader, block);
    if reader.problems.len() > before {
        places.faulty.insert("expires_on");
    }
    if let DeclaredExpiry::On(expiry) = &expires {
        draft.expiry = expiry.clone();
    }
    let owner = owner("management", &draft.name);
    let (sink, _) = sinks(reader, block, &owner, Preview::Never, &mut places);
    DeclaredManagement { draft, expires, sink, places }
}

/// The places of the block and of its keys.
fn places(reader: &Reader<'_>, block: &Block<'_, '_>, faulty: BTreeSet<&'static str>) -> Places {
    let mut places = Places::new(reader.source.place(&block.span));
    places.faulty = faulty;
    for (key, value) in block.table {
        // Complaints about a value point at the value; those about a whole table at its key, which is never far.
        let span = if matches!(value.get_ref(), DeValue::Table(_)) { key.span() } else { value.span() };
        places.keys.insert(key.get_ref().to_string(), reader.source.place(&span));
    }
    places
}

fn name(reader: &mut Reader<'_>, block: &Block<'_, '_>, places: &mut Places) -> String {
    let text = if places.faulty.contains("name") { None } else { reader.needed_text(block, "name") };
    if text.is_none() {
        places.faulty.insert("name");
    }
    text.map(|(text, _)| text).unwrap_or_default()
}

fn grant(reader: &mut Reader<'_>, block: &Block<'_, '_>, key: &'static str, places: &mut Places) -> Grant {
    let form = "a list of names, or \"all\"";
    let before = reader.problems.len();
    let grant = match get(block.table, key).map(|value| (value, value.get_ref())) {
        None => Grant::None,
        Some((_, DeValue::String(text))) if text == "all" => Grant::All,
        Some((value, DeValue::String(text))) => {
            let message = format!("`{key}` must be {form}, not the text `{text}`");
            reader.push(ViolationId::FileWrongType, &value.span(), message).fix =
                format!("write `{key} = [\"{text}\"]`");
            Grant::only([text.as_ref()])
        }
        Some((value, _)) => Grant::only(reader.texts(value, key, form, places)),
    };
    if reader.problems.len() > before {
        places.faulty.insert(key);
    }
    grant
}

fn scope(reader: &mut Reader<'_>, block: &Block<'_, '_>, places: &mut Places) -> BTreeMap<Module, Access> {
    let mut modules = BTreeMap::new();
    let Some(value) = get(block.table, "scope") else { return modules };
    let DeValue::Table(table) = value.get_ref() else {
        let form = "a table of modules, such as `{ entry = \"rw\" }`";
        reader.wrong::<()>("scope", form, value.get_ref(), &value.span());
        return modules;
    };
    for (key, value) in table {
        let name = key.get_ref();
        places.keys.insert(format!("scope/{name}"), reader.source.place(&key.span()));
        let form = "`\"r\"`, `\"w\"` or `\"rw\"`";
        let access = match value.get_ref() {
            DeValue::String(text) => text.parse::<Access>().ok().or_else(|| {
                let message = format!("`{text}` is not an access");
                reader.push(ViolationId::FileWrongType, &value.span(), message).fix = format!("write {form}");
                None
            }),
            other => reader.wrong(name, form, other, &value.span()),
        };
        // What is wrong with the name of the module holds whatever the access was to be, so some access stands for it.
        modules.insert(Module::from(name.as_ref()), access.unwrap_or(Access::ReadWrite));
    }
    modules
}

fn expiry(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> DeclaredExpiry {
    let on = get(block.table, "expires_on");
    let relative = get(block.table, "expires_in");
    if let (Some(_), Some(relative)) = (on, relative) {
        let message = "`expires_on` and `expires_in` are both there";
        reader.push(ViolationId::FileContradiction, &relative.span(), message);
    }
    if let Some(value) = on {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            other => {
                let form = "a date (`\"2027-06-30\"`) or a time in UTC (`\"2027-06-30T12:00:00Z\"`)";
                reader.wrong::<()>("expires_on", form, other, &value.span());
                return DeclaredExpiry::Never;
            }
        };
        return match text.parse::<Expiry>() {
            Ok(expiry) => DeclaredExpiry::On(expiry),
            Err(error) => {
                reader.push(ViolationId::ExpiryUnreadable, &value.span(), error.to_string());
                DeclaredExpiry::Never
            }
        };
    }
    let Some((text, span)) = reader.text(block, "expires_in") else { return DeclaredExpiry::Never };
    match days(&text) {
        Some(days) => DeclaredExpiry::In { days },
        None => {
            let message = DeclaredExpiry::wrong_length(&text);
            reader.push(ViolationId::FileWrongType, &span, message).fix =
                "write `\"90d\"` or `\"12w\"`".to_owned();
            DeclaredExpiry::Never
        }
    }
}

/// A token as messages call it; what its name is was complained about where it has none.
fn owner(kind: &str, name: &str) -> String {
    if name.is_empty() { format!("the {kind} token") } else { format!("the {kind} token `{name}`") }
}

/// Why a text is none of `90d`, `12w`.
pub(super) fn wrong_days(text: &str) -> String {
    match text.strip_suffix(['d', 'w']) {
        Some(number) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            if number.bytes().all(|byte| byte == b'0') {
                format!("`{text}` is no time at all: the token would end as it is made")
            } else {
                format!("`{text}` is longer than {MOST_DAYS} days")
            }
        }
        _ => format!("`{text}` is not a number of days or weeks"),
    }
}

/// `90d`, `12w`.
pub(super) fn days(text: &str) -> Option<u32> {
    let (number, days) = match text.split_at_checked(text.len().checked_sub(1)?)? {
        (number, "d") => (number, 1),
        (number, "w") => (number, 7),
        _ => return None,
    };
    // `parse` would take a sign, too.
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<u32>().ok()?.checked_mul(days).filter(|days| (1..=MOST_DAYS).contains(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_weeks() {
        assert_eq!(days("90d"), Some(90));
        assert_eq!(days("12w"), Some(84));
        for bad in ["", "d", "0d", "-1d", "+1d", "90", "90 d", "1y", "99999999d", "ü"] {
            assert_eq!(days(bad), None, "{bad}");
        }
        assert!(wrong_days("0w").contains("no time at all"));
        assert!(wrong_days("99999999999999d").contains("longer than"));
        assert!(wrong_days("+1d").contains("not a number"));
    }
}
