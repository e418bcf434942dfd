//! What the service recorded: things that happen without an answer that says so, and for which the vendor would send a
//! mail or nothing at all.
//!
//! Events are in the store, so they outlive the process, and replicas on one store share them. The last
//! ten thousand are kept.

use cs_model::{Expiry, Moment};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::Mailed;
use crate::store::{StoreError, Tx, get_json, keys, put_json, scan_json};

/// How many events are kept.
const KEPT: u64 = 10_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Its number: one more than that of the event before.
    pub number: u64,
    /// When it happened, on the clock that requests bring along.
    pub at: Moment,
    /// What it was.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The mail that tells of the coming expiry of a management token was due (seed 002, "Create management token"). No mail
    /// is sent: this is in its place.
    #[non_exhaustive]
    ExpiryNotice {
        /// The API key of the stack.
        api_key: String,
        /// The uid of the token.
        token_uid: String,
        /// Its name.
        name: String,
        /// When it expires.
        expires_on: Expiry,
        /// The uid of the user who gets the mail: who made the token.
        user_uid: String,
    },
    /// A mail to a user was due. None is sent, and its token is made by [`Admin::mailed_token`](crate::Admin::mailed_token) or
    /// [`Admin::ownership_token`](crate::Admin::ownership_token).
    #[non_exhaustive]
    Mail {
        /// What it is for.
        purpose: Mailed,
        /// The uid of the user who gets it.
        user_uid: String,
        /// The API key of the stack that it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        api_key: Option<String>,
    },
    /// A token gave way to a newer one, because the stack had as many as it may have and the profile evicts the oldest (CMA-doc, "How
    /// to Get Management Tokens").
    #[non_exhaustive]
    TokenEvicted {
        /// The API key of the stack.
        api_key: String,
        /// The kind of the token: `delivery` or `management`.
        token: String,
        /// Its uid.
        token_uid: String,
        /// Its name.
        name: String,
    },
    /// The access token of a stack was replaced (seed 001, "Access Tokens").
    #[non_exhaustive]
    AccessTokenReset {
        /// The API key of the stack.
        api_key: String,
        /// The uid of the user who did it.
        user_uid: String,
    },
}

/// Records an event.
pub(crate) fn record(tx: &mut dyn Tx, at: Timestamp, kind: EventKind) -> Result<(), StoreError> {
    let number = get_json::<u64>(tx, keys::EVENT_COUNT)?.unwrap_or_default() + 1;
    put_json(tx, keys::EVENT_COUNT, &number)?;
    put_json(tx, &keys::event(number), &Event { number, at: Moment::from_timestamp(at), kind })?;
    if let Some(old) = number.checked_sub(KEPT) {
        tx.delete(keys::event(old).as_bytes())?;
    }
    Ok(())
}

/// Those with a higher number than `after`, in their order.
pub(crate) fn all_after(tx: &mut dyn Tx, after: u64) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<(String, Event)> = scan_json(tx, keys::EVENTS)?;
    Ok(rows.into_iter().map(|(_, event)| event).filter(|event| event.number > after).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Mode, RedbStore, run};

    #[test]
    fn the_last_ten_thousand_are_kept() {
        let store = RedbStore::memory().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let kind = |n: u64| EventKind::AccessTokenReset { api_key: n.to_string(), user_uid: String::new() };
        let kept = run(&store, Mode::Write, |tx| {
            for n in 1..=KEPT + 3 {
                record(tx, now, kind(n))?;
            }
            Ok(Ok::<_, ()>((all_after(tx, 0)?, all_after(tx, KEPT + 1)?)))
        });
        let (all, last) = kept.unwrap().unwrap();
        assert_eq!((all.len() as u64, all[0].number), (KEPT, 4));
        let numbers: Vec<u64> = last.iter().map(|event| event.number).collect();
        assert_eq!(numbers, [KEPT + 2, KEPT + 3]);
        assert_eq!(last[1].kind, kind(KEPT + 3));
    }
}
