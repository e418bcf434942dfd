//! Keeps calls within what a peer allows.

mod in_line;
mod lateness;
mod line;
#[cfg(all(test, loom))]
mod loom_tests;
mod meter;
mod reading;
mod recent;

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

pub use self::in_line::{InLine, in_line};
pub use self::line::RateLimiters;
use self::line::{Left, Line, Turn};
use self::meter::Micros;
pub use self::reading::RateReading;
use self::recent::Recent;
use crate::transport::Sending;
use crate::{CallInfo, Decorator, ErrorKind, Lane, Limit, Sent, Transport, TransportError};

/// A [`Decorator`] that sends no faster than the peer allows.
///
/// Calls with the same [`limiter_key`](CallInfo::limiter_key) and the same [`Lane`] share one limit, through
/// whatever clients of the process they go, as long as these share the [`RateLimiters`]. A call without a key
/// counts against its host. Calls leave in the order in which they came.
///
/// **How many.** What the peer says in `X-RateLimit-Limit`; before it has said so, what was
/// [assumed](Self::assume), without which nothing is held back. [`at_most`](Self::at_most) bounds both. When
/// `X-RateLimit-Remaining` shows that somebody else uses the same limit, their share is left to them.
///
/// **When.** Peers count by windows whose beginning is unknown here, and a request is counted some time after
/// it left. So any two requests of which one takes the place of the other are a window and a little more
/// apart, measured from the moment at which the peer has certainly seen the first. That holds wherever the
/// windows begin. The little more widens when the peer refuses a request in spite of it.
///
/// **After a 429** no call of the lane leaves before the time that the answer asks for, or else before the next
/// window. The refused request itself is sent again by [`Retry`](crate::Retry), which goes outside of this.
///
/// **How long a call waits** for its turn is as long as those before it take: with thousands of calls at once, minutes. A
/// call whose turn comes after its [`deadline`](CallInfo::deadline) fails at once, unsent, with [`Limit::Turn`].
///
/// # Examples
///
/// ```
/// use std::num::NonZeroU32;
/// use bytes::Bytes;
/// use cs_transport::{BlockingTransport, Decorator, Lane, RateLimit, RateLimiters, Retry, from_fn};
/// use http::{Request, Response};
///
/// # const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// let pace = RateLimit::new(RateLimiters::of_process()).assume(Lane::Read, TEN);
/// let transport = Retry::default().around(pace.around(from_fn(|_| Ok(Response::new(Bytes::new())))));
/// transport.send(Request::get("http://localhost/").body(Bytes::new())?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RateLimit {
    limiters: RateLimiters,
    allowed: [Allowed; Lane::ALL.len()],
    recent: Arc<Recent>,
}

/// How many calls of a lane one window takes, as far as the caller knows.
#[derive(Clone, Copy, Debug, Default)]
struct Allowed {
    assumed: Option<NonZeroU32>,
    ceiling: Option<NonZeroU32>,
}

impl RateLimit {
    /// Shares limits with everything else that has these limiters. Nothing is assumed.
    pub fn new(limiters: RateLimiters) -> Self {
        Self { limiters, allowed: Default::default(), recent: Arc::default() }
    }

    /// Takes `calls` per window for the limit of a lane until the peer says otherwise.
    #[must_use]
    pub fn assume(mut self, lane: Lane, calls: NonZeroU32) -> Self {
        self.allowed[lane.index()].assumed = Some(calls);
        self
    }

    /// Sends no more than `calls` per window, even when the peer allows more.
    #[must_use]
    pub fn at_most(mut self, lane: Lane, calls: NonZeroU32) -> Self {
        self.allowed[lane.index()].ceiling = Some(calls);
        self
    }

    /// What this decorator shares with others.
    pub fn limiters(&self) -> &RateLimiters {
        &self.limiters
    }

