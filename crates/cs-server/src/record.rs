//! What the store holds: one type for each kind of value. The keys are in `store::keys`.

mod oauth;
mod people;
mod stack;
mod token;

pub(crate) use oauth::{OauthRecord, RefreshRecord};
pub(crate) use people::{MemberRecord, OrganizationRecord, Roles, SessionRecord, UserRecord};
pub use people::{OrganizationPlace, Role};
pub(crate) use stack::{AliasRecord, BranchRecord, EnvironmentRecord, MAIN_BRANCH, StackRecord, Stamps};
pub(crate) use token::{DeliveryRecord, Kind, ManagementRecord, ScopeRecord, TokenRecord, ValueOf};
