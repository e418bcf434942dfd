//! Rules of roles as far as they concern one request: those that name single items count as rules of the whole module where
//! the request is about one of them, and not at all elsewhere. So the policy, which knows modules only, judges items too.

use std::collections::BTreeMap;

use cs_model::generated::{Action, ModuleId};
use cs_model::{Access, Module};
use cs_policy::RoleRules;
use serde_json::{Map, Value, json};

use super::items::{Items, LISTS, Meets};

/// Stands for all items of a module.
const ALL: &str = "$all";

/// The rules of a role for one request. A role that names languages gives entries in these only.
pub(super) fn narrow(rules: &[Value], items: &Items) -> RoleRules {
    let narrowed: Vec<Value> =
        rules.iter().filter_map(|rule| for_request(rule.as_object()?, items)).collect();
    let mut found = super::rules(&narrowed).unwrap_or_default();
    if !is_open_in(rules, "locale", "locales", |list| items.meets("locales", list) != Meets::Not) {
        for module in [ModuleId::Entry, ModuleId::EntryVariant] {
            found.grants.remove(&Module::Known(module));
        }
    }
    found
}

/// Whether a role leaves an item open: it has no rule that names items of this kind, or one that names this.
pub(super) fn is_open_in(rules: &[Value], module: &str, list: &str, names: impl Fn(&[&str]) -> bool) -> bool {
    let mut limits = rules
        .iter()
        .filter(|rule| rule["module"] == module && rule["restrict"] != true)
        .map(|rule| strings(rule.get(list)))
        .peekable();
    limits.peek().is_none() || limits.any(|named| named.is_empty() || named.contains(&ALL) || names(&named))
}

/// Whether a rule names single items.
pub(super) fn is_limited(rule: &Value, list: &str) -> bool {
    let named = strings(rule.get(list));
    !named.is_empty() && !named.contains(&ALL)
}

/// A rule as one for all of the module; `None` where it says nothing of the request.
fn for_request(rule: &Map<String, Value>, items: &Items) -> Option<Value> {
    let is_exception = rule.get("restrict") == Some(&Value::Bool(true));
    let mut narrowed = rule.clone();
    for list in LISTS {
        let named = strings(rule.get(list));
        if named.is_empty() || named.contains(&ALL) {
            continue;
        }
        match items.meets(list, &named) {
            Meets::Elsewhere => continue,
            Meets::It => {}
            // What is listed is looked through one by one, later.
            Meets::Some if items.is_reading() && !is_exception => {}
            Meets::Some | Meets::Not => return None,
        }
        narrowed.insert(list.to_owned(), json!([ALL]));
    }
    if let Some(acl) = rule.get("acl") {
        narrowed.insert("acl".to_owned(), for_action(acl, items.action));
    }
    Some(Value::Object(narrowed))
}

/// Rights by kind of writing as the one right that an action asks for.
fn for_action(acl: &Value, action: Action) -> Value {
    let flag = |name: &str| acl.get(name).and_then(Value::as_bool);
    let kind = match action {
        Action::Create | Action::Import => "create",
        Action::Delete => "delete",
        Action::Publish | Action::Unpublish | Action::Deploy | Action::Unschedule => "publish",
        _ => "update",
    };
    let write = flag(kind).or_else(|| flag("write")).unwrap_or(false);
    let mut one = json!({ "read": flag("read").unwrap_or(false), "write": write });
    if let Some(within) = acl.get("sub_acl").filter(|within| within.is_object()) {
        one["sub_acl"] = for_action(within, action);
    }
    one
}

/// Whether one of several roles gives a right to a module, and whether one takes it away.
pub(super) fn has(rules: &[RoleRules], module: ModuleId, right: fn(Access) -> bool) -> (bool, bool) {
    let named = [Module::Known(module), Module::Known(module.row().granted_by), Module::All];
    let has = |pick: fn(&RoleRules) -> &BTreeMap<Module, Access>| {
        let gives = |rules: &RoleRules| {
            named.iter().any(|name| pick(rules).get(name).is_some_and(|access| right(*access)))
        };
        rules.iter().any(gives)
    };
    (has(|rules| &rules.grants), has(|rules| &rules.except))
}

/// The texts of a list, or a single one.
fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    }
}
