//! The right to refresh, and what goes on when whoever has it goes away.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, PoisonError};
use std::task::Poll;

use cs_model::Secret;
use cs_transport::{ErrorKind, Sent, TransportError};
use jiff::Timestamp;

use super::refresh::Refreshed;
use super::state::{Shared, keep};
use super::sync::{Mutex, MutexGuard};
use super::under_way::{Answered, UnderWay};
use super::{GrantStore, OAuthGrant, Prepared};
use crate::credential::SourceError;

/// What a caller who goes away leaves to the next one.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// The request that was sent, until its answer is here.
    pub(super) under_way: Option<UnderWay>,
    /// The right to the store: nobody else asks with the same refresh token meanwhile.
    pub(super) prepared: Option<Prepared>,
    /// Whether a request whose answer is lost may have used up the refresh token.
    pub(super) is_in_doubt: bool,
}

/// The right to refresh, until it is dropped, or until another caller takes it because this one is not polled any more.
pub(super) struct Turn<'a> {
    shared: &'a Shared,
    grant: OAuthGrant,
    /// Locked by whoever has the turn alone; poisoned when a transport panicked.
    left: Arc<Mutex<Left>>,
}

impl<'a> Turn<'a> {
    pub(super) const fn new(shared: &'a Shared, grant: OAuthGrant, left: Arc<Mutex<Left>>) -> Self {
        Self { shared, grant, left }
    }

    /// What is polled from here on is this turn's; see [`Shared::polled`].
    pub(super) fn left_to_others(&self) -> Arc<Mutex<Left>> {
        Arc::clone(&self.left)
    }

    /// The pair to refresh.
    pub(super) const fn grant(&self) -> &OAuthGrant {
        &self.grant
    }

    /// Whether an earlier refresh may have used it up.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.left().is_in_doubt
    }

    /// Says whether a request whose answer is lost may have used up the refresh token.
    pub(super) fn doubt(&self, is_in_doubt: bool) {
        self.left().is_in_doubt = is_in_doubt;
    }

    /// Has the right to the store until the turn ends well, or for as long as something is left of it.
    pub(super) fn hold(&self, prepared: Prepared) {
        self.left().prepared = Some(prepared);
    }

    /// Whether the store is this turn's already.
    pub(super) fn holds(&self) -> bool {
        self.left().prepared.is_some()
    }

    /// When the request was sent that is under way.
    pub(super) fn asked(&self) -> Option<Timestamp> {
        self.left().under_way.as_ref().map(UnderWay::asked)
    }

    /// Takes over a request: it is under way until its answer is here, also beyond this turn.
    pub(super) fn send(&self, under_way: UnderWay) {
        self.left().under_way = Some(under_way);
    }

    /// No longer waits for the request that is under way.
    pub(super) fn give_up(&self) {
        self.left().under_way = None;
    }

    /// Waits for the request that is under way.
    pub(super) fn answer(&self) -> impl Future<Output = Answered> + Send + Unpin + '_ {
        poll_fn(|context| {
            let mut left = self.left();
            let Some(under_way) = &mut left.under_way else {
                return Poll::Ready(Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe)));
            };
            let answered = under_way.poll(context);
            if answered.is_ready() {
                left.under_way = None;
            }
            answered
        })
    }

    /// Ends the turn: keeps the new pair, and only then gives out its access token.
    pub(super) fn end(
        self,
        outcome: Result<Refreshed, SourceError>,
        store: &dyn GrantStore,
    ) -> Result<Secret, SourceError> {
        let outcome = outcome.and_then(|Refreshed { grant, in_place_of }| {
            // Now there is a copy in this process whatever becomes of the store.
            self.shared.hold(&grant, in_place_of.as_ref());
            let Some(before) = in_place_of else { return Ok(grant) };
            let grant = keep(store, grant, &before).map_err(SourceError::NotKept)?;
            self.shared.hold(&grant, None);
            Ok(grant)
        });
        let mut left = take(&self.left);
        match outcome {
            Ok(grant) => {
                self.shared.end(Left::default(), None);
                Ok(grant.access_token)
            }
            Err(error) => {
                let is_kept = !matches!(error, SourceError::NotKept(_));
                if is_kept && left.under_way.is_none() {
                    left.prepared = None;
                }
                // A pair that could not be kept is a new one: nothing is in doubt about it.
                left.is_in_doubt = is_kept && (left.is_in_doubt || matches!(error, SourceError::Unknown(_)));
                let error = Arc::new(error);
                self.shared.end(left, Some(Arc::clone(&error)));
                Err(SourceError::Shared(error))
            }
        }
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes out what the next caller goes on with.
pub(super) fn take(left: &Mutex<Left>) -> Left {
    let locked = left.lock();
    // A future that has panicked must not be polled again, and nobody knows what it did before.
    let has_panicked = locked.is_err();
    let left = std::mem::take(&mut *locked.unwrap_or_else(PoisonError::into_inner));
    if has_panicked { Left { is_in_doubt: true, ..Left::default() } } else { left }
}

/// A caller that went away in the middle lets the next one go on.
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.shared.leave(&self.left);
    }
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("grant", &self.grant).finish_non_exhaustive()
    }
}
