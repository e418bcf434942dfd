//! All that a store holds, taken out and put back.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{json, to_vec};

use super::Shared;
use super::answer::{Answer, Problem, read, read_nothing};
use crate::integrity;
use crate::store::{Always, Mode, Store, StoreError, run};

/// The form of a snapshot.
const SCHEMA: u32 = 1;

/// What a reset remembers has at most this many rows.
const SMALL: usize = 20_000;

/// All that a store holds. It holds the readable values of tokens, too.
#[derive(Clone)]
pub struct Snapshot {
    rows: BTreeMap<String, Box<RawValue>>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("rows", &self.rows.len()).finish()
    }
}

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    taken_at: Timestamp,
    rows: &'a BTreeMap<String, Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restored {
    schema: u32,
    #[serde(rename = "taken_at")]
    _taken_at: Timestamp,
    rows: BTreeMap<String, Box<RawValue>>,
}

impl Snapshot {
    /// All that is in the store at one moment.
    ///
    /// # Errors
    ///
    /// A failing store, and one with a value that is no JSON.
    pub fn take(store: &dyn Store) -> Result<Self, StoreError> {
        let Always(found) = run(store, Mode::Read, |tx| tx.scan(b"").map(Always))?;
        let mut rows = BTreeMap::new();
        for (key, value) in found {
            let key = String::from_utf8(key).map_err(|_| unreadable(""))?;
            let value = String::from_utf8(value).ok().and_then(|value| RawValue::from_string(value).ok());
            rows.insert(key.clone(), value.ok_or_else(|| unreadable(&key))?);
        }
        Ok(Self { rows })
    }

    /// The same, unless it is too much to be remembered.
    pub(super) fn take_small(store: &dyn Store) -> Result<Option<Self>, StoreError> {
        Ok(Some(Self::take(store)?).filter(|snapshot| snapshot.rows.len() <= SMALL))
    }

    /// Puts it in place of all that the store holds, at once.
    ///
    /// # Errors
    ///
    /// A failing store; then nothing is changed.
    pub fn restore(&self, store: &dyn Store) -> Result<(), StoreError> {
        run(store, Mode::Write, |tx| {
            for (key, _) in tx.scan(b"")? {
                tx.delete(&key)?;
            }
            for (key, value) in &self.rows {
                tx.put(key.as_bytes(), value.get().as_bytes())?;
            }
            Ok(Ok::<(), StoreError>(()))
        })?
    }

    /// What keeps it from being a store that this service could have written: a hundred faults at most, one a line. Empty for
    /// one that was [taken](Self::take).
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        integrity::check(&self.rows).0.iter().map(ToString::to_string).collect()
    }

    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

fn unreadable(key: &str) -> StoreError {
    StoreError::Unreadable { table: key.split('/').next().unwrap_or_default().to_owned() }
}

impl Shared {
    pub(super) fn snapshot(&self) -> Result<Answer, Problem> {
        let Snapshot { rows } = Snapshot::take(self.service.store())?;
        let written = Written { schema: SCHEMA, taken_at: self.clock.now(), rows: &rows };
        let text = to_vec(&written).map_err(|_| Problem::internal())?;
        Ok(Answer::raw(text))
    }

    pub(super) fn restore(&self, body: &Bytes) -> Result<Answer, Problem> {
        let Restored { schema, rows, .. } = read(body)?;
        if schema != SCHEMA {
            return Err(Problem::new(
                422,
                format!("a snapshot of schema {SCHEMA} is taken here, not of {schema}"),
            ));
        }
        // All of it is checked before any of it is written: a store that holds half of something answers nobody.
        let (faults, unlisted) = integrity::check(&rows);
        if !faults.is_empty() {
            let count = faults.len() + unlisted;
            let says = format!(
                "the snapshot is no store of this service, and nothing was changed; problems: {count}"
            );
            return Err(Problem::new(422, says).with("problems", json!(faults)));
        }
        self.put(&Snapshot { rows })
    }

    /// Back to what the store held when the admin API began.
    pub(super) fn reset(&self, body: &Bytes) -> Result<Answer, Problem> {
        read_nothing(body)?;
        let baseline = self.baseline.as_ref().ok_or_else(|| {
            Problem::new(
                409,
                format!(
                    "the store held more than {SMALL} rows at the start: take a snapshot, and restore that"
                ),
            )
        })?;
        self.put(baseline)
    }

    fn put(&self, snapshot: &Snapshot) -> Result<Answer, Problem> {
        snapshot.restore(self.service.store())?;
        self.service.tick(self.clock.now())?;
        Ok(Answer::ok(json!({ "rows": snapshot.len() })))
    }
}
