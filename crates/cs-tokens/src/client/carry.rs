//! A request on its way: sent, and sent again where that does no harm.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use cs_model::LimitId;
use cs_transport::{CallInfo, Lane, Outcome, Pause, Retry, Sent, Transport, TransportError};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;

use crate::client::LimiterKey;
use crate::client::call::Writes;
use crate::error::Operation;
use crate::{Client, Error, Wait, check_hint};

/// Sends a request, and again where that does no harm; tells of waits for the rate. It leaves when this is called, not when
/// the future is first polled.
pub(crate) fn carry<'a, T: Transport>(
    client: &'a Client<T>,
    operation: Operation,
    writes: &'a dyn Writes,
    credential: Option<&'a (HeaderName, HeaderValue)>,
) -> Carrying<'a, impl Future<Output = Result<Response<Bytes>, TransportError>> + Send + Unpin + 'a> {
    carry_until(client, deadline(client), None, operation, writes, credential)
}

/// When a call that begins now has to be over.
pub(crate) fn deadline<T: Transport>(client: &Client<T>) -> Option<Timestamp> {
    client.call_limit.and_then(|limit| client.wire.now().checked_add(limit).ok())
}

/// The same where the call may have begun before, and counts against `other`, if that is given, in place of what is known of the
/// client and the stack.
pub(crate) fn carry_until<'a, T: Transport>(
    client: &'a Client<T>,
    deadline: Option<Timestamp>,
    other: Option<&'a LimiterKey>,
    operation: Operation,
    writes: &'a dyn Writes,
    credential: Option<&'a (HeaderName, HeaderValue)>,
) -> Carrying<'a, impl Future<Output = Result<Response<Bytes>, TransportError>> + Send + Unpin + 'a> {
    let first = match writes.message() {
        Ok(message) => message.into_request(credential),
        Err(error) => return Carrying::failed(error),
    };
    let again = move || {
        let mut request = writes.message().ok()?.into_request(credential);
        request.extensions_mut().insert(info(client, other, operation, writes, deadline));
        Some(request)
    };
    // The pace is inside of the retry, so that every try is paced.
    let info = info(client, other, operation, writes, deadline);
    let (pace, wire) = (client.pace.as_ref(), &client.wire);
    let Some(telling) = telling(client, operation) else {
        let carried = client.retry.carry(first, Some(&info), again, pace, wire);
        return Carrying::Alone { carried, operation, writes };
    };
    told(telling, client, (operation, writes), (first, info), again)
}

/// The same where somebody hears of waits. It is not a part of [`carry`], whose memory on the stack every call touches.
#[cold]
#[inline(never)]
fn told<'a, T: Transport, F>(
    telling: Retry,
    client: &'a Client<T>,
    (operation, writes): (Operation, &'a dyn Writes),
    (first, info): (Request<Bytes>, CallInfo),
    again: impl Fn() -> Option<Request<Bytes>> + Send + Unpin + 'a,
) -> Carrying<'a, F> {
    let (pace, wire) = (client.pace.as_ref(), &client.wire);
    Carrying::Boxed(Box::pin(async move {
        let carried = telling.carry(first, Some(&info), again, pace, wire);
        carried.await.map_err(|error| no_answer(operation, writes.uid(), error))
    }))
}

/// A request on its way. What is kept of most is small, because many are on their way at a time.
pub(crate) enum Carrying<'a, F> {
    /// Nobody but the caller waits for what comes of it.
    Alone { carried: F, operation: Operation, writes: &'a dyn Writes },
    /// What takes more memory, and seldom is one.
    Boxed(Pin<Box<dyn Future<Output = Result<Response<Bytes>, Error>> + Send + 'a>>),
}

impl<F> Carrying<'_, F> {
    /// A request that cannot be sent.
    #[cold]
    #[inline(never)]
    pub(crate) fn failed(error: Error) -> Self {
        Self::Boxed(Box::pin(std::future::ready(Err(error))))
    }
}

impl<F> Future for Carrying<'_, F>
where
    F: Future<Output = Result<Response<Bytes>, TransportError>> + Unpin,
{
    type Output = Result<Response<Bytes>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Alone { carried, operation, writes } => {
                let result = Pin::new(carried).poll(context);
                result.map_err(|error| no_answer(*operation, writes.uid(), error))
            }
            Self::Boxed(carried) => carried.as_mut().poll(context),
        }
    }
}

/// What decorators may know of the call.
fn info<T>(
    client: &Client<T>,
    other: Option<&LimiterKey>,
    operation: Operation,
    writes: &dyn Writes,
    deadline: Option<Timestamp>,
) -> CallInfo {
    let key = other.unwrap_or_else(|| client.counted_against(writes.stack()));
    let mut info = CallInfo::new(operation.0.row().template).limiter_key(key.share());
    info.deadline = deadline;
    let info = info.lane(lane(operation));
    if operation.reads() { info.idempotent() } else { info }
}

/// Which of the limits the API counts the request against.
fn lane(operation: Operation) -> Lane {
    match operation.0.row().rate_limit() {
        LimitId::ReadsPerSecond => Lane::Read,
        LimitId::BulkPerSecond => Lane::Bulk,
        _ => Lane::Write,
    }
}

/// The client's retry with somebody who is told of waits, if anybody is to be.
fn telling<T>(client: &Client<T>, operation: Operation) -> Option<Retry> {
    client.waits.0.as_ref()?;
    let waits = client.waits.clone();
    Some(client.retry.clone().on_pause(move |pause| {
        if matches!(pause.outcome, Outcome::Answer { status: StatusCode::TOO_MANY_REQUESTS, .. }) {
            let Pause { duration, is_waited_out, .. } = *pause;
            waits.tell(&Wait { operation, duration, is_waited_out });
        }
    }))
}

#[cold]
#[inline(never)]
fn no_answer(operation: Operation, uid: Option<&str>, source: TransportError) -> Error {
    if operation.reads() || source.sent == Sent::No {
        Error::NoAnswer { operation, attempts: source.attempts, source }
    } else {
        let check = check_hint::what_to_check(operation, uid);
        Error::OutcomeUnknown { operation, check, source: source.into() }
    }
}
