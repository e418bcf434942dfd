//! Conditions: the questions that rules ask about a principal and a request.
//!
//! A rule names one condition. All that hold are found once for each decision and kept as bits, so that which rules
//! apply is a matter of masks. What each one means is in its documentation; where it is answered is
//! [`Prepared::new`](crate::Prepared::new) for those that depend on the principal alone and `decide` for the rest.

use std::fmt;

macro_rules! conditions {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal,)+) => {
        /// Under which circumstances a rule applies.
        ///
        /// The questions are ours. Which document makes one of them matter stands in the rules that ask it: those whose
        /// [`Rule::when`](crate::Rule::when) it is, in their [`Rule::sources`](crate::Rule::sources).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Condition {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Condition {
            /// All conditions, in the order of their bits.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in `xtask/spec/rules.toml`: `module_not_granted`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

conditions! {
    /// It always applies.
    Always "always",
    /// The management token has ended, by the profile's reading of its last day.
    Expired "expired",
    /// The request is for a branch that is not granted. One that names neither branch nor alias is for `main` (CMA-doc,
    /// "Branches"; graphql-doc); a stack without branches is all `main` (studio-cma), which needs no grant there.
    BranchMissing "branch_missing",
    /// The request names a branch alias that is not granted (faq, 05/15), nor, where the profile says so, its branch.
    AliasMissing "alias_missing",
    /// The scope gives neither reading nor writing of the module.
    ModuleNotGranted "module_not_granted",
    /// The action writes, and the scope gives only reading of the module.
    WriteMissing "write_missing",
    /// The action reads, and the scope gives only writing of the module.
    ReadMissing "read_missing",
    /// The request names an environment that is not granted, or none at all is granted.
    EnvironmentMissing "environment_missing",
    /// The request names no environment.
    EnvironmentNotNamed "environment_not_named",
    /// The token has more than one environment.
    SeveralEnvironments "several_environments",
    /// The request is for a draft.
    Draft "draft",
    /// The request is for another stack than the principal's.
    OtherStack "other_stack",
    /// The user has no role in the stack.
    NoRole "no_role",
    /// The user owns the organization and has no role in the stack.
    OrganizationOwnerWithoutRole "organization_owner_without_role",
    /// The user does not own the stack.
    NotOwner "not_owner",
    /// The user is neither owner nor admin of the stack.
    BelowAdmin "below_admin",
    /// The user is neither owner nor admin nor developer of the stack.
    BelowDeveloper "below_developer",
    /// The user's highest role is developer.
    Developer "developer",
    /// The user's highest role is content manager, and no custom role grants what is asked for.
    ContentManager "content_manager",
    /// The user has custom roles only, and none grants what is asked for, or an exception takes it away.
    CustomRoleLacks "custom_role_lacks",
    /// The user neither owns nor administrates the organization.
    NotOrganizationAdmin "not_organization_admin",
    /// The user does not own the organization.
    NotOrganizationOwner "not_organization_owner",
    /// The user has custom roles only, and none lets entries be read or written, or an exception hides them.
    EntryHidden "entry_hidden",
    /// The request moves an entry to a stage that is not open to all users, and whose access list names neither the user
    /// nor one of the user's roles (CMA-doc, "Set entry workflow stage"). It limits those who have a role below admin.
    StageClosed "stage_closed",
    /// The request answers a publish request, and the approvers are neither the user nor one of the user's roles. It limits
    /// those who have a role below admin.
    NotApprover "not_approver",
    /// The user's organization has single sign-on (sso-rest).
    Sso "sso",
    /// The user logs in through an identity provider.
    IdpLogin "idp_login",
    /// The organization has single sign-on; the user neither owns it nor may enter without.
    SsoWithoutPermission "sso_without_permission",
    /// The organization has single sign-on, and the user, who does not log in through an identity provider, owns it or
    /// may enter without.
    SsoWithPermission "sso_with_permission",
    /// The user may enter without single sign-on, but strict mode takes that away from all but the organization's owner.
    SsoStrictMode "sso_strict_mode",
    /// The stack was created after the last day for access tokens, 2020-12-16, or on it (seed 001, "Access Tokens").
    StackTooNew "stack_too_new",
    /// The stack was created on the last day for access tokens, by one of two readings.
    StackOfLastDay "stack_of_last_day",
    /// The principal lacks the OAuth scope that the route takes: [`oauth_scope`](crate::oauth_scope).
    OauthScopeMissing "oauth_scope_missing",
    /// The request moves an entry to another stage: it answers no publish request.
    StageChange "stage_change",
    /// The stage's transition rule is open to all users and roles (CMA-doc, "Set entry workflow stage"; faq, 01/18).
    StageOpenToAll "stage_open_to_all",
    /// The request accepts or rejects a publish request.
    PublishRequest "publish_request",
    /// The body of a publish rule names users or roles who must approve (about-management-tokens).
    ApproversNamed "approvers_named",
}

impl Condition {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The condition of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|condition| condition.name() == name)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const _: () = assert!(Condition::COUNT <= 64, "conditions are kept as bits of a u64");

/// A set of conditions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions(u64);

impl Conditions {
    /// The conditions that every decision meets.
    pub(crate) const ALWAYS: Self = Self(1 << Condition::Always as u8);
    /// None.
    pub(crate) const NONE: Self = Self(0);
    /// All.
    pub(crate) const ALL: Self = Self(u64::MAX);

    /// The same with one more, if `holds`.
    #[must_use]
    pub(crate) const fn with(self, condition: Condition, holds: bool) -> Self {
        Self(self.0 | ((holds as u64) << condition as u8))
    }

    /// The same without one.
    #[must_use]
    pub(crate) const fn without(self, condition: Condition) -> Self {
        Self(self.0 & !(1 << condition as u8))
    }

    /// The union of both.
    #[must_use]
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The numbers of its conditions.
    pub(crate) fn numbers(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let number = rest.trailing_zeros();
            rest &= rest.wrapping_sub(1);
            (number < u64::BITS).then_some(number as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_conditions() {
        for (number, condition) in Condition::ALL.iter().enumerate() {
            assert_eq!(*condition as usize, number);
            assert_eq!(Condition::find(condition.name()), Some(*condition));
        }
    }

    #[test]
    fn numbers_are_the_bits() {
        let set = Conditions::ALWAYS.with(Condition::Draft, true).with(Condition::Sso, false);
        let numbers: Vec<_> = set.numbers().collect();
        assert_eq!(numbers, [Condition::Always as usize, Condition::Draft as usize]);
    }
}
