//! Strategies for scopes and requests.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::{Access, Expiry, Grant, Module, ModuleId};
use cs_policy::{DeliveryFacts, ManagementFacts, Scope};
use jiff::Timestamp;
use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const BRANCHES: [&str; 3] = ["main", "development", "next"];
pub(crate) const ALIASES: [&str; 2] = ["deploy", "release"];
pub(crate) const ENVIRONMENTS: [&str; 3] = ["production", "staging", "test"];

/// A few modules, among them some that others grant, so that scopes meet often.
const MODULES: [ModuleId; 13] = [
    ModuleId::Asset,
    ModuleId::Folder,
    ModuleId::Entry,
    ModuleId::EntryVariant,
    ModuleId::ContentType,
    ModuleId::Taxonomy,
    ModuleId::Term,
    ModuleId::Branch,
    ModuleId::Webhook,
    // Closed to management tokens, wholly, by some pages, or for writing.
    ModuleId::DeliveryToken,
    ModuleId::PreviewToken,
    ModuleId::Stack,
    ModuleId::AuditLog,
];

pub(crate) fn grant(names: &'static [&'static str]) -> impl Strategy<Value = Grant> {
    prop_oneof![
        2 => Just(Grant::None),
        // An entry with an empty list.
        2 => Just(Grant::Only(BTreeSet::new())),
        4 => btree_set(select(names), 1..=names.len()).prop_map(Grant::only),
        1 => Just(Grant::All),
    ]
}

fn modules() -> impl Strategy<Value = BTreeMap<Module, Access>> {
    let module = prop_oneof![
        10 => select(MODULES.to_vec()).prop_map(Module::Known),
        1 => Just(Module::All),
        1 => Just(Module::from("brand_new")),
    ];
    btree_map(module, select(vec![Access::Read, Access::Write, Access::ReadWrite]), 0..4)
}

fn expiry() -> impl Strategy<Value = Expiry> {
    prop_oneof![
        3 => Just(Expiry::Never),
        1 => select(vec!["2026-12-10", "2026-12-11", "2026-12-10T00:00:00Z", "2026-12-10T12:00:00Z"])
            .prop_map(|text| text.parse().unwrap()),
    ]
}

pub(crate) fn management() -> impl Strategy<Value = ManagementFacts> {
    (modules(), grant(&BRANCHES), grant(&ALIASES), any::<bool>(), expiry()).prop_map(
        |(scope, branches, aliases, stack_without_branches, expires)| ManagementFacts {
            scope,
            branches,
            aliases,
            stack_without_branches,
            expires,
        },
    )
}

pub(crate) fn delivery() -> impl Strategy<Value = DeliveryFacts> {
    (grant(&ENVIRONMENTS), grant(&BRANCHES), grant(&ALIASES), any::<bool>()).prop_map(
        |(environments, branches, aliases, stack_without_branches)| DeliveryFacts {
            environments,
            branches,
            aliases,
            stack_without_branches,
        },
    )
}

pub(crate) fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![3 => management().prop_map(Scope::from), 1 => delivery().prop_map(Scope::from)]
}

/// Times around the ends of [`expiry`].
pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    select(vec![
        "2026-11-21T00:00:00Z",
        "2026-12-10T00:00:00Z",
        "2026-12-10T18:00:00Z",
        "2027-01-01T00:00:00Z",
    ])
    .prop_map(|text| text.parse().unwrap())
}
