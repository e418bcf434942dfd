//! How long calls wait for their turn, for whoever has only so much time for several of them.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::meter::Micros;

thread_local! {
    /// What calls have waited that left while the innermost [`InLine`] of this thread was polled. A call leaves in a poll, so
    /// that the sum is of the calls of one future, whatever is between it and them.
    static WAITED: Cell<Micros> = const { Cell::new(0) };
}

/// Notes that a call leaves now which waited for its turn.
pub(super) fn note(waited: Micros) {
    WAITED.set(WAITED.get().saturating_add(waited));
}

/// Carries something out, and tells how long the calls in it waited for their turn under a
/// [`RateLimit`](super::RateLimit): time that they would not have needed alone. Calls that some other task makes for it do not
/// count, nor those that gave up their place.
///
/// # Examples
///
/// ```
/// use std::pin::pin;
/// use std::time::Duration;
/// use cs_transport::{in_line, ready};
///
/// let (outcome, waited) = ready(in_line(pin!(async { 7 })))?;
/// assert_eq!((outcome, waited), (7, Duration::ZERO));
/// # Ok::<(), cs_transport::NotReady>(())
/// ```
pub fn in_line<F: Future + Unpin>(future: F) -> InLine<F> {
    InLine { future, waited: 0 }
}

/// What [`in_line`] makes.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct InLine<F> {
    future: F,
    waited: Micros,
}

impl<F: Future + Unpin> Future for InLine<F> {
    type Output = (F::Output, Duration);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outside = WAITED.replace(0);
        let polled = Pin::new(&mut self.future).poll(context);
        let waited = WAITED.replace(outside);
        note(waited);
        self.waited = self.waited.saturating_add(waited);
        let all = Duration::from_micros(self.waited.unsigned_abs());
        polled.map(|output| (output, all))
    }
}
