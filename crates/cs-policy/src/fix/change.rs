//! Single changes.

use std::collections::BTreeMap;
use std::fmt;

use cs_model::{Access, Api, Expiry, Grant, Module, ModuleId};
use jiff::{SignedDuration, Timestamp};

use super::words;
use crate::{OrganizationRole, Principal, Request, RoleRules, StackRole, User};

/// One change to a credential, or to how a request is made. Writes itself as a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Give the token a right to a module.
    AddScope {
        /// The module that the scope names.
        module: ModuleId,
        /// The right.
        access: Access,
    },
    /// Grant a branch to the token, or to the user's custom role.
    GrantBranch(String),
    /// Grant a branch alias to the token, or to the user's custom role.
    GrantAlias(String),
    /// Use the token of another environment.
    UseEnvironment {
        /// The environment that the request names.
        wanted: String,
        /// Those that the token was made for.
        own: Grant,
    },
    /// Make one token for each environment: this one has several, and the profile allows one.
    OneEnvironment(String),
    /// Give the token a later end.
    Renew {
        /// When it ended.
        ended: Timestamp,
        /// When it must work.
        asked: Timestamp,
    },
    /// Ask for one more OAuth scope.
    AddOauthScope(String),
    /// Use an authtoken of a user with this role in the stack, or a higher one.
    UseRole(StackRole),
    /// Give one of the user's custom roles a rule, or the user a custom role with it.
    AddRoleRule {
        /// The module of the rule.
        module: ModuleId,
        /// The right.
        access: Access,
    },
    /// Take an exception out of the user's custom roles.
    LiftRoleException {
        /// The module of the exception.
        module: ModuleId,
        /// The right that it takes away.
        access: Access,
    },
    /// Use an authtoken of somebody with this place in the organization, or a higher one.
    UseOrganizationRole(OrganizationRole),
    /// Let somebody with this place in the organization log in.
    LogInAs(OrganizationRole),
    /// Log in with e-mail and password instead of through an identity provider.
    LogInDirectly,
    /// Let the user enter without single sign-on.
    AllowAccessWithoutSso,
    /// Turn the organization's strict mode off.
    TurnStrictModeOff,
    /// Name the user or one of the user's roles in the access list of the stage, or among the approvers of the publish rule
    /// for an answer to a publish request.
    NameUser {
        /// Whether a publish request is answered.
        as_approver: bool,
    },
    /// Open the stage to all users and roles.
    OpenStage,
    /// Leave the approvers out of the publish rule.
    LeaveApproversOut,
    /// Send no credential: the request takes none, and the one that is sent is refused.
    SendNoCredential,
    /// Use a credential of the stack that the request names.
    UseStack,
    /// Use another credential; this one suffices and has no more than it takes.
    UseCredential(Box<Principal>),
    /// Ask the preview API, with the preview token of the same delivery token.
    UsePreviewApi,
    /// Make the same request to the management API, which knows no difference between drafts and what is published.
    UseManagementApi,
    /// Ask for what is published: there is nowhere to read the drafts.
    AskForPublished,
}

