//! The same work on many stacks, on threads.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
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
        let stacks: Vec<ApiKey> = stacks.into_iter().collect();
        let threads = bound.get().min(stacks.len());
        let waiting = Mutex::new(stacks.into_iter().enumerate());
        let done = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((index, api_key)) = next else { break };
                        let result = work(self.stack(api_key.clone()));
                        done.lock().unwrap_or_else(PoisonError::into_inner).push((index, api_key, result));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(index, ..)| *index);
        done.into_iter().map(|(_, api_key, result)| (api_key, result)).collect()
    }
}
