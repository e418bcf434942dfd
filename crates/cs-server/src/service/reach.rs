//! Who can reach the service: only this machine, or others too.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many sockets serve it that other machines can reach. What everybody knows opens nothing meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Reach(AtomicUsize);

/// One of these sockets, as long as it serves.
#[cfg(feature = "server")]
#[derive(Debug)]
pub(crate) struct Reachable<'a>(&'a Reach);

impl Reach {
    /// Whether other machines can reach it.
    pub(crate) fn is_wide(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// One more socket.
    #[cfg(feature = "server")]
    pub(crate) fn widen(&self) -> Reachable<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Reachable(self)
    }
}

#[cfg(feature = "server")]
impl Drop for Reachable<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}
