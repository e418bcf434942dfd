//! Updates and deletions: both may be sent again, once it is known that they had no effect.

use cs_model::{Checked, Draft, StackNames, TokenUid};
use cs_transport::Transport;
use serde_json::Value;

use super::kind::Kind;
use super::{Effort, Recovered, after_failure, is_gone, unknown};
use crate::Error;
use crate::client::StackClient;
use crate::error::Lost;

/// Changes a token, and insists on it: what the token says afterwards tells whether an update had its effect.
pub(crate) async fn update<K: Kind, T: Transport>(
    kind: K,
    stack: &StackClient<'_, T>,
    uid: &TokenUid,
    draft: &Checked<K::Draft>,
) -> Result<K::Token, Error> {
    let names = stack.names_for(draft).await?;
    let (client, tell) = (stack.client, &stack.client.recoveries);
    let mut effort = Effort::new(client);
    let mut lost: Option<Lost> = None;
    let check = || format!("read {} {uid} and compare it with what was sent", K::NAME);
    while effort.may_send() {
        if lost.is_some() {
            tell.tell(K::UPDATE, Recovered::Repeated, Some(uid));
        }
        let refusal = match kind.put(stack, uid, draft, &names).await {
            Ok(token) => return Ok(token),
            Err(error) => after_failure(&mut lost, error)?,
        };
        match effort.look(|| kind.get(stack, uid)).await {
            Ok(token) if says_the_same::<K>(&token, draft.draft(), &names) => {
                tell.tell(K::UPDATE, Recovered::Confirmed, Some(uid));
                return Ok(token);
            }
            Ok(_) => refusal.map_or(Ok(()), Err)?,
            // Without the token there is nothing that an update could have changed.
            Err(error) if is_gone(&error) => return Err(refusal.unwrap_or(error)),
            Err(error) => return Err(lost.map_or(error, |source| unknown(K::UPDATE, check(), source))),
        }
    }
    Err(lost.map_or_else(|| never_sent(K::UPDATE), |source| unknown(K::UPDATE, check(), source)))
}

/// Deletes a token, and insists on it: a uid that no token has tells that it is done.
pub(crate) async fn delete<K: Kind, T: Transport>(
    kind: K,
    stack: &StackClient<'_, T>,
    uid: &TokenUid,
) -> Result<(), Error> {
    let (client, tell) = (stack.client, &stack.client.recoveries);
    let mut effort = Effort::new(client);
    let mut lost: Option<Lost> = None;
    let check = || format!("list the stack's {}s and see whether {uid} is still there", K::NAME);
    while effort.may_send() {
        if lost.is_some() {
            tell.tell(K::DELETE, Recovered::Repeated, Some(uid));
        }
        let refusal = match kind.remove(stack, uid).await {
            Ok(()) => return Ok(()),
            Err(error) => after_failure(&mut lost, error)?,
        };
        match effort.look(|| kind.get(stack, uid)).await {
            Ok(_) => refusal.map_or(Ok(()), Err)?,
            Err(error) if is_gone(&error) => {
                tell.tell(K::DELETE, Recovered::Confirmed, Some(uid));
                return Ok(());
            }
            Err(error) => return Err(lost.map_or(error, |source| unknown(K::DELETE, check(), source))),
        }
    }
    Err(lost.map_or_else(|| never_sent(K::DELETE), |source| unknown(K::DELETE, check(), source)))
}

/// For the type checker: the first attempt is always sent, so that something is known of it.
pub(super) fn never_sent(operation: crate::Operation) -> Error {
    Error::Request { operation, what: "no attempt is allowed" }
}

/// Whether a token is as a draft wants it.
fn says_the_same<K: Kind>(token: &K::Token, draft: &K::Draft, names: &StackNames) -> bool {
    sorted(K::draft_of(token).body(names)) == sorted(draft.body(names))
}

/// A body whose scope is in an order of its own: the API may give the entries back in another one.
fn sorted(mut body: Value) -> Value {
    if let Some(Value::Array(entries)) = body.pointer_mut("/token/scope") {
        entries.sort_by_key(ToString::to_string);
    }
    body
}
