//! Laws that hold for every principal, request and time.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::facts::Needs;
use cs_model::generated::ContradictionId;
use cs_model::profile::ClientReading;
use cs_model::{Access, Expiry, Grant, Module, ModuleId, Profile, RouteId};
use cs_policy::{
    BodyFacts, Context, DeliveryFacts, Kind, ManagementFacts, NamedBranch, OAuthFacts, OrganizationRole,
    Prepared, Principal, PublishAnswer, RoleRules, StackRole, User, Verdict, decide, fixes, oauth_scope, why,
};
use jiff::Timestamp;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

const BRANCHES: [&str; 3] = ["main", "development", "next"];
const ALIASES: [&str; 2] = ["deploy", "release"];
const ENVIRONMENTS: [&str; 2] = ["production", "staging"];

fn grant(names: &'static [&'static str]) -> impl Strategy<Value = Grant> {
    prop_oneof![
        1 => Just(Grant::None),
        // An entry with an empty list.
        1 => Just(Grant::Only(BTreeSet::new())),
        3 => btree_set(select(names), 1..=names.len()).prop_map(Grant::only),
        1 => Just(Grant::All),
    ]
}

fn access() -> impl Strategy<Value = Access> {
    select(vec![Access::Read, Access::Write, Access::ReadWrite])
}

fn module() -> impl Strategy<Value = Module> {
    prop_oneof![
        8 => select(ModuleId::ALL.to_vec()).prop_map(Module::Known),
        1 => Just(Module::All),
        1 => Just(Module::from("brand_new")),
    ]
}

fn scope() -> impl Strategy<Value = BTreeMap<Module, Access>> {
    btree_map(module(), access(), 0..8)
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    (1_700_000_000_i64..1_900_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn expiry() -> impl Strategy<Value = Expiry> {
    prop_oneof![
        Just(Expiry::Never),
        time().prop_map(Expiry::at),
        time().prop_map(|time| time.to_string()[..10].parse().unwrap()),
    ]
}

fn delivery() -> impl Strategy<Value = DeliveryFacts> {
    (grant(&ENVIRONMENTS), grant(&BRANCHES), grant(&ALIASES), any::<bool>()).prop_map(
        |(environments, branches, aliases, stack_without_branches)| DeliveryFacts {
            environments,
            branches,
            aliases,
            stack_without_branches,
        },
    )
}

fn management() -> impl Strategy<Value = ManagementFacts> {
    (scope(), grant(&BRANCHES), grant(&ALIASES), any::<bool>(), expiry()).prop_map(
        |(scope, branches, aliases, stack_without_branches, expires)| ManagementFacts {
            scope,
            branches,
            aliases,
            stack_without_branches,
            expires,
        },
    )
}

fn role_rules() -> impl Strategy<Value = RoleRules> {
    (scope(), scope(), grant(&BRANCHES), grant(&ALIASES))
        .prop_map(|(grants, except, branches, aliases)| RoleRules { grants, except, branches, aliases })
}

fn role() -> impl Strategy<Value = StackRole> {
    prop_oneof![
        Just(StackRole::Owner),
        Just(StackRole::Admin),
        Just(StackRole::Developer),
        Just(StackRole::ContentManager),
        role_rules().prop_map(StackRole::Custom),
    ]
}

fn user() -> impl Strategy<Value = User> {
    let organization =
        select(vec![OrganizationRole::Member, OrganizationRole::Admin, OrganizationRole::Owner]);
    (vec(role(), 0..3), organization, any::<[bool; 6]>()).prop_map(
        |(
            roles,
            organization,
            [sso, idp_login, access_without_sso, strict_mode, new, stack_without_branches],
        )| User {
            roles,
            organization,
            sso,
            idp_login,
            access_without_sso,
            strict_mode,
            stack_created: new.then_some(jiff::civil::date(2021, 6, 1)),
            stack_without_branches,
        },
    )
}

pub(crate) fn principal() -> impl Strategy<Value = Principal> {
    let scopes: Vec<&'static str> = RouteId::all().filter_map(oauth_scope).collect();
    let scopes = btree_set(select(scopes).prop_map(str::to_owned), 0..6);
    prop_oneof![
        delivery().prop_map(Principal::Delivery),
        delivery().prop_map(Principal::Preview),
        management().prop_map(Principal::Management),
        user().prop_map(Principal::Authtoken),
        (2019_i16..2023).prop_map(|year| {
            Principal::Access(cs_policy::AccessFacts { stack_created: Some(jiff::civil::date(year, 6, 1)) })
        }),
        scopes.prop_map(|scopes| Principal::OAuth(OAuthFacts { scopes })),
        Just(Principal::Anonymous),
    ]
}

/// A request but for its route, with names.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) branch: Option<&'static str>,
    pub(crate) alias: Option<&'static str>,
    pub(crate) environment: Option<&'static str>,
    pub(crate) other_stack: bool,
    pub(crate) draft: bool,
    pub(crate) body: BodyFacts,
}

impl Names {
    pub(crate) fn context(&self, prepared: &Prepared) -> Context {
        let of = self.branch.map(|name| prepared.branch(name));
        let branch = match (self.alias, of) {
            (Some(name), of) => NamedBranch::Alias { alias: prepared.alias(name), of },
            (None, Some(branch)) => NamedBranch::Branch(branch),
            (None, None) => NamedBranch::NotNamed,
        };
        Context {
            other_stack: self.other_stack,
            branch,
            environment: self.environment.map(|name| prepared.environment(name)),
            draft: self.draft,
            body: self.body,
        }
    }
}

pub(crate) fn names() -> impl Strategy<Value = Names> {
    let maybe = |names: &'static [&'static str]| proptest::option::of(select(names));
    let answer = proptest::option::weighted(0.2, select(vec![PublishAnswer::Accept, PublishAnswer::Reject]));
    let flags = (
        proptest::bool::weighted(0.2),
        proptest::bool::weighted(0.2),
        any::<bool>(),
        any::<bool>(),
        proptest::bool::weighted(0.2),
    );
    (maybe(&BRANCHES), maybe(&ALIASES), maybe(&ENVIRONMENTS), flags, answer).prop_map(
        |(
            branch,
            alias,
            environment,
            (other_stack, draft, stage_open_to_all, user_named, approvers_named),
            publish_request,
        )| {
            let body = BodyFacts { stage_open_to_all, user_named, publish_request, approvers_named };
            Names { branch, alias, environment, other_stack, draft, body }
        },
    )
}

