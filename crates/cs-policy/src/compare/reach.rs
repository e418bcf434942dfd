//! What a scope reaches, in a form in which two of them can be held against each other.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::facts::Needs;
use cs_model::profile::Profile;
use cs_model::{Access, Grant, Module, ModuleId};
use jiff::Timestamp;

use super::{Reached, Scope, Witness};
use crate::generated::DEFAULT_BRANCH;

/// A scope with everything spelled out that it implies.
pub(super) struct Reach<'a> {
    modules: Option<Modules<'a>>,
    branches: Names,
    aliases: Names,
    environments: Names,
    /// `None` for never.
    ends: Option<Timestamp>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(scope: &'a Scope, profile: &Profile) -> Self {
        let mut branches = Names::from(scope.branches());
        let aliases = Names::from(scope.aliases());
        if let (true, Names::Only(names)) = (scope.stack_without_branches(), &mut branches) {
            names.insert(DEFAULT_BRANCH.to_owned());
        }
        match scope {
            Scope::Delivery(facts) => {
                let environments = Names::from(&facts.environments);
                Self { modules: None, branches, aliases, environments, ends: None }
            }
            Scope::Management(facts) => Self {
                modules: Some(Modules {
                    scope: &facts.scope,
                    branch: !facts.branches.is_none(),
                    alias: !facts.aliases.is_none(),
                }),
                branches,
                aliases,
                environments: Names::All,
                ends: facts.expires.ends_at(profile.switches.expiry_day.value),
            },
        }
    }

    /// What it reaches and the other does not.
    pub(super) fn beyond(&self, other: &Self) -> Vec<Witness> {
        let mut found = Vec::new();
        if let (Some(own), Some(others)) = (&self.modules, &other.modules) {
            own.beyond(others, &mut found);
        }
        found.extend(self.branches.beyond(&other.branches).map(Witness::Branch));
        found.extend(self.aliases.beyond(&other.aliases).map(Witness::Alias));
        found.extend(self.environments.beyond(&other.environments).map(Witness::Environment));
        let longer = match (self.ends, other.ends) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(own), Some(others)) => own > others,
        };
        found.extend(longer.then_some(Witness::Until(self.ends)));
        found
    }
}

/// Rights by module.
struct Modules<'a> {
    scope: &'a BTreeMap<Module, Access>,
    /// Whether there is an entry for branches, which gives the right to read the list of them.
    branch: bool,
    alias: bool,
}

impl Modules<'_> {
    fn has(&self, module: &Module, right: Needs) -> bool {
        let entry = |module: &Module| self.scope.get(module).is_some_and(|access| access.covers(right));
        let by_name = match module {
            Module::Known(ModuleId::Branch) => self.branch && right == Needs::Read,
            Module::Known(ModuleId::BranchAlias) => self.alias && right == Needs::Read,
            _ => false,
        };
        by_name
            || entry(module)
            || entry(&Module::All)
            || module.known().is_some_and(|id| entry(&id.row().granted_by.into()))
    }

    fn beyond(&self, other: &Self, found: &mut Vec<Witness>) {
        let known = ModuleId::ALL.into_iter().map(Module::Known);
        let named = self.scope.keys().filter(|module| module.known().is_none()).cloned();
        let modules: BTreeSet<Module> = known.chain(named).collect();
        for right in [Needs::Read, Needs::Write] {
            let more = |module: &Module| self.has(module, right) && !other.has(module, right);
            if more(&Module::All) {
                found.push(Witness::Module { module: Module::All, right });
                continue;
            }
            // What comes along with another module that is named is not named again.
            let follows = |module: &Module| {
                module.known().is_some_and(|id| {
                    let by = id.row().granted_by;
                    by != id && more(&by.into())
                })
            };
            let own = modules.iter().filter(|module| more(module) && !follows(module));
            found.extend(own.map(|module| Witness::Module { module: module.clone(), right }));
        }
    }
}

/// A set of names, or every one.
#[derive(Clone, PartialEq, Eq)]
enum Names {
    Only(BTreeSet<String>),
    All,
}

impl From<&Grant> for Names {
    fn from(grant: &Grant) -> Self {
        match grant {
            Grant::None => Self::Only(BTreeSet::new()),
            Grant::Only(names) => Self::Only(names.clone()),
            Grant::All => Self::All,
        }
    }
}

impl Names {
    fn beyond<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = Reached> + use<'s> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        let (every, named, without) = match (self, other) {
            (_, Self::All) => (false, &NONE, &NONE),
            (Self::All, Self::Only(_)) => (true, &NONE, &NONE),
            (Self::Only(own), Self::Only(others)) => (false, own, others),
        };
        let named = named.difference(without).map(|name| Reached::Named(name.clone()));
        every.then_some(Reached::Every).into_iter().chain(named)
    }
}
