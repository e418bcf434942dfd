//! What the policy is asked, and what its refusals become.

use std::collections::BTreeMap;

use cs_model::generated::ErrorId;
use cs_model::{Access, Documented, Grant, Module, RouteId};
use cs_policy::{
    Condition, Context, Decision, ManagementFacts, NamedBranch, Prepared, Principal, StackRole, User,
};

use super::Actor;
use crate::call::Call;
use crate::record::{
    AliasRecord, BranchRecord, MAIN_BRANCH, ManagementRecord, MemberRecord, OrganizationRecord, Roles,
    StackRecord,
};
use crate::refusal::{Refusal, Stop};
use crate::store::{StoreError, Tx, exists, get_json, keys};

/// A branch as the request names it.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Branch(String),
    Alias { alias: String, of: String },
}

impl Named {
    /// The name that the request gives.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Branch(name) | Self::Alias { alias: name, .. } => name,
        }
    }
}

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
    let uid = if in_path {
        Some(call.argument(0).to_owned())
    } else {
        call.header("organization_uid").map(Into::into)
    };
    let Some(uid) = uid else { return Ok(None) };
    let known: Option<OrganizationRecord> = get_json(tx, &keys::org(&uid))?;
    Ok(known.map(|organization| organization.uid))
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
        Actor::User { user, .. } => exists(tx, &keys::member(organization, &user.uid)),
    }
}

/// The branch that the header names; `None` without one. `main` is known to a stack without branches, too.
pub(super) fn branch_of(
    tx: &mut dyn Tx,
    call: &Call<'_>,
    stack: &StackRecord,
) -> Result<Option<Named>, Stop> {
    let Some(name) = call.header("branch") else { return Ok(None) };
    let branch: Option<BranchRecord> = get_json(tx, &keys::branch(&stack.api_key, &name))?;
    if let Some(branch) = branch {
        return Ok(Some(Named::Branch(branch.uid)));
    }
    let alias: Option<AliasRecord> = get_json(tx, &keys::alias(&stack.api_key, &name))?;
    if let Some(alias) = alias {
        return Ok(Some(Named::Alias { alias: alias.uid, of: alias.branch }));
    }
    if name == MAIN_BRANCH && tx.scan(keys::branches(&stack.api_key).as_bytes())?.is_empty() {
        return Ok(Some(Named::Branch(name.into())));
    }
    Err(ErrorId::BranchUnknown.into())
}

/// The facts of whoever makes the request.
pub(crate) fn principal(
    tx: &mut dyn Tx,
    actor: &Actor,
    stack: Option<&StackRecord>,
    organization: Option<&str>,
) -> Result<Principal, StoreError> {
    match actor {
        Actor::Nobody => Ok(Principal::Anonymous),
        Actor::Management(token) => Ok(Principal::Management(management_facts(token))),
        Actor::User { user, .. } => {
            let roles: Roles = match stack {
                Some(stack) => {
                    get_json(tx, &keys::user_stack(&user.uid, &stack.api_key))?.unwrap_or_default()
                }
                None => Roles::default(),
            };
            let (member, record) = match organization {
                Some(uid) => {
                    let member: Option<MemberRecord> = get_json(tx, &keys::member(uid, &user.uid))?;
                    let record: Option<OrganizationRecord> = get_json(tx, &keys::org(uid))?;
                    (member.unwrap_or_default(), record)
                }
                None => (MemberRecord::default(), None),
            };
            Ok(Principal::Authtoken(User {
                roles: roles.roles.into_iter().map(StackRole::from).collect(),
                organization: member.place.into(),
                sso: record.as_ref().is_some_and(|record| record.sso),
                idp_login: user.idp_login,
                access_without_sso: member.access_without_sso,
                strict_mode: record.as_ref().is_some_and(|record| record.strict_mode),
            }))
        }
    }
}

/// What a management token was given.
fn management_facts(token: &ManagementRecord) -> ManagementFacts {
    let mut scope: BTreeMap<Module, Access> = BTreeMap::new();
    let (mut branches, mut aliases) = (Vec::new(), Vec::new());
    let mut is_limited = false;
    for entry in &token.scope {
        branches.extend(entry.branches.iter().flatten().cloned());
        aliases.extend(entry.branch_aliases.iter().flatten().cloned());
        let names_reach = entry.branches.is_some() || entry.branch_aliases.is_some();
        is_limited |= names_reach;
        if let Some(access) = entry.access().filter(|_| !names_reach) {
            scope
                .entry(Module::from(entry.module.as_str()))
                .and_modify(|before| *before = before.union(access))
                .or_insert(access);
        }
    }
    if is_limited && branches.is_empty() && aliases.is_empty() {
        // All that it named are deleted. To the policy, naming none is to have no limit, as in a stack without branches; so
        // it names one that cannot exist.
        branches.push(String::new());
    }
    ManagementFacts {
        scope,
        branches: Grant::only(branches),
        aliases: Grant::only(aliases),
        expires: token.expires_on.clone(),
    }
}

/// What of the request the policy reads.
pub(super) fn context(prepared: &Prepared, branch: Option<&Named>) -> Context {
    let branch = match branch {
        None => NamedBranch::NotNamed,
        Some(Named::Branch(name)) => NamedBranch::Branch(prepared.branch(name)),
        Some(Named::Alias { alias, of }) => {
            NamedBranch::Alias { alias: prepared.alias(alias), of: Some(prepared.branch(of)) }
        }
    };
    Context { branch, ..Context::default() }
}

/// The answer to what the policy refuses.
pub(super) fn refusal(decision: &Decision, actor: &Actor) -> Refusal {
    let holds = |condition| decision.rules().iter().any(|id| id.rule().when == condition);
    let lacks_right =
        [Condition::ModuleNotGranted, Condition::ReadMissing, Condition::WriteMissing].into_iter().any(holds);
    Refusal::new(match actor {
        Actor::Nobody => ErrorId::AuthtokenMissing,
        _ if holds(Condition::BranchMissing) => ErrorId::BranchNotGranted,
        _ if holds(Condition::AliasMissing) => ErrorId::AliasNotGranted,
        Actor::Management(_) if lacks_right => ErrorId::ScopeInsufficient,
        Actor::Management(_) | Actor::User { .. } => ErrorId::NoPermission,
    })
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