pub(crate) fn route() -> impl Strategy<Value = RouteId> {
    (0..RouteId::all().len()).prop_map(|index| RouteId::new(index as u16).unwrap())
}

/// A profile that shows its readings alone: the rest is long and the same in all.
#[derive(Clone)]
pub(crate) struct Readings(pub(crate) Profile);

impl std::fmt::Debug for Readings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let readings: Vec<_> = self.0.readings.iter().map(|(_, reading)| reading.client).collect();
        write!(f, "{readings:?}, branch_covers_alias {}", self.0.switches.branch_covers_alias.value)
    }
}

/// The default profile, or one with other readings and switches.
pub(crate) fn profile() -> impl Strategy<Value = Readings> {
    let readings =
        vec![ClientReading::Allow, ClientReading::Warn, ClientReading::Deny, ClientReading::Unsettled];
    let count = ContradictionId::COUNT;
    proptest::option::of((vec(select(readings), count), any::<bool>())).prop_map(|other| {
        let mut profile = Profile::seeds();
        if let Some((readings, covers)) = other {
            for (id, client) in ContradictionId::ALL.into_iter().zip(readings) {
                profile.readings.set_client(id, client);
            }
            profile.switches.branch_covers_alias.value = covers;
        }
        Readings(profile)
    })
}

fn verdict(
    profile: &Profile,
    principal: &Principal,
    route: RouteId,
    names: &Names,
    now: Timestamp,
) -> Verdict {
    let prepared = Prepared::new(principal);
    decide(profile, &prepared, route, &names.context(&prepared), now).verdict()
}

