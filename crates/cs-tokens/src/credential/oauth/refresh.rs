//! One refresh, over all its attempts.

use std::error::Error as _;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use cs_model::ApiError;
use cs_model::generated::ErrorId;
use cs_transport::{
    Decorator as _, ErrorKind, Retry, RetryLimits, Sent, Transport, TransportError, async_trait,
};
use futures_util::future::{Either, select};
use http::{Request, Response, StatusCode, Uri};
use jiff::Timestamp;

use super::turn::Turn;
use super::under_way::{Answered, UnderWay};
use super::{GrantStore, OAuthApp, OAuthGrant, exchange, since};
use crate::credential::{Setting, SourceError};
use crate::error::{Lost, leaves_open};
use crate::origin::elsewhere;

/// How often the next pair is asked for, when answers are lost.
const ATTEMPTS: u32 = 3;
/// The wait before asking again, which doubles.
const PAUSE: Duration = Duration::from_millis(250);
/// How often to look into the store after a refusal: whoever was faster may not have written yet.
const LOOKS: u32 = 3;
/// How long after the first attempt another one is begun. With the time that one may take (see [`retry`]), a refresh is over
/// after two minutes.
const BEGUN_WITHIN: Duration = Duration::from_secs(60);
/// How often to look whether another process has the store no more, and for the answer to a request that another caller left.
const LOOK: Duration = Duration::from_millis(50);
/// How often a refresh is polled at least, so that others see that it goes on: more often than [`STALLED`](super::STALLED).
const BEAT: Duration = Duration::from_millis(500);
/// How long to wait for the answer to a request that another caller left: longer than a transport waits for it.
const LEFT_ALONE: Duration = Duration::from_secs(60);
/// How long to wait for another process that refreshes: longer than all of the above.
const STORE_PATIENCE: Duration = Duration::from_secs(240);

/// The next pair.
pub(super) struct Refreshed {
    pub(super) grant: OAuthGrant,
    /// The one whose place it takes in the store; `None` where it is there, because another process put it there.
    pub(super) in_place_of: Option<OAuthGrant>,
}

/// What an answer to a refresh means.
enum Meaning {
    Next(OAuthGrant),
    /// It was certainly not received.
    Unsent(TransportError),
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
    if let Some(asked) = turn.asked() {
        let outcome = left_alone(turn, setting).await?;
        let is_too_fast = matches!(&outcome, Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS);
        match meaning(outcome, asked, setting) {
            // It had no effect, and is sent anew.
            Meaning::Unsent(_) => {}
            Meaning::Failed(_) if is_too_fast => {}
            Meaning::Lost(source) => {
                turn.doubt(true);
                lost = Some(source);
            }
            found => return settled(found, lost, store, &held, setting).await,
        }
    }
    match prepare(store, setting, turn, &held, margin).await {
        Ok(Some(newer)) => return Ok(Refreshed { grant: newer, in_place_of: None }),
        Ok(None) => {}
        Err(error) => return Err(unless_in_doubt(error, lost)),
    }
    let mut began = transport.now();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            if setting.is_over(transport.now()) {
                return Err(SourceError::Late);
            }
            if since(&mut began, setting.transport.now()) > BEGUN_WITHIN {
                break;
            }
            transport.sleep(PAUSE * (1 << attempt)).await;
        }
        let found = match newer(store, &held) {
            Ok(found) => found,
            Err(error) => return Err(unless_in_doubt(error, lost)),
        };
        if let Some(newer) = found {
            if !newer.is_due(transport.now(), margin) {
                return Ok(Refreshed { grant: newer, in_place_of: None });
            }
            turn.doubt(false);
            (held, lost) = (newer, None);
        }
        let request = app.request(setting.hub, &held)?;
        let asking = Asking { turn, held: &held, transport, asked: Mutex::new(transport.now()) };
        let outcome = retry(setting).send(request, &asking).await;
        match meaning(outcome, asking.asked(), setting) {
            Meaning::Lost(source) => {
                turn.doubt(true);
                lost = Some(source);
            }
            found => return settled(found, lost, store, &held, setting).await,
        }
    }
    Err(SourceError::Unknown(lost.unwrap_or_else(interrupted)))
}

