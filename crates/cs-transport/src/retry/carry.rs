//! A call on its way, and what is done when its first try was no success.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::{Outcome, Retry, Situation, Tries};
use crate::rate_limit::{Leaving, left_at};
use crate::transport::Sending;
use crate::{Attempt, CallInfo, ErrorKind, Limit, RateLimit, Sent, Transport, TransportError, retry_after};

/// A call on its way. Most end with the first outcome, and need neither the time nor chance. What others need has a box of
/// its own, and no outcome is kept beside it.
pub(super) struct Carried<'a, A, T: ?Sized> {
    leaving: Leaving<'a, T>,
    /// `None` once there was a first outcome.
    further: Option<Further<'a, A, T>>,
    more: Option<Sending<'a>>,
}

impl<'a, A, T: Transport + ?Sized> Carried<'a, A, T> {
    /// Hands on the first request.
    pub(super) fn start(
        retry: &'a Retry,
        first: Request<Bytes>,
        info: Option<&CallInfo>,
        again: A,
        pace: Option<&'a RateLimit>,
        next: &'a T,
    ) -> Self {
        let call = Call::of(&first, info);
        let leaving = leave(first, info, pace, next);
        let further = Further { retry, call, again, pace, began: leaving.began(), next };
        Self { leaving, further: Some(further), more: None }
    }
}

impl<'a, A, T> Future for Carried<'a, A, T>
where
    A: Fn() -> Option<Request<Bytes>> + Send + Unpin + 'a,
    T: Transport + ?Sized,
{
    type Output = Result<Response<Bytes>, TransportError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { leaving, further, more } = self.get_mut();
        if more.is_none() {
            let result = ready!(Pin::new(leaving).poll(context));
            match further.take() {
                Some(further) if !is_success(&result) => *more = Some(further.boxed(result)),
                _ => return Poll::Ready(result),
            }
        }
        match more {
            Some(more) => more.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

/// What it takes to try again.
struct Further<'a, A, T: ?Sized> {
    retry: &'a Retry,
    call: Call,
    again: A,
    pace: Option<&'a RateLimit>,
    began: Timestamp,
    next: &'a T,
}

impl<A: Fn() -> Option<Request<Bytes>> + Send, T: Transport + ?Sized> Further<'_, A, T> {
    /// What follows, in a box of its own. It is made here, because every call touches the memory on the stack of who asks.
    #[cold]
    #[inline(never)]
    fn boxed<'a>(self, result: Result<Response<Bytes>, TransportError>) -> Sending<'a>
    where
        Self: 'a,
    {
        Box::pin(self.try_after(result))
    }

    /// Tries again after a first outcome that was no success, as long as that is safe and can help.
    async fn try_after(
        self,
        mut result: Result<Response<Bytes>, TransportError>,
    ) -> Result<Response<Bytes>, TransportError> {
        let Self { retry, call, again, pace, began, next } = self;
        let (mut attempts, mut is_in_doubt) = (1, false);
        let mut in_line = left_at(&result).map_or(Duration::ZERO, |left| until(began, left));
        while !is_success(&result) {
            let now = next.now();
            let situation = Situation {
                is_repeatable: call.is_repeatable,
                elapsed: until(began, now).saturating_sub(in_line),
                time_left: call.deadline.map(|deadline| until(now, deadline)),
                jitter: (retry.jitter)(),
                ..Situation::new(attempts, outcome_of(&result, now))
            };
            let Some(wait) = retry.judge(call.route, &situation) else { break };
            next.sleep(wait).await;
            let Some(mut request) = again() else { break };
            is_in_doubt |= !situation.outcome.had_no_effect();
            attempts += 1;
            request.extensions_mut().insert(Attempt(attempts));
            let leaving = leave(request, None, pace, next);
            let asked = leaving.began();
            result = leaving.await;
            in_line += left_at(&result).map_or(Duration::ZERO, |left| until(asked, left));
        }
        close(result, attempts, is_in_doubt)
    }
}

/// What is known of a call from its first request.
#[derive(Clone, Copy)]
struct Call {
    is_repeatable: bool,
    route: Option<&'static str>,
    deadline: Option<Timestamp>,
}

impl Call {
    fn of(request: &Request<Bytes>, info: Option<&CallInfo>) -> Self {
        let info = info.or_else(|| request.extensions().get());
        Self {
            // Who describes a call knows more of it than its method says.
            is_repeatable: info.map_or_else(|| request.method().is_safe(), |info| info.idempotent),
            route: info.map(|info| info.route),
            deadline: info.and_then(|info| info.deadline),
        }
    }
}

fn leave<'a, T: Transport + ?Sized>(
    request: Request<Bytes>,
    info: Option<&CallInfo>,
    pace: Option<&'a RateLimit>,
    next: &'a T,
) -> Leaving<'a, T> {
    match pace {
        Some(pace) => pace.leave(request, info, next),
        None => Leaving::unpaced(request, info, next),
    }
}

fn is_success(result: &Result<Response<Bytes>, TransportError>) -> bool {
    result.as_ref().is_ok_and(|answer| answer.status().is_success())
}

fn outcome_of(result: &Result<Response<Bytes>, TransportError>, now: Timestamp) -> Outcome {
    match result {
        Ok(answer) => {
            Outcome::Answer { status: answer.status(), retry_after: retry_after(answer.headers(), now) }
        }
        Err(error) => Outcome::of_error(error),
    }
}

fn until(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

fn close(
    result: Result<Response<Bytes>, TransportError>,
    made: u32,
    is_in_doubt: bool,
) -> Result<Response<Bytes>, TransportError> {
    match result {
        Ok(mut answer) => {
            if made > 1 {
                answer.extensions_mut().insert(Tries { made, is_in_doubt });
            }
            Ok(answer)
        }
        Err(mut error) => {
            // The last of them may have had to give up its place in line.
            let never_left = error.kind == ErrorKind::Timeout(Limit::Turn);
            error.attempts = made - u32::from(never_left);
            if is_in_doubt {
                error.sent = Sent::Maybe;
            }
            Err(error)
        }
    }
}
