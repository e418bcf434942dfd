//! Lints about what a token reaches.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::facts::Needs;
use cs_model::generated::ContradictionId;
use cs_model::profile::ServiceReading;
use cs_model::{Access, EnvironmentRef, Grant, Module, ScopeEntry};

use super::{Found, LintId, Options};
use crate::compare::{Scope, has_effect};

pub(super) fn check(found: &mut Found<'_>, options: &Options<'_>) {
    let Some(scope) = found.token.scope.clone() else { return };
    match &scope {
        Scope::Delivery(facts) => environments(found, &facts.environments, options),
        Scope::Management(facts) => {
            if facts.scope.get(&Module::All).is_some_and(|access| access.writes()) {
                found.push(LintId::ScopeAllWrite, "`$all` is granted with the right to write");
            }
            for (module, access) in &facts.scope {
                if let Some(idle) = without_effect(options, module, *access) {
                    let reason = format!("`{module}:{}` opens nothing to a management token", idle.short());
                    found.push_about(LintId::ScopeNoEffect, &module.to_string(), reason);
                }
            }
        }
    }
    let existing = options.names.map(|names| (&names.branches, &names.aliases));
    if let Some(reason) = all_of("branches", scope.branches(), existing.map(|(branches, _)| branches)) {
        found.push(LintId::ScopeAllBranches, reason);
    }
    if let Some(reason) = all_of("aliases", scope.aliases(), existing.map(|(_, aliases)| aliases)) {
        found.push(LintId::ScopeAllAliases, reason);
    }
    wildcards(found, &scope, options);
    branch_missing(found, &scope, options);
    for reason in duplicates(&found.token.entries) {
        found.push_about(LintId::ScopeDuplicateEntries, &reason.clone(), reason);
    }
}

/// The rights of an entry that open nothing.
fn without_effect(options: &Options<'_>, module: &Module, access: Access) -> Option<Access> {
    let idle = |right| access.covers(right) && !has_effect(options.profile, module, right);
    Access::from_flags(idle(Needs::Read), idle(Needs::Write))
}

fn environments(found: &mut Found<'_>, grant: &Grant, options: &Options<'_>) {
    let names = match grant {
        Grant::None => return,
        Grant::All => {
            found.push(LintId::ScopeSeveralEnvironments, "it reads all environments");
            return found
                .push(LintId::ScopeProductionMixed, "it reads all environments, production among them");
        }
        Grant::Only(names) => names,
    };
    if names.len() > 1 {
        found.push(LintId::ScopeSeveralEnvironments, format!("it reads {}", list(names)));
    }
    let (production, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| options.is_production(name));
    if !production.is_empty() && !others.is_empty() {
        let reason = format!("it reads {} beside {}", list(production), list(others));
        found.push(LintId::ScopeProductionMixed, reason);
    }
}

/// Whether a grant is of all: by word, or by a list of all that exist where there is more than one.
fn all_of(what: &str, grant: &Grant, existing: Option<&BTreeSet<String>>) -> Option<String> {
    match (grant, existing) {
        (Grant::All, _) => Some(format!("all {what} are granted")),
        (Grant::Only(names), Some(existing)) if existing.len() > 1 && names.is_superset(existing) => {
            Some(format!("each of the {} {what} of the stack is named; a later one is not", existing.len()))
        }
        _ => None,
    }
}

/// What is written for all of them and is a name. Of branches and aliases a profile's service may take `*` for all; `$all`
/// stands for all modules, and no page gives it another sense.
const WILDCARDS: [&str; 2] = [STAR, "$all"];
const STAR: &str = "*";

/// Wildcards among the names of branches, aliases and environments.
fn wildcards(found: &mut Found<'_>, scope: &Scope, options: &Options<'_>) {
    let taken = options.profile.reading(ContradictionId::BranchWildcard).service == ServiceReading::Allow;
    for (what, grant, all) in [
        ("branches", scope.branches(), LintId::ScopeAllBranches),
        ("aliases", scope.aliases(), LintId::ScopeAllAliases),
    ] {
        for word in named(grant) {
            if taken && word == STAR {
                found.push(all, format!("`{word}` is taken for all {what}"));
            } else {
                as_name(found, word, what);
            }
        }
    }
    if let Scope::Delivery(facts) = scope {
        for word in named(&facts.environments) {
            as_name(found, word, "environments");
        }
    }
}

