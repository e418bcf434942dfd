//! What `compare` names is real: one of the two scopes is allowed something that the other is not, and here it is.

use cs_model::facts::Needs;
use cs_model::generated::ContradictionId;
use cs_model::profile::ClientReading;
use cs_model::{Access, Api, Expiry, Grant, Module, ModuleId, Profile};
use cs_policy::{
    DeliveryFacts, ManagementFacts, Order, Principal, Reached, Request, Scope, Witness, compare,
    decide_request,
};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::generate::{delivery, management};

const ENTRIES: &str = "/v3/content_types/page/entries";
/// A name that no scope of the strategies has.
const OTHER: &str = "other";
const LONG_AGO: &str = "2026-11-21T00:00:00Z";

/// A profile in which a delivery token may be for several environments: that is what a second one is worth.
fn profile() -> Profile {
    let mut profile = Profile::seeds();
    profile.readings.set_client(ContradictionId::EnvironmentsPerDeliveryToken, ClientReading::Allow);
    profile
}

fn allows(scope: &Scope, request: &Request<'_>, now: Timestamp) -> bool {
    decide_request(&profile(), &scope.principal(), request, now).verdict().is_allow()
}

fn name_of(reached: &Reached) -> &str {
    match reached {
        Reached::Named(name) => name,
        Reached::Every => OTHER,
    }
}

/// A request for entries that a witness speaks of, and when; `None` for a module, which `compare.rs` looks at.
fn request<'a>(scope: &Scope, witness: &'a Witness) -> Option<(Request<'a>, Timestamp)> {
    let mut now: Timestamp = LONG_AGO.parse().unwrap();
    let mut request = Request::new("GET", ENTRIES);
    if let Scope::Delivery(_) = scope {
        request = request.on(Api::Delivery);
        request.environment = Some("production");
    }
    match witness {
        Witness::Branch(reached) => request.branch = Some(name_of(reached)),
        Witness::Alias(reached) => request.alias = Some(name_of(reached)),
        Witness::Environment(reached) => request.environment = Some(name_of(reached)),
        Witness::Until(_) => now = "9000-01-01T00:00:00Z".parse().unwrap(),
        _ => return None,
    }
    Some((request, now))
}

/// Both read entries; on `main`, too, where the witness is none of a branch.
fn reading(mut facts: ManagementFacts) -> ManagementFacts {
    facts.scope.insert(ModuleId::Entry.into(), Access::ReadWrite);
    facts
}

/// Gives both the same in everything but one respect, so that what is named is what makes the difference.
fn alike(first: &Scope, second: &Scope, witness: &Witness) -> (Scope, Scope) {
    let pair = |first: &Scope, second: &Scope| match (first.clone(), second.clone()) {
        (Scope::Management(mut first), Scope::Management(mut second)) => {
            for facts in [&mut first, &mut second] {
                if !matches!(witness, Witness::Until(_)) {
                    facts.expires = Expiry::Never;
                }
                if !matches!(witness, Witness::Branch(_)) {
                    facts.branches = Grant::All;
                }
                if !matches!(witness, Witness::Alias(_)) {
                    facts.aliases = Grant::All;
                }
            }
            (Scope::Management(first), Scope::Management(second))
        }
        (Scope::Delivery(mut first), Scope::Delivery(mut second)) => {
            for facts in [&mut first, &mut second] {
                if !matches!(witness, Witness::Branch(_)) {
                    facts.branches = Grant::All;
                }
                if !matches!(witness, Witness::Alias(_)) {
                    facts.aliases = Grant::All;
                }
                if !matches!(witness, Witness::Environment(_)) {
                    facts.environments = Grant::only(["production"]);
                }
            }
            (Scope::Delivery(first), Scope::Delivery(second))
        }
        other => other,
    };
    pair(first, second)
}

/// Shows that the second is allowed what the witness names, and the first is not.
fn shown(first: &Scope, second: &Scope, witness: &Witness) -> Result<(), TestCaseError> {
    let (less, more) = alike(first, second, witness);
    let Some((request, mut now)) = request(&less, witness) else { return Ok(()) };
    if let (Witness::Until(Some(end)), _) = (witness, &more) {
        // Just before the later of both ends.
        now = end.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap();
    }
    prop_assert!(allows(&more, &request, now), "{witness:?} of {more:?}");
    prop_assert!(!allows(&less, &request, now), "{witness:?} of {less:?}");
    Ok(())
}

