//! Organizations, users, roles, sessions.

use cs_model::{Moment, Secret};
use cs_policy::{OrganizationRole, StackRole};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{SecondFactor, Transfer};

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OrganizationRecord {
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) owner_uid: String,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    /// Whether it has single sign-on.
    #[serde(default)]
    pub(crate) sso: bool,
    /// Whether nobody but its owner may enter without single sign-on.
    #[serde(default)]
    pub(crate) strict_mode: bool,
    /// The last minute in which requests made stacks, counted since 1970, and how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stacks_made: Option<(i64, u32)>,
    /// Ownership that is on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transfer: Option<Transfer>,
}

/// A user's place in an organization (CMA-doc, "Authentication"; faq, 06/32).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrganizationPlace {
    /// A member.
    #[default]
    Member,
    /// An admin of the organization.
    Admin,
    /// Its owner, who is not thereby the owner of its stacks.
    Owner,
}

impl From<OrganizationPlace> for OrganizationRole {
    fn from(place: OrganizationPlace) -> Self {
        match place {
            OrganizationPlace::Member => Self::Member,
            OrganizationPlace::Admin => Self::Admin,
            OrganizationPlace::Owner => Self::Owner,
        }
    }
}

/// A membership.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MemberRecord {
    pub(crate) place: OrganizationPlace,
    /// Whether the user may enter the organization without single sign-on.
    #[serde(default)]
    pub(crate) access_without_sso: bool,
    /// How the user came in, of those who were invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) invitation: Option<InvitationRecord>,
}

/// An invitation to an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InvitationRecord {
    pub(crate) uid: String,
    pub(crate) invited_by: String,
    pub(crate) invited_at: Moment,
    pub(crate) number: u64,
}

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UserRecord {
    pub(crate) uid: String,
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    /// The salted hash of the password, in PHC form: not for printing either.
    pub(crate) password: Secret,
    /// Whether the user logs in through an identity provider.
    #[serde(default)]
    pub(crate) idp_login: bool,
    #[serde(default)]
    pub(crate) failed_attempts: u32,
    /// Whether the account is not yet there, but invited: it has no password.
    #[serde(default)]
    pub(crate) invited: bool,
    /// What the user must show beside the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) second_factor: Option<SecondFactor>,
    /// What the user wrote about himself: `company`, `mobile_number`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) profile: Map<String, Value>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// What a token of a mail is good for. The key holds the SHA-256 of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailedRecord {
    pub(crate) user_uid: String,
    pub(crate) purpose: Mailed,
    /// The stack whose ownership is on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_key: Option<String>,
}

/// Why a token is mailed to a user: the requests that take such tokens are documented (OA3), the mails are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mailed {
    /// To activate the account.
    Activation,
    /// To set another password.
    PasswordReset,
    /// To accept the ownership of a stack.
    StackOwnership,
    /// To accept the ownership of an organization.
    OrganizationOwnership,
}

/// A role of the system in a stack: it comes with every stack (types-of-roles), and cannot be changed or deleted (CMA-doc,
/// "Roles").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// The owner: does everything. A stack has one (faq, 06/32).
    Owner,
    /// An admin: does everything but deleting the stack or handing it on (JAVA, `mockuser/login.json`).
    Admin,
    /// A developer: makes delivery tokens (seed 001, "Delivery Tokens"), and no management tokens (seed 001, "Management Tokens").
    Developer,
    /// A content manager: makes no tokens (seed 001, "Delivery Tokens"; seed 001, "Management Tokens").
    ContentManager,
}

impl From<Role> for StackRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Developer => Self::Developer,
            Role::ContentManager => Self::ContentManager,
        }
    }
}

impl Role {
    /// All of them, the mightiest first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Developer, Self::ContentManager];

    /// The name of the role as answers show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Developer => "Developer",
            Self::ContentManager => "Content Manager",
        }
    }
}

/// The roles of a user in a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Roles {
    pub(crate) roles: Vec<Role>,
    /// Uids of roles that were made in the stack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) custom: Vec<String>,
}

impl Roles {
    /// One role of the system.
    pub(crate) fn of(role: Role) -> Self {
        Self { roles: vec![role], custom: Vec::new() }
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.custom.is_empty()
    }

    /// Adds what is missing.
    pub(crate) fn extend(&mut self, more: Self) {
        for role in more.roles {
            if !self.roles.contains(&role) {
                self.roles.push(role);
            }
        }
        for uid in more.custom {
            if !self.custom.contains(&uid) {
                self.custom.push(uid);
            }
        }
    }
}

/// A session. Its authtoken is nowhere: the key holds a hash of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    pub(crate) user_uid: String,
    /// Its number among the user's sessions, as in the key of its twin.
    pub(crate) number: u64,
    pub(crate) created_at: Moment,
}
