//! A server on a thread of its own, with one thread for all connections.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running server; it ends when this is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    thread_number: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Runs `serve` on a listener until it is told to stop. A profiler tells the threads apart by `name`.
    pub(crate) fn start<F>(
        name: &str,
        serve: impl FnOnce(TcpListener, oneshot::Receiver<()>) -> F + Send + 'static,
    ) -> Result<Self>
    where
        F: Future<Output = ()>,
    {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = Builder::new().name(name.to_owned()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            runtime.block_on(async {
                let Ok(listener) = TcpListener::bind("127.0.0.1:0").await else { return };
                let Ok(address) = listener.local_addr() else { return };
                let number = std::fs::read_link("/proc/thread-self").unwrap_or_default();
                if tell.send((address, number.display().to_string())).is_ok() {
                    serve(listener, stopped).await;
                }
            });
        })?;
        let (address, thread_number) = told.recv().context("the server does not start")?;
        Ok(Self { address, thread_number, stop: Some(stop), thread: Some(thread) })
    }

    /// For how many nanoseconds its thread has run so far.
    pub(crate) fn cpu_nanos(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/schedstat", self.thread_number));
        let text = text.unwrap_or_default();
        text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has said so.
            let _ = thread.join();
        }
    }
}
