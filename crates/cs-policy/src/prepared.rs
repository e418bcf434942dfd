//! Principals made ready for many decisions.

use std::collections::BTreeMap;

use cs_model::profile::{DayEdge, Profile};
use cs_model::{Access, Expiry, Grant, Module, ModuleId};
use jiff::civil::Date;

use crate::condition::{Condition, Conditions};
use crate::generated::{ACCESS_TOKENS_UNTIL, DEFAULT_BRANCH};
use crate::names::{self, AliasId, BranchId, EnvironmentId, Names};
use crate::table::Table;
use crate::{Kind, OrganizationRole, Principal, RoleRules, StackRole, User};

/// A principal whose modules, branches, aliases, environments and OAuth scopes have become bits and numbers, and for
/// whom the conditions that depend on nothing else have been answered. Make it once, decide often.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) kind: Kind,
    /// Modules that may be read and written, as bits by [`ModuleId`].
    pub(crate) read: u64,
    pub(crate) write: u64,
    /// Modules that an exception of a role closes.
    pub(crate) no_read: u64,
    pub(crate) no_write: u64,
    /// Scopes, as bits by their place in the table.
    pub(crate) oauth: u128,
    /// The end at each reading of the last day, in seconds and nanoseconds; later than any time where there is none.
    pub(crate) ends: [(i64, i32); 2],
    /// Conditions that depend on the principal alone.
    pub(crate) held: Conditions,
    /// Whether custom roles are all that the user has.
    pub(crate) custom_only: bool,
    /// Whether the user's highest role is content manager.
    pub(crate) content_manager: bool,
    /// Conditions that requests of this principal can meet: those of branches only if a branch must be granted at
    /// all, those of the lists of stages and publish rules only if such a list must name the user.
    pub(crate) asked: Conditions,
    /// The branch of a request that names none.
    pub(crate) unnamed: BranchId,
    /// The decisions on all subjects, if they were made in advance.
    pub(crate) table: Option<Box<Table>>,
    branches: Names,
    aliases: Names,
    environments: Names,
}

const _: () = assert!(ModuleId::COUNT <= 64, "modules are kept as bits of a u64");

impl Prepared {
    /// Makes a principal ready.
    #[must_use]
    pub fn new(principal: &Principal) -> Self {
        let mut prepared = Self::of_kind(principal.kind());
        match principal {
            Principal::Delivery(facts) | Principal::Preview(facts) => {
                prepared.bind(&facts.branches, &facts.aliases, facts.stack_without_branches);
                prepared.environments = Names::new(&facts.environments);
                let (none, several) = match &facts.environments {
                    Grant::None => (true, false),
                    Grant::Only(names) => (names.is_empty(), names.len() > 1),
                    Grant::All => (false, true),
                };
                prepared.held = prepared
                    .held
                    .with(Condition::EnvironmentMissing, none)
                    .with(Condition::SeveralEnvironments, several);
            }
            Principal::Management(facts) => {
                prepared.grant(&facts.scope);
                prepared.bind(&facts.branches, &facts.aliases, facts.stack_without_branches);
                // The scope entries that name branches and aliases are themselves grants to read these modules.
                if !facts.branches.is_none() {
                    prepared.read |= bit(ModuleId::Branch);
                }
                if !facts.aliases.is_none() {
                    prepared.read |= bit(ModuleId::BranchAlias);
                }
                prepared.ends = ends(&facts.expires);
            }
            Principal::Authtoken(user) => prepared.user(user),
            Principal::Access(facts) => {
                prepared.held = prepared
                    .held
                    .with(Condition::StackTooNew, too_new(facts.stack_created))
                    .with(Condition::StackOfLastDay, of_last_day(facts.stack_created));
            }
            Principal::OAuth(facts) => {
                prepared.oauth = facts
                    .scopes
                    .iter()
                    .filter_map(|scope| crate::oauth::number_of(scope))
                    .fold(0, |bits, number| bits | 1 << number);
            }
            Principal::Anonymous => {}
        }
        prepared
    }

