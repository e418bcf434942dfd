//! What the store holds: one type for each kind of value. The keys are in `store::keys`.

mod oauth;
mod people;
mod second_factor;
mod stack;
mod token;

pub(crate) use oauth::{OauthRecord, RefreshRecord};
pub(crate) use people::{
    InvitationRecord, MailedRecord, MemberRecord, OrganizationRecord, Roles, SessionRecord, UserRecord,
};
pub use people::{Mailed, OrganizationPlace, Role};
pub(crate) use second_factor::{SecondFactor, SentCode};
pub(crate) use stack::{
    AliasRecord, BranchRecord, EnvironmentRecord, LocaleRecord, MAIN_BRANCH, RoleRecord, StackRecord, Stamps,
    Transfer,
};
pub(crate) use token::{DeliveryRecord, Kind, ManagementRecord, ScopeRecord, TokenRecord, ValueOf};
