//! The same work on many stacks.

use std::future::Future;
use std::num::NonZeroUsize;

use cs_model::ApiKey;
use cs_transport::Transport;
use futures_util::stream::{self, Stream, StreamExt as _};

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
        let mut done: Vec<(usize, ApiKey, R)> = self.numbered(stacks, bound, work).collect().await;
        done.sort_by_key(|(index, ..)| *index);
        done.into_iter().map(|(_, api_key, result)| (api_key, result)).collect()
    }

    /// The same as a stream, which gives each result as soon as it is there. Dropping it stops the work.
    ///
    /// ```
    /// # use futures_util::StreamExt as _;
    /// # async fn run<T: cs_transport::Transport>(client: &cs_tokens::Client<T>, stacks: Vec<cs_model::ApiKey>) {
    /// let bound = std::num::NonZeroUsize::MIN.saturating_add(7);
    /// let results = client.each_stack(stacks, bound, async |stack| stack.names().await);
    /// let mut results = std::pin::pin!(results);
    /// while let Some((api_key, names)) = results.next().await {
    ///     println!("{api_key}: {}", names.is_ok());
    /// }
    /// # }
    /// ```
    pub fn each_stack<'a, R, F, W, S>(
        &'a self,
        stacks: S,
        bound: NonZeroUsize,
        work: W,
    ) -> impl Stream<Item = (ApiKey, R)> + use<'a, T, R, F, W, S>
    where
        S: IntoIterator<Item = ApiKey>,
        F: Future<Output = R>,
        W: Fn(StackClient<'a, T>) -> F,
    {
        self.numbered(stacks, bound, work).map(|(_, api_key, result)| (api_key, result))
    }

    fn numbered<'a, R, F, W, S>(
        &'a self,
        stacks: S,
        bound: NonZeroUsize,
        work: W,
    ) -> impl Stream<Item = (usize, ApiKey, R)> + use<'a, T, R, F, W, S>
    where
        S: IntoIterator<Item = ApiKey>,
        F: Future<Output = R>,
        W: Fn(StackClient<'a, T>) -> F,
    {
        let work = stacks.into_iter().enumerate().map(move |(index, api_key)| {
            let result = work(self.stack(api_key.clone()));
            async move { (index, api_key, result.await) }
        });
        stream::iter(work).buffer_unordered(bound.get())
    }
}
