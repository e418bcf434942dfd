//! The body of an answer: whole, or as a fault would have it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// How many pieces a slow body comes in.
const PIECES: u32 = 10;

/// How long the part that is meant to arrive has to go off before the connection is cut.
const SEND_OFF: Duration = Duration::from_millis(50);

/// The connection is cut: by a fault, and on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut, as was planned")]
pub(super) struct Cut;

/// The body of an answer. Its length is announced as that of the whole, whatever comes.
#[derive(Debug)]
pub(super) enum AnswerBody {
    /// All at once.
    Whole(Option<Bytes>),
    /// A part, and then the connection is cut.
    Part { part: Option<Bytes>, whole: usize, cut: Pin<Box<Sleep>> },
    /// Bit by bit.
    Slow { rest: Bytes, piece: usize, wait: Pin<Box<Sleep>>, each: Duration },
}

impl AnswerBody {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// The first half.
    pub(super) fn half(bytes: &Bytes) -> Self {
        let part = bytes.slice(..bytes.len() / 2);
        Self::Part {
            part: Some(part).filter(|part| !part.is_empty()),
            whole: bytes.len(),
            cut: Box::pin(sleep(SEND_OFF)),
        }
    }

    /// In pieces that take this long together.
    pub(super) fn slow(bytes: Bytes, over: Duration) -> Self {
        let each = over / PIECES;
        let piece = bytes.len().div_ceil(PIECES as usize).max(1);
        Self::Slow { rest: bytes, piece, wait: Box::pin(sleep(each)), each }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let frame = match &mut *self {
            Self::Whole(bytes) => bytes.take(),
            Self::Part { part, cut, .. } => match part.take() {
                Some(part) => Some(part),
                None => {
                    ready!(cut.as_mut().poll(cx));
                    return Poll::Ready(Some(Err(Cut)));
                }
            },
            Self::Slow { rest, .. } if rest.is_empty() => None,
            Self::Slow { rest, piece, wait, each } => {
                ready!(wait.as_mut().poll(cx));
                wait.as_mut().set(sleep(*each));
                let piece = (*piece).min(rest.len());
                Some(rest.split_to(piece))
            }
        };
        Poll::Ready(frame.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Part { .. } => false,
            Self::Slow { rest, .. } => rest.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let left = match self {
            Self::Whole(bytes) => bytes.as_ref().map_or(0, Bytes::len),
            Self::Part { whole, .. } => *whole,
            Self::Slow { rest, .. } => rest.len(),
        };
        SizeHint::with_exact(left as u64)
    }
}
