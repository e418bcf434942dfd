//! More is never less: for each kind, a principal and the same with one thing more, under every profile.

use cs_model::facts::Needs;
use cs_model::generated::ContradictionId;
use cs_model::profile::ClientReading;
use cs_model::{Access, Documented, Expiry, Grant, ModuleId, Profile, RouteId};
use cs_policy::{
    AccessFacts, BodyFacts, Context, ManagementFacts, OAuthFacts, Operation, OrganizationRole, Prepared,
    Principal, Request, RoleRules, StackRole, User, decide, decide_operation, decide_request, oauth_scope,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::ask::{NOW, cma, management};
use crate::laws::{Readings, names, principal, profile, route, time};

/// The principal with one thing more of what its kind is given; `None` where there is nothing to add.
fn with_more(principal: &Principal, which: Index) -> Option<Principal> {
    let mut more = principal.clone();
    match &mut more {
        // Tokens have laws of their own: `laws.rs`.
        Principal::Delivery(_) | Principal::Preview(_) | Principal::Management(_) | Principal::Anonymous => {
            return None;
        }
        Principal::Access(facts) => {
            let before = [None, Some(jiff::civil::date(2018, 1, 1))];
            facts.stack_created = *which.get(&before);
        }
        Principal::OAuth(facts) => {
            let scopes: Vec<&str> = RouteId::all().filter_map(oauth_scope).collect();
            facts.scopes.insert((*which.get(&scopes)).to_owned());
        }
        Principal::Authtoken(user) => match which.index(6) {
            0 => user.organization = user.organization.max(*which.get(&PLACES)),
            1 => user.access_without_sso = true,
            2 => user.strict_mode = false,
            3 => user.idp_login = false,
            4 => user.stack_created = None,
            _ => user.roles.push(which.get(&ROLES).clone()),
        },
    }
    Some(more)
}

const PLACES: [OrganizationRole; 2] = [OrganizationRole::Admin, OrganizationRole::Owner];
const ROLES: [StackRole; 4] =
    [StackRole::ContentManager, StackRole::Developer, StackRole::Admin, StackRole::Owner];

/// Every way to have one thing less of what the kind is given.
fn with_less(principal: &Principal) -> Vec<Principal> {
    let mut all = Vec::new();
    match principal {
        Principal::Delivery(_) | Principal::Preview(_) | Principal::Management(_) | Principal::Anonymous => {}
        Principal::Access(_) => {
            all.push(Principal::Access(AccessFacts { stack_created: Some(jiff::civil::date(2021, 1, 1)) }));
        }
        Principal::OAuth(facts) => {
            for scope in &facts.scopes {
                let mut scopes = facts.scopes.clone();
                scopes.remove(scope);
                all.push(Principal::OAuth(OAuthFacts { scopes }));
            }
        }
        Principal::Authtoken(user) => {
            let mut push = |change: &dyn Fn(&mut User)| {
                let mut less = user.clone();
                change(&mut less);
                all.push(Principal::Authtoken(less));
            };
            push(&|user| user.organization = OrganizationRole::Member);
            push(&|user| user.access_without_sso = false);
            for (index, role) in user.roles.iter().enumerate() {
                let StackRole::Custom(rules) = role else { continue };
                for module in rules.grants.keys() {
                    push(&|user| {
                        if let StackRole::Custom(rules) = &mut user.roles[index] {
                            rules.grants.remove(module);
                        }
                    });
                }
                push(&|user| {
                    if let StackRole::Custom(rules) = &mut user.roles[index] {
                        (rules.branches, rules.aliases) = (Grant::Only([].into()), Grant::Only([].into()));
                    }
                });
            }
        }
    }
    all
}

/// The context of a request, with the names of both principals: each has its own numbers.
fn is_allowed(profile: &Profile, principal: &Principal, route: RouteId, names: &crate::laws::Names) -> bool {
    let prepared = Prepared::new(principal);
    decide(profile, &prepared, route, &names.context(&prepared), NOW.parse().unwrap()).verdict().is_allow()
}

fn does(profile: &Profile, principal: &Principal, operation: Operation) -> bool {
    let context = Context::default();
    let now = NOW.parse().unwrap();
    decide_operation(profile, &Prepared::new(principal), operation, &context, now).verdict().is_allow()
}

/// Whether a contradiction is read as an allow by the client.
fn lets(profile: &Profile, id: ContradictionId) -> bool {
    matches!(profile.reading(id).client, ClientReading::Allow | ClientReading::Warn)
}

/// The profiles that come along, and others.
fn any_profile() -> impl Strategy<Value = Readings> {
    let named = select(Profile::NAMES.to_vec()).prop_map(|name| Readings(Profile::find(name).unwrap()));
    prop_oneof![named, profile()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8192))]

    #[test]
    fn adding_to_any_kind_never_turns_allow_into_deny(
        principal in principal(), which in any::<Index>(), route in route(), names in names(), profile in any_profile(),
    ) {
        let Some(more) = with_more(&principal, which) else { return Ok(()) };
        if is_allowed(&profile.0, &principal, route, &names) {
            prop_assert!(is_allowed(&profile.0, &more, route, &names), "{more:?}");
        }
        for operation in Operation::all() {
            if does(&profile.0, &principal, operation) {
                prop_assert!(does(&profile.0, &more, operation), "{more:?}");
            }
        }
    }

    #[test]
    fn taking_from_any_kind_never_turns_deny_into_allow(
        principal in principal(), route in route(), names in names(), profile in any_profile(),
    ) {
        for less in with_less(&principal) {
            if is_allowed(&profile.0, &less, route, &names) {
                prop_assert!(is_allowed(&profile.0, &principal, route, &names), "{less:?}");
            }
            for operation in Operation::all() {
                prop_assert!(!does(&profile.0, &less, operation) || does(&profile.0, &principal, operation));
            }
        }
    }

    #[test]
    fn lifting_an_exception_never_turns_allow_into_deny(
        user in principal(), grants in any::<bool>(), module in select(ModuleId::ALL.to_vec()),
        access in select(vec![Access::Read, Access::Write, Access::ReadWrite]), route in route(), names in names(),
        profile in any_profile(),
    ) {
        let Principal::Authtoken(user) = user else { return Ok(()) };
        let except = [(module.into(), access)].into();
        let granted = if grants { [(module.into(), Access::ReadWrite)].into() } else { Default::default() };
        let rules = RoleRules { grants: granted, except, branches: Grant::All, aliases: Grant::All };
        let lifted = RoleRules { except: Default::default(), ..rules.clone() };
        let with = |rules: RoleRules| {
            let roles = user.roles.iter().cloned().chain([StackRole::Custom(rules)]).collect();
            Principal::Authtoken(User { roles, ..user.clone() })
        };
        if is_allowed(&profile.0, &with(rules), route, &names) {
            prop_assert!(is_allowed(&profile.0, &with(lifted), route, &names));
        }
    }

    #[test]
    fn expiry_is_monotone_under_every_profile(
        route in route(), names in names(), profile in any_profile(), now in time(), later in 0_i64..200_000_000,
        ends in time(), more in 0_i64..200_000_000, as_date in any::<bool>(),
    ) {
        let at = |end: jiff::Timestamp| if as_date {
            end.to_string()[..10].parse::<Expiry>().unwrap()
        } else {
            Expiry::at(end)
        };
        let plus = |time: jiff::Timestamp, seconds: i64| jiff::Timestamp::from_second(time.as_second() + seconds).unwrap();
        let token = |expires: Expiry| Principal::Management(ManagementFacts {
            expires,
            ..facts("$all:rw")
        });
        let asked = |principal: &Principal, now| {
            let prepared = Prepared::new(principal);
            decide(&profile.0, &prepared, route, &names.context(&prepared), now).verdict().is_allow()
        };
        // What is allowed later is allowed now, and what is allowed with an end is allowed with a later end and with none.
        let own = token(at(ends));
        if asked(&own, plus(now, later)) {
            prop_assert!(asked(&own, now));
        }
        if asked(&own, now) {
            prop_assert!(asked(&token(at(plus(ends, more))), now));
            prop_assert!(asked(&token(Expiry::Never), now));
        }
    }

    #[test]
    fn a_read_only_token_writes_only_what_a_profile_opens_without_asking_its_scope(
        route in route(), names in names(), profile in any_profile(), modules in "[$a-z_]{3,8}",
    ) {
        let row = route.row();
        if row.action.row().needs != Needs::Write {
            return Ok(());
        }
        for token in [management("$all:r"), management(&format!("{modules}:r")), management("entry:r,workflow:r")] {
            if !is_allowed(&profile.0, &token, route, &names) {
                continue;
            }
            let through_get = row.state_change && row.management_token == Documented::Yes
                && lets(&profile.0, ContradictionId::ReadOnlyStateChange);
            // No scope can name tokens, stacks and organizations, so where a profile opens them, no scope limits that.
            let unlimited = row.module == ModuleId::PreviewToken
                && lets(&profile.0, ContradictionId::PreviewRouteManagementToken)
                || row.management_token == Documented::No
                && lets(&profile.0, ContradictionId::ManagementEverythingAuthtokenCan);
            prop_assert!(through_get || unlimited, "{} {}", row.method.as_str(), row.template);
        }
    }
}

