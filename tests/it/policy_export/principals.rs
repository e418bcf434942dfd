//! Principals with all values of the facts of their kind.

use std::collections::BTreeSet;

use cs_model::{Expiry, Grant};
use cs_policy::{
    AccessFacts, DeliveryFacts, OAuthFacts, OrganizationRole, Principal, RoleRules, StackRole, Subject, User,
};

use super::points::ends;

/// What rules read of branches: grants of branches and aliases, and whether the stack is one without any.
#[derive(Clone)]
pub(super) struct Branches {
    pub(super) branches: Grant,
    pub(super) aliases: Grant,
    pub(super) without: bool,
}

/// All values when they are read, one for each outcome when not all are wanted.
pub(super) fn branches(read: bool, full: bool) -> Vec<Branches> {
    let with = |(branches, aliases): (Grant, Grant), without| Branches { branches, aliases, without };
    if !read {
        return vec![with((Grant::None, Grant::None), false)];
    }
    if !full {
        return vec![
            with((Grant::None, Grant::None), true),
            with((empty(), Grant::None), false),
            with((Grant::only(["main"]), Grant::None), false),
            with((Grant::only(["development"]), Grant::only(["deploy"])), false),
        ];
    }
    let branches = [
        Grant::None,
        Grant::only(["main"]),
        Grant::only(["development"]),
        Grant::only(["development", "main"]),
        Grant::All,
    ];
    let aliases = [Grant::None, Grant::only(["deploy"]), Grant::All];
    let product =
        branches.iter().flat_map(|branch| aliases.iter().map(|alias| (branch.clone(), alias.clone())));
    // Beside another entry an empty list is like none, but for the right to read the list of branches.
    let with_empty = [
        (empty(), Grant::None),
        (Grant::None, empty()),
        (empty(), empty()),
        (empty(), Grant::only(["deploy"])),
        (Grant::only(["main"]), empty()),
    ];
    product.chain(with_empty).flat_map(|grants| [with(grants.clone(), false), with(grants, true)]).collect()
}

/// An entry with an empty list.
fn empty() -> Grant {
    Grant::Only(BTreeSet::new())
}

pub(super) fn delivery(branches_read: bool) -> impl Iterator<Item = DeliveryFacts> {
    let environments = [
        Grant::None,
        empty(),
        Grant::only(["production"]),
        Grant::only(["staging"]),
        // Several: the profile may read that a token is for one only.
        Grant::only(["production", "staging"]),
        Grant::only(["staging", "testing"]),
        Grant::All,
    ];
    branches(branches_read, true).into_iter().flat_map(move |of| {
        environments.clone().map(|environments| DeliveryFacts {
            environments,
            branches: of.branches.clone(),
            aliases: of.aliases.clone(),
            stack_without_branches: of.without,
        })
    })
}

pub(super) fn expiries(read: bool, full: bool) -> Vec<Expiry> {
    match (read, full) {
        (true, true) => ends(),
        (true, false) => vec![Expiry::Never, "2026-11-20".parse().unwrap()],
        (false, _) => vec![Expiry::Never],
    }
}

/// Every set of the roles that come with a stack, as bits in the order of [`SYSTEM`].
pub(super) const ROLE_SETS: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// None of them, or one: of several the highest decides.
pub(super) const ONE_ROLE: [u8; 5] = [0, 1, 2, 4, 8];

const SYSTEM: [StackRole; 4] =
    [StackRole::Owner, StackRole::Admin, StackRole::Developer, StackRole::ContentManager];

/// Users with these sets of roles, with a custom one when there are rules; every place in the organization and every way
/// to log in where these are wanted.
pub(super) fn users(
    custom: Option<&RoleRules>,
    sets: &[u8],
    organizations: bool,
    single_sign_on: bool,
) -> Vec<Principal> {
    let organizations: &[OrganizationRole] = if organizations {
        &[OrganizationRole::Member, OrganizationRole::Admin, OrganizationRole::Owner]
    } else {
        &[OrganizationRole::Member]
    };
    let logins: u8 = if single_sign_on { 16 } else { 1 };
    let mut users = Vec::new();
    for set in sets {
        let chosen = SYSTEM.iter().enumerate().filter(|(number, _)| set >> number & 1 == 1);
        let roles: Vec<StackRole> =
            chosen.map(|(_, role)| role.clone()).chain(custom.cloned().map(StackRole::Custom)).collect();
        for organization in organizations {
            for login in 0..logins {
                users.push(Principal::Authtoken(User {
                    roles: roles.clone(),
                    organization: *organization,
                    sso: login & 1 == 1,
                    idp_login: login & 2 == 2,
                    access_without_sso: login & 4 == 4,
                    strict_mode: login & 8 == 8,
                    ..User::default()
                }));
            }
        }
    }
    users
}

/// Stacks made around the last day on which there were access tokens, and one of which nothing is known.
const AGES: [Option<&str>; 4] = [None, Some("2020-12-15"), Some("2020-12-16"), Some("2020-12-17")];

fn ages_of_stacks() -> [Option<jiff::civil::Date>; 4] {
    AGES.map(|day| day.map(|day| day.parse().unwrap()))
}

/// Access tokens of stacks of each age.
pub(super) fn access_tokens() -> Vec<Principal> {
    ages_of_stacks().map(|stack_created| Principal::Access(AccessFacts { stack_created })).into()
}

/// The same user in stacks of each age.
pub(super) fn ages(user: &Principal) -> Vec<Principal> {
    let Principal::Authtoken(user) = user else { return vec![user.clone()] };
    let aged = ages_of_stacks().map(|stack_created| User { stack_created, ..user.clone() });
    aged.map(Principal::Authtoken).into()
}

/// OAuth tokens without scopes, with the one that the subject takes, with another, with both.
pub(super) fn oauth(subject: Subject) -> Vec<Principal> {
    let wanted = match subject {
        Subject::Route(route) => cs_policy::oauth_scope(route),
        Subject::Operation(_) => None,
    };
    let other = if wanted == Some("cm.assets.rt:read") { "cm.entry:read" } else { "cm.assets.rt:read" };
    let token = |scopes: &[Option<&str>]| {
        let scopes = scopes.iter().flatten().map(|scope| (*scope).to_owned()).collect();
        Principal::OAuth(OAuthFacts { scopes })
    };
    vec![
        token(&[]),
        token(&[wanted]),
        token(&[Some(other)]),
        token(&[wanted, Some(other), Some("brand:new")]),
    ]
}
