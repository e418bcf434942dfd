//! What the policy is told of who makes a request.

use std::collections::BTreeMap;
use std::sync::Arc;

use cs_model::generated::ErrorId;
use cs_model::{Access, Documented, Grant, Module, RouteId};
use cs_policy::{AccessFacts, DeliveryFacts, ManagementFacts, OAuthFacts, Principal, User};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Actor, Named};
use crate::call::{Call, headers};
use crate::record::{
    AliasRecord, BranchRecord, DeliveryRecord, EnvironmentRecord, MAIN_BRANCH, ManagementRecord,
    MemberRecord, OrganizationRecord, ScopeRecord, StackRecord,
};
use crate::refusal::Stop;
use crate::roles;
use crate::store::{StoreError, Tx, get_json, get_known, keys};

/// Whether no document asks for a credential.
pub(super) fn is_credential_free(id: RouteId) -> bool {
    let row = id.row();
    [row.authtoken, row.management_token, row.delivery_token, row.preview_token]
        .iter()
        .all(|column| *column == Documented::No)
}

/// The organization that a request outside of stacks names: in its path, or in a header.
pub(super) fn organization_named(tx: &mut dyn Tx, call: &Call<'_>) -> Result<Option<String>, StoreError> {
    let in_path = call.route.row().template.starts_with("/v3/organizations/{organization_uid}");
    let uid =
        if in_path { Some(call.argument(0).to_owned()) } else { call.organization_uid().map(Into::into) };
    let Some(uid) = uid else { return Ok(None) };
    let known: Option<Arc<OrganizationRecord>> = get_known(tx, &keys::org(&uid))?;
    Ok(known.map(|organization| organization.uid.clone()))
}

/// Whether whoever makes the request belongs to the organization, which is that of the stack if there is one. A
/// management token does when it was looked up in that stack.
pub(super) fn belongs(
    tx: &mut dyn Tx,
    actor: &Actor,
    stack: Option<&StackRecord>,
    organization: &str,
) -> Result<bool, StoreError> {
    match actor {
        Actor::Nobody => Ok(false),
        Actor::Management(_) => Ok(stack.is_some()),
        Actor::Oauth { token, .. } => Ok(token.org_uid == organization),
        // The delivery APIs are read through a cache, and the limits are those of the management API.
        Actor::Delivery(_) | Actor::Preview(_) | Actor::Access => Ok(false),
        Actor::User { user, .. } => {
            Ok(get_known::<MemberRecord>(tx, &keys::member(organization, &user.uid))?.is_some())
        }
    }
}

/// The branch that the header names; `None` without one. `main` is known to a stack without branches, too.
pub(super) fn branch_of(
    tx: &mut dyn Tx,
    call: &Call<'_>,
    stack: &StackRecord,
) -> Result<Option<Named>, Stop> {
    let Some(name) = call.header(&headers::BRANCH) else { return Ok(None) };
    let branch: Option<BranchRecord> = get_json(tx, &keys::branch(&stack.api_key, &name))?;
    if let Some(branch) = branch {
        return Ok(Some(Named::Branch(branch.uid)));
    }
    let alias: Option<AliasRecord> = get_json(tx, &keys::alias(&stack.api_key, &name))?;
    if let Some(alias) = alias {
        return Ok(Some(Named::Alias { alias: alias.uid, of: alias.branch }));
    }
    if name == MAIN_BRANCH && tx.count(keys::branches(&stack.api_key).as_bytes())? == 0 {
        return Ok(Some(Named::Branch(name.into())));
    }
    Err(ErrorId::BranchUnknown.into())
}

