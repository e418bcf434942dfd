//! A request for the next pair, which goes on although whoever sent it went away: the hub may have used up the refresh token,
//! and the next pair is in the answer and nowhere else.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use cs_transport::{Transport, TransportError};
use http::{Request, Response};
use jiff::Timestamp;

use super::OAuthGrant;

/// What comes of it.
pub(super) type Answered = Result<Response<Bytes>, TransportError>;

pub(super) struct UnderWay {
    /// The pair that it uses up.
    held: OAuthGrant,
    /// When it was sent.
    asked: Timestamp,
    /// It owns its transport, so that it is bound to no caller.
    answer: Pin<Box<dyn Future<Output = Answered> + Send>>,
}

impl UnderWay {
    /// Is sent when it is first polled.
    pub(super) fn new(held: OAuthGrant, transport: Arc<dyn Transport>, request: Request<Bytes>) -> Self {
        let asked = transport.now();
        Self { held, asked, answer: Box::pin(async move { transport.send(request).await }) }
    }

    pub(super) const fn held(&self) -> &OAuthGrant {
        &self.held
    }

    pub(super) const fn asked(&self) -> Timestamp {
        self.asked
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answered> {
        self.answer.as_mut().poll(context)
    }
}

impl fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnderWay").field("asked", &self.asked).finish_non_exhaustive()
    }
}
