//! One refresh, over all its attempts.

use std::time::Duration;

use bytes::Bytes;
use cs_model::ApiError;
use cs_model::generated::ErrorId;
use cs_transport::{Decorator as _, ErrorKind, Retry, Sent, TransportError};
use http::Response;

use super::state::Turn;
use super::{GrantStore, OAuthApp, OAuthGrant, exchange};
use crate::credential::{Setting, SourceError};
use crate::error::Lost;

/// How often the next pair is asked for, when answers are lost.
const ATTEMPTS: u32 = 3;
/// The wait before asking again, which doubles.
const PAUSE: Duration = Duration::from_millis(250);
/// How often to look into the store after a refusal: whoever was faster may not have written yet.
const LOOKS: u32 = 3;

/// The next pair.
pub(super) struct Refreshed {
    pub(super) grant: OAuthGrant,
    /// Whether it is in the store, because another process put it there.
    pub(super) is_kept: bool,
}

/// What an answer to a refresh means.
enum Meaning {
    Next(OAuthGrant),
    /// The hub may have used up the refresh token.
    Lost(Lost),
    /// The refresh token does not work.
    Refused(ApiError),
    Failed(SourceError),
}

/// Asks for the next pair, and insists on it.
///
/// Asking twice does no harm: a refresh token works once, whichever of the two requests uses it up.
pub(super) async fn refresh(
    app: &OAuthApp,
    store: &dyn GrantStore,
    setting: &Setting<'_>,
    turn: &Turn<'_>,
    margin: Duration,
) -> Result<Refreshed, SourceError> {
    let transport = setting.transport;
    let mut held = turn.grant().clone();
    let mut lost: Option<Lost> = turn.is_in_doubt().then(interrupted);
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            transport.sleep(PAUSE * (1 << attempt)).await;
        }
        if let Some(newer) = newer(store, &held)? {
            if !newer.is_due(transport.now(), margin) {
                return Ok(Refreshed { grant: newer, is_kept: true });
            }
            (held, lost) = (newer, None);
        }
        let asked = transport.now();
        let request = app.request(setting.hub, &held)?;
        let outcome = Retry::default().send(request, transport).await;
        let meaning = match outcome {
            Err(error) if error.sent == Sent::No => Meaning::Failed(match lost {
                Some(lost) => return Err(SourceError::Unknown(lost)),
                None => SourceError::NoAnswer(error),
            }),
            Err(error) => Meaning::Lost(error.into()),
            Ok(response) => read(&response, asked, setting),
        };
        match meaning {
            Meaning::Next(grant) => return Ok(Refreshed { grant, is_kept: false }),
            Meaning::Lost(source) => lost = Some(source),
            Meaning::Failed(error) => return Err(error),
            Meaning::Refused(answer) => {
                for look in 0..LOOKS {
                    if let Some(grant) = newer(store, &held)? {
                        return Ok(Refreshed { grant, is_kept: true });
                    }
                    if look + 1 < LOOKS {
                        transport.sleep(PAUSE).await;
                    }
                }
                return Err(match lost {
                    Some(lost) => SourceError::GrantLost(lost),
                    None => SourceError::Refused(Box::new(answer)),
                });
            }
        }
    }
    Err(SourceError::Unknown(lost.unwrap_or_else(interrupted)))
}

fn read(response: &Response<Bytes>, asked: jiff::Timestamp, setting: &Setting<'_>) -> Meaning {
    let status = response.status();
    if status.is_success() {
        return match exchange::read(response.body(), asked, setting.profile) {
            Ok(grant) => match exchange::checked(grant) {
                Ok(grant) => Meaning::Next(grant),
                Err(error) => Meaning::Failed(SourceError::Value(error)),
            },
            Err(shape) => Meaning::Lost(Lost::Shape(shape)),
        };
    }
    if status.is_redirection() {
        return Meaning::Failed(SourceError::Redirected);
    }
    let answer = ApiError::read(status.as_u16(), response.body());
    if status.is_server_error() {
        Meaning::Lost(Lost::Refused(Box::new(answer)))
    } else if ErrorId::OauthRefreshInvalid.row().statuses.contains(&answer.status) {
        Meaning::Refused(answer)
    } else {
        Meaning::Failed(SourceError::Refused(Box::new(answer)))
    }
}

/// The pair in the store, when it is another one: another process has refreshed.
fn newer(store: &dyn GrantStore, held: &OAuthGrant) -> Result<Option<OAuthGrant>, SourceError> {
    let kept = store.load().map_err(SourceError::Store)?;
    Ok(kept.filter(|kept| !kept.same_as(held)))
}

/// What is known of a refresh that nobody waited for to the end.
fn interrupted() -> Lost {
    TransportError::new(ErrorKind::Interrupted, Sent::Maybe).into()
}
