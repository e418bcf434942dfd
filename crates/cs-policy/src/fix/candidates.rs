//! The changes that are worth a try.

use std::collections::BTreeSet;

use cs_model::facts::{Needs, Reach};
use cs_model::{Access, Expiry, Grant, ModuleId, RouteId};

use super::{Change, Question};
use crate::generated::DEFAULT_BRANCH;
use crate::{
    Condition, Decision, DeliveryFacts, Kind, ManagementFacts, OAuthFacts, OrganizationRole, Principal,
    RuleId, StackRole, User, oauth_scope,
};

/// The roles that come with every stack, the lowest first.
const ROLES: [StackRole; 4] =
    [StackRole::ContentManager, StackRole::Developer, StackRole::Admin, StackRole::Owner];

/// The places in an organization, the lowest first.
const PLACES: [OrganizationRole; 3] =
    [OrganizationRole::Member, OrganizationRole::Admin, OrganizationRole::Owner];

/// Stands for the name of an environment where the request names none, and one is as good as another.
const ANY_ENVIRONMENT: &str = "<environment>";

impl Question<'_> {
    /// Changes of what the credential was given that can meet one of the conditions of the refusal; what is least comes
    /// first.
    pub(super) fn own_changes(&self, principal: &Principal, decision: &Decision) -> Vec<Change> {
        let conditions: BTreeSet<Condition> = decision
            .rules()
            .iter()
            .map(RuleId::rule)
            .filter(|rule| rule.refuses())
            .map(|rule| rule.when)
            .collect();
        let has = |wanted: &[Condition]| wanted.iter().any(|condition| conditions.contains(condition));
        let right = decision.route().map(right_of);
        let mut changes = Vec::new();
        if let Some((module, access)) = right
            && has(&[Condition::ModuleNotGranted, Condition::WriteMissing, Condition::ReadMissing])
        {
            changes.push(Change::AddScope { module, access });
        }
        if let Some(scope) = decision.route().and_then(oauth_scope)
            && has(&[Condition::OauthScopeMissing])
        {
            changes.push(Change::AddOauthScope(scope.to_owned()));
        }
        if has(&[Condition::AliasMissing])
            && let Some(alias) = self.request.alias
        {
            changes.push(Change::GrantAlias(alias.to_owned()));
        }
        if has(&[Condition::BranchMissing, Condition::AliasMissing]) {
            changes.push(Change::GrantBranch(self.request.branch.unwrap_or(DEFAULT_BRANCH).to_owned()));
        }
        if let (Principal::Management(facts), true) = (principal, has(&[Condition::Expired]))
            && let Some(ended) = facts.expires.ends_at(self.profile.switches.expiry_day.value)
        {
            changes.push(Change::Renew { ended, asked: self.now });
        }
        if let Principal::Delivery(facts) | Principal::Preview(facts) = principal {
            let named = self.request.environment;
            if has(&[Condition::EnvironmentMissing]) {
                let wanted = named.unwrap_or(ANY_ENVIRONMENT).to_owned();
                changes.push(Change::UseEnvironment { wanted, own: facts.environments.clone() });
            } else if has(&[Condition::SeveralEnvironments]) {
                let first = match &facts.environments {
                    Grant::Only(names) => names.first().map(String::as_str),
                    _ => None,
                };
                changes.push(Change::OneEnvironment(named.or(first).unwrap_or(ANY_ENVIRONMENT).to_owned()));
            }
        }
        if has(&[Condition::OtherStack]) {
            changes.push(Change::UseStack);
        }
        if has(&[Condition::StageClosed, Condition::NotApprover]) {
            changes.push(Change::NameUser { as_approver: self.request.body.publish_request.is_some() });
        }
        if has(&[Condition::StageClosed, Condition::StageChange]) {
            changes.push(Change::OpenStage);
        }
        if has(&[Condition::ApproversNamed]) {
            changes.push(Change::LeaveApproversOut);
        }
        // Of a user it is asked whether the user may; no credential would be nobody.
        let takes_none = decision.route().is_some_and(|route| crate::kind::is_credential_free(route.row()));
        if takes_none && principal.kind() != Kind::Authtoken {
            changes.push(Change::SendNoCredential);
        }
        if let Principal::Authtoken(user) = principal {
            user_changes(&mut changes, user, right, has);
        }
        changes
    }

    /// Other credentials, each with no more than it takes. A legacy access token is none: it cannot be made.
    pub(super) fn other_credentials(&self, principal: &Principal, decision: &Decision) -> Vec<Change> {
        let request = &self.request;
        // A grant of a branch where the module knows branches, and none where it does not; the other way second.
        let named = match request.alias {
            Some(alias) => (Grant::None, Grant::only([alias])),
            None => (Grant::only([request.branch.unwrap_or(DEFAULT_BRANCH)]), Grant::None),
        };
        let mut grants = [(Grant::None, Grant::None), named];
        if decision.route().is_some_and(|route| route.row().module.row().reach == Reach::Branch) {
            grants.reverse();
        }
        let mut others = Vec::new();
        for (branches, aliases) in &grants {
            // Without any it would read nothing.
            let environments = Grant::only([request.environment.unwrap_or(ANY_ENVIRONMENT)]);
            let facts = DeliveryFacts {
                environments,
                branches: branches.clone(),
                aliases: aliases.clone(),
                stack_without_branches: false,
            };
            others.push(Principal::Delivery(facts.clone()));
            others.push(Principal::Preview(facts));
        }
        for (branches, aliases) in grants {
            let scope = decision.route().map(right_of).map(|(module, access)| (module.into(), access));
            let scope = scope.into_iter().collect();
            others.push(Principal::Management(ManagementFacts {
                scope,
                branches,
                aliases,
                stack_without_branches: false,
                expires: Expiry::Never,
            }));
        }
        for organization in PLACES {
            for roles in std::iter::once(vec![]).chain(ROLES.map(|role| vec![role])) {
                others.push(Principal::Authtoken(User { roles, organization, ..User::default() }));
            }
        }
        if let Some(scope) = decision.route().and_then(oauth_scope) {
            others.push(Principal::OAuth(OAuthFacts { scopes: [scope.to_owned()].into() }));
        }
        others.push(Principal::Anonymous);
        let other = |other: &Principal| other.kind() != principal.kind();
        others.into_iter().filter(other).map(|other| Change::UseCredential(Box::new(other))).collect()
    }
}

