//! Roles in stacks and the ownership of stacks and organizations.

use cs_model::{ApiKey, Secret};

use super::{Admin, AdminError, not_due, put_role, unknown};
use crate::hash;
use crate::random::Draw;
use crate::record::{Mailed, MailedRecord, OrganizationPlace, OrganizationRecord, Role, StackRecord};
use crate::roles;
use crate::store::{exists, get_json, keys, put_json};

/// What is the matter with what nobody hands on.
const NO_OFFER: &str = "is on offer to nobody";

impl Admin<'_> {
    /// Gives a user roles in a stack, by uid, in place of any before: such as were made by `POST /v3/roles`, or those of the
    /// system in `GET /v3/roles`. Makes the user a member of its organization.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::OwnerNeeded`] for the owner of the stack; a failing store.
    pub fn set_roles(&self, api_key: &ApiKey, user: &str, role_uids: &[String]) -> Result<(), AdminError> {
        let api_key = api_key.as_str();
        self.write(|tx| {
            let Some(stack) = get_json::<StackRecord>(tx, &keys::stack(api_key))? else {
                return Ok(Err(unknown("stack", api_key)));
            };
            if !exists(tx, &keys::user(user))? {
                return Ok(Err(unknown("user", user)));
            }
            if stack.owner_uid == user {
                return Ok(Err(super::owner_needed("stack", api_key)));
            }
            let roles = match roles::given(tx, api_key, role_uids)? {
                Ok(roles) if !roles.is_empty() => roles,
                Ok(_) => return Ok(Err(unknown("role", ""))),
                Err(wrong) => return Ok(Err(unknown("role", wrong.first().map_or("", String::as_str)))),
            };
            // For the membership; the roles themselves are written over it.
            put_role(tx, &stack, user, Role::ContentManager)?;
            put_json(tx, &keys::user_stack(user, api_key), &roles)?;
            Ok(Ok(()))
        })
    }

    /// Makes the token that the mail about an offered ownership would bring; one made before works no longer.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::NotDue`] when no ownership is on offer; a failing store.
    pub fn ownership_token(&self, api_key: &ApiKey) -> Result<Secret, AdminError> {
        let token = Draw::new()?.token("ownership");
        let hash = hash::of_value(token.reveal());
        self.write(|tx| {
            let stack: Option<StackRecord> = get_json(tx, &keys::stack(api_key.as_str()))?;
            let Some(mut stack) = stack else { return Ok(Err(unknown("stack", api_key.as_str()))) };
            let Some(transfer) = &mut stack.transfer else {
                return Ok(Err(not_due("stack", api_key.as_str(), NO_OFFER)));
            };
            if let Some(before) = transfer.hash.replace(hash.clone()) {
                tx.delete(keys::mailed(&before).as_bytes())?;
            }
            let mailed = MailedRecord {
                user_uid: transfer.to_uid.clone(),
                purpose: Mailed::StackOwnership,
                api_key: Some(stack.api_key.clone()),
            };
            put_json(tx, &keys::mailed(&hash), &mailed)?;
            put_json(tx, &keys::stack(&stack.api_key), &stack)?;
            Ok(Ok(()))
        })?;
        Ok(token)
    }

    /// Accepts the ownership of an organization for the user to whom it is on offer, which the mail about it would let that
    /// user do. Gives back the user's uid.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::NotDue`] when no ownership is on offer; a failing store.
    pub fn accept_organization(&self, organization: &str) -> Result<String, AdminError> {
        let offer = self.write(|tx| {
            let record: Option<OrganizationRecord> = get_json(tx, &keys::org(organization))?;
            Ok(match record {
                Some(record) => {
                    record.transfer.ok_or_else(|| not_due("organization", organization, NO_OFFER))
                }
                None => Err(unknown("organization", organization)),
            })
        })?;
        let heir = offer.to_uid;
        self.set_place(organization, &heir, OrganizationPlace::Owner)?;
        self.write(|tx| {
            if let Some(mut record) = get_json::<OrganizationRecord>(tx, &keys::org(organization))? {
                record.transfer = None;
                put_json(tx, &keys::org(organization), &record)?;
            }
            Ok(Ok(()))
        })?;
        Ok(heir)
    }
}
