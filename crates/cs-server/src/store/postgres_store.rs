//! The shared engine: PostgreSQL, for many replicas of the service (feature `postgres`).
//!
//! One table, `cs_store (key bytea primary key, value json)`, made and migrated by whoever comes first. Keys are those of
//! [`keys`](super::keys) as bytes, so that `select convert_from(key, 'UTF8'), value ->> 'name' from cs_store` reads them.
//! Rows whose keys begin with a NUL byte are the engine's own, and no transaction sees them: the version of the table, and
//! one row for each connection that writes, by which the outcome of a lost commit is found out.
//!
//! ```text
//! read    REPEATABLE READ, READ ONLY: one state
//! write   SERIALIZABLE; who had to give way once locks out other writers before it looks, and then cannot fail again
//! commit  all changes and the writer's own row in one go
//! lost    before the commit: again. At the commit: the writer's row tells, and waits for the old transaction to end
//! gone    after a while of that. Until the database is reached again, work is tried once and fails at once
//! ```

mod address;
mod attempt;
mod connection;
mod driver;
mod failure;
mod pool;
mod schema;
mod tls;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use self::attempt::{Attempt, Outcome};
use self::connection::{Commit, Connection, Connector};
use self::driver::Driver;
use self::failure::Failure;
use self::pool::Pool;
use super::{Ending, Mode, Store, StoreError, Work};

pub use address::PostgresAddress;

/// How long work is tried again. A write is worth more patience than a read, which its sender can repeat at any time.
const PATIENCE: Duration = Duration::from_secs(8);
const READ_PATIENCE: Duration = Duration::from_secs(2);

/// How long the first and the longest pause in between are at most.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// A store in a PostgreSQL database, shared by any number of processes.
///
/// It may be used on any thread, also within async code, whose thread it then holds up while it waits.
pub struct PostgresStore {
    // Dropped before the driver, on whose runtime the connections run.
    pool: Pool,
    driver: Driver,
    address: PostgresAddress,
    /// Whether some work ran out of patience, and none reached the database since. Others then try once and wait for nothing.
    is_gone: AtomicBool,
}

impl PostgresStore {
    /// Connects, and makes or migrates the table. Several processes may do so at the same time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`] when the database cannot be reached or does not let us in, [`StoreError::Version`] when a
    /// newer version of this program made the table.
    pub fn open(address: &PostgresAddress) -> Result<Self, StoreError> {
        let refused = |source| StoreError::Connect { address: address.to_string(), source };
        let driver = Driver::start().map_err(|error| refused(Box::new(error)))?;
        let connector = Connector::new(address).map_err(refused)?;
        let first = driver.wait(connector.reach()).map_err(|failure| refused(Box::new(failure)))?;
        driver.wait(schema::prepare(&first)).map_err(|problem| match problem {
            schema::Problem::Failed(failure) => refused(Box::new(failure)),
            schema::Problem::Newer { found } => {
                StoreError::Version { address: address.to_string(), found, known: schema::VERSION }
            }
        })?;
        Ok(Self {
            pool: Pool::new(connector),
            driver,
            address: address.clone(),
            is_gone: AtomicBool::new(false),
        })
    }

    /// Runs work once, on a connection of its own.
    fn attempt(&self, mode: Mode, alone: bool, work: &mut Work<'_>) -> Outcome {
        let run = |connection: &mut Connection| Attempt::new(&self.driver, connection, mode, alone).run(work);
        self.pool.with(&self.driver, run).unwrap_or_else(|outcome| outcome)
    }

    /// Finds out how a commit ended whose answer was lost.
    fn look_up(&self, commit: Commit) -> Outcome {
        let look = |connection: &mut Connection| self.driver.wait(connection.is_committed(&commit));
        match self.pool.with(&self.driver, look) {
            Ok(Ok(true)) => Outcome::Done,
            Ok(Ok(false)) => Outcome::GaveWay(Failure::lost()),
            // Not yet known: asked again, and the work is not repeated.
            Ok(Err(_)) | Err(_) => Outcome::Unknown(commit),
        }
    }
}

impl PostgresStore {
    /// Runs work until it ends, or until there is no more patience.
    fn persist(&self, mode: Mode, patience: Duration, work: &mut Work<'_>) -> Result<(), StoreError> {
        let (start, mut pause) = (Instant::now(), FIRST_PAUSE);
        let mut outcome = self.attempt(mode, false, work);
        loop {
            let elapsed = start.elapsed();
            outcome = match outcome {
                Outcome::Done => {
                    self.is_gone.store(false, Ordering::Relaxed);
                    return Ok(());
                }
                Outcome::Failed(error) => return Err(error),
                Outcome::GaveWay(failure) if failure.is_lost() && self.is_gone.load(Ordering::Relaxed) => {
                    return Err(StoreError::engine(failure));
                }
                Outcome::GaveWay(failure) if elapsed >= patience => {
                    self.is_gone.fetch_or(failure.is_lost(), Ordering::Relaxed);
                    return Err(StoreError::engine(failure));
                }
                Outcome::Unknown(_) if elapsed >= patience => return Err(StoreError::OutcomeUnknown),
                Outcome::GaveWay(failure) => {
                    rest(&mut pause);
                    self.attempt(mode, failure.gave_way(), work)
                }
                Outcome::Unknown(commit) => {
                    rest(&mut pause);
                    self.look_up(commit)
                }
            };
        }
    }
}

impl Store for PostgresStore {
    fn transact(&self, mode: Mode, work: &mut Work<'_>) -> Result<(), StoreError> {
        let patience = match mode {
            Mode::Read => READ_PATIENCE,
            Mode::Write => PATIENCE,
        };
        self.persist(mode, patience, work)
    }

    fn check(&self, patience: Duration) -> Result<(), StoreError> {
        self.persist(Mode::Read, patience, &mut |tx| {
            tx.get(super::keys::COUNTER.as_bytes()).map(|_| Ending::Discard)
        })
    }

    fn waits(&self, _: Mode) -> bool {
        true
    }

    fn describe(&self) -> String {
        self.address.to_string()
    }
}

/// Rests for a random time, so that those who met once do not meet again, and lets the next rest be longer.
fn rest(pause: &mut Duration) {
    std::thread::sleep(pause.mul_f64(fastrand::f64()));
    *pause = (*pause * 2).min(LONGEST_PAUSE);
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresStore").field(&self.describe()).finish()
    }
}
