//! Sessions of users: made, counted, ended (seed 001, "Authentication Tokens (Authtokens)").

use cs_model::Moment;
use cs_model::generated::{ContradictionId, LimitId};
use cs_model::profile::{AtLimit, Profile, ServiceReading};
use jiff::Timestamp;

use crate::record::SessionRecord;
use crate::store::{StoreError, Tx, get_json, keys, next_number, put_json, scan_json};

/// Makes a session. "If the 21st authtoken is generated, the oldest authtoken will expire" (seed 001, "Authentication Tokens
/// (Authtokens)").
pub(crate) fn start(
    tx: &mut dyn Tx,
    profile: &Profile,
    user: &str,
    hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let limit = profile.limit(LimitId::AuthtokensPerUser);
    if let (Some(most), AtLimit::EvictOldest) = (limit.value, limit.at_limit) {
        let live: Vec<(String, String)> = scan_json(tx, &keys::user_sessions(user))?;
        // Keys are sorted by number, so the oldest come first.
        let superfluous = (live.len() + 1).saturating_sub(most as usize);
        for (_, hash) in live.into_iter().take(superfluous) {
            end(tx, &hash)?;
        }
    }
    let number = next_number(tx)?;
    let session =
        SessionRecord { user_uid: user.to_owned(), number, created_at: Moment::from_timestamp(now) };
    put_json(tx, &keys::session(hash), &session)?;
    put_json(tx, &keys::user_session(user, number), &hash)
}

/// Whether a session is too old. "It does not have an expiration time limit" (seed 001, "Authentication Tokens (Authtokens)"), unless
/// the profile believes those who saw sessions end early (third-party, a QA tool).
pub(crate) fn is_over(profile: &Profile, session: &SessionRecord, now: Timestamp) -> bool {
    if profile.reading(ContradictionId::AuthtokenLifetime).service == ServiceReading::Allow {
        return false;
    }
    let minutes = profile.limit(LimitId::AuthtokenMinutes).value.map(i64::from);
    let age = session.created_at.timestamp().map(|made| now.as_second() - made.as_second());
    age.zip(minutes).is_some_and(|(age, minutes)| age >= 60 * minutes)
}

/// Ends a session, if it is there.
pub(crate) fn end(tx: &mut dyn Tx, hash: &str) -> Result<(), StoreError> {
    if let Some(session) = get_json::<SessionRecord>(tx, &keys::session(hash))? {
        tx.delete(keys::session(hash).as_bytes())?;
        tx.delete(keys::user_session(&session.user_uid, session.number).as_bytes())?;
    }
    Ok(())
}
