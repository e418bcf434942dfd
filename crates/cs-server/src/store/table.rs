//! Values as JSON.

use std::sync::Arc;

use cs_model::Revealed;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StoreError, Tx};

/// The largest value, and all under a prefix together, that are kept as they were read.
const LARGEST_KNOWN: usize = 4 << 10;

/// What values become.
pub(crate) trait Record: DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Record for T {}

/// The value of a key, read; to be changed.
pub(crate) fn get_json<T: Record>(tx: &mut dyn Tx, key: &str) -> Result<Option<T>, StoreError> {
    Ok(get_known(tx, key)?.map(Arc::unwrap_or_clone))
}

/// The value of a key, read; shared with whoever reads it at the same time.
pub(crate) fn get_known<T: Record>(tx: &mut dyn Tx, key: &str) -> Result<Option<Arc<T>>, StoreError> {
    if let Some(known) = recall(tx, key) {
        return Ok(Some(known));
    }
    let Some(value) = tx.get(key.as_bytes())? else { return Ok(None) };
    let found: Arc<T> = Arc::new(read(key, &value)?);
    if value.len() <= LARGEST_KNOWN {
        tx.remember(key.as_bytes(), &|| Arc::<T>::clone(&found));
    }
    Ok(Some(found))
}

/// All values under a prefix, read, in the order of their keys; with the part of the key behind the prefix.
pub(crate) fn scan_json<T: Record>(tx: &mut dyn Tx, prefix: &str) -> Result<Vec<(String, T)>, StoreError> {
    if let Some(known) = recall::<Vec<(String, T)>>(tx, prefix) {
        return Ok(Vec::clone(&known));
    }
    let rows = tx.scan(prefix.as_bytes())?;
    let size: usize = rows.iter().map(|(key, value)| key.len() + value.len()).sum();
    let read_row = |(key, value): (Vec<u8>, Vec<u8>)| {
        let rest = String::from_utf8_lossy(key.get(prefix.len()..).unwrap_or_default()).into_owned();
        Ok((rest, read(prefix, &value)?))
    };
    let found: Vec<(String, T)> = rows.into_iter().map(read_row).collect::<Result<_, _>>()?;
    if prefix.ends_with('/') && size <= LARGEST_KNOWN {
        tx.remember(prefix.as_bytes(), &|| Arc::new(found.clone()));
    }
    Ok(found)
}

fn recall<T: Send + Sync + 'static>(tx: &mut dyn Tx, key: &str) -> Option<Arc<T>> {
    tx.recall(key.as_bytes())?.downcast().ok()
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
