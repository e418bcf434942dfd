//! The service over HTTP/1.1, by hyper (feature `server`).
//!
//! Every request goes to [`Service::handle`]; nothing is routed here. Requests that read are answered on the async
//! thread, the others where they may block: they wait for the disk. What a request may cost is in [`Limits`]; a head
//! may have a hundred headers (hyper's own bound).
//!
//! ```text
//! accept -> head (head_time) -> body (body, body_time) -> handle -> answer -> next head
//!                                                         login: in line first (logins_waiting)
//! shutdown: nothing is accepted, what has a whole head is finished (grace), the rest is closed
//! ```

mod connection;
mod error;
mod front;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::demo;
use crate::service::Service;

pub use error::ServeError;
use front::Front;

/// Where the health of the process is asked for; no path of the API begins like this.
pub const HEALTH: &str = "/_health";

/// How long accepting rests when it failed: what it lacks, such as file descriptors, others have to give back.
const ACCEPT_REST: Duration = Duration::from_millis(200);

/// What a request may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many bytes a body may have.
    pub body: usize,
    /// How many bytes the body of a login may have: logins wait in line with their bodies.
    pub login_body: usize,
    /// How many logins may wait for others to be done; more are answered with 503.
    pub logins_waiting: usize,
    /// How long a head may take to come in, from the end of the answer before: also how long a connection may idle.
    pub head_time: Duration,
    /// How long a body may take to come in.
    pub body_time: Duration,
    /// How long requests that are running when the service is to end may go on.
    pub grace: Duration,
}

impl Default for Limits {
    /// 1 MiB, far more than any token needs; 16 KiB and 128 logins; thirty seconds each for head and body; ten seconds.
    fn default() -> Self {
        Self {
            body: 1 << 20,
            login_body: 16 << 10,
            logins_waiting: 128,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}

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
    let address = listener.local_addr().map_err(ServeError::Listener)?;
    // Before the store is asked, so that no demo slips in behind the question.
    let _wide = (!address.ip().to_canonical().is_loopback()).then(|| service.reach().widen());
    may_serve(&service, address)?;
    let front = Arc::new(Front::new(limits, Arc::clone(&service)));
    let (end, ended) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(connection::run(stream, Arc::clone(&front), ended.clone()));
            }
            Err(_) => tokio::select! {
                () = &mut shutdown => break,
                () = sleep(ACCEPT_REST) => {}
            },
        }
    }
    drop(listener);
    // Nobody listens when no connection is open.
    let _ = end.send(());
    let all_done = async { while connections.join_next().await.is_some() {} };
    // What is still open after the grace is closed when the set is dropped.
    let _ = timeout(limits.grace, all_done).await;
    Ok(())
}