/// What is certain.
async fn settled(
    found: Meaning,
    lost: Option<Lost>,
    store: &dyn GrantStore,
    held: &OAuthGrant,
    setting: &Setting<'_>,
) -> Result<Refreshed, SourceError> {
    let (answer, lost) = match (found, lost) {
        (Meaning::Next(grant), _) => return Ok(Refreshed { grant, in_place_of: Some(held.clone()) }),
        // A pair that cannot be sent: the one before is used up.
        (Meaning::Failed(error @ SourceError::Value(_)), _) => return Err(error),
        // What is said of the last request is nothing about those whose answers are lost.
        (Meaning::Lost(lost), _) | (Meaning::Unsent(_) | Meaning::Failed(_), Some(lost)) => {
            return Err(SourceError::Unknown(lost));
        }
        (Meaning::Unsent(error), None) => return Err(SourceError::NoAnswer(error)),
        (Meaning::Failed(error), None) => return Err(error),
        (Meaning::Refused(answer), lost) => (answer, lost),
    };
    for look in 0..LOOKS {
        match (newer(store, held), &lost) {
            (Ok(Some(grant)), _) => return Ok(Refreshed { grant, in_place_of: None }),
            // What it would have shown decides whether the grant is lost.
            (Err(error), Some(_)) => return Err(unless_in_doubt(error, lost)),
            // That the hub refused stays true.
            (Ok(None), _) | (Err(_), None) => {}
        }
        if look + 1 < LOOKS {
            setting.transport.sleep(PAUSE).await;
        }
    }
    Err(match lost {
        Some(lost) => SourceError::GrantLost(lost),
        None => SourceError::Refused(Box::new(answer)),
    })
}

/// Waits until no other process refreshes, and makes sure that the next pair can be kept: after the request it is too late.
/// Gives back the pair of another process that was faster.
async fn prepare(
    store: &dyn GrantStore,
    setting: &Setting<'_>,
    turn: &Turn<'_>,
    held: &OAuthGrant,
    margin: Duration,
) -> Result<Option<OAuthGrant>, SourceError> {
    let mut began = setting.transport.now();
    while !turn.holds() {
        if let Some(prepared) = store.prepare().map_err(SourceError::Store)? {
            turn.hold(prepared);
            break;
        }
        if let Some(newer) =
            newer(store, held)?.filter(|newer| !newer.is_due(setting.transport.now(), margin))
        {
            return Ok(Some(newer));
        }
        if setting.is_over(setting.transport.now()) {
            return Err(SourceError::Late);
        }
        if since(&mut began, setting.transport.now()) > STORE_PATIENCE {
            return Err(SourceError::Busy);
        }
        setting.transport.sleep(LOOK).await;
    }
    Ok(None)
}

/// Waits for a request that another caller left. Its transport wakes whoever polls it, and a blocking caller is woken by
/// nobody: so it is looked at, too.
async fn left_alone(turn: &Turn<'_>, setting: &Setting<'_>) -> Result<Answered, SourceError> {
    let mut began = setting.transport.now();
    loop {
        match select(turn.answer(), setting.transport.sleep(LOOK)).await {
            Either::Left((answered, _)) => return Ok(answered),
            Either::Right(_) if setting.is_over(setting.transport.now()) => return Err(SourceError::Late),
            Either::Right(_) if since(&mut began, setting.transport.now()) <= LEFT_ALONE => {}
            Either::Right(_) => {
                turn.give_up();
                return Ok(Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe)));
            }
        }
    }
}

/// Tries within half a minute, and so is over within a whole one; and within the time of the call.
fn retry(setting: &Setting<'_>) -> Retry {
    let mut limits = RetryLimits::default();
    let left = setting.deadline.map(|deadline| deadline.duration_since(setting.transport.now()));
    let left = left.map_or(Duration::MAX, |left| Duration::try_from(left).unwrap_or_default());
    limits.total = left.min(Duration::from_secs(30));
    Retry::new(limits)
}

