//! Work that takes much memory, and is not done by every call.

use std::pin::Pin;
use std::task::{Context, Poll};

/// A future in a box of its own, made and polled in functions of its own: who waits for it has little on its stack, which a
/// call that does without touches, too.
pub(super) struct Apart<F>(Pin<Box<F>>);

/// Makes a future apart from the caller.
#[inline(never)]
pub(super) fn apart<F: Future>(make: impl FnOnce() -> F) -> Apart<F> {
    Apart(Box::pin(make()))
}

impl<F: Future> Future for Apart<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.0.as_mut().poll(context)
    }
}
