//! Values as JSON.

use cs_model::Revealed;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StoreError, Tx};

/// The value of a key, read.
pub(crate) fn get_json<T: DeserializeOwned>(tx: &mut dyn Tx, key: &str) -> Result<Option<T>, StoreError> {
    tx.get(key.as_bytes())?.map(|value| read(key, &value)).transpose()
}

/// All values under a prefix, read, in the order of their keys; with the part of the key behind the prefix.
pub(crate) fn scan_json<T: DeserializeOwned>(
    tx: &mut dyn Tx,
    prefix: &str,
) -> Result<Vec<(String, T)>, StoreError> {
    let rows = tx.scan(prefix.as_bytes())?;
    let read_row = |(key, value): (Vec<u8>, Vec<u8>)| {
        let rest = String::from_utf8_lossy(key.get(prefix.len()..).unwrap_or_default()).into_owned();
        Ok((rest, read(prefix, &value)?))
    };
    rows.into_iter().map(read_row).collect()
}

/// Writes a value.
pub(crate) fn put_json(tx: &mut dyn Tx, key: &str, value: &impl Serialize) -> Result<(), StoreError> {
    // A record that cannot become JSON is a fault of its type; nothing that a request holds leads there.
    let value = serde_json::to_vec(&Revealed(value)).map_err(StoreError::engine)?;
    tx.put(key.as_bytes(), &value)
}

/// The next number: orders what is made in one store, also within one millisecond.
pub(crate) fn next_number(tx: &mut dyn Tx) -> Result<u64, StoreError> {
    let number = get_json::<u64>(tx, super::keys::COUNTER)?.unwrap_or_default() + 1;
    put_json(tx, super::keys::COUNTER, &number)?;
    Ok(number)
}

pub(crate) fn exists(tx: &mut dyn Tx, key: &str) -> Result<bool, StoreError> {
    Ok(tx.get(key.as_bytes())?.is_some())
}

/// Removes all keys under a prefix.
pub(crate) fn delete_all(tx: &mut dyn Tx, prefix: &str) -> Result<(), StoreError> {
    for (key, _) in tx.scan(prefix.as_bytes())? {
        tx.delete(&key)?;
    }
    Ok(())
}

fn read<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T, StoreError> {
    // The parser's own error can quote the value.
    serde_json::from_slice(value)
        .map_err(|_| StoreError::Unreadable { table: key.split('/').next().unwrap_or_default().to_owned() })
}
