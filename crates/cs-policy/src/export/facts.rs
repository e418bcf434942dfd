//! The facts of a principal, flat: one value for each attribute or column.

use std::collections::BTreeSet;

use cs_model::{Access, Expiry, Grant, Module};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Kind, OrganizationRole, Principal, StackRole, names};

/// Everything that conditions read of a principal. What a kind does not have stays empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) can_read: BTreeSet<String>,
    pub(super) can_write: BTreeSet<String>,
    pub(super) cannot_read: BTreeSet<String>,
    pub(super) cannot_write: BTreeSet<String>,
    pub(super) environments: Grant,
    pub(super) branches: Grant,
    pub(super) aliases: Grant,
    pub(super) stack_without_branches: bool,
    pub(super) expires_on: Option<Date>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) roles: BTreeSet<String>,
    pub(super) organization_role: &'static str,
    pub(super) sso: bool,
    pub(super) idp_login: bool,
    pub(super) access_without_sso: bool,
    pub(super) strict_mode: bool,
    pub(super) stack_created: Option<Date>,
    pub(super) oauth_scopes: BTreeSet<String>,
}

impl Facts {
    pub(super) fn of(principal: &Principal) -> Self {
        let mut facts = Self::none(principal.kind());
        match principal {
            Principal::Delivery(token) | Principal::Preview(token) => {
                facts.environments = token.environments.clone();
                facts.branches = token.branches.clone();
                facts.aliases = token.aliases.clone();
                facts.stack_without_branches = token.stack_without_branches;
            }
            Principal::Management(token) => {
                add(&token.scope, &mut facts.can_read, &mut facts.can_write);
                facts.branches = token.branches.clone();
                facts.aliases = token.aliases.clone();
                facts.stack_without_branches = token.stack_without_branches;
                match &token.expires {
                    Expiry::On(day) => facts.expires_on = Some(*day),
                    Expiry::At(time, _) => facts.expires_at = Some(*time),
                    // An end that cannot be read is no end, as in decisions.
                    _ => {}
                }
            }
            Principal::Authtoken(user) => {
                user.roles.iter().for_each(|role| facts.role(role));
                facts.organization_role = match user.organization {
                    OrganizationRole::Owner => "owner",
                    OrganizationRole::Admin => "admin",
                    OrganizationRole::Member => "member",
                };
                facts.sso = user.sso;
                facts.idp_login = user.idp_login;
                facts.access_without_sso = user.access_without_sso;
                facts.strict_mode = user.strict_mode;
                facts.stack_created = user.stack_created;
                facts.stack_without_branches = user.stack_without_branches;
            }
            Principal::Access(token) => facts.stack_created = token.stack_created,
            Principal::OAuth(token) => facts.oauth_scopes = token.scopes.clone(),
            Principal::Anonymous => {}
        }
        facts
    }

    fn none(kind: Kind) -> Self {
        Self {
            kind,
            can_read: BTreeSet::new(),
            can_write: BTreeSet::new(),
            cannot_read: BTreeSet::new(),
            cannot_write: BTreeSet::new(),
            environments: Grant::None,
            branches: Grant::None,
            aliases: Grant::None,
            stack_without_branches: false,
            expires_on: None,
            expires_at: None,
            roles: BTreeSet::new(),
            organization_role: "member",
            sso: false,
            idp_login: false,
            access_without_sso: false,
            strict_mode: false,
            stack_created: None,
            oauth_scopes: BTreeSet::new(),
        }
    }

    /// Custom roles add up.
    fn role(&mut self, role: &StackRole) {
        let name = match role {
            StackRole::Owner => "owner",
            StackRole::Admin => "admin",
            StackRole::Developer => "developer",
            StackRole::ContentManager => "content_manager",
            StackRole::Custom(rules) => {
                add(&rules.grants, &mut self.can_read, &mut self.can_write);
                add(&rules.except, &mut self.cannot_read, &mut self.cannot_write);
                self.branches = names::union(std::mem::take(&mut self.branches), &rules.branches);
                self.aliases = names::union(std::mem::take(&mut self.aliases), &rules.aliases);
                "custom"
            }
        };
        self.roles.insert(name.to_owned());
    }
}

fn add(
    scope: &std::collections::BTreeMap<Module, Access>,
    read: &mut BTreeSet<String>,
    write: &mut BTreeSet<String>,
) {
    for (module, access) in scope {
        if access.reads() {
            read.insert(module.as_str().to_owned());
        }
        if access.writes() {
            write.insert(module.as_str().to_owned());
        }
    }
}

/// The names of a grant; none when it is all or nothing.
pub(super) fn names_of(grant: &Grant) -> Vec<&str> {
    match grant {
        Grant::Only(names) => names.iter().map(String::as_str).collect(),
        Grant::None | Grant::All => Vec::new(),
    }
}
