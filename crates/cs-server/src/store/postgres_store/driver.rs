//! The thread on which the connections run, and the way to wait for them from any other.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::failure::Failure;

/// How long one answer is waited for. The server itself gives up on a statement before.
const ANSWER_TIME: Duration = Duration::from_secs(20);

/// A runtime of its own: the store is asked by plain threads, by blocking ones of another runtime, and in tests by async ones.
#[derive(Debug)]
pub(super) struct Driver(Option<Runtime>);

impl Driver {
    pub(super) fn start() -> std::io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("cs-postgres").enable_all();
        builder.build().map(Some).map(Self)
    }

    /// Waits for an answer on this thread; the thread of the driver moves the bytes.
    pub(super) fn wait<T, E: From<Failure>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        // It is there until this is dropped.
        let Some(runtime) = &self.0 else { return Err(Failure::lost().into()) };
        let _context = runtime.enter();
        pollster::block_on(async {
            timeout(ANSWER_TIME, answer).await.unwrap_or_else(|_| Err(Failure::lost().into()))
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Waiting for it is not allowed within async code, and there is nothing left to wait for.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