impl Change {
    /// What sort of change it is: `add_scope`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AddScope { .. } => "add_scope",
            Self::GrantBranch(_) => "grant_branch",
            Self::GrantAlias(_) => "grant_alias",
            Self::UseEnvironment { .. } => "use_environment",
            Self::OneEnvironment(_) => "one_environment",
            Self::Renew { .. } => "renew",
            Self::AddOauthScope(_) => "add_oauth_scope",
            Self::UseRole(_) => "use_role",
            Self::AddRoleRule { .. } => "add_role_rule",
            Self::LiftRoleException { .. } => "lift_role_exception",
            Self::UseOrganizationRole(_) => "use_organization_role",
            Self::LogInAs(_) => "log_in_as",
            Self::LogInDirectly => "log_in_directly",
            Self::AllowAccessWithoutSso => "allow_access_without_sso",
            Self::TurnStrictModeOff => "turn_strict_mode_off",
            Self::NameUser { .. } => "name_user",
            Self::OpenStage => "open_stage",
            Self::LeaveApproversOut => "leave_approvers_out",
            Self::SendNoCredential => "send_no_credential",
            Self::UseStack => "use_stack",
            Self::UseCredential(_) => "use_credential",
            Self::UsePreviewApi => "use_preview_api",
            Self::UseManagementApi => "use_management_api",
            Self::AskForPublished => "ask_for_published",
        }
    }

    /// What it is about, without the verb: `entry:read`, `development`, `expired on 2026-11-20T00:00:00Z`. Empty where the
    /// kind says it all.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::AddScope { module, access }
            | Self::AddRoleRule { module, access }
            | Self::LiftRoleException { module, access } => words::right(*module, *access),
            Self::GrantBranch(name)
            | Self::GrantAlias(name)
            | Self::UseEnvironment { wanted: name, .. }
            | Self::OneEnvironment(name)
            | Self::AddOauthScope(name) => name.clone(),
            Self::Renew { ended, .. } => format!("expired on {ended}"),
            Self::UseRole(role) => words::role(role).to_owned(),
            Self::UseOrganizationRole(role) | Self::LogInAs(role) => {
                words::organization_role(*role).to_owned()
            }
            Self::UseCredential(principal) => words::principal(principal),
            Self::NameUser { as_approver: false } => "access list of the stage".to_owned(),
            Self::NameUser { as_approver: true } => "approvers of the publish rule".to_owned(),
            Self::OpenStage
            | Self::LeaveApproversOut
            | Self::SendNoCredential
            | Self::LogInDirectly
            | Self::AllowAccessWithoutSso
            | Self::TurnStrictModeOff
            | Self::UseStack
            | Self::UsePreviewApi
            | Self::UseManagementApi
            | Self::AskForPublished => String::new(),
        }
    }

    /// Makes the change. A change that is about another kind of credential changes nothing.
    pub fn apply(&self, principal: &mut Principal, request: &mut Request<'_>) {
        match self {
            Self::UseStack => request.other_stack = false,
            Self::NameUser { .. } => request.body.user_named = true,
            Self::OpenStage => request.body.stage_open_to_all = true,
            Self::LeaveApproversOut => request.body.approvers_named = false,
            Self::SendNoCredential => *principal = Principal::Anonymous,
            Self::UseCredential(other) => {
                *principal = Principal::clone(other);
                request.other_stack = false;
            }
            Self::UsePreviewApi => {
                if let Principal::Delivery(facts) = principal {
                    *principal = Principal::Preview(facts.clone());
                }
                request.api = Api::Preview;
            }
            Self::UseManagementApi => request.api = Api::Management,
            Self::AskForPublished => request.draft = false,
            _ => self.apply_to(principal),
        }
    }

    fn apply_to(&self, principal: &mut Principal) {
        match (self, principal) {
            (Self::AddScope { module, access }, Principal::Management(facts)) => {
                add(&mut facts.scope, *module, *access);
            }
            (Self::GrantBranch(_) | Self::GrantAlias(_), Principal::Management(facts)) => {
                self.grant(&mut facts.branches, &mut facts.aliases);
            }
            (
                Self::GrantBranch(_) | Self::GrantAlias(_),
                Principal::Delivery(facts) | Principal::Preview(facts),
            ) => {
                self.grant(&mut facts.branches, &mut facts.aliases);
            }
            (
                Self::UseEnvironment { wanted, .. } | Self::OneEnvironment(wanted),
                Principal::Delivery(facts) | Principal::Preview(facts),
            ) => {
                facts.environments = Grant::only([wanted]);
            }
            (Self::Renew { asked, .. }, Principal::Management(facts)) => {
                let later = asked.checked_add(SignedDuration::from_hours(24));
                facts.expires = later.map_or(Expiry::Never, Expiry::at);
            }
            (Self::AddOauthScope(scope), Principal::OAuth(facts)) => {
                facts.scopes.insert(scope.clone());
            }
            (_, Principal::Authtoken(user)) => self.apply_to_user(user),
            _ => {}
        }
    }

    fn apply_to_user(&self, user: &mut User) {
        match self {
            Self::UseRole(role) => user.roles = vec![role.clone()],
            Self::AddRoleRule { module, access } => {
                if custom(user).next().is_none() {
                    user.roles.push(StackRole::Custom(RoleRules::default()));
                }
                if let Some(rules) = custom(user).next() {
                    add(&mut rules.grants, *module, *access);
                }
            }
            Self::LiftRoleException { module, access } => {
                for rules in custom(user) {
                    lift(&mut rules.except, *module, *access);
                }
            }
            Self::GrantBranch(_) | Self::GrantAlias(_) => {
                if let Some(rules) = custom(user).next() {
                    self.grant(&mut rules.branches, &mut rules.aliases);
                }
            }
            Self::UseOrganizationRole(role) | Self::LogInAs(role) => user.organization = *role,
            Self::LogInDirectly => user.idp_login = false,
            Self::AllowAccessWithoutSso => user.access_without_sso = true,
            Self::TurnStrictModeOff => user.strict_mode = false,
            _ => {}
        }
    }

    /// Grants the branch or the alias.
    fn grant(&self, branches: &mut Grant, aliases: &mut Grant) {
        let (grant, name) = match self {
            Self::GrantBranch(name) => (branches, name),
            Self::GrantAlias(name) => (aliases, name),
            _ => return,
        };
        match grant {
            Grant::None => *grant = Grant::only([name]),
            Grant::Only(names) => {
                names.insert(name.clone());
            }
            Grant::All => {}
        }
    }
}