/// The facts of whoever makes the request, and of the items that it is about, in a branch. A credential that names neither branches nor aliases is taken for one of a
/// stack without branches; one whose branches are all deleted still names an empty list.
pub(crate) fn principal(
    tx: &mut dyn Tx,
    actor: &Actor,
    stack: Option<&StackRecord>,
    organization: Option<&str>,
    request: Option<(&Call<'_>, &str)>,
) -> Result<Principal, StoreError> {
    Ok(facts(tx, actor, stack, organization, request)?.stack_inferred())
}

fn facts(
    tx: &mut dyn Tx,
    actor: &Actor,
    stack: Option<&StackRecord>,
    organization: Option<&str>,
    request: Option<(&Call<'_>, &str)>,
) -> Result<Principal, StoreError> {
    match actor {
        Actor::Nobody => Ok(Principal::Anonymous),
        Actor::Management(token) => Ok(Principal::Management(management_facts(token))),
        Actor::Delivery(token) => Ok(Principal::Delivery(delivery_facts(tx, token, stack)?)),
        Actor::Preview(token) => Ok(Principal::Preview(delivery_facts(tx, token, stack)?)),
        Actor::Access => Ok(Principal::Access(AccessFacts { stack_created: stack.and_then(created) })),
        Actor::Oauth { token, .. } => {
            Ok(Principal::OAuth(OAuthFacts { scopes: token.scopes.iter().cloned().collect() }))
        }
        Actor::User { user, .. } => {
            let roles = match stack {
                Some(stack) => roles::of_user(tx, &user.uid, stack, request)?,
                None => Vec::new(),
            };
            let (member, record) = match organization {
                Some(uid) => {
                    let member: Option<Arc<MemberRecord>> = get_known(tx, &keys::member(uid, &user.uid))?;
                    let record: Option<Arc<OrganizationRecord>> = get_known(tx, &keys::org(uid))?;
                    (member.unwrap_or_default(), record)
                }
                None => (Arc::default(), None),
            };
            Ok(Principal::Authtoken(User {
                roles,
                organization: member.place.into(),
                sso: record.as_ref().is_some_and(|record| record.sso),
                idp_login: user.idp_login,
                access_without_sso: member.access_without_sso,
                strict_mode: record.as_ref().is_some_and(|record| record.strict_mode),
                stack_created: stack.and_then(created),
                ..User::default()
            }))
        }
    }
}

/// The day on which a stack was made.
fn created(stack: &StackRecord) -> Option<Date> {
    let time = stack.created_at.timestamp()?;
    Some(TimeZone::UTC.to_datetime(time).date())
}

/// What a delivery token was given, and its preview token with it.
fn delivery_facts(
    tx: &mut dyn Tx,
    token: &DeliveryRecord,
    stack: Option<&StackRecord>,
) -> Result<DeliveryFacts, StoreError> {
    let api_key = stack.map_or("", |stack| stack.api_key.as_str());
    let mut environments = Vec::new();
    for uid in token.scope.iter().filter_map(|entry| entry.environments.as_ref()).flatten() {
        let record: Option<Arc<EnvironmentRecord>> = get_known(tx, &keys::env(api_key, uid))?;
        environments.extend(record.map(|record| record.name.clone()));
    }
    let (branches, aliases) = limits(&token.scope);
    let environments = Grant::Only(environments.into_iter().collect());
    Ok(DeliveryFacts { environments, branches, aliases, ..DeliveryFacts::default() })
}

/// The branches and aliases that a scope names. An entry whose branches are all deleted is a limit still.
fn limits(scope: &[ScopeRecord]) -> (Grant, Grant) {
    let grant = |names: fn(&ScopeRecord) -> Option<&Vec<String>>| {
        let mut named = scope.iter().filter_map(names).peekable();
        match named.peek() {
            None => Grant::None,
            Some(_) => Grant::Only(named.flatten().cloned().collect()),
        }
    };
    (grant(|entry| entry.branches.as_ref()), grant(|entry| entry.branch_aliases.as_ref()))
}

/// What a management token was given.
fn management_facts(token: &ManagementRecord) -> ManagementFacts {
    let mut scope: BTreeMap<Module, Access> = BTreeMap::new();
    for entry in token.scope.iter().filter(|entry| entry.branches.is_none() && entry.branch_aliases.is_none())
    {
        if let Some(access) = entry.access() {
            scope
                .entry(Module::from(entry.module.as_str()))
                .and_modify(|before| *before = before.union(access))
                .or_insert(access);
        }
    }
    let (branches, aliases) = limits(&token.scope);
    ManagementFacts {
        scope,
        branches,
        aliases,
        expires: token.expires_on.clone(),
        ..ManagementFacts::default()
    }
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;

    use super::*;

    #[test]
    fn logging_in_needs_no_credential_and_logging_out_does() {
        assert!(is_credential_free(route::POST_USER_SESSION));
        assert!(!is_credential_free(route::DELETE_USER_SESSION));
    }
}
