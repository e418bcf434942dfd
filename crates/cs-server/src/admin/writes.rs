//! What making a stack writes.

use cs_model::Profile;
use jiff::Timestamp;
use serde_json::Map;

use crate::access_token;
use crate::random::Draw;
use crate::record::{
    BranchRecord, MAIN_BRANCH, MemberRecord, OrganizationPlace, Role, Roles, StackRecord, Stamps,
};
use crate::store::{StoreError, Tx, exists, get_json, keys, next_number, put_json};

/// A stack to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewStack<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) master_locale: &'a str,
    pub(crate) organization: &'a str,
    pub(crate) owner_uid: &'a str,
    /// It says which stacks have an access token.
    pub(crate) profile: &'a Profile,
}

/// Writes a stack with the branch `main` and its owner.
pub(crate) fn put_stack(
    tx: &mut dyn Tx,
    draw: &Draw,
    now: Timestamp,
    new: &NewStack<'_>,
) -> Result<StackRecord, StoreError> {
    let stamps = Stamps::new(new.owner_uid, now);
    let mut stack = StackRecord {
        api_key: draw.uid("api_key"),
        uid: draw.uid("stack"),
        org_uid: new.organization.to_owned(),
        name: new.name.to_owned(),
        description: new.description.to_owned(),
        master_locale: new.master_locale.to_owned(),
        owner_uid: new.owner_uid.to_owned(),
        number: next_number(tx)?,
        created_at: stamps.created_at.clone(),
        updated_at: stamps.updated_at.clone(),
        access_token: None,
        settings: Map::new(),
        transfer: None,
    };
    access_token::issue(tx, new.profile, draw, now, &mut stack)?;
    put_json(tx, &keys::stack(&stack.api_key), &stack)?;
    put_json(tx, &keys::org_stack(new.organization, &stack.api_key), &())?;
    put_role(tx, &stack, new.owner_uid, Role::Owner)?;
    let main =
        BranchRecord { uid: MAIN_BRANCH.to_owned(), source: String::new(), number: next_number(tx)?, stamps };
    put_json(tx, &keys::branch(&stack.api_key, MAIN_BRANCH), &main)?;
    Ok(stack)
}

pub(crate) fn put_role(
    tx: &mut dyn Tx,
    stack: &StackRecord,
    user: &str,
    role: Role,
) -> Result<(), StoreError> {
    put_json(tx, &keys::user_stack(user, &stack.api_key), &Roles::of(role))?;
    if !exists(tx, &keys::member(&stack.org_uid, user))? {
        put_member(tx, &stack.org_uid, user, &MemberRecord::default())?;
    }
    Ok(())
}

pub(super) fn put_place(
    tx: &mut dyn Tx,
    organization: &str,
    user: &str,
    place: OrganizationPlace,
) -> Result<(), StoreError> {
    let before: MemberRecord = get_json(tx, &keys::member(organization, user))?.unwrap_or_default();
    put_member(tx, organization, user, &MemberRecord { place, ..before })
}

pub(crate) fn put_member(
    tx: &mut dyn Tx,
    organization: &str,
    user: &str,
    member: &MemberRecord,
) -> Result<(), StoreError> {
    put_json(tx, &keys::member(organization, user), member)?;
    put_json(tx, &keys::user_org(user, organization), &())
}
