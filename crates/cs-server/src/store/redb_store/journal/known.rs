//! What the engine knows of the journal: whose it is, which batch was the last, and whether there has to be one.

use redb::{Database, ReadableDatabase as _, TableDefinition, TableError, WriteTransaction};

use super::record::StoreId;
use crate::store::StoreError;

const KNOWN: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("cs_journal");
const STORE: &str = "store";
const NUMBER: &str = "number";

/// There while batches may stand in the journal and nowhere else. Stores of earlier versions have no such key.
const OPEN: &str = "open";

#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) store: StoreId,
    /// The number of the last batch in the store.
    pub(super) number: u64,
    /// Whether the store is whole with its journal only.
    pub(super) open: bool,
}

/// What is known of a store. One that has no journal yet gets ready for it.
pub(super) fn known(database: &Database) -> Result<Known, StoreError> {
    if let Some(found) = read(database)? {
        return Ok(found);
    }
    let mut store = StoreId::default();
    getrandom::fill(&mut store).map_err(|_| StoreError::Random)?;
    let transaction = database.begin_write().map_err(StoreError::engine)?;
    {
        let mut table = transaction.open_table(KNOWN).map_err(StoreError::engine)?;
        table.insert(STORE, store.as_slice()).map_err(StoreError::engine)?;
    }
    keep_number(&transaction, 0)?;
    transaction.commit().map_err(StoreError::engine)?;
    Ok(Known { store, number: 0, open: false })
}

fn read(database: &Database) -> Result<Option<Known>, StoreError> {
    let transaction = database.begin_read().map_err(StoreError::engine)?;
    let table = match transaction.open_table(KNOWN) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(StoreError::engine(error)),
    };
    let of = |key: &str| table.get(key).map_err(StoreError::engine);
    let open = of(OPEN)?.is_some();
    Ok(of(STORE)?.zip(of(NUMBER)?).and_then(|(store, number)| {
        let number = number.value().try_into().ok().map(u64::from_le_bytes)?;
        Some(Known { store: store.value().try_into().ok()?, number, open })
    }))
}

pub(super) fn keep_number(transaction: &WriteTransaction, number: u64) -> Result<(), StoreError> {
    let mut table = transaction.open_table(KNOWN).map_err(StoreError::engine)?;
    table.insert(NUMBER, number.to_le_bytes().as_slice()).map_err(StoreError::engine)?;
    Ok(())
}

pub(super) fn keep_open(transaction: &WriteTransaction, open: bool) -> Result<(), StoreError> {
    let mut table = transaction.open_table(KNOWN).map_err(StoreError::engine)?;
    if open { table.insert(OPEN, [].as_slice()) } else { table.remove(OPEN) }.map_err(StoreError::engine)?;
    Ok(())
}
