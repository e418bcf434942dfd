//! Bodies of requests, as they come in.

use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cs_model::generated::ErrorId;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::limits::{LARGE, Limits};

/// Reads a body of at most so many bytes to its end. From where it is large on, it waits for a place among the large ones: what
/// somebody announces and does not send keeps nobody waiting. Who has a place and sends too slowly loses it.
pub(super) async fn read<B: Body<Data = Bytes>>(
    body: B,
    most: usize,
    large: &Semaphore,
    limits: &Limits,
) -> Result<Bytes, ErrorId> {
    let mut body = pin!(body);
    let first = piece(body.as_mut()).await?.unwrap_or_default();
    let mut whole = BytesMut::new();
    let (mut come, mut place) = (first.len(), None);
    loop {
        if come > most {
            return Err(ErrorId::BodyTooLarge);
        }
        if come > LARGE && place.is_none() {
            // Fails only when it is closed, which nobody does.
            place = large.acquire().await.ok().map(|permit| (permit, Pace::from_now(come, limits)));
        }
        let next = match &place {
            Some((_, pace)) => timeout_at(pace.next_by(come), piece(body.as_mut()))
                .await
                .unwrap_or(Err(ErrorId::BodyTooSlow)),
            None => piece(body.as_mut()).await,
        };
        let Some(next) = next? else { break };
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        come += next.len();
        whole.extend_from_slice(&next);
    }
    // Most come in one piece, which need not be copied.
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// How fast a large body has to come.
struct Pace {
    start: Instant,
    /// How much had come then.
    before: usize,
    rate: usize,
    grace: Duration,
}

impl Pace {
    fn from_now(before: usize, limits: &Limits) -> Self {
        Self { start: Instant::now(), before, rate: limits.body_rate.max(1), grace: limits.body_grace }
    }

    /// When the next piece must be there after so many bytes.
    fn next_by(&self, come: usize) -> Instant {
        let earned = Duration::from_secs_f64((come - self.before) as f64 / self.rate as f64);
        self.start + self.grace + earned
    }
}

/// The next piece; `None` at the end. A body that is cut off or badly chunked is none.
async fn piece<B: Body<Data = Bytes>>(mut body: Pin<&mut B>) -> Result<Option<Bytes>, ErrorId> {
    loop {
        match body.frame().await {
            None => return Ok(None),
            Some(Err(_)) => return Err(ErrorId::BodyInvalid),
            // Trailers say nothing that anybody asked for.
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}
