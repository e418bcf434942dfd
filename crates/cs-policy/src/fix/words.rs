//! Credentials in words.

use cs_model::{Access, Grant, Module, ModuleId};

use crate::{DeliveryFacts, OrganizationRole, Principal, StackRole, User};

/// A right as scopes are written: `entry:read`.
pub(super) fn right(module: ModuleId, access: Access) -> String {
    format!("{module}:{}", access_word(access))
}

fn access_word(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Write => "write",
        Access::ReadWrite => "read and write",
    }
}

/// Those who have the role or more.
pub(super) fn role(role: &StackRole) -> &'static str {
    match role {
        StackRole::Owner => "the owner of the stack",
        StackRole::Admin => "the owner or an admin of the stack",
        StackRole::Developer => "the owner, an admin or a developer of the stack",
        StackRole::ContentManager => "a content manager of the stack, or of somebody with a higher role",
        StackRole::Custom(_) => "a user with a custom role in the stack",
    }
}

/// Those who have the place or a higher one.
pub(super) fn organization_role(role: OrganizationRole) -> &'static str {
    match role {
        OrganizationRole::Member => "a member of the organization",
        OrganizationRole::Admin => "the owner or an admin of the organization",
        OrganizationRole::Owner => "the owner of the organization",
    }
}

/// A credential with what it needs.
pub(super) fn principal(principal: &Principal) -> String {
    match principal {
        Principal::Delivery(facts) => format!("a delivery token{}", reach(facts)),
        Principal::Preview(facts) => format!("the preview token of a delivery token{}", reach(facts)),
        Principal::Management(facts) => {
            let rights = facts.scope.iter().filter_map(|(module, access)| match module {
                Module::Known(id) => Some(format!("`{}`", right(*id, *access))),
                _ => None,
            });
            let rights: Vec<_> = rights.collect();
            let with = if rights.is_empty() { String::new() } else { format!(" with {}", rights.join(", ")) };
            format!("a management token{with}{}", branches(&facts.branches, &facts.aliases))
        }
        Principal::Authtoken(facts) => format!("an authtoken of {}", user(facts)),
        Principal::Access(_) => "the access token of the stack".to_owned(),
        Principal::OAuth(facts) => {
            let scopes: Vec<_> = facts.scopes.iter().map(|scope| format!("`{scope}`")).collect();
            format!("an OAuth token with the scope {}", scopes.join(", "))
        }
        Principal::Anonymous => "no credential".to_owned(),
    }
}

fn user(user: &User) -> String {
    match (user.roles.first(), user.organization) {
        (None, OrganizationRole::Member) => "any user".to_owned(),
        (None, organization) => organization_role(organization).to_owned(),
        (Some(first), OrganizationRole::Member) => role(first).to_owned(),
        (Some(first), organization) => {
            format!("{} who is also {}", role(first), organization_role(organization))
        }
    }
}

fn reach(facts: &DeliveryFacts) -> String {
    let environment = match &facts.environments {
        Grant::Only(names) => format!(" for environment {}", quoted(names)),
        _ => String::new(),
    };
    environment + &branches(&facts.branches, &facts.aliases)
}

fn branches(branches: &Grant, aliases: &Grant) -> String {
    match (branches, aliases) {
        (Grant::Only(names), _) => format!(" on branch {}", quoted(names)),
        (_, Grant::Only(names)) => format!(" on branch alias {}", quoted(names)),
        _ => String::new(),
    }
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
