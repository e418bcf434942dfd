//! Rules in bodies of roles (CMA-doc, "Roles"; OA3).

use cs_model::Module;
use cs_model::generated::{ErrorId, ModuleId};
use cs_model::profile::ModuleNames;
use serde_json::{Map, Value};

use super::super::{branches, locales, stack_users};
use crate::record::StackRecord;
use crate::refusal::Problems;
use crate::roles;
use crate::store::{StoreError, Tx, exists, keys};

/// Stands for all items of a module.
const ALL: &str = "$all";

/// Reads the rules of a role. They are kept as they come, so that answers show them again.
pub(super) fn read(
    tx: &mut dyn Tx,
    stack: &StackRecord,
    value: &Value,
    names: ModuleNames,
    problems: &mut Problems,
) -> Result<Vec<Value>, StoreError> {
    let Value::Array(items) = value else {
        problems.at(ErrorId::FieldInvalid, "rules", "is not a list");
        return Ok(Vec::new());
    };
    let mut names_branch = false;
    for item in items {
        let Value::Object(rule) = item else {
            problems.at(ErrorId::FieldInvalid, "rules", "holds something that is not an object");
            continue;
        };
        names_branch |= read_rule(tx, stack, rule, names, problems)?;
    }
    if !names_branch && !branches::all(tx, &stack.api_key)?.is_empty() {
        problems.add(ErrorId::RoleBranchRule, "is required");
    }
    if let Err(wrong) = roles::rules(items) {
        for says in wrong {
            problems.at(ErrorId::FieldInvalid, "rules", says);
        }
    }
    Ok(items.clone())
}

/// Reads one rule; says whether it names a branch or an alias.
fn read_rule(
    tx: &mut dyn Tx,
    stack: &StackRecord,
    rule: &Map<String, Value>,
    names: ModuleNames,
    problems: &mut Problems,
) -> Result<bool, StoreError> {
    let Some(Value::String(name)) = rule.get("module") else {
        problems.at(ErrorId::FieldInvalid, "rules.module", "is required");
        return Ok(false);
    };
    let module = Module::from(name.as_str());
    if module.known().is_none() && names == ModuleNames::Listed {
        problems.at(ErrorId::FieldInvalid, "rules.module", format!("`{name}` is no module"));
        return Ok(false);
    }
    if !rule.get("acl").is_some_and(Value::is_object) {
        problems.at(ErrorId::FieldInvalid, "rules.acl", format!("of `{name}` is required"));
    }
    let (id, key) = match module.known() {
        Some(id @ ModuleId::Branch) => (id, "branches"),
        Some(id @ ModuleId::BranchAlias) => (id, "branch_aliases"),
        Some(id @ ModuleId::Environment) => (id, "environments"),
        Some(id @ ModuleId::Locale) => (id, "locales"),
        // One that no table knows grants nothing.
        _ => return Ok(false),
    };
    let field = format!("rules.{key}");
    let Some(items) = stack_users::strings(rule.get(key)) else {
        problems.at(ErrorId::FieldInvalid, &field, "is not a list of texts");
        return Ok(false);
    };
    for name in items.iter().filter(|name| *name != ALL) {
        let api_key = &stack.api_key;
        let is_known = match id {
            ModuleId::Branch => exists(tx, &keys::branch(api_key, name))?,
            ModuleId::BranchAlias => exists(tx, &keys::alias(api_key, name))?,
            // By uid, other than in tokens.
            ModuleId::Environment => exists(tx, &keys::env(api_key, name))?,
            _ => locales::uids(tx, stack)?.contains(name),
        };
        if !is_known {
            problems.at(ErrorId::FieldInvalid, &field, format!("`{name}` does not exist"));
        }
    }
    Ok(matches!(id, ModuleId::Branch | ModuleId::BranchAlias) && !items.is_empty())
}
