//! Lints about the end of management tokens, and about tokens that have had their day.

use cs_model::{Expiry, ExpiryState};
use jiff::Timestamp;

use super::{Found, LintId, Options};
use crate::{AccessFacts, Kind};

pub(super) fn check(found: &mut Found<'_>, options: &Options<'_>) {
    match found.token.kind {
        Kind::Management => management(found, options),
        Kind::Access => access(found, options),
        _ => {}
    }
}

fn management(found: &mut Found<'_>, options: &Options<'_>) {
    let expiry = found.token.expiry().clone();
    let edge = options.profile.switches.expiry_day.value;
    match expiry.state(options.now, edge, options.soon_days) {
        ExpiryState::Never if matches!(expiry, Expiry::Unreadable(_)) => {
            found.push(LintId::ExpiryUnreadable, format!("`{expiry}` is neither a date nor a time"));
        }
        ExpiryState::Never => found.push(LintId::ExpiryNever, "it has no expiry date"),
        ExpiryState::Expired { ended } => {
            found.push(LintId::ExpiryPast, format!("it expired at {ended}"));
        }
        ExpiryState::Due { ends } => {
            let reason = format!("it expires at {ends}, in {}", days_until(ends, options.now));
            found.push(LintId::ExpirySoon, reason);
        }
        ExpiryState::Valid { .. } => {}
    }
    let ends = expiry.ends_at(edge);
    if !found.token.notice && ends.is_some_and(|ends| ends > options.now) {
        found.push(LintId::ExpiryNoticeOff, format!("it expires on {expiry}, and the e-mail notice is off"));
    }
}

/// Whole days, rounded down: what is left for certain.
fn days_until(ends: Timestamp, now: Timestamp) -> String {
    match ends.duration_since(now).as_hours() / 24 {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

fn access(found: &mut Found<'_>, options: &Options<'_>) {
    let created = found.token.access.and_then(|facts| facts.stack_created);
    let reason = match created {
        Some(day) if AccessFacts::of_stack_created_on(day, options.profile).is_none() => format!(
            "an access token is used, and a stack created on {day} has none: requests with it are refused"
        ),
        Some(day) => format!("the access token of a stack created on {day} is in use"),
        None => "the access token is in use".to_owned(),
    };
    found.push(LintId::AccessTokenInUse, reason);
}