/// More than was granted.
fn widen(
    facts: &ManagementFacts,
    module: Module,
    access: Access,
    branch: &str,
    alias: &str,
) -> ManagementFacts {
    let mut wider = facts.clone();
    wider.scope.entry(module).and_modify(|before| *before = before.union(access)).or_insert(access);
    add(&mut wider.branches, branch);
    add(&mut wider.aliases, alias);
    wider
}

/// Whether the profile lets a delivery token be for several environments.
fn lets_several_environments(profile: &Profile) -> bool {
    let reading = profile.reading(ContradictionId::EnvironmentsPerDeliveryToken).client;
    matches!(reading, ClientReading::Allow | ClientReading::Warn)
}

/// One more name.
fn add(grant: &mut Grant, name: &str) {
    match grant {
        Grant::Only(names) => {
            names.insert(name.to_owned());
        }
        Grant::None => *grant = Grant::only([name]),
        Grant::All => {}
    }
}

/// The same without one right, branch or alias.
fn narrow(facts: &ManagementFacts, which: proptest::sample::Index) -> ManagementFacts {
    let mut narrower = Vec::new();
    for (module, access) in &facts.scope {
        for left in [None, Some(Access::Read), Some(Access::Write)] {
            let mut facts = facts.clone();
            match left {
                Some(left) if *access == Access::ReadWrite => facts.scope.insert(module.clone(), left),
                Some(_) => continue,
                None => facts.scope.remove(module),
            };
            narrower.push(facts);
        }
    }
    let picks: [fn(&mut ManagementFacts) -> &mut Grant; 2] = [|f| &mut f.branches, |f| &mut f.aliases];
    for pick in picks {
        let mut bare = facts.clone();
        let taken = std::mem::take(pick(&mut bare));
        narrower.push(bare);
        let Grant::Only(names) = taken else { continue };
        for name in &names {
            let mut facts = facts.clone();
            *pick(&mut facts) = Grant::Only(names.iter().filter(|other| *other != name).cloned().collect());
            narrower.push(facts);
        }
    }
    which.get(&narrower).clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8192))]

    #[test]
    fn adding_a_grant_never_turns_allow_into_deny(
        facts in management(), module in module(), access in access(), branch in select(&BRANCHES[..]),
        alias in select(&ALIASES[..]), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let wider = Principal::Management(widen(&facts, module, access, branch, alias));
        if verdict(&profile.0, &Principal::Management(facts), route, &names, now).is_allow() {
            prop_assert_eq!(verdict(&profile.0, &wider, route, &names, now), Verdict::Allow);
        }
    }

    #[test]
    fn removing_a_grant_never_turns_deny_into_allow(
        facts in management(), which in any::<proptest::sample::Index>(), route in route(), names in names(),
        profile in profile(), now in time(),
    ) {
        let narrower = Principal::Management(narrow(&facts, which));
        if verdict(&profile.0, &narrower, route, &names, now).is_allow() {
            prop_assert_eq!(verdict(&profile.0, &Principal::Management(facts), route, &names, now), Verdict::Allow);
        }
    }

    #[test]
    fn more_of_a_delivery_token_is_never_less(
        facts in delivery(), environment in select(&ENVIRONMENTS[..]), branch in select(&BRANCHES[..]),
        alias in select(&ALIASES[..]), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let mut wider = facts.clone();
        // A second environment is no grant where a token is for one only: that is a law of its own.
        let is_first = matches!(&facts.environments, Grant::None) || facts.environments == Grant::Only(BTreeSet::new());
        if is_first || lets_several_environments(&profile.0) {
            add(&mut wider.environments, environment);
        }
        add(&mut wider.branches, branch);
        add(&mut wider.aliases, alias);
        for kind in [Principal::Delivery, Principal::Preview] {
            if verdict(&profile.0, &kind(facts.clone()), route, &names, now).is_allow() {
                prop_assert_eq!(verdict(&profile.0, &kind(wider.clone()), route, &names, now), Verdict::Allow);
            }
        }
    }

    #[test]
    fn a_second_environment_opens_nothing_where_a_token_is_for_one(
        facts in delivery(), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let facts = DeliveryFacts { environments: Grant::only(ENVIRONMENTS), ..facts };
        let verdict = verdict(&profile.0, &Principal::Delivery(facts), route, &names, now);
        prop_assert!(lets_several_environments(&profile.0) || !verdict.is_allow());
    }

    #[test]
    fn more_of_a_custom_role_is_never_less(
        user in user(), rules in role_rules(), module in module(), access in access(), branch in select(&BRANCHES[..]),
        alias in select(&ALIASES[..]), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let mut more = rules.clone();
        more.grants.entry(module).and_modify(|before| *before = before.union(access)).or_insert(access);
        add(&mut more.branches, branch);
        add(&mut more.aliases, alias);
        let with = |rules: &RoleRules| {
            let roles = user.roles.iter().cloned().chain([StackRole::Custom(rules.clone())]).collect();
            Principal::Authtoken(User { roles, ..user.clone() })
        };
        if verdict(&profile.0, &with(&rules), route, &names, now).is_allow() {
            prop_assert_eq!(verdict(&profile.0, &with(&more), route, &names, now), Verdict::Allow);
        }
    }

    #[test]
    fn a_higher_role_is_never_less(route in route(), names in names(), profile in profile(), now in time()) {
        let roles = [StackRole::ContentManager, StackRole::Developer, StackRole::Admin, StackRole::Owner];
        let allowed = roles.map(|role| {
            verdict(&profile.0, &Principal::user(role), route, &names, now).is_allow()
        });
        prop_assert!(allowed.is_sorted(), "{:?}: {:?}", route.row().template, allowed);
    }

    #[test]
    fn expiry_is_monotone(facts in management(), route in route(), names in names(), now in time(), later in 0_i64..1_000_000_000) {
        let profile = Profile::seeds();
        let later = Timestamp::from_second(now.as_second() + later).unwrap();
        let token = Principal::Management(facts);
        if verdict(&profile, &token, route, &names, later).is_allow() {
            prop_assert_eq!(verdict(&profile, &token, route, &names, now), Verdict::Allow);
        }
    }

    #[test]
    fn a_read_only_token_never_gets_a_write(facts in management(), route in route(), names in names(), now in time()) {
        let mut facts = facts;
        facts.scope.values_mut().for_each(|access| *access = Access::Read);
        if route.row().action.row().needs == Needs::Write {
            let verdict = verdict(&Profile::seeds(), &Principal::Management(facts), route, &names, now);
            prop_assert!(!verdict.is_allow());
        }
    }

    #[test]
    fn another_stack_is_always_denied(
        principal in principal(), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let names = Names { other_stack: true, ..names };
        let takes_a_stack = route.row().api_key != cs_model::Documented::No;
        if takes_a_stack {
            prop_assert!(!verdict(&profile.0, &principal, route, &names, now).is_allow());
        }
    }

    #[test]
    fn a_refusal_has_reasons_and_a_way_out(
        principal in principal(), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let prepared = Prepared::new(&principal);
        let decision = decide(&profile.0, &prepared, route, &names.context(&prepared), now);
        prop_assert!(!decision.rules().is_empty());
        prop_assert!(why(&decision).next().is_some());
        if decision.verdict().is_allow() {
            prop_assert_eq!(fixes(&decision).count(), 0);
        } else {
            for fix in fixes(&decision) {
                let text = fix.to_string();
                prop_assert!(!text.is_empty());
                for name in ["{module}", "{needs}", "{oauth_scope}", "{method}", "{path}"] {
                    prop_assert!(!text.contains(name), "{}", text);
                }
            }
            prop_assert!(fixes(&decision).next().is_some());
        }
    }

    #[test]
    fn drafts_are_for_preview_tokens_and_old_access_tokens(
        principal in principal(), route in route(), names in names(), now in time(),
    ) {
        let content = !matches!(route.row().api, cs_model::Api::Management | cs_model::Api::LegacyPreview);
        let names = Names { draft: true, ..names };
        if content && verdict(&Profile::seeds(), &principal, route, &names, now).is_allow() {
            prop_assert!(matches!(principal.kind(), Kind::Preview | Kind::Access));
        }
    }
}
