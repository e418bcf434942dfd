//! How the commit of a batch went: told to all whose work was in it, each of whom waits for this and for nothing else. A lock that
//! those behind them need, too, would be asked for by all at once when the disk is done.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::store::StoreError;

/// How the commit of a batch went, once that is known.
#[derive(Default)]
pub(super) struct Outcome {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    settled: Option<Result<(), SharedError>>,
    /// How often those who wait were told to look whether they are the last in line now.
    calls: usize,
}

/// The failure of a commit.
#[derive(Clone, Debug)]
pub(super) struct SharedError(Arc<StoreError>);

impl From<StoreError> for SharedError {
    fn from(error: StoreError) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for SharedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl Outcome {
    /// Says how it went, once.
    pub(super) fn settle(&self, how: Result<(), SharedError>) {
        self.state().settled.get_or_insert(how);
        self.changed.notify_all();
    }

    /// Tells those who wait to look again whether it is for them to commit.
    pub(super) fn call(&self) {
        self.state().calls += 1;
        self.changed.notify_all();
    }

    /// How many calls there were so far; asked while nobody else can call.
    pub(super) fn calls(&self) -> usize {
        self.state().calls
    }

    /// Waits until it is settled; `None` when there was a call more than these.
    pub(super) fn wait(&self, calls: usize) -> Option<Result<(), SharedError>> {
        let waits = |state: &mut State| state.settled.is_none() && state.calls == calls;
        let state = self.changed.wait_while(self.state(), waits);
        state.unwrap_or_else(PoisonError::into_inner).settled.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change of it is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
