//! The service over HTTP/1.1, by hyper (feature `server`).
//!
//! Every request goes to [`Service::handle`]; nothing is routed here. Requests are answered on the async thread, or where
//! they may block if the store says that they may [wait](crate::store::Store::waits). What a request may cost is in [`Limits`]; what else
//! there is around the service, in [`Server`]: a clock, planned faults, TLS, an access log, numbers for Prometheus.
//!
//! ```text
//! accept (connections) -> handshake (handshake_time) -> head (head, headers, head_time) -> body (body, body_time,
//!      large_bodies, body_rate, body_grace)
//!   -> handle (answer_time; a login: in line first, logins_waiting) -> answer (send_time) -> next head
//! what is refused before all of it was read: answer -> end (linger_time)
//! shutdown: nothing is accepted, what has a whole head is finished (grace), the rest is closed
//! ```

mod body;
mod connection;
mod error;
mod front;
mod inbound;
mod limits;
mod linger;
pub(crate) mod own;
mod places;
mod server;
mod stall;
#[cfg(feature = "tls")]
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::demo;
use crate::service::Service;

pub use error::ServeError;
pub use limits::Limits;
pub use own::{HEALTH, METRICS, OLD_HEALTH, OPENAPI, READY};
pub use server::Server;
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};

/// Whether the service may be served at an address: one that other machines can reach is refused to a store that holds
/// the demo stack, whose password is public. [`serve`] asks the same; ask before telling anybody that it serves.
///
/// # Errors
///
/// [`ServeError::DemoReachable`], or a failing store.
pub fn may_serve(service: &Service, address: SocketAddr) -> Result<(), ServeError> {
    if !address.ip().to_canonical().is_loopback() && demo::is_held(service).map_err(ServeError::Store)? {
        return Err(ServeError::DemoReachable { address });
    }
    Ok(())
}

/// Serves with the default [`Limits`] until `shutdown` is done, then finishes the requests that are running.
///
/// # Errors
///
/// As with [`may_serve`], and a listener without an address.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    serve_within(Limits::default(), listener, service, shutdown).await
}

/// [`serve`] with other limits.
///
/// # Errors
///
/// As with [`serve`].
pub async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    service: Arc<Service>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    Server::new(service).limits(limits).serve(listener, shutdown).await
}
