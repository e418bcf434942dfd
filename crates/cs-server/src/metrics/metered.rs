//! A store whose transactions are counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Metrics, ModeLabels, TransactionLabels};
use crate::store::{Mode, Store, StoreError, Work};

/// A store whose transactions are counted.
#[derive(Debug)]
pub struct Metered<S> {
    store: S,
    metrics: Arc<Metrics>,
}

impl<S: Store> Metered<S> {
    /// Counts the transactions of a store.
    pub const fn new(store: S, metrics: Arc<Metrics>) -> Self {
        Self { store, metrics }
    }
}

impl<S: Store> Store for Metered<S> {
    fn transact(&self, mode: Mode, work: &mut Work<'_>) -> Result<(), StoreError> {
        let start = Instant::now();
        let outcome = self.store.transact(mode, work);
        let mode = match mode {
            Mode::Read => "read",
            Mode::Write => "write",
        };
        let labels = TransactionLabels { mode, outcome: if outcome.is_ok() { "done" } else { "failed" } };
        self.metrics.transactions.get_or_create(&labels).inc();
        self.metrics
            .transaction_durations
            .get_or_create(&ModeLabels { mode })
            .observe(start.elapsed().as_secs_f64());
        outcome
    }

    fn check(&self, patience: Duration) -> Result<(), StoreError> {
        self.store.check(patience)
    }

    fn waits(&self, mode: Mode) -> bool {
        self.store.waits(mode)
    }

    fn describe(&self) -> String {
        self.store.describe()
    }
}
