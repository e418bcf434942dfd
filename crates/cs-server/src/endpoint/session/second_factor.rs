//! The second factor of a login: asked for, checked, used once (user-session; NET, `Contentstack.cs`).

use cs_model::generated::{ContradictionId, ErrorId, LimitId};
use cs_model::profile::ServiceReading;
use cs_model::{Moment, Profile, Secret};
use jiff::Timestamp;
use serde_json::json;

use crate::hash;
use crate::random::Draw;
use crate::record::{SecondFactor, SentCode};
use crate::refusal::Refusal;
use crate::totp;

/// Why a login is refused for the sake of its second factor, if it is. A code that fits is used up.
///
/// Who has text messages and sends no code gets one sent, in place of any before.
pub(super) fn judge(
    factor: &mut SecondFactor,
    given: Option<&str>,
    profile: &Profile,
    draw: &Draw,
    now: Timestamp,
) -> Option<ErrorId> {
    match (factor, given) {
        (SecondFactor::Totp { .. }, None) => Some(ErrorId::TfaRequired),
        (SecondFactor::Totp { secret, last_step }, Some(code)) => match totp::step_of(secret, code, now) {
            None => Some(ErrorId::TfaWrong),
            // A code from before the one that was used last is as good as used (RFC 6238, section 5.2).
            Some(step) if last_step.is_some_and(|last| step <= last) => Some(ErrorId::TfaReused),
            Some(step) => {
                *last_step = Some(step);
                None
            }
        },
        (SecondFactor::Sms { sent, .. }, None) => {
            *sent =
                Some(SentCode { code: draw.digits("text message"), sent_at: Moment::from_timestamp(now) });
            Some(ErrorId::TfaRequired)
        }
        (SecondFactor::Sms { sent, used }, Some(code)) => {
            let given = hash::of_value(code);
            if sent.as_ref().is_some_and(|sent| works(sent, code, profile, now)) {
                (*sent, *used) = (None, Some(given));
                None
            } else if used.as_ref() == Some(&given) {
                Some(ErrorId::TfaReused)
            } else {
                Some(ErrorId::TfaWrong)
            }
        }
    }
}

fn works(sent: &SentCode, code: &str, profile: &Profile, now: Timestamp) -> bool {
    let most = profile.limit(LimitId::SmsCodeMinutes).value;
    let age = sent.sent_at.timestamp().map_or(i64::MAX, |sent_at| now.as_second() - sent_at.as_second());
    sent.code.same_as(&Secret::new(code)) && most.is_none_or(|most| age <= i64::from(most) * 60)
}

/// The answer, with `tfa_type`. Its status is 422 or 401, by the profile's reading of that contradiction.
pub(super) fn refusal(id: ErrorId, tfa_type: &'static str, profile: &Profile) -> Refusal {
    let refusal = Refusal::new(id).more("tfa_type", json!(tfa_type));
    match profile.reading(ContradictionId::TfaStatus).service {
        ServiceReading::Allow => refusal,
        // The row names the newest status last.
        ServiceReading::Deny => match id.row().statuses.last() {
            Some(status) => refusal.status(*status),
            None => refusal,
        },
    }
}