/// The transport of a refresh: what it sends belongs to the turn, and not to the caller.
struct Asking<'a> {
    turn: &'a Turn<'a>,
    held: &'a OAuthGrant,
    transport: &'a Arc<dyn Transport>,
    /// When the last request was sent.
    asked: Mutex<Timestamp>,
}

impl Asking<'_> {
    fn asked(&self) -> Timestamp {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Asking<'_> {
    async fn send(&self, request: Request<Bytes>) -> Answered {
        let under_way = UnderWay::new(self.held.clone(), Arc::clone(self.transport), request);
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = under_way.asked();
        self.turn.send(under_way);
        loop {
            match select(self.turn.answer(), self.transport.sleep(BEAT)).await {
                Either::Left((answered, _)) => return answered,
                // Also where time is not that of the system, and a sleep is over at once.
                Either::Right(_) => give_way().await,
            }
        }
    }

    async fn sleep(&self, duration: Duration) {
        let mut rest = duration;
        while !rest.is_zero() {
            let part = rest.min(BEAT);
            self.transport.sleep(part).await;
            rest -= part;
        }
    }

    fn now(&self) -> Timestamp {
        self.transport.now()
    }
}

/// Lets others be polled.
async fn give_way() {
    let mut is_first = true;
    poll_fn(|context| {
        if !std::mem::take(&mut is_first) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn meaning(outcome: Answered, asked: Timestamp, setting: &Setting<'_>) -> Meaning {
    match outcome {
        Err(error) if error.sent == Sent::No => Meaning::Unsent(error),
        Err(error) => Meaning::Lost(error.into()),
        Ok(response) => read(&response, asked, setting),
    }
}

fn read(response: &Response<Bytes>, asked: Timestamp, setting: &Setting<'_>) -> Meaning {
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
        return redirected(response, setting.hub);
    }
    let answer = ApiError::read(status.as_u16(), response.body());
    let is_about_the_token = ErrorId::OauthRefreshInvalid.row().statuses.contains(&answer.status);
    if is_about_the_token && answer.is_of_the_api() {
        Meaning::Refused(answer)
    } else if is_about_the_token || leaves_open(answer.status) {
        // A page of something on the way proves nothing of the refresh token.
        Meaning::Lost(Lost::Refused(Box::new(answer)))
    } else {
        Meaning::Failed(SourceError::Refused(Box::new(answer)))
    }
}

/// A redirect: some servers give one to a request that they have carried out (RFC 9110, section 15.4.4), but not to another
/// region.
fn redirected(response: &Response<Bytes>, hub: &str) -> Meaning {
    let is_hub = |host: &str| hub.parse::<Uri>().is_ok_and(|hub| hub.host() == Some(host));
    match elsewhere(response.headers(), is_hub) {
        (_, Some(_)) => Meaning::Failed(SourceError::Redirected),
        (host, None) => Meaning::Lost(Lost::Redirected { host, region: None }),
    }
}

/// The pair in the store, when it is another one: another process has refreshed.
fn newer(store: &dyn GrantStore, held: &OAuthGrant) -> Result<Option<OAuthGrant>, SourceError> {
    let kept = store.load().map_err(SourceError::Store)?;
    Ok(kept.filter(|kept| !kept.same_as(held)))
}

/// What a failing store means: that the grant still works, as long as no answer is lost.
fn unless_in_doubt(error: SourceError, lost: Option<Lost>) -> SourceError {
    match (error, lost) {
        // Where nothing else is known of the loss, whoever tries again learns what to mend.
        (SourceError::Store(error), Some(Lost::Transport(lost))) if lost.source().is_none() => {
            SourceError::Unknown(lost.with_source(error).into())
        }
        (SourceError::Store(_), Some(lost)) => SourceError::Unknown(lost),
        (error, _) => error,
    }
}

/// What is known of a refresh that nobody waited for to the end.
fn interrupted() -> Lost {
    TransportError::new(ErrorKind::Interrupted, Sent::Maybe).into()
}
