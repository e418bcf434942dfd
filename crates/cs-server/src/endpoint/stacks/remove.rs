//! Deleting a stack, with everything that is in it (OA3).

use super::super::tokens;
use crate::access_token;
use crate::hash;
use crate::notices;
use crate::record::{DeliveryRecord, ManagementRecord, StackRecord};
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{StoreError, Tx, delete_all, keys};

/// `DELETE /v3/stacks`: "permanently". Values of its tokens work no longer, and nobody has a role in it.
pub(in super::super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    take_out(tx, stack)?;
    Ok(Reply::notice("Stack deleted successfully."))
}

fn take_out(tx: &mut dyn Tx, stack: &StackRecord) -> Result<(), StoreError> {
    let api_key = stack.api_key.as_str();
    for token in tokens::all::<DeliveryRecord>(tx, api_key)? {
        for value in std::iter::once(&token.token).chain(&token.preview_token) {
            tokens::remove_value(tx, &hash::of_value(value.reveal()))?;
        }
    }
    for token in tokens::all::<ManagementRecord>(tx, api_key)? {
        tokens::remove_value(tx, &token.hash)?;
        notices::forget(tx, api_key, &token.uid)?;
    }
    access_token::withdraw(tx, stack)?;
    for (user, _) in roles::users(tx, stack)? {
        tx.delete(keys::user_stack(&user, api_key).as_bytes())?;
    }
    for prefix in keys::within_stack(api_key) {
        delete_all(tx, &prefix)?;
    }
    tx.delete(keys::org_stack(&stack.org_uid, api_key).as_bytes())?;
    tx.delete(keys::stack(api_key).as_bytes())
}
