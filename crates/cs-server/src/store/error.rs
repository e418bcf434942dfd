//! What can go wrong with a store.

use std::error::Error;
use std::path::PathBuf;

use super::Holder;

/// Why a store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has the file open; it was waited for, and did not let go.
    #[error("the store `{}` is in use by {}", path.display(), held_by(holder.as_ref()))]
    InUse {
        /// The file.
        path: PathBuf,
        /// Who has it open, when that could be read.
        holder: Option<Holder>,
    },
    /// The file cannot be opened or made, is a symbolic link, is no store, or was damaged.
    #[error("the store `{}` cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The address of a database cannot be read.
    #[error("the address of the database cannot be read: {reason}")]
    Address {
        /// What is wrong with it; it does not quote the address, which may hold a password.
        reason: &'static str,
    },
    /// The database cannot be reached, does not let us in, or holds a table of our name that is not ours.
    #[error("the store `{address}` cannot be opened")]
    Connect {
        /// The address, without a password.
        address: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The table in the database was made by a newer version of this program.
    #[error("the store `{address}` has version {found}, and this program knows {known}")]
    Version {
        /// The address, without a password.
        address: String,
        /// The version of the table.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// The connection was lost at the commit, and whether it was made could not be found out in time.
    #[error("the store could not find out whether a transaction was committed")]
    OutcomeUnknown,
    /// The transaction has to begin again. Engines see to it themselves and return this to nobody but the work.
    #[error("the transaction was interrupted")]
    Interrupted,
    /// The engine failed to read or write.
    #[error("the store failed")]
    Engine(#[source] Box<dyn Error + Send + Sync>),
    /// Some other work could be written in part only, so nothing of what was to be made durable with it stays.
    #[error("the store could not write all of a transaction")]
    Torn,
    /// A value in the store is not what this version writes under its key.
    #[error("the store holds something unreadable under a key of `{table}`")]
    Unreadable {
        /// The first part of the key.
        table: String,
    },
    /// A transaction that only reads was asked to write.
    #[error("a reading transaction cannot write")]
    ReadOnly,
    /// The engine never ran the work.
    #[error("the store did not run the work")]
    NotRun,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), ToString::to_string)
}

impl StoreError {
    pub(crate) fn engine<E: Error + Send + Sync + 'static>(source: E) -> Self {
        Self::Engine(Box::new(source))
    }
}
