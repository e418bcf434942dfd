//! Principals: who asks, with all the facts that a rule reads.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use cs_model::generated::ContradictionId;
use cs_model::profile::ServiceReading;
use cs_model::{Access, Expiry, Grant, Module, Profile};
use jiff::civil::Date;

use crate::Kind;

mod of_tokens;

/// Who makes a request: a credential with what it was given, and no secret.
///
/// ```
/// use cs_model::{Access, ModuleId};
/// use cs_policy::{ManagementFacts, Principal};
/// let mut facts = ManagementFacts::default();
/// facts.scope.insert(ModuleId::Entry.into(), Access::ReadWrite);
/// let ci = Principal::Management(facts);
/// assert_eq!(ci.kind().name(), "management");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one for each kind; a new kind is a new version")]
pub enum Principal {
    /// A delivery token.
    Delivery(DeliveryFacts),
    /// A preview token, with the facts of the delivery token that it belongs to.
    Preview(DeliveryFacts),
    /// A management token.
    Management(ManagementFacts),
    /// A user with an authtoken, or one who asks for it.
    Authtoken(User),
    /// The legacy access token of a stack.
    Access(AccessFacts),
    /// An OAuth token.
    OAuth(OAuthFacts),
    /// Nobody: no credential.
    Anonymous,
}

impl Principal {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Delivery(_) => Kind::Delivery,
            Self::Preview(_) => Kind::Preview,
            Self::Management(_) => Kind::Management,
            Self::Authtoken(_) => Kind::Authtoken,
            Self::Access(_) => Kind::Access,
            Self::OAuth(_) => Kind::OAuth,
            Self::Anonymous => Kind::Anonymous,
        }
    }

    /// Says whether its stack has no branches at all, as far as rules read that of the kind.
    ///
    /// A stack without branches is all `main` (studio-cma), which then takes no grant; in one with branches a credential reaches
    /// what it was granted. Whoever knows the stack says so; [`Principal::stack_inferred`] is for whoever knows the token alone.
    #[must_use]
    pub fn stack_without_branches(mut self, without: bool) -> Self {
        match &mut self {
            Self::Delivery(facts) | Self::Preview(facts) => facts.stack_without_branches = without,
            Self::Management(facts) => facts.stack_without_branches = without,
            Self::Authtoken(user) => user.stack_without_branches = without,
            Self::Access(_) | Self::OAuth(_) | Self::Anonymous => {}
        }
        self
    }

    /// Takes the stack for one without branches if the credential names neither branches nor aliases: where a stack has
    /// branches, the documents want every scope to name some (JS, `test/sanity-check/api/token-test.js`; guide-auth). An entry with an empty list does name them.
    #[must_use]
    pub fn stack_inferred(self) -> Self {
        let without = match &self {
            Self::Delivery(facts) | Self::Preview(facts) => names_neither(&facts.branches, &facts.aliases),
            Self::Management(facts) => names_neither(&facts.branches, &facts.aliases),
            Self::Authtoken(user) => user.roles.iter().all(|role| match role {
                StackRole::Custom(rules) => names_neither(&rules.branches, &rules.aliases),
                _ => true,
            }),
            Self::Access(_) | Self::OAuth(_) | Self::Anonymous => false,
        };
        self.stack_without_branches(without)
    }

    /// A user whose only role in the stack is this one.
    #[must_use]
    pub fn user(role: StackRole) -> Self {
        Self::Authtoken(User { roles: vec![role], ..User::default() })
    }
}

fn names_neither(branches: &Grant, aliases: &Grant) -> bool {
    branches.is_none() && aliases.is_none()
}

/// What a delivery token was given (seed 001, "Delivery Tokens"; seed 002, "Create delivery token"). It reads, and needs no rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct DeliveryFacts {
    /// Environments that it reads, by name.
    pub environments: Grant,
    /// Branches.
    pub branches: Grant,
    /// Branch aliases.
    pub aliases: Grant,
    /// Whether its stack has no branches, and is all `main`, which then needs no grant.
    pub stack_without_branches: bool,
}

/// What a management token was given (seed 001, "Management Tokens"; seed 002, "Create management token").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct ManagementFacts {
    /// Rights by module; [`Module::All`] for `$all`. Modules that no table knows grant nothing.
    pub scope: BTreeMap<Module, Access>,
    /// Branches. Naming any grants reading of the branch list, too: the entry is one of the module `branch`.
    pub branches: Grant,
    /// Branch aliases; as with branches.
    pub aliases: Grant,
    /// Whether its stack has no branches, and is all `main`, which then needs no grant.
    pub stack_without_branches: bool,
    /// When it stops working.
    pub expires: Expiry,
}

