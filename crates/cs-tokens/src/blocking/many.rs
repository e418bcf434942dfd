//! The same work on many stacks, on threads.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use cs_model::ApiKey;
use cs_transport::BlockingTransport;

use crate::blocking::{Client, StackClient};

impl<B: BlockingTransport> Client<B> {
    /// See [`crate::Client::for_each_stack`]. The work runs on at most `bound` threads, which end before this returns.
    ///
    /// # Panics
    ///
    /// When the work does.
    pub fn for_each_stack<R: Send>(
        &self,
        stacks: impl IntoIterator<Item = ApiKey>,
        bound: NonZeroUsize,
        work: impl Fn(StackClient<'_, B>) -> R + Sync,
    ) -> Vec<(ApiKey, R)> {
        let mut done = self.numbered(stacks, bound, work, |results| results.collect::<Vec<_>>());
        done.sort_by_key(|(index, ..)| *index);
        done.into_iter().map(|(_, api_key, result)| (api_key, result)).collect()
    }

    /// See [`crate::Client::each_stack`]. `read` gets an iterator that gives each result as soon as it is there; the threads
    /// behind it end before this returns. Work that has not begun when `read` returns is left out.
    ///
    /// ```
    /// # fn run<B: cs_transport::BlockingTransport>(client: &cs_tokens::blocking::Client<B>, stacks: Vec<cs_model::ApiKey>) {
    /// let bound = std::num::NonZeroUsize::MIN.saturating_add(7);
    /// let failed = client.each_stack(stacks, bound, |stack| stack.names(), |results| {
    ///     results.inspect(|(api_key, names)| println!("{api_key}: {}", names.is_ok())).filter(|(_, names)| names.is_err()).count()
    /// });
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When the work does.
    pub fn each_stack<R: Send, O>(
        &self,
        stacks: impl IntoIterator<Item = ApiKey>,
        bound: NonZeroUsize,
        work: impl Fn(StackClient<'_, B>) -> R + Sync,
        read: impl FnOnce(&mut dyn Iterator<Item = (ApiKey, R)>) -> O,
    ) -> O {
        self.numbered(stacks, bound, work, |results| {
            read(&mut results.map(|(_, api_key, result)| (api_key, result)))
        })
    }

    fn numbered<R: Send, O>(
        &self,
        stacks: impl IntoIterator<Item = ApiKey>,
        bound: NonZeroUsize,
        work: impl Fn(StackClient<'_, B>) -> R + Sync,
        read: impl FnOnce(&mut dyn Iterator<Item = (usize, ApiKey, R)>) -> O,
    ) -> O {
        let stacks: Vec<ApiKey> = stacks.into_iter().collect();
        let threads = bound.get().min(stacks.len());
        let waiting = Mutex::new(stacks.into_iter().enumerate());
        let (done, results) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..threads {
                let (done, waiting, work) = (done.clone(), &waiting, &work);
                scope.spawn(move || {
                    loop {
                        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((index, api_key)) = next else { break };
                        let result = work(self.stack(api_key.clone()));
                        // Nobody listens any more.
                        if done.send((index, api_key, result)).is_err() {
                            break;
                        }
                    }
                });
            }
            // The iterator ends when the last thread does.
            drop(done);
            read(&mut results.into_iter())
        })
    }
}
