//! Legacy access tokens: one for each stack that is old enough (seed 001, "Access Tokens").
//!
//! It is made with the stack, shown by `GET /v3/stacks?include_discrete_variables=true` (OA3), and works on the delivery API. No
//! document gives a request that resets it, so that is done through [`Admin`](crate::Admin).

use std::sync::Arc;

use cs_model::{Profile, Secret};
use cs_policy::{AccessFacts, Operation, Prepared, decide_operation_in_service};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::hash;
use crate::random::Draw;
use crate::record::{Kind, StackRecord, UserRecord, ValueOf};
use crate::service::{Actor, principal};
use crate::store::{StoreError, Tx, keys, put_json};

/// How the policy calls the reset.
const RESET: &str = "access_token:reset";

/// Gives a stack that is made at `created` its access token, if stacks of that day got one. The record is the caller's to
/// write.
pub(crate) fn issue(
    tx: &mut dyn Tx,
    profile: &Profile,
    draw: &Draw,
    created: Timestamp,
    stack: &mut StackRecord,
) -> Result<(), StoreError> {
    let day = created.to_zoned(TimeZone::UTC).date();
    match AccessFacts::of_stack_created_on(day, profile) {
        Some(_) => replace(tx, draw, stack).map(drop),
        None => Ok(()),
    }
}

/// Puts another value in place of the one before, which works no longer. The record is the caller's to write.
pub(crate) fn replace(tx: &mut dyn Tx, draw: &Draw, stack: &mut StackRecord) -> Result<Secret, StoreError> {
    withdraw(tx, stack)?;
    let value = draw.token("access");
    let found = ValueOf { kind: Kind::Access, api_key: stack.api_key.clone(), uid: stack.uid.clone() };
    put_json(tx, &keys::token_value(&hash::of_value(value.reveal())), &found)?;
    stack.access_token = Some(value.clone());
    Ok(value)
}

/// Makes the value unknown, as for a stack that is deleted.
pub(crate) fn withdraw(tx: &mut dyn Tx, stack: &StackRecord) -> Result<(), StoreError> {
    match &stack.access_token {
        Some(value) => tx.delete(keys::token_value(&hash::of_value(value.reveal())).as_bytes()),
        None => Ok(()),
    }
}

/// Whether a user may reset it, and so may see it: "Only stack owner, admins and developers" (seed 001, "Access Tokens").
pub(crate) fn is_open_to(
    tx: &mut dyn Tx,
    profile: &Profile,
    user: &UserRecord,
    stack: &StackRecord,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(reset) = Operation::find(RESET) else { return Ok(false) };
    let actor = Actor::User { user: Arc::new(user.clone()), hash: String::new() };
    let prepared = Prepared::new(&principal(tx, &actor, Some(stack), Some(&stack.org_uid), None)?);
    let context = cs_policy::Context::default();
    Ok(decide_operation_in_service(profile, &prepared, reset, &context, now).verdict().is_allow())
}
