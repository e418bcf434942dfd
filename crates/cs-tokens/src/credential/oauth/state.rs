//! What all callers share: the pair of the moment, and who refreshes it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cs_model::Secret;
use jiff::Timestamp;

use super::refresh::Refreshed;
use super::{GrantStore, OAuthGrant};
use crate::credential::{Credential, SourceError};

#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    grant: Option<OAuthGrant>,
    /// Whether the store has it; one that it has not is never used.
    is_kept: bool,
    /// Whether somebody refreshes right now.
    is_busy: bool,
    /// How many refreshes have ended.
    rounds: u64,
    /// How the last one failed.
    failed: Option<Arc<SourceError>>,
    /// Whether the last one may have used up the refresh token without a new pair coming of it.
    is_in_doubt: bool,
}

/// What a caller does next.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Use(Secret),
    /// It is this caller's turn to refresh.
    Refresh(Turn<'a>),
    /// Somebody else refreshes; so many have ended before.
    Wait(u64),
}

/// The right to refresh, until it is dropped.
pub(super) struct Turn<'a> {
    shared: &'a Shared,
    grant: OAuthGrant,
    is_in_doubt: bool,
    has_ended: bool,
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
            state.is_kept = true;
        }
        let grant = state.grant.clone().ok_or(SourceError::NoGrant)?;
        if !state.is_kept {
            store.save(&grant).map_err(SourceError::Store)?;
            state.is_kept = true;
        }
        let is_refused =
            refused.is_some_and(|refused| refused.same_as(&Credential::OAuth(grant.access_token.clone())));
        if !is_refused && !grant.is_due(now, margin) {
            return Ok(Step::Use(grant.access_token));
        }
        state.is_busy = true;
        Ok(Step::Refresh(Turn { shared: self, grant, is_in_doubt: state.is_in_doubt, has_ended: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// The pair to refresh.
    pub(super) const fn grant(&self) -> &OAuthGrant {
        &self.grant
    }

    /// Whether an earlier refresh may have used it up.
    pub(super) const fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// Ends the turn: keeps the new pair, and only then gives out its access token.
    pub(super) fn end(
        mut self,
        outcome: Result<Refreshed, SourceError>,
        store: &dyn GrantStore,
    ) -> Result<Secret, SourceError> {
        let outcome = outcome.and_then(|Refreshed { grant, is_kept }| {
            {
                // Now there is a copy in this process whatever becomes of the store.
                let mut state = self.shared.lock();
                state.grant = Some(grant.clone());
                state.is_kept = is_kept;
            }
            if !is_kept {
                store.save(&grant).map_err(SourceError::Store)?;
            }
            Ok(grant)
        });
        self.has_ended = true;
        let mut state = self.shared.lock();
        state.is_busy = false;
        state.rounds += 1;
        match outcome {
            Ok(grant) => {
                (state.is_kept, state.is_in_doubt, state.failed) = (true, false, None);
                Ok(grant.access_token)
            }
            Err(error) => {
                // A pair that could not be kept is a new one: nothing is in doubt about it.
                state.is_in_doubt = match &error {
                    SourceError::Store(_) => state.is_in_doubt && state.is_kept,
                    SourceError::Unknown(_) => true,
                    _ => state.is_in_doubt,
                };
                let error = Arc::new(error);
                state.failed = Some(Arc::clone(&error));
                Err(SourceError::Shared(error))
            }
        }
    }
}

/// A caller that went away in the middle lets the next one try.
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            let mut state = self.shared.lock();
            state.is_busy = false;
            state.is_in_doubt = true;
        }
    }
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("grant", &self.grant).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