fn custom(user: &mut User) -> impl Iterator<Item = &mut RoleRules> {
    user.roles.iter_mut().filter_map(|role| match role {
        StackRole::Custom(rules) => Some(rules),
        _ => None,
    })
}

fn add(scope: &mut BTreeMap<Module, Access>, module: ModuleId, access: Access) {
    scope.entry(module.into()).and_modify(|before| *before = before.union(access)).or_insert(access);
}

/// Takes a right out of what closes the module: its own entry, that of the module whose grant opens it, and `$all`.
fn lift(except: &mut BTreeMap<Module, Access>, module: ModuleId, access: Access) {
    let opens = module.row().granted_by;
    *except = std::mem::take(except)
        .into_iter()
        .filter_map(|(entry, before)| {
            let about = match &entry {
                Module::All => true,
                Module::Known(id) => *id == module || *id == opens,
                _ => false,
            };
            if !about {
                return Some((entry, before));
            }
            let left =
                Access::from_flags(before.reads() && !access.reads(), before.writes() && !access.writes());
            left.map(|left| (entry, left))
        })
        .collect();
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail();
        match self {
            Self::AddScope { .. } => write!(f, "add `{detail}` to the token's scope"),
            Self::GrantBranch(_) => write!(f, "grant branch `{detail}`"),
            Self::GrantAlias(_) => write!(f, "grant branch alias `{detail}`"),
            Self::UseEnvironment { own, .. } => {
                write!(f, "use the token that was made for environment `{detail}`")?;
                match own {
                    Grant::Only(own) if !own.is_empty() => {
                        let own: Vec<_> = own.iter().map(|name| format!("`{name}`")).collect();
                        write!(f, ", or name the environment that this one was made for ({})", own.join(", "))
                    }
                    _ => Ok(()),
                }
            }
            Self::OneEnvironment(_) => {
                write!(f, "make one token for each environment, and use that of `{detail}` here")
            }
            Self::Renew { .. } => write!(f, "renew the token: {detail}"),
            Self::AddOauthScope(_) => write!(f, "ask for the scope `{detail}` and authorise the app again"),
            Self::UseRole(_) | Self::UseOrganizationRole(_) => write!(f, "use an authtoken of {detail}"),
            Self::AddRoleRule { .. } => write!(f, "add a rule with `{detail}` to one of the user's roles"),
            Self::LiftRoleException { .. } => {
                write!(f, "take the exception of `{detail}` out of the user's roles")
            }
            Self::LogInAs(_) => write!(f, "log in as {detail}"),
            Self::LogInDirectly => {
                f.write_str("log in with e-mail and password, not through an identity provider")
            }
            Self::AllowAccessWithoutSso => f.write_str("give the user access without single sign-on"),
            Self::TurnStrictModeOff => f.write_str("turn the organization's strict mode off"),
            Self::NameUser { .. } => write!(f, "name the user or one of the user's roles in the {detail}"),
            Self::OpenStage => f.write_str("open the workflow stage to all users and roles"),
            Self::LeaveApproversOut => f.write_str("leave the approvers out of the publish rule"),
            Self::SendNoCredential => f.write_str("send no credential: the request takes none"),
            Self::UseStack => f.write_str("use a credential of the stack that the request names"),
            Self::UseCredential(_) => write!(f, "use {detail}"),
            Self::UsePreviewApi => {
                f.write_str("use the preview token of the delivery token, on the preview API")
            }
            Self::UseManagementApi => f.write_str("make the same request to the management API"),
            Self::AskForPublished => f.write_str("ask for what is published: drafts are not read this way"),
        }
    }
}
