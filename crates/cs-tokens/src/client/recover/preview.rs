//! Preview tokens: a delivery token has one or none, so that its value tells what became of a request.

use std::pin::pin;

use cs_model::endpoint::{CreatePreviewToken, DeletePreviewToken};
use cs_model::{Endpoint, PreviewToken, Secret, TokenUid};
use cs_transport::Transport;

use super::find::{Found, find};
use super::kind::{Delivery, noticed};
use super::update::never_sent;
use super::{Effort, Recovered, after_failure, blind};
use crate::client::{StackClient, call};
use crate::error::Lost;
use crate::{Credential, Error, Operation, check_hint};

/// What an answer may lack.
const WHAT: &str = "preview token";

/// Makes the preview token of a delivery token, in place of the one that it had `before`, just now, if it had one.
pub(crate) async fn create_preview<T: Transport>(
    stack: &StackClient<'_, T>,
    uid: &TokenUid,
    before: Option<&Secret>,
) -> Result<PreviewToken, Error> {
    let operation = Operation(CreatePreviewToken::ROUTE);
    let tell = &stack.client.recoveries;
    let tokens = stack.delivery_tokens();
    let mut effort = Effort::new(stack.client);
    let mut lost: Option<Lost> = None;
    while effort.may_send() {
        if lost.is_some() {
            tell.tell(operation, Recovered::Repeated, Some(uid));
        }
        let refusal = match effort.carry(pin!(stack.send(&CreatePreviewToken::new(uid.clone())))).await {
            Ok(answer) if lost.is_none() => {
                if let Some(token) = answer.token.preview() {
                    return Ok(token);
                }
                // The value can be read at any time, so an answer without it is no loss. The token is made, also where that
                // fails.
                return match effort.look(|| tokens.get(uid)).await {
                    Ok(token) => token.preview().ok_or(Error::NoValue { operation, what: WHAT }),
                    Err(error) => Err(unknown_or(Some(Lost::NoValue { what: WHAT }), operation, uid, error)),
                };
            }
            // An earlier one may have arrived after this one: what counts is what is there.
            Ok(_) => None,
            Err(error) => after_failure(&mut lost, error)?,
        };
        match find(&Delivery::default(), stack, uid, &mut effort).await {
            Ok(Found::There(seen)) => match seen.token.preview() {
                Some(preview) if !is_same(Some(&preview.value), before) => {
                    let settled = settled(stack, uid, &mut effort, preview).await;
                    let preview = settled.map_err(|error| unknown_or(lost, operation, uid, error))?;
                    tell.tell(operation, Recovered::Confirmed, Some(uid));
                    return Ok(preview);
                }
                _ => refusal.map_or(Ok(()), Err)?,
            },
            Ok(Found::Gone(error)) => return Err(refusal.unwrap_or(error)),
            Ok(Found::Listed(error)) | Err(error) => return Err(unknown_or(lost, operation, uid, error)),
        }
    }
    Err(unknown_or(lost, operation, uid, never_sent(operation)))
}

/// The preview token that stays, given one that is there. Of several requests, one may arrive after the look and put another
/// value in its place: so two looks in a row have to agree.
async fn settled<T: Transport>(
    stack: &StackClient<'_, T>,
    uid: &TokenUid,
    effort: &mut Effort<'_, T>,
    mut preview: PreviewToken,
) -> Result<PreviewToken, Error> {
    if effort.sent() == 1 {
        return Ok(preview);
    }
    let tokens = stack.delivery_tokens();
    for _ in 0..stack.client.attempts.most {
        match effort.look(|| tokens.get(uid)).await?.preview() {
            Some(seen) if is_same(Some(&seen.value), Some(&preview.value)) => return Ok(seen),
            Some(other) => preview = other,
            None => break,
        }
    }
    // It goes away, or changes at every look.
    Err(Error::NoValue { operation: Operation(CreatePreviewToken::ROUTE), what: WHAT })
}

/// Deletes the preview token that a delivery token has now. Once another one is seen, nothing is sent any more: it is somebody
/// else's.
pub(crate) async fn delete_preview<T: Transport>(
    stack: &StackClient<'_, T>,
    uid: &TokenUid,
    second: Option<&Credential>,
) -> Result<(), Error> {
    let operation = Operation(DeletePreviewToken::ROUTE);
    let client = stack.client;
    let tell = &client.recoveries;
    let tokens = stack.delivery_tokens();
    let before = tokens.get(uid).await?.preview_token;
    let request = DeletePreviewToken::new(uid.clone());
    let mut effort = Effort::new(client);
    let mut lost: Option<Lost> = None;
    while effort.may_send() {
        if lost.is_some() {
            tell.tell(operation, Recovered::Repeated, Some(uid));
        }
        let sent = pin!(call::send(client, Some(&stack.api_key), &request, &client.held, second, None));
        let refusal = match effort.carry(sent).await.and_then(|done| noticed(operation, done)) {
            Ok(()) => return Ok(()),
            Err(error) => after_failure(&mut lost, error)?,
        };
        match find(&Delivery::default(), stack, uid, &mut effort).await {
            // Also where there was none and is none.
            Ok(Found::There(seen)) if is_same(seen.token.preview_token.as_ref(), before.as_ref()) => {
                refusal.map_or(Ok(()), Err)?;
            }
            Ok(Found::There(_)) => {
                tell.tell(operation, Recovered::Confirmed, Some(uid));
                return Ok(());
            }
            // Its preview token went with it.
            Ok(Found::Gone(_)) => return Ok(()),
            Ok(Found::Listed(error)) | Err(error) => return Err(unknown_or(lost, operation, uid, error)),
        }
    }
    Err(unknown_or(lost, operation, uid, never_sent(operation)))
}

fn unknown_or(lost: Option<Lost>, operation: Operation, uid: &TokenUid, error: Error) -> Error {
    blind(operation, || check_hint::what_to_check(operation, Some(uid.as_str())), lost, error)
}

fn is_same(one: Option<&Secret>, other: Option<&Secret>) -> bool {
    one.map(Secret::reveal) == other.map(Secret::reveal)
}
