//! Comparisons: examples, and the laws of a partial order that agrees with decisions.

use std::collections::BTreeSet;

use cs_model::facts::Needs;
use cs_model::generated::ContradictionId;
use cs_model::profile::ClientReading;
use cs_model::{
    Access, DeliveryTokenDraft, Grant, ManagementToken, ManagementTokenDraft, Module, ModuleId, Profile,
    RouteId,
};
use cs_policy::{
    Comparison, Context, NamedBranch, Order, Prepared, Reached, Scope, Witness, capabilities_in, compare,
};
use expect_test::expect;
use proptest::prelude::*;
use proptest::sample::select;

use crate::generate::{ALIASES, BRANCHES, ENVIRONMENTS, management, scope, time};

fn of(first: &Scope, second: &Scope) -> Comparison {
    compare(first, second, &Profile::seeds())
}

fn draft() -> ManagementTokenDraft {
    ManagementTokenDraft::new("ci").module(ModuleId::Entry, Access::Read).branches(Grant::only(["main"]))
}

#[test]
fn what_was_gained_and_lost() {
    let after = draft()
        .module(ModuleId::Entry, Access::Write)
        .module(ModuleId::Asset, Access::ReadWrite)
        .branches(Grant::only(["development"]))
        .aliases(Grant::All)
        .expiry("2027-01-31".parse().unwrap());
    let change = of(&Scope::from(&draft()), &Scope::from(&after));
    expect![[r#"
        incomparable
        + `asset:read`
        + `branch_alias:read`
        + `asset:write`
        + `entry:write`
        + branch `development`
        + all aliases
        - `entry:read`
        - branch `main`
        - never expires"#]]
    .assert_eq(&change.to_string());
    assert!(change.widens());
    let json = change.to_json();
    assert_eq!(json["order"], "incomparable");
    assert_eq!(json["lost"][2]["value"], "never");
}

#[test]
fn all_modules_are_one_witness() {
    let change = of(&Scope::from(&draft()), &Scope::from(&draft().module(Module::All, Access::Read)));
    assert_eq!(change.order(), Order::Wider);
    assert_eq!(change.gained, [Witness::Module { module: Module::All, right: Needs::Read }]);
}

#[test]
fn a_module_that_another_grants_is_no_change() {
    let plain = ManagementTokenDraft::new("a").module(ModuleId::Asset, Access::Read);
    let spelled = plain.clone().module(ModuleId::Folder, Access::Read);
    assert_eq!(of(&Scope::from(&plain), &Scope::from(&spelled)).order(), Order::Equal);
    let folders = ManagementTokenDraft::new("b").module(ModuleId::Folder, Access::Read);
    assert_eq!(of(&Scope::from(&plain), &Scope::from(&folders)).order(), Order::Narrower);
}

/// "A management token cannot read or write in the modules organization, stack, user session and tokens."
#[test]
fn what_no_management_token_can_use_is_no_reach() {
    let first = draft();
    let second = draft()
        .module(ModuleId::DeliveryToken, Access::ReadWrite)
        .module(ModuleId::Stack, Access::Read)
        .module(ModuleId::AuditLog, Access::Write)
        .module(Module::from("brand_new"), Access::ReadWrite);
    let change = of(&Scope::from(&first), &Scope::from(&second));
    expect![[r#"
        equal
        ~ `audit_log:write` grants nothing
        ~ `delivery_token:read` grants nothing
        ~ `delivery_token:write` grants nothing
        ~ `stack:read` grants nothing
        ~ `brand_new:read` grants nothing
        ~ `brand_new:write` grants nothing"#]]
    .assert_eq(&change.to_string());
    assert!(!change.widens());
    assert_eq!(change.to_json()["without_effect"][3]["value"], "stack:read");
    assert_eq!(of(&Scope::from(&second), &Scope::from(&first)).without_effect, change.without_effect);
    // What one may use is reach beside them.
    let third = second.clone().module(ModuleId::Webhook, Access::Read);
    let change = of(&Scope::from(&second), &Scope::from(&third));
    assert_eq!((change.order(), change.without_effect), (Order::Wider, vec![]));
    // Where a profile lets a scope open more, it is reach.
    let open = read_as("seeds", Some(ClientReading::Allow));
    let change = compare(&Scope::from(&first), &Scope::from(&second), &open);
    // Here whoever writes also reads.
    assert_eq!(change.gained, [Witness::Module { module: ModuleId::AuditLog.into(), right: Needs::Write }]);
}

#[test]
fn environments_of_delivery_tokens() {
    let one = DeliveryTokenDraft::new("a").environment("production").branches(Grant::only(["main"]));
    let two = one.clone().environment("staging");
    let change = of(&Scope::from(&one), &Scope::from(&two));
    assert_eq!(change.order(), Order::Wider);
    assert_eq!(change.gained, [Witness::Environment(Reached::Named("staging".to_owned()))]);
}

#[test]
fn an_entry_with_an_empty_list_reaches_no_branch() {
    let empty = draft().branches(Grant::Only(BTreeSet::new()));
    let change = of(&Scope::from(&empty), &Scope::from(&draft()));
    expect![[r#"
        wider
        + branch `main`"#]]
    .assert_eq(&change.to_string());
    // A token without an entry is one of a stack without branches, and reaches its `main`.
    let change = of(&Scope::from(&draft().branches(Grant::None)), &Scope::from(&empty));
    expect![[r#"
        incomparable
        + `branch:read`
        - branch `main`"#]]
    .assert_eq(&change.to_string());
    let delivery = |branches| DeliveryTokenDraft::new("a").environment("production").branches(branches);
    let (none, empty) = (delivery(Grant::None), delivery(Grant::Only(BTreeSet::new())));
    let change = of(&Scope::from(&none), &Scope::from(&empty));
    assert_eq!(change.order(), Order::Narrower);
    assert_eq!(change.lost, [Witness::Branch(Reached::Named("main".to_owned()))]);
}

#[test]
fn kinds_have_nothing_in_common() {
    let delivery = DeliveryTokenDraft::new("a").environment("production");
    assert_eq!(of(&Scope::from(&draft()), &Scope::from(&delivery)).order(), Order::Incomparable);
}

#[test]
fn an_unusual_branch_entry_still_limits() {
    let token: ManagementToken = serde_json::from_str(
        r#"{"uid":"blt1","name":"x","scope":[{"module":"entry","acl":{"read":true}},
            {"module":"branch","branches":["next"],"acl":{"read":true,"write":true}}]}"#,
    )
    .unwrap();
    assert_eq!(*Scope::from(&token).branches(), Grant::only(["next"]));
}

/// Requests for every branch, alias and environment of the strategies, and for others.
fn contexts(prepared: &Prepared) -> Vec<Context> {
    let branches = BRANCHES.iter().chain(&["other"]).map(|name| NamedBranch::Branch(prepared.branch(name)));
    let aliases = ALIASES
        .iter()
        .chain(&["other"])
        .map(|name| NamedBranch::Alias { alias: prepared.alias(name), of: None });
    let named = branches.chain(aliases).chain([NamedBranch::NotNamed]);
    let mut contexts: Vec<_> = named.map(|branch| Context { branch, ..Context::default() }).collect();
    let environments = ENVIRONMENTS.iter().chain(&["other"]);
    contexts.extend(
        environments
            .map(|name| Context { environment: Some(prepared.environment(name)), ..Context::default() }),
    );
    contexts
}

/// Every allow of a scope in these circumstances, as bits.
fn allowed(profile: &Profile, scope: &Scope, now: jiff::Timestamp) -> Vec<bool> {
    let prepared = Prepared::new(&scope.principal());
    contexts(&prepared)
        .iter()
        .flat_map(|context| {
            let matrix = capabilities_in(profile, &prepared, context, now);
            matrix.routes().map(|decision| decision.verdict().is_allow()).collect::<Vec<_>>()
        })
        .collect()
}

fn is_subset(left: &[bool], right: &[bool]) -> bool {
    left.iter().zip(right).all(|(left, right)| !left || *right)
}

fn profiles() -> impl Strategy<Value = &'static str> {
    select(Profile::NAMES.to_vec())
}

/// A profile with every contradiction read the same way, or as it is.
fn read_as(name: &str, reading: Option<ClientReading>) -> Profile {
    let mut profile = Profile::find(name).unwrap();
    if let Some(reading) = reading {
        ContradictionId::ALL.into_iter().for_each(|id| profile.readings.set_client(id, reading));
    }
    // Two environments are more than one, also where a profile lets no token with two be used.
    profile.readings.set_client(ContradictionId::EnvironmentsPerDeliveryToken, ClientReading::Warn);
    profile
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn it_agrees_with_capabilities(
        first in scope(), second in scope(), name in profiles(), now in time(),
        reading in proptest::option::of(select(vec![ClientReading::Allow, ClientReading::Deny, ClientReading::Unsettled])),
    ) {
        let profile = read_as(name, reading);
        if first.kind() != second.kind() {
            return Ok(());
        }
        let order = compare(&first, &second, &profile).order();
        let (left, right) = (allowed(&profile, &first, now), allowed(&profile, &second, now));
        if matches!(order, Order::Equal | Order::Wider) {
            prop_assert!(is_subset(&left, &right), "{order}: {first:?} {second:?}");
        }
        if matches!(order, Order::Equal | Order::Narrower) {
            prop_assert!(is_subset(&right, &left), "{order}: {first:?} {second:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn equal_to_itself(scope in scope()) {
        prop_assert_eq!(of(&scope, &scope).order(), Order::Equal);
    }

    #[test]
    fn turned_around_it_is_the_other_way(first in scope(), second in scope()) {
        let (there, back) = (of(&first, &second), of(&second, &first));
        prop_assert_eq!(&there.gained, &back.lost);
        prop_assert_eq!(&there.lost, &back.gained);
        prop_assert_eq!(&there.without_effect, &back.without_effect);
    }

    #[test]
    fn it_is_transitive(first in scope(), second in scope(), third in scope()) {
        let within = |left: &Scope, right: &Scope| !of(left, right).lost.is_empty();
        let at_most = |left: &Scope, right: &Scope| !within(left, right);
        if at_most(&first, &second) && at_most(&second, &third) {
            prop_assert!(at_most(&first, &third), "{first:?} {second:?} {third:?}");
        }
        // What is equal cannot be told apart by a third.
        if of(&first, &second).order() == Order::Equal {
            prop_assert_eq!(of(&first, &third).order(), of(&second, &third).order());
        }
    }

    #[test]
    fn more_is_wider_or_equal(facts in management(), module in select(ModuleId::ALL.to_vec()), branch in select(BRANCHES.to_vec())) {
        let first = Scope::from(facts.clone());
        let mut more = facts;
        more.scope.entry(module.into()).and_modify(|access| *access = Access::ReadWrite).or_insert(Access::ReadWrite);
        if let Grant::Only(names) = &mut more.branches {
            names.insert(branch.to_owned());
        }
        let change = of(&first, &Scope::from(more));
        prop_assert!(change.lost.is_empty(), "{change}");
    }

    #[test]
    fn a_witness_of_a_module_is_real(first in management(), second in management()) {
        let never = |mut facts: cs_policy::ManagementFacts| {
            facts.expires = cs_model::Expiry::Never;
            facts.branches = Grant::All;
            facts.aliases = Grant::All;
            Scope::from(facts)
        };
        let (first, second) = (never(first), never(second));
        let (profile, now) = (Profile::seeds(), "2026-11-21T00:00:00Z".parse().unwrap());
        for witness in of(&first, &second).gained {
            let Witness::Module { module: Module::Known(module), right } = witness else { continue };
            let route = RouteId::all().find(|id| {
                let route = id.row();
                route.api == cs_model::Api::Management
                    && route.module == module
                    && route.action.row().needs == right
                    && route.management_token == cs_model::Documented::Yes
                    && !route.state_change
            });
            if let Some(route) = route {
                let verdict = |scope: &Scope| {
                    cs_policy::decide(&profile, &Prepared::new(&scope.principal()), route, &Context::default(), now).verdict()
                };
                // Transitions take more than a scope.
                if route.row().action != cs_model::Action::Transition {
                    prop_assert!(verdict(&second).is_allow() && !verdict(&first).is_allow(), "{module} {right:?} {route:?}");
                }
            }
        }
    }
}
