//! A stream that is not closed on somebody who is still sending: a system that gets more for a closed connection tells the other
//! side to forget it, and the answer that is on its way with it.
//!
//! So when a connection ends in the middle of what came over it, the sending half is closed first, and what comes then is read and
//! thrown away, for some time and up to some bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::limits::LINGER_BYTES;

/// How much is thrown away at once.
const PIECE: usize = 16 << 10;

/// Whether something came over a connection that is not part of a request that came in whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    /// All that came so far was read.
    pub(super) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream with a limit on how long it lingers.
pub(super) struct Linger<S> {
    stream: S,
    unread: Unread,
    patience: Duration,
    /// What is left of time and bytes, once the sending half is closed.
    rest: Option<(Pin<Box<Sleep>>, usize)>,
}

impl<S> Linger<S> {
    pub(super) const fn new(stream: S, unread: Unread, patience: Duration) -> Self {
        Self { stream, unread, patience, rest: None }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Linger<S> {
    /// Throws away what comes, until nothing more does or may.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some((time, bytes)) = &mut self.rest else { return Poll::Ready(()) };
        let mut piece = [0; PIECE];
        loop {
            if time.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut piece);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            let come = buffer.filled().len();
            *bytes = bytes.saturating_sub(come);
            if read.is_err() || come == 0 || *bytes == 0 {
                return Poll::Ready(());
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Linger<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.unread.set();
        } else {
            // The other side is done.
            self.unread.clear();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Linger<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.rest.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if !self.unread.is_set() {
                return Poll::Ready(Ok(()));
            }
            self.rest = Some((Box::pin(sleep(self.patience)), LINGER_BYTES));
        }
        self.poll_rest(cx).map(Ok)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
