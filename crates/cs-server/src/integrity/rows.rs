//! Rows while they are checked.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::store::keys;

/// How many faults are listed. More are counted.
const LISTED: usize = 100;

/// What is wrong with a row. It quotes no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// The key of the row.
    pub(crate) row: String,
    /// What is wrong with it.
    pub(crate) problem: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row `{}` {}", self.row, self.problem)
    }
}

/// A check that is going on.
pub(super) struct Check<'a> {
    rows: &'a BTreeMap<String, Box<RawValue>>,
    faults: Vec<Fault>,
    unlisted: usize,
    highest: u64,
    last_event: u64,
}

impl<'a> Check<'a> {
    pub(super) const fn new(rows: &'a BTreeMap<String, Box<RawValue>>) -> Self {
        Self { rows, faults: Vec::new(), unlisted: 0, highest: 0, last_event: 0 }
    }

    /// One more fault.
    pub(super) fn fault(&mut self, key: &str, problem: impl Into<String>) {
        if self.faults.len() < LISTED {
            self.faults.push(Fault { row: key.to_owned(), problem: problem.into() });
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    /// How many keys begin with this.
    pub(super) fn how_many(&self, prefix: &str) -> usize {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        self.rows.range::<str, _>(from).take_while(|(key, _)| key.starts_with(prefix)).count()
    }

    /// The value of a row; a fault of the row when it does not read as one.
    pub(super) fn read<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let text = self.rows.get(key)?.get();
        match serde_json::from_str(text) {
            Ok(value) => Some(value),
            Err(error) => {
                // Other messages of the parser quote the value.
                let said = error.to_string();
                let missing = said.split(" at line ").next().filter(|said| said.starts_with("missing field"));
                let why = missing.map(|said| format!(": {said}")).unwrap_or_default();
                self.fault(key, format!("is not what this table holds{why}"));
                None
            }
        }
    }

    /// The value of another row, if it reads; that it does is checked with that row.
    pub(super) fn other<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.rows.get(key)?.get()).ok()
    }

    /// Another row must be there.
    pub(super) fn needs(&mut self, key: &str, other: &str, what: &str) {
        if !self.has(other) {
            self.fault(key, format!("refers to a {what} that is not there: no row `{other}`"));
        }
    }

    /// Another row must hold this text, as a twin does.
    pub(super) fn needs_text(&mut self, key: &str, other: &str, text: &str, what: &str) {
        if self.other::<String>(other).as_deref() != Some(text) {
            self.fault(key, format!("has no {what} that leads to it: row `{other}`"));
        }
    }

    /// What a record says of itself must be what its key says.
    pub(super) fn same(&mut self, key: &str, field: &str, said: &str, in_key: &str) {
        if said != in_key {
            self.fault(key, format!("has another `{field}` than its key"));
        }
    }

    /// A number that orders lists was given once, and the counter has counted it.
    pub(super) fn number(&mut self, number: u64) {
        self.highest = self.highest.max(number);
    }

    pub(super) fn event_number(&mut self, number: u64) {
        self.last_event = self.last_event.max(number);
    }

    /// The counters must be as high as what they count: the next number would be given twice.
    pub(super) fn counters(&mut self) {
        for (key, least) in [(keys::COUNTER, self.highest), (keys::EVENT_COUNT, self.last_event)] {
            let counted = if self.has(key) { self.read::<u64>(key) } else { Some(0) };
            if counted.is_some_and(|counted| counted < least) {
                self.fault(key, format!("is lower than {least}, a number that is in use"));
            }
        }
    }

    /// All faults that are listed, and how many more there are.
    pub(super) fn finish(self) -> (Vec<Fault>, usize) {
        (self.faults, self.unlisted)
    }
}
