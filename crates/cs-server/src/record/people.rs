//! Organizations, users, roles, sessions.

use cs_model::{Moment, Secret};
use cs_policy::{OrganizationRole, StackRole};
use serde::{Deserialize, Serialize};

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
}

/// A user's place in an organization.
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
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

/// A role of the system in a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// The owner; a stack has one.
    Owner,
    /// An admin.
    Admin,
    /// A developer.
    Developer,
    /// A content manager.
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Roles {
    pub(crate) roles: Vec<Role>,
}

/// A session. Its authtoken is nowhere: the key holds a hash of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    pub(crate) user_uid: String,
    /// Its number among the user's sessions, as in the key of its twin.
    pub(crate) number: u64,
    pub(crate) created_at: Moment,
}
