//! What a token was given, out of the token or its draft. A token that names neither branches nor aliases is taken for one
//! of a stack without branches: see [`Principal::stack_inferred`](crate::Principal::stack_inferred).

use cs_model::{
    DeliveryToken, DeliveryTokenDraft, EnvironmentRef, Grant, ManagementToken, ManagementTokenDraft, Module,
    ModuleId, ScopeEntry,
};

use super::names_neither;
use crate::names::union;
use crate::{DeliveryFacts, ManagementFacts};

impl From<&DeliveryToken> for DeliveryFacts {
    fn from(token: &DeliveryToken) -> Self {
        Self::from(&token.to_draft())
    }
}

impl From<&ManagementToken> for ManagementFacts {
    fn from(token: &ManagementToken) -> Self {
        Self::from(&token.to_draft())
    }
}

impl From<&DeliveryTokenDraft> for DeliveryFacts {
    fn from(draft: &DeliveryTokenDraft) -> Self {
        let mut facts = Self {
            environments: Grant::only(draft.environments.iter().cloned()),
            branches: draft.branches.clone(),
            aliases: draft.aliases.clone(),
            stack_without_branches: false,
        };
        for entry in &draft.other_scope {
            add_names(entry, &mut facts.branches, &mut facts.aliases);
            if let (Module::Known(ModuleId::Environment), Some(names)) = (&entry.module, &entry.environments)
            {
                add(&mut facts.environments, names.iter().map(EnvironmentRef::name));
            }
        }
        facts.stack_without_branches = names_neither(&facts.branches, &facts.aliases);
        facts
    }
}

impl From<&ManagementTokenDraft> for ManagementFacts {
    fn from(draft: &ManagementTokenDraft) -> Self {
        let mut facts = Self {
            scope: draft.modules.clone(),
            branches: draft.branches.clone(),
            aliases: draft.aliases.clone(),
            stack_without_branches: false,
            expires: draft.expiry.clone(),
        };
        for entry in &draft.other_scope {
            add_names(entry, &mut facts.branches, &mut facts.aliases);
            if let Some(access) = entry.access() {
                let before = facts.scope.entry(entry.module.clone()).or_insert(access);
                *before = before.union(access);
            }
        }
        facts.stack_without_branches = names_neither(&facts.branches, &facts.aliases);
        facts
    }
}

/// Entries with an unusual acl, or with more than one list, still name what they name.
fn add_names(entry: &ScopeEntry, branches: &mut Grant, aliases: &mut Grant) {
    if let (Module::Known(ModuleId::Branch), Some(names)) = (&entry.module, &entry.branches) {
        add(branches, names.iter().map(String::as_str));
    }
    if let (Module::Known(ModuleId::BranchAlias), Some(names)) = (&entry.module, &entry.branch_aliases) {
        add(aliases, names.iter().map(String::as_str));
    }
}

fn add<'a>(grant: &mut Grant, names: impl Iterator<Item = &'a str>) {
    // Also an empty list is an entry: it limits the token to nothing.
    let named = Grant::Only(names.map(str::to_owned).collect());
    *grant = union(std::mem::take(grant), &named);
}
