//! Tells of every call by `tracing`.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tracing::{Level, event};

use crate::{Attempt, CallInfo, Decorator, Transport, TransportError};

/// A [`Decorator`] that emits one event of [`tracing`] for every sending, when its outcome is known.
///
/// The target is `cs_transport`, the level `DEBUG`, or `WARN` for a failure. Fields: `method`; `route`, which is
/// [`CallInfo::route`], the path with placeholders, or empty; `attempt`, from 1; `duration_ms` on the transport's
/// clock; `status` of an answer, or `error` and `sent` of a failure. Nothing else: no URL, no query, no header,
/// no body, because each of them may hold a secret.
///
/// Put it inside of [`Retry`](crate::Retry), to hear of every sending, and inside of
/// [`RateLimit`](crate::RateLimit), to leave the wait for the limit out of the duration.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use cs_transport::{BlockingTransport, Decorator, Trace, from_fn};
/// use http::{Request, Response};
///
/// let traced = Trace.around(from_fn(|_| Ok(Response::new(Bytes::new()))));
/// traced.send(Request::get("http://localhost/").body(Bytes::new())?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to set")]
pub struct Trace;

#[async_trait]
impl Decorator for Trace {
    async fn send(
        &self,
        request: Request<Bytes>,
        next: &dyn Transport,
    ) -> Result<Response<Bytes>, TransportError> {
        let method = request.method().clone();
        let route = request.extensions().get::<CallInfo>().map_or("", |info| info.route);
        let attempt = request.extensions().get::<Attempt>().map_or(1, |attempt| attempt.0);
        let began = next.now();
        let result = next.send(request).await;
        let took = Duration::try_from(next.now().duration_since(began)).unwrap_or_default();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(answer) => {
                let status = answer.status().as_u16();
                event!(target: TARGET, Level::DEBUG, %method, route, attempt, duration_ms, status, "answered");
            }
            Err(error) => {
                let sent = error.sent;
                // The kind's own words: those of a client library stay in the error.
                event!(target: TARGET, Level::WARN, %method, route, attempt, duration_ms, %error, ?sent, "not answered");
            }
        }
        result
    }
}

const TARGET: &str = "cs_transport";
