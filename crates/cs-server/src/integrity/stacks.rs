//! Stacks and what their tokens and roles name.

use serde_json::Value;

use super::rows::Check;
use super::tokens;
use crate::hash;
use crate::record::{
    AliasRecord, BranchRecord, EnvironmentRecord, Kind, LocaleRecord, MAIN_BRANCH, Role, RoleRecord, Roles,
    StackRecord,
};
use crate::store::keys;

pub(super) fn stack(check: &mut Check<'_>, key: &str, api_key: &str) {
    let Some(stack) = check.read::<StackRecord>(key) else { return };
    check.same(key, "api_key", &stack.api_key, api_key);
    check.number(stack.number);
    check.needs(key, &keys::org(&stack.org_uid), "organization");
    check.needs(key, &keys::org_stack(&stack.org_uid, api_key), "twin");
    check.needs(key, &keys::user(&stack.owner_uid), "user");
    check.needs(key, &keys::branch(api_key, MAIN_BRANCH), "branch");
    let held: Option<Roles> = check.other(&keys::user_stack(&stack.owner_uid, api_key));
    if held.is_none_or(|held| !held.roles.contains(&Role::Owner)) {
        check.fault(key, "has an owner without that role");
    }
    if let Some(value) = &stack.access_token {
        tokens::is_found(check, key, &hash::of_value(value.reveal()), Kind::Access, api_key, &stack.uid);
    }
}

pub(super) fn environment(check: &mut Check<'_>, key: &str, api_key: &str, uid: &str) {
    let Some(environment) = check.read::<EnvironmentRecord>(key) else { return };
    check.same(key, "uid", &environment.uid, uid);
    check.number(environment.number);
    check.needs(key, &keys::stack(api_key), "stack");
    check.needs_text(key, &keys::env_name(api_key, &environment.name), uid, "name");
}

pub(super) fn environment_name(check: &mut Check<'_>, key: &str, api_key: &str) {
    let Some(uid) = check.read::<String>(key) else { return };
    let environment: Option<EnvironmentRecord> = check.other(&keys::env(api_key, &uid));
    if environment.is_none_or(|environment| keys::env_name(api_key, &environment.name) != key) {
        check.fault(key, "leads to no environment of this name");
    }
}

pub(super) fn branch(check: &mut Check<'_>, key: &str, api_key: &str, uid: &str) {
    let Some(branch) = check.read::<BranchRecord>(key) else { return };
    check.same(key, "uid", &branch.uid, uid);
    check.number(branch.number);
    check.needs(key, &keys::stack(api_key), "stack");
    if check.has(&keys::alias(api_key, uid)) {
        check.fault(key, "has the name of an alias");
    }
}

pub(super) fn alias(check: &mut Check<'_>, key: &str, api_key: &str, uid: &str) {
    let Some(alias) = check.read::<AliasRecord>(key) else { return };
    check.same(key, "uid", &alias.uid, uid);
    check.number(alias.number);
    check.needs(key, &keys::stack(api_key), "stack");
    check.needs(key, &keys::branch(api_key, &alias.branch), "branch");
}

pub(super) fn locale(check: &mut Check<'_>, key: &str, api_key: &str, branch: &str, code: &str) {
    let Some(locale) = check.read::<LocaleRecord>(key) else { return };
    check.same(key, "code", &locale.code.to_lowercase(), &code.to_lowercase());
    check.number(locale.number);
    check.needs(key, &keys::branch(api_key, branch), "branch");
}

pub(super) fn role(check: &mut Check<'_>, key: &str, api_key: &str, uid: &str) {
    let Some(role) = check.read::<RoleRecord>(key) else { return };
    check.same(key, "uid", &role.uid, uid);
    check.number(role.number);
    check.needs(key, &keys::stack(api_key), "stack");
    check.needs_text(key, &keys::role_name(api_key, &role.name), uid, "name");
    if !role.rules.iter().all(Value::is_object) || crate::roles::rules(&role.rules).is_err() {
        check.fault(key, "has rules that are none");
    }
}

pub(super) fn role_name(check: &mut Check<'_>, key: &str, api_key: &str) {
    let Some(uid) = check.read::<String>(key) else { return };
    let role: Option<RoleRecord> = check.other(&keys::role(api_key, &uid));
    if role.is_none_or(|role| keys::role_name(api_key, &role.name) != key) {
        check.fault(key, "leads to no role of this name");
    }
}