/// A user: roles in the stack, place in the organization, and how they log in. An authtoken does what its user may (OA3;
/// guide-auth).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct User {
    /// Roles in the stack; none when the user is no member of it. Several add up, and exceptions win (branches-guide, roles).
    pub roles: Vec<StackRole>,
    /// The user's place in the organization. Its owner is not the owner of the stack (faq, 06/32).
    pub organization: OrganizationRole,
    /// Whether the organization has single sign-on: then only its owner, and who may enter without, gets an authtoken (seed 001,
    /// "Authentication Tokens (Authtokens)"; sso-rest).
    pub sso: bool,
    /// Whether the user logs in through an identity provider: then there is no authtoken (seed 001, "Authentication Tokens
    /// (Authtokens)").
    pub idp_login: bool,
    /// Whether the user has the permission to enter without single sign-on (sso-rest).
    pub access_without_sso: bool,
    /// Whether the organization's strict mode is on, which leaves authtokens to its owner (sso-rest).
    pub strict_mode: bool,
    /// The day on which the stack was created, in UTC; `None` when it is not known, which is taken for early enough to have an
    /// access token.
    pub stack_created: Option<Date>,
    /// Whether the stack has no branches, and is all `main`, which custom roles then need not grant.
    pub stack_without_branches: bool,
}

/// A role in a stack (types-of-roles; JAVA, `mockuser/login.json`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the documents know these roles")]
pub enum StackRole {
    /// The owner: everything. A stack has one (faq, 06/32).
    Owner,
    /// An admin: everything but deleting the stack or handing it on (JAVA, `mockuser/login.json`).
    Admin,
    /// A developer: makes delivery tokens (seed 001, "Delivery Tokens") and no management tokens (seed 001, "Management Tokens"), by
    /// one page those, too (types-of-roles).
    Developer,
    /// A content manager: makes no tokens (seed 001, "Delivery Tokens"; seed 001, "Management Tokens").
    ContentManager,
    /// A role made in this stack (CMA-doc, "Roles").
    Custom(RoleRules),
}

/// The rules of a custom role, as far as they are judged here: by whole modules (CMA-doc, "Roles").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct RoleRules {
    /// What it grants, by module.
    pub grants: BTreeMap<Module, Access>,
    /// What it takes away, by module: on the wire a rule with `restrict`, whose rights mean the opposite (CMA-doc, "Roles"). Wins
    /// over every grant of every role below admin (branches-guide, roles).
    pub except: BTreeMap<Module, Access>,
    /// Branches.
    pub branches: Grant,
    /// Branch aliases.
    pub aliases: Grant,
}

/// A place in an organization: its owner and its admins make OAuth apps (CMA-doc, "Authentication").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the documents know these")]
pub enum OrganizationRole {
    /// A member, or none.
    #[default]
    Member,
    /// An admin.
    Admin,
    /// The owner.
    Owner,
}

/// What is known of a legacy access token. It reads published and draft content whatever the environment, so nothing else matters
/// (seed 001, "Access Tokens").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct AccessFacts {
    /// The day on which its stack was created, in UTC; `None` when it is not known, which is taken for early enough.
    pub stack_created: Option<Date>,
}

impl AccessFacts {
    /// The facts of the access token that a stack got with its creation on this day; `None` when stacks got none any more: after
    /// 2020-12-16 (seed 001, "Access Tokens"). Whether those of that day got one is a reading of the profile.
    ///
    /// ```
    /// use cs_model::Profile;
    /// use cs_policy::AccessFacts;
    /// let profile = Profile::seeds();
    /// assert!(AccessFacts::of_stack_created_on("2019-10-22".parse()?, &profile).is_some());
    /// assert!(AccessFacts::of_stack_created_on("2026-11-21".parse()?, &profile).is_none());
    /// # Ok::<(), jiff::Error>(())
    /// ```
    #[must_use]
    pub fn of_stack_created_on(day: Date, profile: &Profile) -> Option<Self> {
        let last = crate::generated::ACCESS_TOKENS_UNTIL;
        let got_one = match day.cmp(&last) {
            Ordering::Less => true,
            Ordering::Equal => {
                profile.reading(ContradictionId::AccessTokenLastDay).service == ServiceReading::Allow
            }
            Ordering::Greater => false,
        };
        got_one.then_some(Self { stack_created: Some(day) })
    }
}

/// What an OAuth token was given (CMA-doc, "Authentication").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct OAuthFacts {
    /// Scopes: `cm.entries.management:read` (OA3); all that are known are [`oauth_scopes`](crate::oauth_scopes). Others grant nothing.
    pub scopes: BTreeSet<String>,
}
