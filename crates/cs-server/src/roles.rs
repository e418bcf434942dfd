//! Roles in stacks (types-of-roles; CMA-doc, "Roles"): those of the system, those that were made, and what a user holds.

mod items;
mod narrow;
mod sight;

use std::sync::Arc;

use cs_policy::{RoleRules, StackRole};
use serde_json::json;

use crate::call::Call;
use crate::hash;
use crate::record::{MemberRecord, Role, RoleRecord, Roles, StackRecord};
use crate::store::{StoreError, Tx, get_json, get_known, keys, put_json, scan_json};

use items::Items;
pub(crate) use sight::{Sight, Wanted, may, publishes_to};

/// Those of the system that can be given and that lists show. The owner's is handed on and never given.
pub(crate) const GIVEN: [Role; 3] = [Role::Admin, Role::Developer, Role::ContentManager];

/// The uid of a role of the system in a stack. It is computed, so nothing need be stored.
pub(crate) fn system_uid(api_key: &str, role: Role) -> String {
    let digest = hash::of_value(&format!("role/{api_key}/{}", role.name()));
    format!("blt{}", digest.get(..16).unwrap_or_default())
}

/// A role of a stack.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    System(Role),
    Custom(Box<RoleRecord>),
}

/// The role with this uid.
pub(crate) fn find(tx: &mut dyn Tx, api_key: &str, uid: &str) -> Result<Option<Found>, StoreError> {
    if let Some(role) = Role::ALL.into_iter().find(|role| system_uid(api_key, *role) == uid) {
        return Ok(Some(Found::System(role)));
    }
    let custom: Option<Box<RoleRecord>> = get_json(tx, &keys::role(api_key, uid))?;
    Ok(custom.map(Found::Custom))
}

/// The roles with these uids; `Err` holds those that cannot be given.
pub(crate) fn given(
    tx: &mut dyn Tx,
    api_key: &str,
    uids: &[String],
) -> Result<Result<Roles, Vec<String>>, StoreError> {
    let (mut roles, mut unknown) = (Roles::default(), Vec::new());
    for uid in uids {
        match find(tx, api_key, uid)? {
            Some(Found::System(role)) if GIVEN.contains(&role) => roles.extend(Roles::of(role)),
            Some(Found::Custom(role)) => {
                roles.extend(Roles { roles: Vec::new(), custom: vec![role.uid] });
            }
            _ => unknown.push(uid.clone()),
        }
    }
    Ok(if unknown.is_empty() { Ok(roles) } else { Err(unknown) })
}

/// The roles of the system that a user has in a stack, and the uids of all that the user has there.
pub(crate) fn held_by(
    tx: &mut dyn Tx,
    user: &str,
    api_key: &str,
) -> Result<(Vec<Role>, Vec<String>), StoreError> {
    let held: Arc<Roles> = get_known(tx, &keys::user_stack(user, api_key))?.unwrap_or_default();
    let system = held.roles.iter().map(|role| system_uid(api_key, *role));
    Ok((held.roles.clone(), system.chain(held.custom.iter().cloned()).collect()))
}

/// Uid and name of each role that is held.
pub(crate) fn names(
    tx: &mut dyn Tx,
    api_key: &str,
    held: &Roles,
) -> Result<Vec<(String, String)>, StoreError> {
    let system = held.roles.iter().map(|role| (system_uid(api_key, *role), role.name().to_owned()));
    let mut names: Vec<_> = system.collect();
    for uid in &held.custom {
        if let Some(role) = get_json::<RoleRecord>(tx, &keys::role(api_key, uid))? {
            names.push((role.uid, role.name));
        }
    }
    Ok(names)
}

/// The roles of a user in a stack, as the policy reads them: those that were made as far as they concern the request. Without
/// one, what they say of single items is left out.
pub(crate) fn of_user(
    tx: &mut dyn Tx,
    user: &str,
    stack: &StackRecord,
    request: Option<(&Call<'_>, &str)>,
) -> Result<Vec<StackRole>, StoreError> {
    let api_key = stack.api_key.as_str();
    let held: Arc<Roles> = get_known(tx, &keys::user_stack(user, api_key))?.unwrap_or_default();
    let mut roles: Vec<StackRole> = held.roles.iter().copied().map(StackRole::from).collect();
    let items = match request {
        Some((call, branch)) if !held.custom.is_empty() => Some(Items::of(tx, call, stack, branch)?),
        _ => None,
    };
    for uid in &held.custom {
        if let Some(role) = get_known::<RoleRecord>(tx, &keys::role(api_key, uid))? {
            roles.push(StackRole::Custom(match &items {
                Some(items) => narrow::narrow(&role.rules, items),
                None => rules(&role.rules).unwrap_or_default(),
            }));
        }
    }
    Ok(roles)
}

/// The rules of a role, as the policy reads them; `Err` says what is wrong with them. What they say of single items is left
/// out, so that no more is granted than they grant.
pub(crate) fn rules(rules: &[serde_json::Value]) -> Result<RoleRules, Vec<String>> {
    match RoleRules::parse(&json!({ "rules": rules }).to_string()) {
        Ok((rules, _)) => Ok(rules),
        Err(problems) => Err(problems.items().iter().map(|problem| problem.message.clone()).collect()),
    }
}

/// Takes a branch or alias that is deleted out of the rules of all roles, as it is taken out of the scopes of tokens: another of
/// the same name later is not what they were given. `list` is where rules name it.
pub(crate) fn forget(tx: &mut dyn Tx, api_key: &str, list: &str, gone: &str) -> Result<(), StoreError> {
    for (_, mut role) in scan_json::<RoleRecord>(tx, &keys::roles(api_key))? {
        let mut changed = false;
        for rule in &mut role.rules {
            if let Some(names) = rule.get_mut(list).and_then(serde_json::Value::as_array_mut) {
                let before = names.len();
                names.retain(|name| name != gone);
                changed |= names.len() != before;
            }
        }
        if changed {
            put_json(tx, &keys::role(api_key, &role.uid), &role)?;
        }
    }
    Ok(())
}

/// All users of a stack with their roles: only members of its organization can have any.
pub(crate) fn users(tx: &mut dyn Tx, stack: &StackRecord) -> Result<Vec<(String, Roles)>, StoreError> {
    let members: Vec<(String, MemberRecord)> = scan_json(tx, &keys::members(&stack.org_uid))?;
    let mut users = Vec::new();
    for (uid, _) in members {
        if let Some(held) = get_json::<Roles>(tx, &keys::user_stack(&uid, &stack.api_key))? {
            users.push((uid, held));
        }
    }
    Ok(users)
}
