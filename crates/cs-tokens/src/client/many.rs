//! The same work on many stacks.

use std::future::{Future, poll_fn};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::Poll;

use cs_model::ApiKey;
use cs_transport::Transport;

use crate::{Client, StackClient};

impl<T: Transport> Client<T> {
    /// Does the same work on many stacks, on at most `bound` of them at a time. The results come in the order of the
    /// stacks, one for each: a stack that fails hides nothing of the others.
    ///
    /// The work runs concurrently in the caller's task. All of it keeps one pace: see
    /// [`ClientBuilder::pace`](crate::ClientBuilder::pace).
    ///
    /// ```
    /// # async fn run<T: cs_transport::Transport>(client: &cs_tokens::Client<T>, stacks: Vec<cs_model::ApiKey>) {
    /// let bound = std::num::NonZeroUsize::MIN.saturating_add(7);
    /// let counted = client.for_each_stack(stacks, bound, async |stack| {
    ///     stack.delivery_tokens().list().await.map(|tokens| tokens.len())
    /// });
    /// for (api_key, count) in counted.await {
    ///     println!("{api_key}: {count:?}");
    /// }
    /// # }
    /// ```
    pub async fn for_each_stack<'a, R, F, W>(
        &'a self,
        stacks: impl IntoIterator<Item = ApiKey>,
        bound: NonZeroUsize,
        work: W,
    ) -> Vec<(ApiKey, R)>
    where
        F: Future<Output = R>,
        W: Fn(StackClient<'a, T>) -> F,
    {
        let mut waiting = stacks.into_iter().enumerate();
        let mut running: Vec<(usize, ApiKey, Pin<Box<F>>)> = Vec::new();
        let mut done: Vec<(usize, ApiKey, R)> = Vec::new();
        poll_fn(|context| {
            loop {
                while running.len() < bound.get() {
                    let Some((index, api_key)) = waiting.next() else { break };
                    let future = Box::pin(work(self.stack(api_key.clone())));
                    running.push((index, api_key, future));
                }
                let before = running.len();
                let mut still = Vec::with_capacity(before);
                for (index, api_key, mut future) in running.drain(..) {
                    match future.as_mut().poll(context) {
                        Poll::Ready(result) => done.push((index, api_key, result)),
                        Poll::Pending => still.push((index, api_key, future)),
                    }
                }
                running = still;
                // Whoever is done makes room for the next, which has to be polled once to be woken.
                match (before == running.len(), running.is_empty()) {
                    (true, true) => return Poll::Ready(()),
                    (true, false) => return Poll::Pending,
                    (false, _) => {}
                }
            }
        })
        .await;
        done.sort_by_key(|(index, ..)| *index);
        done.into_iter().map(|(_, api_key, result)| (api_key, result)).collect()
    }
}
