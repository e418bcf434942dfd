//! The notice before a management token expires (seed 002, "Create management token"): due some days before, given once for each token and expiry.
//!
//! Which notices are to come is in the store, so any replica may give them, and a transaction sees to it that only one does.

use std::sync::atomic::{AtomicI64, Ordering};

use cs_model::Profile;
use cs_model::generated::LimitId;
use jiff::{SignedDuration, Timestamp};

use crate::events::{self, EventKind};
use crate::record::{Kind, ManagementRecord};
use crate::store::{Always, Mode, Store, StoreError, Tx, get_json, keys, put_json, run, scan_json};

/// Seconds after which the store is looked at again for what other replicas planned.
const PATIENCE: i64 = 60;

/// When the notice for a token is due. `None` without an expiry, without the wish for a notice, and after it was given.
fn due(profile: &Profile, token: &ManagementRecord) -> Option<Timestamp> {
    let wanted = token.is_email_notification_enabled && token.noticed_for.as_ref() != Some(&token.expires_on);
    let ends = token.expires_on.ends_at(profile.switches.expiry_day.value).filter(|_| wanted)?;
    let days = i64::from(profile.limit(LimitId::ExpiryNoticeDays).value?);
    // A year with few digits less seven days may be none: then it is overdue.
    Some(ends.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN))
}

/// Plans the notice for a token that is new or changed; one that was planned before is forgotten.
pub(crate) fn plan(
    tx: &mut dyn Tx,
    profile: &Profile,
    api_key: &str,
    token: &ManagementRecord,
) -> Result<(), StoreError> {
    let Some(due) = due(profile, token) else { return forget(tx, api_key, &token.uid) };
    put_json(tx, &keys::notice(api_key, &token.uid), &due)?;
    let next: Option<Timestamp> = get_json(tx, keys::NOTICE_NEXT)?;
    if next.is_none_or(|next| due < next) {
        put_json(tx, keys::NOTICE_NEXT, &due)?;
    }
    Ok(())
}

/// Forgets the notice for a token that is gone.
pub(crate) fn forget(tx: &mut dyn Tx, api_key: &str, uid: &str) -> Result<(), StoreError> {
    tx.delete(keys::notice(api_key, uid).as_bytes())
}

/// Gives all notices that are due. Returns how many, and when the next one is.
fn give(
    tx: &mut dyn Tx,
    profile: &Profile,
    now: Timestamp,
) -> Result<(usize, Option<Timestamp>), StoreError> {
    let mut planned: Vec<(String, Timestamp)> = scan_json(tx, keys::NOTICES)?;
    // Of several that are due at once, because the clock made a leap, the first comes first.
    planned.sort_by_key(|(_, due)| *due);
    let (mut given, mut next) = (0, None);
    for (place, planned) in planned {
        let outcome =
            if planned <= now { give_one(tx, profile, &place, now)? } else { Outcome::Later(planned) };
        match outcome {
            Outcome::Given => given += 1,
            Outcome::Dropped => {}
            Outcome::Later(due) => next = Some(next.map_or(due, |next: Timestamp| next.min(due))),
        }
    }
    match next {
        Some(next) => put_json(tx, keys::NOTICE_NEXT, &next)?,
        None => tx.delete(keys::NOTICE_NEXT.as_bytes())?,
    }
    Ok((given, next))
}

/// What became of a notice that was planned.
enum Outcome {
    /// It was given.
    Given,
    /// There is nothing to give notice of any more.
    Dropped,
    /// Its time is yet to come: so says the profile, which may be another one than when it was planned.
    Later(Timestamp),
}

fn give_one(tx: &mut dyn Tx, profile: &Profile, place: &str, now: Timestamp) -> Result<Outcome, StoreError> {
    let (api_key, uid) = place.split_once('/').unwrap_or_default();
    let key = keys::token(Kind::Management, api_key, uid);
    let token: Option<ManagementRecord> = get_json(tx, &key)?;
    let Some((mut token, due)) = token.and_then(|token| due(profile, &token).map(|due| (token, due))) else {
        forget(tx, api_key, uid)?;
        return Ok(Outcome::Dropped);
    };
    if due > now {
        put_json(tx, &keys::notice(api_key, uid), &due)?;
        return Ok(Outcome::Later(due));
    }
    forget(tx, api_key, uid)?;
    token.noticed_for = Some(token.expires_on.clone());
    // When it fell due, however long after that somebody looks; but not before the token was what it is.
    let at = token.stamps.updated_at.timestamp().map_or(due, |changed| due.max(changed)).min(now);
    put_json(tx, &key, &token)?;
    let notice = EventKind::ExpiryNotice {
        api_key: api_key.to_owned(),
        token_uid: token.uid,
        name: token.name,
        expires_on: token.expires_on,
        user_uid: token.stamps.created_by,
    };
    events::record(tx, at, notice)?;
    Ok(Outcome::Given)
}

/// When this process has to look at the store again.
#[derive(Debug)]
pub(crate) struct Watch {
    looked: AtomicI64,
    next: AtomicI64,
}

impl Default for Watch {
    fn default() -> Self {
        Self { looked: AtomicI64::new(i64::MAX), next: AtomicI64::new(i64::MIN) }
    }
}

impl Watch {
    /// Whether it is time to look. A clock that was turned back is a reason, too.
    pub(crate) fn is_time(&self, now: Timestamp) -> bool {
        let (now, looked) = (now.as_second(), self.looked.load(Ordering::Relaxed));
        now < looked || now >= self.next.load(Ordering::Relaxed) || now - looked >= PATIENCE
    }

    /// Something was planned in this process: look at the next opportunity.
    pub(crate) fn hurry(&self) {
        self.next.store(i64::MIN, Ordering::Relaxed);
    }

    /// Looks, and gives what is due.
    pub(crate) fn look(
        &self,
        store: &dyn Store,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.next.store(i64::MAX, Ordering::Relaxed);
        self.looked.store(now.as_second(), Ordering::Relaxed);
        let outcome = self.give_what_is_due(store, profile, now);
        if outcome.is_err() {
            self.hurry();
        }
        outcome
    }

    fn give_what_is_due(
        &self,
        store: &dyn Store,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let Always(next) = run(store, Mode::Read, |tx| Ok(Always(get_json(tx, keys::NOTICE_NEXT)?)))?;
        let (given, next) = match next {
            Some(next) if next <= now => {
                let Always(outcome) = run(store, Mode::Write, |tx| Ok(Always(give(tx, profile, now)?)))?;
                outcome
            }
            next => (0, next),
        };
        if let Some(next) = next {
            self.next.fetch_min(next.as_second(), Ordering::Relaxed);
        }
        Ok(given)
    }
}
