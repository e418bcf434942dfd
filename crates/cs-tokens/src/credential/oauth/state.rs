//! What all callers share: the pair of the moment, and who refreshes it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use cs_model::Secret;
use jiff::Timestamp;

use super::sync::{Mutex, MutexGuard};
use super::turn::{Left, Turn, take};
use super::{GrantStore, GrantStoreError, OAuthGrant};
use crate::credential::{Credential, SourceError};

#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    grant: Option<OAuthGrant>,
    /// The pair before it, while the store has not got this one, which is not used then.
    in_place_of: Option<OAuthGrant>,
    /// Who refreshes right now.
    busy: Option<Busy>,
    /// How often those who refresh began or were polled.
    beats: u64,
    /// How many refreshes have ended.
    rounds: u64,
    /// How the last one failed.
    failed: Option<Arc<SourceError>>,
    /// What the last one left.
    left: Left,
}

/// Whoever refreshes.
#[derive(Debug)]
struct Busy {
    /// Tells who that is, and holds what others go on with.
    left: Arc<Mutex<Left>>,
    /// Whether they are being polled: then nobody else may go on with it.
    is_polled: bool,
}

/// What a caller has seen of whoever refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    rounds: u64,
    beats: u64,
}

/// What a caller knows who has waited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waited {
    pub(super) seen: Seen,
    /// So long that whoever refreshes is not polled any more, if nothing else is seen by now.
    pub(super) in_vain: bool,
}

/// Whoever refreshes is being polled, until this is dropped.
pub(super) struct Polled<'a> {
    shared: &'a Shared,
    left: &'a Arc<Mutex<Left>>,
}

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        if let Some(busy) = self.shared.lock().busy_as(self.left) {
            busy.is_polled = false;
        }
    }
}

impl State {
    /// Whoever refreshes, if that is who has this.
    fn busy_as(&mut self, left: &Arc<Mutex<Left>>) -> Option<&mut Busy> {
        self.busy.as_mut().filter(|busy| Arc::ptr_eq(&busy.left, left))
    }

    /// Nobody refreshes any more; the next one goes on with what is left.
    fn leave(&mut self, mut left: Left) {
        if left.under_way.is_none() {
            // Nothing of it is on its way, so that others may try.
            left.prepared = None;
        }
        (self.busy, self.left) = (None, left);
    }
}

/// What a caller does next.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Use(Secret),
    /// It is this caller's turn to refresh, or to go on where another one went away.
    Refresh(Box<Turn<'a>>),
    /// Somebody else refreshes.
    Wait(Seen),
}

impl Shared {
    /// Says what to do. Of a caller who has waited it says what the last [`Step::Wait`] said: a failure since then is theirs,
    /// too; and where nothing was seen since, they go on in the place of whoever refreshes.
    pub(super) fn step(
        &self,
        now: Timestamp,
        margin: Duration,
        refused: Option<&Credential>,
        waited: Option<Waited>,
        store: &dyn GrantStore,
    ) -> Result<Step<'_>, SourceError> {
        let mut state = self.lock();
        if waited.is_some_and(|waited| waited.seen.rounds < state.rounds)
            && let Some(failure) = &state.failed
        {
            return Err(SourceError::Shared(Arc::clone(failure)));
        }
        if let Some(busy) = &state.busy {
            let seen = Seen { rounds: state.rounds, beats: state.beats };
            if busy.is_polled || waited.is_none_or(|waited| !waited.in_vain || waited.seen != seen) {
                return Ok(Step::Wait(seen));
            }
            let left = take(&busy.left);
            state.leave(left);
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
        let grant = state.left.under_way.as_ref().map_or(grant, |under_way| under_way.held().clone());
        let left = Arc::new(Mutex::new(std::mem::take(&mut state.left)));
        // It is polled now, by whoever called this.
        state.busy = Some(Busy { left: Arc::clone(&left), is_polled: true });
        state.beats += 1;
        Ok(Step::Refresh(Box::new(Turn::new(self, grant, left))))
    }

    /// Whoever has this is about to be polled; `None` when somebody else goes on in their place.
    pub(super) fn polled<'a>(&'a self, left: &'a Arc<Mutex<Left>>) -> Option<Polled<'a>> {
        let mut state = self.lock();
        state.busy_as(left)?.is_polled = true;
        state.beats += 1;
        Some(Polled { shared: self, left })
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
        (state.busy, state.failed, state.left) = (None, failed, left);
    }

    /// Whoever has this went away.
    pub(super) fn leave(&self, left: &Arc<Mutex<Left>>) {
        let mut state = self.lock();
        if state.busy_as(left).is_some() {
            state.leave(take(left));
        }
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
