//! `decide`, `classify` and `why` allocate nothing. A test binary of its own: it replaces the allocator by one that counts.

use std::alloc::System;
use std::hint::black_box;

use cs_model::{Access, Expiry, Grant, ModuleId, Profile, RouteId};
use cs_policy::{
    Context, ManagementFacts, NamedBranch, OAuthFacts, Prepared, Principal, Request, RoleRules, StackRole,
    classify, decide, decide_in_service, decide_prepared, why,
};
use jiff::Timestamp;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How often memory was taken while this ran. The counters are those of the whole process, so this is the one test here.
fn allocations(run: impl FnOnce()) -> usize {
    let region = Region::new(ALLOCATOR);
    run();
    let change = region.change();
    change.allocations + change.reallocations
}

fn principals() -> Vec<Principal> {
    let mut facts = ManagementFacts {
        branches: Grant::only(["main", "development"]),
        aliases: Grant::only(["deploy"]),
        expires: Expiry::at(Timestamp::UNIX_EPOCH),
        ..ManagementFacts::default()
    };
    facts.scope.insert(ModuleId::Entry.into(), Access::Read);
    let delivery = cs_policy::DeliveryFacts {
        environments: Grant::only(["production"]),
        branches: Grant::only(["main"]),
        ..Default::default()
    };
    vec![
        Principal::Delivery(delivery.clone()),
        Principal::Preview(delivery),
        Principal::Management(facts),
        Principal::user(StackRole::Owner),
        Principal::user(StackRole::ContentManager),
        Principal::user(StackRole::Custom(RoleRules::default())),
        Principal::Access(cs_policy::AccessFacts::default()),
        Principal::OAuth(OAuthFacts::default()),
        Principal::Anonymous,
    ]
}

#[test]
fn nothing_is_allocated() {
    // That the counter counts is seen first.
    assert!(allocations(|| drop(black_box(vec![0_u8; 64]))) > 0);

    let (profile, now) = (Profile::seeds(), Timestamp::UNIX_EPOCH);
    let plain: Vec<Prepared> = principals().iter().map(Prepared::new).collect();
    let tabulated: Vec<Prepared> = plain.iter().map(|one| one.clone().tabulated(&profile)).collect();
    let paths: Vec<String> = RouteId::all()
        .map(|route| route.row().template.replace(['{', '}'], "") + "/")
        .chain(["/v3/%2e%2e".to_owned(), "/v3/".repeat(1000)])
        .collect();

    let classified = allocations(|| {
        for route in RouteId::all().map(RouteId::row) {
            for path in &paths {
                black_box(classify(route.api, route.method, path));
            }
        }
    });
    assert_eq!(classified, 0);

    let decided = allocations(|| {
        for prepared in plain.iter().chain(&tabulated) {
            for route in RouteId::all() {
                for branch in ["main", "next"] {
                    let branch = NamedBranch::Branch(prepared.branch(branch));
                    for (draft, other_stack) in [(false, false), (true, false), (false, true)] {
                        let context = Context { branch, draft, other_stack, ..Context::default() };
                        let decision = decide(&profile, prepared, route, &context, now);
                        black_box(why(&decision).count());
                        black_box(decide_in_service(&profile, prepared, route, &context, now));
                    }
                }
            }
        }
    });
    assert_eq!(decided, 0);

    let from_strings = allocations(|| {
        for prepared in plain.iter().chain(&tabulated) {
            for path in &paths {
                let mut request = Request::new("GET", path);
                request.branch = Some("development");
                request.environment = Some("production");
                black_box(decide_prepared(&profile, prepared, &request, now));
            }
        }
    });
    assert_eq!(from_strings, 0);
}