    /// Carries out one call: what [`Decorator::send`] does, without a box for its future unless it has to wait.
    ///
    /// The call takes its place, and leaves if it may, when this is called, not when the future is first polled.
    ///
    /// # Errors
    ///
    /// As [`Decorator::send`].
    pub fn carry<'a, T: Transport + ?Sized>(
        &'a self,
        request: Request<Bytes>,
        next: &'a T,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a {
        self.leave(request, None, next)
    }

    pub(crate) fn leave<'a, T: Transport + ?Sized>(
        &'a self,
        mut request: Request<Bytes>,
        info: Option<&CallInfo>,
        next: &'a T,
    ) -> Leaving<'a, T> {
        let known = info.or_else(|| request.extensions().get());
        match self.turn(&request, known, &|| next.now()) {
            Turn::Left(left) => {
                let began = left.at();
                Leaving { sending: hand_on(request, info, next), left: Some(left), began, next }
            }
            Turn::Wait { place, now: began, until } => {
                if let Some(info) = info {
                    request.extensions_mut().insert(info.clone());
                }
                let sending = self.waiting(Turn::Wait { place, now: began, until }, request, next);
                Leaving { sending, left: None, began, next }
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn waiting<'a, T: Transport + ?Sized>(
        &'a self,
        turn: Turn,
        request: Request<Bytes>,
        next: &'a T,
    ) -> Sending<'a> {
        Box::pin(self.wait(turn, request, next))
    }

    /// Waits for its turn, and carries the call out.
    async fn wait<T: Transport + ?Sized>(
        &self,
        // Dropped, here or with the whole future, its place is given up.
        mut turn: Turn,
        request: Request<Bytes>,
        next: &T,
    ) -> Result<Response<Bytes>, TransportError> {
        let info = request.extensions().get::<CallInfo>();
        let deadline = info.and_then(|info| info.deadline).map(|deadline| deadline.as_microsecond());
        let mut began = None;
        loop {
            let (place, now, until) = match turn {
                Turn::Left(left) => {
                    let at = left.at();
                    in_line::note(began.map_or(0, |began| at.saturating_sub(began).max(0)));
                    let result = next.send(request).await;
                    left.close(&result, &|| next.now());
                    return note(result, at);
                }
                Turn::Wait { place, now, until } => (place, now, until),
            };
            began = began.or(Some(now));
            if deadline.is_some_and(|deadline| until >= deadline) {
                let mut error = TransportError::new(ErrorKind::Timeout(Limit::Turn), Sent::No);
                error.attempts = 0;
                return Err(error);
            }
            let wait = Duration::from_micros(until.saturating_sub(now).unsigned_abs());
            // Not longer than a window: meanwhile the peer may have said that it allows more.
            next.sleep(wait.min(self.limiters.window())).await;
            turn = place.step(&|| next.now());
        }
    }

    fn turn(&self, request: &Request<Bytes>, info: Option<&CallInfo>, now: &dyn Fn() -> Timestamp) -> Turn {
        let lane = info.and_then(|info| info.lane).unwrap_or_else(|| Lane::of(request.method()));
        let line = match info.and_then(|info| info.limiter_key.as_ref()) {
            Some(key) => self.recent.line(key, lane, || self.limiters.line(key, lane, now)),
            None => {
                let host = request.uri().authority().map_or("", |authority| authority.as_str());
                self.limiters.line(host, lane, now)
            }
        };
        Line::join(line, self.allowed[lane.index()], now)
    }
}

/// When a call left that had to wait for its turn, in the extensions of its answer.
#[derive(Clone, Copy)]
struct LeftAt(Micros);

/// Notes when a call left that had to wait for its turn.
fn note(
    result: Result<Response<Bytes>, TransportError>,
    at: Micros,
) -> Result<Response<Bytes>, TransportError> {
    match result {
        Ok(mut answer) => {
            answer.extensions_mut().insert(LeftAt(at));
            Ok(answer)
        }
        Err(mut error) => {
            error.left_at = Some(at);
            Err(error)
        }
    }
}

/// When the call left, if it had to wait for its turn, wherever in the transports that was.
pub(crate) fn left_at(result: &Result<Response<Bytes>, TransportError>) -> Option<Timestamp> {
    let at = match result {
        Ok(answer) => answer.extensions().get::<LeftAt>().map(|left| left.0),
        Err(error) => error.left_at,
    };
    Timestamp::from_microsecond(at?).ok()
}

/// A call on its way. What is kept of it is small: the answer is awaited by many at a time.
pub(crate) struct Leaving<'a, T: ?Sized> {
    sending: Sending<'a>,
    /// `None` where nobody keeps a pace, and where it is kept by what is sent.
    left: Option<Left>,
    began: Micros,
    next: &'a T,
}

impl<'a, T: Transport + ?Sized> Leaving<'a, T> {
    /// A call that leaves at once.
    pub(crate) fn unpaced(request: Request<Bytes>, info: Option<&CallInfo>, next: &'a T) -> Self {
        let began = next.now().as_microsecond();
        Self { sending: hand_on(request, info, next), left: None, began, next }
    }

    /// When it left, or began to wait for that.
    pub(crate) fn began(&self) -> Timestamp {
        Timestamp::from_microsecond(self.began).unwrap_or_default()
    }
}

fn hand_on<'a, T: Transport + ?Sized>(
    request: Request<Bytes>,
    info: Option<&CallInfo>,
    next: &'a T,
) -> Sending<'a> {
    match info {
        Some(info) => next.send_known(request, info),
        None => next.send(request),
    }
}

impl<T: Transport + ?Sized> Future for Leaving<'_, T> {
    type Output = Result<Response<Bytes>, TransportError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { sending, left, next, .. } = self.get_mut();
        let result = ready!(sending.as_mut().poll(context));
        if let Some(left) = left.take() {
            left.close(&result, &|| next.now());
        }
        Poll::Ready(result)
    }
}

#[async_trait]
impl Decorator for RateLimit {
    async fn send(
        &self,
        request: Request<Bytes>,
        next: &dyn Transport,
    ) -> Result<Response<Bytes>, TransportError> {
        self.carry(request, next).await
    }
}

impl Allowed {
    /// The limit to keep, given what the peer has said.
    fn limit(self, said: Option<NonZeroU32>) -> Option<NonZeroU32> {
        let limit = said.or(self.assumed);
        match (limit, self.ceiling) {
            (Some(limit), Some(ceiling)) => Some(limit.min(ceiling)),
            (limit, ceiling) => limit.or(ceiling),
        }
    }
}
