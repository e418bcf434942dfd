//! Why a service is not served.

use std::io;
use std::net::SocketAddr;

use crate::store::StoreError;

/// Why a service is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The listener has no address.
    #[error("the listener has no address")]
    Listener(#[source] io::Error),
    /// The store holds the demo stack, and others than this machine could log in with its public password.
    #[error(
        "the store holds the demo stack, whose password everybody knows, and `{address}` can be reached from other machines"
    )]
    DemoReachable {
        /// Where it was to be served.
        address: SocketAddr,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
}