    fn of_kind(kind: Kind) -> Self {
        Self {
            kind,
            read: 0,
            write: 0,
            no_read: 0,
            no_write: 0,
            oauth: 0,
            ends: [NEVER; 2],
            held: Conditions::ALWAYS,
            custom_only: false,
            content_manager: false,
            asked: UNBOUND,
            unnamed: BranchId::GRANTED,
            table: None,
            branches: Names::default(),
            aliases: Names::default(),
            environments: Names::default(),
        }
    }

    /// The same with its decisions on every route made in advance, so that [`decide`](crate::decide) mostly looks them up.
    ///
    /// For those who judge a great many requests of the same principal, such as a log. It takes as long as some hundred
    /// decisions for each state that requests can find the principal in, and some kilobytes. What is decided is the same,
    /// under this profile and under any other: where another one reads a contradiction differently, the rules are asked.
    ///
    /// ```
    /// use cs_model::Profile;
    /// use cs_policy::{Prepared, Principal, StackRole};
    /// let owner = Prepared::new(&Principal::user(StackRole::Owner)).tabulated(&Profile::seeds());
    /// ```
    #[must_use]
    pub fn tabulated(mut self, profile: &Profile) -> Self {
        self.table = Table::new(&self, profile).map(Box::new);
        self
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The number of a branch.
    #[must_use]
    pub fn branch(&self, name: &str) -> BranchId {
        let number = self.branches.number(name);
        let id = BranchId::new(number);
        if id.is_granted() || name != DEFAULT_BRANCH || !self.unnamed.is_granted() {
            return id;
        }
        // A stack without branches is all `main`, and a request may call it by that name.
        BranchId::new(0)
    }

    /// The number of a branch alias.
    #[must_use]
    pub fn alias(&self, name: &str) -> AliasId {
        AliasId::new(self.aliases.number(name))
    }

    /// The number of an environment.
    #[must_use]
    pub fn environment(&self, name: &str) -> EnvironmentId {
        EnvironmentId::new(self.environments.number(name))
    }

    fn grant(&mut self, scope: &BTreeMap<Module, Access>) {
        add(scope, &mut self.read, &mut self.write);
    }

    /// Has branches and aliases limit the principal.
    fn bind(&mut self, branches: &Grant, aliases: &Grant, stack_without_branches: bool) {
        self.branches = Names::new(branches);
        self.aliases = Names::new(aliases);
        self.asked = self.asked.with(Condition::BranchMissing, true).with(Condition::AliasMissing, true);
        let named = BranchId::new(self.branches.number(DEFAULT_BRANCH));
        self.unnamed = if stack_without_branches { BranchId::GRANTED } else { named };
    }

    fn user(&mut self, user: &User) {
        let custom = || {
            user.roles.iter().filter_map(|role| match role {
                StackRole::Custom(rules) => Some(rules),
                _ => None,
            })
        };
        let rank = user.roles.iter().map(rank).max().unwrap_or(NO_ROLE);
        for rules in custom() {
            self.grant(&rules.grants);
            if rank < ADMIN {
                add(&rules.except, &mut self.no_read, &mut self.no_write);
            }
        }
        self.custom_only = rank == CUSTOM;
        self.content_manager = rank == CONTENT_MANAGER;
        if self.custom_only {
            let all = |pick: fn(&RoleRules) -> &Grant| {
                custom().fold(Grant::None, |sum, rules| names::union(sum, pick(rules)))
            };
            self.bind(
                &all(|rules| &rules.branches),
                &all(|rules| &rules.aliases),
                user.stack_without_branches,
            );
        }
        if (CUSTOM..ADMIN).contains(&rank) {
            self.asked = self.asked.with(Condition::StageClosed, true).with(Condition::NotApprover, true);
        }
        let entry = bit(ModuleId::Entry);
        let hidden = self.no_read & entry != 0 || self.custom_only && (self.read | self.write) & entry == 0;
        let owns_organization = user.organization == OrganizationRole::Owner;
        let may_enter = user.access_without_sso || owns_organization;
        let strict = user.strict_mode && may_enter && !owns_organization;
        self.held = self
            .held
            .with(Condition::NoRole, rank == NO_ROLE)
            .with(Condition::OrganizationOwnerWithoutRole, rank == NO_ROLE && owns_organization)
            .with(Condition::NotOwner, rank < OWNER)
            .with(Condition::BelowAdmin, rank < ADMIN)
            .with(Condition::BelowDeveloper, rank < DEVELOPER)
            .with(Condition::Developer, rank == DEVELOPER)
            .with(Condition::EntryHidden, hidden)
            .with(Condition::NotOrganizationAdmin, user.organization < OrganizationRole::Admin)
            .with(Condition::NotOrganizationOwner, !owns_organization)
            .with(Condition::Sso, user.sso)
            .with(Condition::IdpLogin, user.idp_login)
            .with(Condition::SsoWithoutPermission, user.sso && !may_enter)
            .with(Condition::SsoWithPermission, user.sso && may_enter && !strict && !user.idp_login)
            .with(Condition::SsoStrictMode, user.sso && strict)
            .with(Condition::StackTooNew, too_new(user.stack_created))
            .with(Condition::StackOfLastDay, of_last_day(user.stack_created));
    }
}

/// What requests of anybody can meet: no branch and no list of a stage or publish rule limits them yet.
const UNBOUND: Conditions = Conditions::ALL
    .without(Condition::BranchMissing)
    .without(Condition::AliasMissing)
    .without(Condition::StageClosed)
    .without(Condition::NotApprover);

/// Whether a stack that was created on this day never had an access token, if the last day for them counts as too late.
fn too_new(stack_created: Option<Date>) -> bool {
    stack_created.is_some_and(|day| day >= ACCESS_TOKENS_UNTIL)
}

fn of_last_day(stack_created: Option<Date>) -> bool {
    stack_created == Some(ACCESS_TOKENS_UNTIL)
}

/// The order of roles: each may what the ones before may, but for custom roles, which are compared by their rules.
const NO_ROLE: u8 = 0;
const CUSTOM: u8 = 1;
const CONTENT_MANAGER: u8 = 2;
const DEVELOPER: u8 = 3;
const ADMIN: u8 = 4;
const OWNER: u8 = 5;

fn rank(role: &StackRole) -> u8 {
    match role {
        StackRole::Custom(_) => CUSTOM,
        StackRole::ContentManager => CONTENT_MANAGER,
        StackRole::Developer => DEVELOPER,
        StackRole::Admin => ADMIN,
        StackRole::Owner => OWNER,
    }
}

fn bit(module: ModuleId) -> u64 {
    1 << module as u8
}

/// Adds the modules of a scope to the bits.
fn add(scope: &BTreeMap<Module, Access>, read: &mut u64, write: &mut u64) {
    for (module, access) in scope {
        let bits = match module {
            Module::All => u64::MAX,
            Module::Known(id) => bit(*id),
            _ => 0,
        };
        if access.reads() {
            *read |= bits;
        }
        if access.writes() {
            *write |= bits;
        }
    }
}

/// The end at each edge of the last day, by [`edge_index`].
fn ends(expiry: &Expiry) -> [(i64, i32); 2] {
    let mut ends = [NEVER; 2];
    for edge in [DayEdge::Start, DayEdge::End] {
        if let Some(end) = expiry.ends_at(edge) {
            ends[edge_index(edge)] = (end.as_second(), end.subsec_nanosecond());
        }
    }
    ends
}

/// Later than any time.
const NEVER: (i64, i32) = (i64::MAX, 0);

/// Where the end at this edge is kept.
pub(crate) const fn edge_index(edge: DayEdge) -> usize {
    match edge {
        DayEdge::Start => 0,
        DayEdge::End => 1,
    }
}