fn scopes() -> impl Strategy<Value = (Scope, Scope)> {
    let two = (management(), management());
    let management =
        two.prop_map(|(first, second)| (Scope::from(reading(first)), Scope::from(reading(second))));
    let delivery =
        (delivery(), delivery()).prop_map(|(first, second)| (Scope::from(first), Scope::from(second)));
    prop_oneof![management, delivery]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn every_witness_is_allowed_by_one_and_denied_by_the_other((first, second) in scopes()) {
        let comparison = compare(&first, &second, &profile());
        for witness in &comparison.gained {
            shown(&first, &second, witness)?;
        }
        for witness in &comparison.lost {
            shown(&second, &first, witness)?;
        }
    }

    #[test]
    fn each_order_has_the_witnesses_that_it_takes((first, second) in scopes()) {
        let comparison = compare(&first, &second, &profile());
        let has = (!comparison.gained.is_empty(), !comparison.lost.is_empty());
        let order = match has {
            (false, false) => Order::Equal,
            (true, false) => Order::Wider,
            (false, true) => Order::Narrower,
            (true, true) => Order::Incomparable,
        };
        prop_assert_eq!(comparison.order(), order);
    }

    /// Wider is strictly wider: all that the first is allowed, and something more.
    #[test]
    fn one_more_of_anything_is_strictly_wider(facts in management(), which in 0..4_usize) {
        let all = ManagementFacts {
            branches: Grant::only(["main", "next"]),
            aliases: Grant::only(["deploy"]),
            expires: "2026-12-10T12:00:00Z".parse().unwrap(),
            ..reading(facts)
        };
        let mut more = all.clone();
        let witness = match which {
            0 => {
                more.branches = Grant::All;
                Witness::Branch(Reached::Every)
            }
            1 => {
                more.aliases = Grant::only(["deploy", "release"]);
                Witness::Alias(Reached::Named("release".to_owned()))
            }
            2 => {
                more.expires = Expiry::Never;
                Witness::Until(None)
            }
            _ => {
                more.expires = "2027-01-01T00:00:00Z".parse().unwrap();
                Witness::Until(Some("2027-01-01T00:00:00Z".parse().unwrap()))
            }
        };
        let (first, second) = (Scope::from(all), Scope::from(more));
        let comparison = compare(&first, &second, &profile());
        prop_assert_eq!(comparison.order(), Order::Wider);
        prop_assert_eq!(&comparison.gained, &vec![witness.clone()]);
        shown(&first, &second, &witness)?;
        prop_assert_eq!(compare(&second, &first, &profile()).order(), Order::Narrower);
    }
}

/// A scope that reads one module and one that reads another are each allowed something that the other is not.
#[test]
fn incomparable_both_ways() {
    let with = |module: ModuleId| {
        let scope = [(Module::from(module), Access::Read)].into();
        Scope::from(ManagementFacts { scope, branches: Grant::only(["main"]), ..ManagementFacts::default() })
    };
    let (types, webhooks) = (with(ModuleId::ContentType), with(ModuleId::Webhook));
    let comparison = compare(&types, &webhooks, &profile());
    assert_eq!(comparison.order(), Order::Incomparable);
    let right = |module: ModuleId| Witness::Module { module: module.into(), right: Needs::Read };
    assert_eq!(comparison.gained, [right(ModuleId::Webhook)]);
    assert_eq!(comparison.lost, [right(ModuleId::ContentType)]);
    let now = LONG_AGO.parse().unwrap();
    for (path, holder, other) in
        [("/v3/webhooks", &webhooks, &types), ("/v3/content_types", &types, &webhooks)]
    {
        let request = Request::new("GET", path);
        assert!(allows(holder, &request, now) && !allows(other, &request, now), "{path}");
    }
}

#[test]
fn tokens_of_two_kinds_are_each_allowed_what_the_other_is_not() {
    let facts = DeliveryFacts {
        environments: Grant::only(["production"]),
        branches: Grant::only(["main"]),
        ..DeliveryFacts::default()
    };
    let delivery = Scope::from(facts);
    let management = Scope::from(reading(ManagementFacts {
        branches: Grant::only(["main"]),
        ..ManagementFacts::default()
    }));
    assert_eq!(compare(&delivery, &management, &profile()).order(), Order::Incomparable);
    let now = LONG_AGO.parse().unwrap();
    let mut on_delivery = Request::new("GET", ENTRIES).on(Api::Delivery);
    on_delivery.environment = Some("production");
    let on_management = Request::new("GET", ENTRIES);
    assert!(allows(&delivery, &on_delivery, now) && !allows(&management, &on_delivery, now));
    assert!(allows(&management, &on_management, now) && !allows(&delivery, &on_management, now));
    assert!(matches!(delivery.principal(), Principal::Delivery(_)));
}