/// What a route takes: the module that a scope names, and the right.
fn right_of(route: RouteId) -> (ModuleId, Access) {
    let row = route.row();
    let access = match row.action.row().needs {
        Needs::Read => Access::Read,
        Needs::Write => Access::Write,
    };
    (row.module.row().granted_by, access)
}

fn user_changes(
    changes: &mut Vec<Change>,
    user: &User,
    right: Option<(ModuleId, Access)>,
    has: impl Fn(&[Condition]) -> bool,
) {
    if has(&[Condition::EntryHidden]) {
        let (module, access) = (ModuleId::Entry, Access::Read);
        changes.push(Change::AddRoleRule { module, access });
        changes.push(Change::LiftRoleException { module, access });
    }
    let with_roles = user.roles.iter().any(|role| matches!(role, StackRole::Custom(_)));
    let lacks = has(&[Condition::CustomRoleLacks, Condition::ContentManager]);
    if let (Some((module, access)), true, true) = (right, with_roles, lacks) {
        changes.push(Change::AddRoleRule { module, access });
        changes.push(Change::LiftRoleException { module, access });
    }
    if lacks
        || has(&[
            Condition::NoRole,
            Condition::NotOwner,
            Condition::BelowAdmin,
            Condition::BelowDeveloper,
            Condition::Developer,
            Condition::BranchMissing,
            Condition::AliasMissing,
            Condition::EntryHidden,
            Condition::StageClosed,
            Condition::NotApprover,
        ])
    {
        changes.extend(ROLES.map(Change::UseRole));
    }
    let sso = has(&[Condition::IdpLogin, Condition::SsoWithoutPermission, Condition::SsoStrictMode]);
    if sso {
        changes.extend([Change::LogInDirectly, Change::AllowAccessWithoutSso, Change::TurnStrictModeOff]);
    }
    let higher = || PLACES.into_iter().filter(|place| *place > user.organization);
    if sso {
        // There is no authtoken yet.
        changes.extend(higher().map(Change::LogInAs));
    } else if has(&[Condition::NotOrganizationAdmin, Condition::NotOrganizationOwner]) {
        changes.extend(higher().map(Change::UseOrganizationRole));
    }
}
