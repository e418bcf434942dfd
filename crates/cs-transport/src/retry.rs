//! Sends again what may be sent again.

mod carry;
mod decide;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use self::carry::Carried;
pub use self::decide::{Because, Next, Outcome, Situation};
use crate::{Attempt, CallInfo, Decorator, RateLimit, Transport, TransportError};

/// How long and how often a call is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryLimits {
    /// How often a request is sent, at most, the first time included: 4.
    pub attempts: u32,
    /// How long a call may take with all its waits between tries: 60 seconds. Waits for its turn
    /// ([`RateLimit`](crate::RateLimit)) do not count: they are as long as the line, and no reason to give up a call that has
    /// only just left. What bounds these, too, is a [`deadline`](CallInfo::deadline). A try that has begun is not cut
    /// short; that is what the transport's own limit is for.
    pub total: Duration,
    /// The wait after the first failure, which doubles from try to try: 250 milliseconds.
    pub first_wait: Duration,
    /// The longest wait that is worth it: 30 seconds. When an answer asks for more, the caller gets the
    /// answer.
    pub longest_wait: Duration,
    /// The wait after a 429 that asks for none: 1 second, over which most limits count.
    pub window: Duration,
}

/// A [`Decorator`] that sends a request again when that is safe and can help; see [`RetryLimits::next`].
///
/// What comes of the last try is what the caller gets, with the number of tries: in the answer's extensions
/// as [`Tries`], in the error as [`attempts`](TransportError::attempts). When an earlier try may have had an
/// effect, the error says [`Sent::Maybe`](crate::Sent::Maybe), whatever the last one did.
///
/// Put it outside of [`RateLimit`](crate::RateLimit), so that every try is paced.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use bytes::Bytes;
/// use cs_transport::{BlockingTransport, Decorator, ErrorKind, Retry, Sent, Tries, TransportError, from_fn};
/// use http::{Request, Response};
///
/// let calls = AtomicU32::new(0);
/// let shaky = from_fn(|_| match calls.fetch_add(1, Ordering::Relaxed) {
///     0 => Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe)),
///     _ => Ok(Response::new(Bytes::new())),
/// });
/// let answer = Retry::default().around(shaky).send(Request::get("http://localhost/").body(Bytes::new())?)?;
/// assert_eq!(answer.extensions().get(), Some(&Tries { made: 2, is_in_doubt: true }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Retry {
    limits: RetryLimits,
    jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
    listener: Arc<dyn Fn(&Pause) + Send + Sync>,
}

/// How an answer came about, in its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what is known of the tries of a call")]
pub struct Tries {
    /// How often the request was sent.
    pub made: u32,
    /// Whether a try before the one that was answered may have had its effect: a 404 for a second `DELETE`,
    /// say, may be the work of the first.
    pub is_in_doubt: bool,
}

/// What a listener is told before a wait, and of one that is not worth it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// The path with its arguments as placeholders, if the caller gave one.
    pub route: Option<&'static str>,
    /// How often the request was sent so far.
    pub attempts: u32,
    /// What came of the last sending.
    pub outcome: Outcome,
    /// How long the wait is.
    pub duration: Duration,
    /// Whether the call waits and is sent again. If not, the wait is too long, and the caller gets the
    /// outcome.
    pub is_waited_out: bool,
}

impl Default for RetryLimits {
    fn default() -> Self {
        Self {
            attempts: 4,
            total: Duration::from_secs(60),
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(30),
            window: Duration::from_secs(1),
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new(RetryLimits::default())
    }
}

impl Retry {
    /// Tries within these limits.
    pub fn new(limits: RetryLimits) -> Self {
        Self { limits, jitter: Arc::new(fastrand::f64), listener: Arc::new(|_| {}) }
    }

    /// Takes chance, from 0 to 1, from `jitter`; for tests.
    #[must_use]
    pub fn with_jitter<F: Fn() -> f64 + Send + Sync + 'static>(mut self, jitter: F) -> Self {
        self.jitter = Arc::new(jitter);
        self
    }

    /// Tells `listener` of every wait before it begins. It must not block.
    #[must_use]
    pub fn on_pause<F: Fn(&Pause) + Send + Sync + 'static>(mut self, listener: F) -> Self {
        self.listener = Arc::new(listener);
        self
    }

    /// Within what it tries.
    pub fn limits(&self) -> &RetryLimits {
        &self.limits
    }

    /// Decides, tells the listener, and answers how long to wait before the next try.
    fn judge(&self, route: Option<&'static str>, situation: &Situation) -> Option<Duration> {
        let (duration, is_waited_out) = match self.limits.next(situation) {
            Next::After(wait) => (wait, true),
            Next::Stop(Because::Time) => (self.limits.wait(situation), false),
            Next::Stop(_) => return None,
        };
        let Situation { attempts, outcome, .. } = *situation;
        (self.listener)(&Pause { route, attempts, outcome, duration, is_waited_out });
        is_waited_out.then_some(duration)
    }

    /// Carries out one call: what [`Decorator::send`] does, for those who can make their request anew, with [`RateLimit`]
    /// inside if there is one. So no copy of a request is kept for another try, and the future is small. `again` makes the
    /// request of each further try; without one, the caller gets what came of the last.
    ///
    /// With `info`, what decorators may know of the call need not be in the extensions of `first`: see
    /// [`Transport::send_known`]. It has to be in those of further requests.
    ///
    /// `first` is handed on when this is called, not when the future is first polled. It bears no [`Attempt`], and an answer
    /// to it no [`Tries`].
    ///
    /// # Errors
    ///
    /// As [`Decorator::send`].
    pub fn carry<'a, A, T>(
        &'a self,
        first: Request<Bytes>,
        info: Option<&CallInfo>,
        again: A,
        pace: Option<&'a RateLimit>,
        next: &'a T,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send + Unpin + use<'a, A, T>
    where
        A: Fn() -> Option<Request<Bytes>> + Send + Unpin + 'a,
        T: Transport + ?Sized,
    {
        Carried::start(self, first, info, again, pace, next)
    }
}

#[async_trait]
impl Decorator for Retry {
    async fn send(
        &self,
        request: Request<Bytes>,
        next: &dyn Transport,
    ) -> Result<Response<Bytes>, TransportError> {
        // Its body is shared, not copied.
        let copy = || {
            let mut copy = request.clone();
            copy.extensions_mut().insert(Attempt(1));
            copy
        };
        let mut answer = self.carry(copy(), None, || Some(copy()), None, next).await?;
        if answer.extensions().get::<Tries>().is_none() {
            answer.extensions_mut().insert(Tries { made: 1, is_in_doubt: false });
        }
        Ok(answer)
    }
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry").field("limits", &self.limits).finish_non_exhaustive()
    }
}