fn facts(scope: &str) -> ManagementFacts {
    let mut facts = crate::ask::management_facts(scope);
    (facts.branches, facts.aliases) = (Grant::All, Grant::All);
    facts
}

/// In the profiles that come along, a read-only token changes something by the marked GETs that take a management token, and
/// by nothing else, and only where the profile says so.
#[test]
fn what_a_read_only_token_changes() {
    let names = crate::laws::Names {
        branch: None,
        alias: None,
        environment: None,
        other_stack: false,
        draft: false,
        body: BodyFacts { stage_open_to_all: true, ..BodyFacts::default() },
    };
    let token = Principal::Management(facts("$all:r"));
    for name in Profile::NAMES {
        let profile = Profile::find(name).unwrap();
        let open = lets(&profile, ContradictionId::ReadOnlyStateChange);
        let writes: Vec<RouteId> = RouteId::all()
            .filter(|route| route.row().action.row().needs == Needs::Write)
            .filter(|route| is_allowed(&profile, &token, *route, &names))
            .collect();
        let marked: Vec<RouteId> = RouteId::all()
            .filter(|route| open && route.row().state_change)
            .filter(|route| route.row().management_token == Documented::Yes)
            .collect();
        assert_eq!(writes, marked, "{name}");
        assert_eq!(marked.len(), if open { 3 } else { 0 }, "{name}");
    }
}

