//! A few connections, shared by all who work.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::attempt::Outcome;
use super::connection::{Connection, Connector};
use super::driver::Driver;
use super::failure::Failure;
use crate::store::StoreError;

/// How many connections one process has at most: PostgreSQL takes a hundred by default, and replicas share them.
const MOST: usize = 16;

/// How long one is waited for.
const WAIT: Duration = Duration::from_secs(10);

/// The connections of this process.
pub(super) struct Pool {
    connector: Connector,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    /// How many there are, in use or not.
    open: usize,
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, state: Mutex::default(), freed: Condvar::new() }
    }

    /// Works on a connection: one that is free, or a new one, or the next that is given back.
    pub(super) fn with<T>(
        &self,
        driver: &Driver,
        work: impl FnOnce(&mut Connection) -> T,
    ) -> Result<T, Outcome> {
        let is_full = |state: &mut State| state.idle.is_empty() && state.open >= MOST;
        let waited = self.freed.wait_timeout_while(self.lock(), WAIT, is_full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if is_full(&mut state) {
            return Err(Outcome::Failed(StoreError::engine(Failure::busy())));
        }
        let idle = state.idle.pop();
        if idle.is_none() {
            state.open += 1;
        }
        drop(state);
        // From here on it counts as open, until it is given back or the place is.
        let place = Place(self);
        let mut connection = match idle.filter(|connection| !connection.is_closed()) {
            Some(connection) => connection,
            None => driver.wait(self.connector.connect()).map_err(Outcome::from)?,
        };
        let value = work(&mut connection);
        place.give_back(connection);
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Numbers and connections are right whatever happened to a thread that held the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a connection in use. Given up when it is dropped, such as by a panic; the connection is then closed.
struct Place<'a>(&'a Pool);

impl Place<'_> {
    /// Keeps a connection that is still good.
    fn give_back(self, connection: Connection) {
        if connection.is_free() && !connection.is_closed() {
            let mut state = self.0.lock();
            state.idle.push(connection);
            // Dropping this takes it off again.
            state.open += 1;
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.lock().open -= 1;
        self.0.freed.notify_one();
    }
}
