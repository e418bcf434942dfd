//! One run of a piece of work, in one transaction on one connection.

use std::collections::BTreeMap;

use super::connection::{Commit, Connection};
use super::driver::Driver;
use super::failure::Failure;
use crate::store::overlay::{Base, Overlay, ReadOnly};
use crate::store::{Ending, Mode, Row, StoreError, Work};

// Looking at the writer's row of a lost commit must come after this transaction's view of the table, so that one that still
// comes to its commit finds the row changed, and fails. So the view is fixed at the beginning, by a query of nothing.
const WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1";

// Taking a lock fixes no view: what others wrote before is seen.
const WRITE_ALONE: &str =
    "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE cs_store IN SHARE ROW EXCLUSIVE MODE; SELECT 1";

const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// How one run ended.
pub(super) enum Outcome {
    /// The work was done, and is durable if it is to stay.
    Done,
    /// Nothing stays, and it would end so again.
    Failed(StoreError),
    /// Nothing stays, and it may end better next time.
    GaveWay(Failure),
    /// The answer to the commit was lost.
    Unknown(Commit),
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        if failure.gave_way() || failure.is_lost() {
            Self::GaveWay(failure)
        } else {
            Self::Failed(StoreError::engine(failure))
        }
    }
}

/// One run.
pub(super) struct Attempt<'a> {
    driver: &'a Driver,
    connection: &'a mut Connection,
    mode: Mode,
    /// Whether it locks out other writers.
    alone: bool,
}

impl<'a> Attempt<'a> {
    pub(super) const fn new(
        driver: &'a Driver,
        connection: &'a mut Connection,
        mode: Mode,
        alone: bool,
    ) -> Self {
        Self { driver, connection, mode, alone }
    }

    pub(super) fn run(self, work: &mut Work<'_>) -> Outcome {
        let begin = match (self.mode, self.alone) {
            (Mode::Read, _) => READ,
            (Mode::Write, false) => WRITE,
            (Mode::Write, true) => WRITE_ALONE,
        };
        if let Err(failure) = self.driver.wait(self.connection.begin(begin)) {
            return failure.into();
        }
        let mut trouble = None;
        let view = View {
            driver: self.driver,
            connection: self.connection,
            read: BTreeMap::new(),
            trouble: &mut trouble,
        };
        let (ending, changes) = match self.mode {
            Mode::Read => (work(&mut ReadOnly(view)), BTreeMap::new()),
            Mode::Write => {
                let mut overlay = Overlay::new(view);
                let ending = work(&mut overlay);
                (ending, overlay.into_changes())
            }
        };
        if let Some(failure) = trouble {
            // Whatever the work made of it.
            self.roll_back();
            return failure.into();
        }
        match ending {
            Ok(Ending::Commit) if !changes.is_empty() => {
                if changes.keys().any(|key| key.first() == Some(&0)) {
                    self.roll_back();
                    return Outcome::Failed(StoreError::engine(Failure::reserved()));
                }
                let commit = self.connection.next_commit();
                match self.driver.wait(self.connection.commit(&changes, &commit)) {
                    Ok(()) => Outcome::Done,
                    Err(failure) if failure.is_lost() => Outcome::Unknown(commit),
                    Err(failure) => {
                        self.roll_back();
                        failure.into()
                    }
                }
            }
            Ok(_) => {
                self.roll_back();
                Outcome::Done
            }
            Err(error) => {
                self.roll_back();
                Outcome::Failed(error)
            }
        }
    }

    /// Leaves the connection to others. One that cannot roll back is closed, which does the same.
    fn roll_back(self) {
        let _ = self.driver.wait(self.connection.roll_back());
    }
}

/// The table as one transaction sees it: it does not change, so nothing is read twice.
struct View<'a> {
    driver: &'a Driver,
    connection: &'a Connection,
    read: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// What went wrong first.
    trouble: &'a mut Option<Failure>,
}

impl View<'_> {
    fn stop(&mut self, failure: Failure) -> StoreError {
        self.trouble.get_or_insert(failure);
        StoreError::Interrupted
    }
}

impl Base for View<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if key.first() == Some(&0) {
            return Ok(None);
        }
        if let Some(value) = self.read.get(key) {
            return Ok(value.clone());
        }
        let value = self.driver.wait(self.connection.get(key)).map_err(|failure| self.stop(failure))?;
        self.read.insert(key.to_vec(), value.clone());
        Ok(value)
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.driver.wait(self.connection.scan(prefix)).map_err(|failure| self.stop(failure))
    }
}