/// Laws over facts that a principal is made of say nothing if none of them is ever the one that decides.
#[test]
fn each_of_these_facts_decides_something() {
    let allows = |user: User, request: &str| {
        let profile = Profile::seeds();
        let principal = Principal::Authtoken(user);
        decide_request(&profile, &principal, &cma(request), NOW.parse().unwrap()).verdict().is_allow()
    };
    let login = "POST /v3/user-session";
    let sso = User { sso: true, ..User::default() };
    assert!(!allows(sso.clone(), login));
    assert!(allows(User { access_without_sso: true, ..sso.clone() }, login));
    assert!(!allows(User { access_without_sso: true, strict_mode: true, ..sso.clone() }, login));
    assert!(allows(User { organization: OrganizationRole::Owner, strict_mode: true, ..sso }, login));
    let share = "POST /v3/organizations/blt1/share";
    assert!(!allows(User::default(), share));
    assert!(allows(User { organization: OrganizationRole::Admin, ..User::default() }, share));
    let oauth = |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let principal = Principal::OAuth(OAuthFacts { scopes });
        decide_request(&Profile::seeds(), &principal, &cma("GET /v3/releases"), NOW.parse().unwrap())
    };
    assert!(!oauth(&[]).verdict().is_allow());
    assert!(oauth(&["cm.releases.management:read"]).verdict().is_allow());
    let access = |day: Option<&str>| {
        let facts = AccessFacts { stack_created: day.map(|day| day.parse().unwrap()) };
        let request = Request::new("GET", "/v3/assets").on(cs_model::Api::Delivery);
        decide_request(&Profile::seeds(), &Principal::Access(facts), &request, NOW.parse().unwrap())
    };
    assert!(access(None).verdict().is_allow() && access(Some("2020-12-16")).verdict().is_allow());
    assert!(!access(Some("2020-12-17")).verdict().is_allow());
}