/// The wildcards that a grant names.
fn named(grant: &Grant) -> impl Iterator<Item = &'static str> {
    WILDCARDS.into_iter().filter(move |word| matches!(grant, Grant::Only(names) if names.contains(*word)))
}

fn as_name(found: &mut Found<'_>, word: &str, what: &str) {
    let about = format!("{what} {word}");
    found.push_about(LintId::ScopeWildcard, &about, format!("`{word}` among the {what} is read as a name"));
}

fn branch_missing(found: &mut Found<'_>, scope: &Scope, options: &Options<'_>) {
    // A stack that is known to have no branches has nothing to name.
    let wanted = match options.names {
        Some(names) => !names.branches.is_empty(),
        None => options.profile.switches.branch_scope_required.value,
    };
    // An entry with an empty list names nothing, either.
    let empty = |grant: &Grant| match grant {
        Grant::None => true,
        Grant::Only(names) => names.is_empty(),
        Grant::All => false,
    };
    if wanted && empty(scope.branches()) && empty(scope.aliases()) {
        found.push(LintId::ScopeBranchMissing, "neither a branch nor a branch alias is named");
    }
}

/// Modules with more than one entry, entries that `$all` makes needless, and names that stand twice.
fn duplicates(entries: &[ScopeEntry]) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut count: BTreeMap<&Module, usize> = BTreeMap::new();
    for entry in entries {
        *count.entry(&entry.module).or_default() += 1;
    }
    for (module, count) in count.iter().filter(|(_, count)| **count > 1) {
        reasons.push(format!("`{module}` has {count} entries"));
    }
    let all = entries.iter().find(|entry| entry.module == Module::All).and_then(ScopeEntry::access);
    for entry in entries.iter().filter(|entry| entry.module != Module::All) {
        let limits =
            entry.environments.is_some() || entry.branches.is_some() || entry.branch_aliases.is_some();
        if let (Some(all), Some(access), false) = (all, entry.access(), limits)
            && all.union(access) == all
        {
            reasons.push(format!("`$all` already grants `{}:{}`", entry.module, access.short()));
        }
        let environments = entry.environments.iter().flatten().map(EnvironmentRef::name);
        let branches = entry.branches.iter().flatten().map(String::as_str);
        let aliases = entry.branch_aliases.iter().flatten().map(String::as_str);
        for name in twice(environments).into_iter().chain(twice(branches)).chain(twice(aliases)) {
            reasons.push(format!("the entry of `{}` names `{name}` twice", entry.module));
        }
    }
    reasons
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(json: &str) -> Vec<ScopeEntry> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn everything_that_is_said_twice() {
        let found = duplicates(&entries(
            r#"[{"module":"$all","acl":{"read":true}},
                {"module":"entry","acl":{"read":true}},
                {"module":"asset","acl":{"read":true,"write":true}},
                {"module":"asset","acl":{"write":true}},
                {"module":"branch","branches":["main","main","main"],"acl":{"read":true}}]"#,
        ));
        assert_eq!(
            found,
            [
                "`asset` has 2 entries",
                "`$all` already grants `entry:r`",
                "the entry of `branch` names `main` twice"
            ]
        );
    }

    #[test]
    fn a_plain_scope_says_nothing_twice() {
        let found = duplicates(&entries(
            r#"[{"module":"environment","environments":["a","b"],"acl":{"read":true}},
                {"module":"branch","branches":["main"],"acl":{"read":true}}]"#,
        ));
        assert!(found.is_empty());
    }

    #[test]
    fn all_by_word_and_by_list() {
        let existing: BTreeSet<_> = ["main".to_owned(), "next".to_owned()].into();
        assert!(all_of("branches", &Grant::All, None).is_some());
        assert!(all_of("branches", &Grant::only(["main", "next"]), None).is_none());
        assert!(all_of("branches", &Grant::only(["main", "next"]), Some(&existing)).is_some());
        assert!(all_of("branches", &Grant::only(["main"]), Some(&existing)).is_none());
        let one: BTreeSet<_> = ["main".to_owned()].into();
        assert!(all_of("branches", &Grant::only(["main"]), Some(&one)).is_none());
    }
}
