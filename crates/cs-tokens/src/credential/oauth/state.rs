//! What all callers share: the pair of the moment, and who refreshes it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cs_model::Secret;
use jiff::Timestamp;

use super::turn::{Left, Turn};
use super::{GrantStore, GrantStoreError, OAuthGrant};
use crate::credential::{Credential, SourceError};

#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    grant: Option<OAuthGrant>,
    /// The pair before it, while the store has not got this one, which is not used then.
    in_place_of: Option<OAuthGrant>,
    /// Whether somebody refreshes right now.
    is_busy: bool,
    /// How many refreshes have ended.
    rounds: u64,
    /// How the last one failed.
    failed: Option<Arc<SourceError>>,
    /// What the last one left.
    left: Left,
}

/// What a caller does next.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Use(Secret),
    /// It is this caller's turn to refresh, or to go on where another one went away.
    Refresh(Box<Turn<'a>>),
    /// Somebody else refreshes; so many have ended before.
    Wait(u64),
}

impl Shared {
    /// Says what to do. `waited_for` is what the last [`Step::Wait`] said: its failure is the waiting caller's, too.
    pub(super) fn step(
        &self,
        now: Timestamp,
        margin: Duration,
        refused: Option<&Credential>,
        waited_for: Option<u64>,
        store: &dyn GrantStore,
    ) -> Result<Step<'_>, SourceError> {
        let mut state = self.lock();
        if waited_for.is_some_and(|rounds| rounds < state.rounds)
            && let Some(failure) = &state.failed
        {
            return Err(SourceError::Shared(Arc::clone(failure)));
        }
        if state.is_busy {
            return Ok(Step::Wait(state.rounds));
        }
        if state.grant.is_none() {
            state.grant = store.load().map_err(SourceError::Store)?;
        }
        let mut grant = state.grant.clone().ok_or(SourceError::NoGrant)?;
        if let Some(before) = &state.in_place_of {
            grant = keep(store, grant, before).map_err(SourceError::NotKept)?;
            (state.grant, state.in_place_of) = (Some(grant.clone()), None);
            state.left.prepared = None;
        }
        let is_refused =
            refused.is_some_and(|refused| refused.same_as(&Credential::OAuth(grant.access_token.clone())));
        if state.left.under_way.is_none() && !is_refused && !grant.is_due(now, margin) {
            return Ok(Step::Use(grant.access_token));
        }
        state.is_busy = true;
        Ok(Step::Refresh(Box::new(Turn::new(self, grant, std::mem::take(&mut state.left)))))
    }

    /// Holds a new pair, which is not used while it is not kept in place of another.
    pub(super) fn hold(&self, grant: &OAuthGrant, in_place_of: Option<&OAuthGrant>) {
        let mut state = self.lock();
        state.grant = Some(grant.clone());
        state.in_place_of = in_place_of.cloned();
    }

    /// A turn is over.
    pub(super) fn end(&self, left: Left, failed: Option<Arc<SourceError>>) {
        let mut state = self.lock();
        state.rounds += 1;
        (state.is_busy, state.failed, state.left) = (false, failed, left);
    }

    /// Whoever had the turn went away.
    pub(super) fn leave(&self, left: Left) {
        let mut state = self.lock();
        (state.is_busy, state.left) = (false, left);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a pair in place of the one before, and gives back what the store has then: another pair that it has by now is a
/// newer one, which the user gave meanwhile, and stays.
pub(super) fn keep(
    store: &dyn GrantStore,
    grant: OAuthGrant,
    before: &OAuthGrant,
) -> Result<OAuthGrant, GrantStoreError> {
    match store.load() {
        Ok(Some(kept)) if !kept.same_as(before) && !kept.same_as(&grant) => return Ok(kept),
        // What is no grant may be what was left of one when it could not be kept.
        Ok(_) | Err(GrantStoreError::Form { .. }) => {}
        Err(error) => return Err(error),
    }
    store.save(&grant).map(|()| grant)
}

#[cfg(test)]
mod tests;
