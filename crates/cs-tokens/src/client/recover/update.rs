//! Updates and deletions: both may be sent again, once it is known that they had no effect.

use std::pin::pin;

use cs_model::{Checked, Draft, StackNames, TokenUid};
use cs_transport::Transport;
use jiff::Timestamp;
use serde_json::Value;

use super::find::{Found, Seen, find};
use super::kind::Kind;
use super::{Effort, Recovered, after_failure, blind, unknown};
use crate::Error;
use crate::client::StackClient;
use crate::error::Lost;

/// How a token was when it was last read.
#[derive(Clone, Debug)]
pub(crate) struct Before<D> {
    pub(crate) draft: D,
    /// When it was last changed then, if it said so.
    changed_at: Option<Timestamp>,
}

impl<D> Before<D> {
    pub(crate) fn of<K: Kind<Draft = D>>(token: &K::Token) -> Self {
        Self { draft: K::draft_of(token), changed_at: K::changed_at(token) }
    }
}

/// Changes a token, and insists on it: what the token says afterwards tells whether an update had its effect. It is sent again
/// only over the token that it was meant for: one that is as `before` says and was not changed since then, if the caller knows
/// that, or was not changed since the first request left. Else a change that somebody made after ours would be undone, and nobody would hear of it.
pub(crate) async fn update<K: Kind, T: Transport>(
    kind: K,
    stack: &StackClient<'_, T>,
    uid: &TokenUid,
    draft: &Checked<K::Draft>,
    before: impl Fn() -> Option<Before<K::Draft>>,
) -> Result<K::Token, Error> {
    let names = stack.names_for(draft).await?;
    update_among(kind, stack, &names, uid, draft, before).await
}

/// The same for whoever knows the names of the stack already.
pub(super) async fn update_among<K: Kind, T: Transport>(
    kind: K,
    stack: &StackClient<'_, T>,
    names: &StackNames,
    uid: &TokenUid,
    draft: &Checked<K::Draft>,
    before: impl Fn() -> Option<Before<K::Draft>>,
) -> Result<K::Token, Error> {
    let (client, tell) = (stack.client, &stack.client.recoveries);
    let mut effort = Effort::new(client);
    let mut lost: Option<Lost> = None;
    let check = || format!("read {} {uid} and compare it with what was sent", K::NAME);
    while effort.may_send() {
        if lost.is_some() {
            tell.tell(K::UPDATE, Recovered::Repeated, Some(uid));
        }
        let refusal = match effort.carry(pin!(kind.put(stack, uid, draft, names))).await {
            Ok(token) => return Ok(token),
            Err(error) => after_failure(&mut lost, error)?,
        };
        match find(&kind, stack, uid, &mut effort).await {
            Ok(Found::There(seen)) if says_the_same::<K>(&seen.token, draft.draft(), names) => {
                tell.tell(K::UPDATE, Recovered::Confirmed, Some(uid));
                return Ok(seen.token);
            }
            Ok(Found::There(seen)) if is_untouched::<K, T>(&seen, before(), names, &effort) => {
                refusal.map_or(Ok(()), Err)?;
            }
            Ok(Found::There(_)) => {
                let check = format!(
                    "read {} {uid}, which somebody may have changed since, and compare it with what was sent",
                    K::NAME
                );
                return Err(
                    lost.map_or_else(|| never_sent(K::UPDATE), |source| unknown(K::UPDATE, check, source))
                );
            }
            // Without the token there is nothing that an update could have changed.
            Ok(Found::Gone(error)) => return Err(refusal.unwrap_or(error)),
            Ok(Found::Listed(error)) | Err(error) => return Err(blind(K::UPDATE, check, lost, error)),
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
        let refusal = match effort.carry(pin!(kind.remove(stack, uid))).await {
            Ok(()) => return Ok(()),
            Err(error) => after_failure(&mut lost, error)?,
        };
        match find(&kind, stack, uid, &mut effort).await {
            Ok(Found::There(_) | Found::Listed(_)) => refusal.map_or(Ok(()), Err)?,
            Ok(Found::Gone(_)) => {
                tell.tell(K::DELETE, Recovered::Confirmed, Some(uid));
                return Ok(());
            }
            Err(error) => return Err(blind(K::DELETE, check, lost, error)),
        }
    }
    Err(lost.map_or_else(|| never_sent(K::DELETE), |source| unknown(K::DELETE, check(), source)))
}

/// For the type checker: the first attempt is always sent, so that something is known of it.
pub(super) fn never_sent(operation: crate::Operation) -> Error {
    Error::Request { operation, what: "no attempt is allowed" }
}

/// Whether a token is as it was before the first request left.
fn is_untouched<K: Kind, T: Transport>(
    seen: &Seen<K::Token>,
    before: Option<Before<K::Draft>>,
    names: &StackNames,
    effort: &Effort<'_, T>,
) -> bool {
    let changed_at = K::changed_at(&seen.token);
    let is_before = before.is_some_and(|before| {
        // Somebody may have set it back after ours.
        let is_of_then = changed_at.zip(before.changed_at).is_none_or(|(at, then)| at == then);
        is_of_then && says_the_same::<K>(&seen.token, &before.draft, names)
    });
    is_before || changed_at.zip(seen.date).is_some_and(|(at, date)| effort.comes_after(at, date))
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
