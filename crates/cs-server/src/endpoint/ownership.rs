//! Handing on the ownership of a stack (OA3): offered by a request, accepted with the token that a mail would bring
//! (`Admin::ownership_token`).

use cs_model::Moment;
use cs_model::generated::ErrorId;

use super::{stack_users, user};
use crate::events::{self, EventKind};
use crate::hash;
use crate::record::{Mailed, MailedRecord, Role, Roles, StackRecord, Transfer};
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::{Tx, get_json, keys, put_json};

/// `POST /v3/stacks/transfer_ownership`: a second offer takes the place of the first.
pub(super) fn offer(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut stack = scene.stack()?.clone();
    let body = scene.call.body()?;
    let email = stack_users::text(&body, "transfer_to")?;
    let heir = user::by_email(tx, email)?.filter(|heir| !heir.invited);
    let heir = heir.ok_or(Stop::from(ErrorId::UserUnknown))?;
    if heir.uid == stack.owner_uid {
        return Err(stack_users::wrong("transfer_to", "is the owner").into());
    }
    stack.transfer = Some(Transfer { to_uid: heir.uid.clone(), hash: None });
    put_json(tx, &keys::stack(&stack.api_key), &stack)?;
    let api_key = Some(stack.api_key);
    let mail = EventKind::Mail { purpose: Mailed::StackOwnership, user_uid: heir.uid, api_key };
    events::record(tx, scene.now, mail)?;
    Ok(Reply::notice("An email has been successfully sent to the user."))
}

/// `GET /v3/stacks/accept_ownership/{ownership_token}`: by nobody's credential, as it is a link in a mail. A stack has one
/// owner, so who was it before is an admin after.
pub(super) fn accept(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let invalid = || Stop::from(ErrorId::MailedTokenInvalid);
    let hash = hash::of_value(scene.call.argument(0));
    let mailed: Option<MailedRecord> = get_json(tx, &keys::mailed(&hash))?;
    let mailed = mailed.filter(|mailed| mailed.purpose == Mailed::StackOwnership).ok_or_else(invalid)?;
    if scene.call.parameter("uid").is_some_and(|uid| uid != mailed.user_uid) {
        return Err(invalid());
    }
    let api_key = mailed.api_key.ok_or_else(invalid)?;
    let stack: Option<StackRecord> = get_json(tx, &keys::stack(&api_key))?;
    let mut stack = stack.ok_or_else(invalid)?;
    // The offer may have been made to somebody else since.
    let holds =
        |transfer: &Transfer| transfer.to_uid == mailed.user_uid && transfer.hash.as_ref() == Some(&hash);
    if !stack.transfer.as_ref().is_some_and(holds) {
        return Err(invalid());
    }
    stack.transfer = None;
    stack.updated_at = Moment::from_timestamp(scene.now);
    let before = std::mem::replace(&mut stack.owner_uid, mailed.user_uid);
    put_json(tx, &keys::stack(&api_key), &stack)?;
    put_json(tx, &keys::user_stack(&before, &api_key), &Roles::of(Role::Admin))?;
    crate::admin::put_role(tx, &stack, &stack.owner_uid, Role::Owner)?;
    tx.delete(keys::mailed(&hash).as_bytes())?;
    Ok(Reply::notice("You are now the owner of the stack."))
}
