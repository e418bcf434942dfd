//! A service with all that is served around it, and the loop that accepts connections.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::front::Front;
use super::places::{Place, Places};
use super::{Limits, ServeError, connection, may_serve};
use crate::access_log::AccessLog;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::metrics::Metrics;
use crate::service::Service;

/// How long accepting rests when it failed: what it lacks, such as file descriptors, others have to give back.
const ACCEPT_REST: Duration = Duration::from_millis(200);

/// A service to be served, with its clock, its faults, its log and its numbers.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use cs_server::{Service, http::Server};
/// # async fn serve(service: Arc<Service>, listener: tokio::net::TcpListener) -> Result<(), cs_server::http::ServeError> {
/// let server = Server::new(service).clock(Arc::new(cs_server::Clock::new(cs_server::ClockSetting::Real)));
/// server.serve(listener, std::future::pending()).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    pub(super) service: Arc<Service>,
    pub(super) limits: Limits,
    pub(super) clock: Arc<Clock>,
    pub(super) faults: Arc<Faults>,
    pub(super) access_log: Option<Arc<AccessLog>>,
    pub(super) metrics: Option<Arc<Metrics>>,
    pub(super) shows_metrics: bool,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<super::Tls>,
}

impl Server {
    /// A service over plain HTTP, with the system's time, the default limits, and nothing that goes wrong.
    pub fn new(service: Arc<Service>) -> Self {
        Self {
            service,
            limits: Limits::default(),
            clock: Arc::default(),
            faults: Arc::default(),
            access_log: None,
            metrics: None,
            shows_metrics: false,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// With other limits on connections, heads and bodies: see [`Limits`] for their units.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With another clock than the system's: a test holds it, and moves it while the server runs.
    #[must_use]
    pub fn clock(mut self, clock: Arc<Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With faults that are planned, now or while the server runs.
    #[must_use]
    pub fn faults(mut self, faults: Arc<Faults>) -> Self {
        self.faults = faults;
        self
    }

    /// Writes a line into a log for each request, without what a secret could stand in.
    #[must_use]
    pub fn access_log(mut self, log: Arc<AccessLog>) -> Self {
        self.access_log = Some(log);
        self
    }

    /// Counts requests and connections.
    #[must_use]
    pub fn metrics(mut self, metrics: Arc<Metrics>) -> Self {
        self.metrics = Some(metrics);
        self
    }

    /// Shows the numbers to whoever asks, at [`METRICS`](super::METRICS).
    #[must_use]
    pub const fn show_metrics(mut self) -> Self {
        self.shows_metrics = true;
        self
    }

    /// Speaks TLS, and nothing else, on the same port.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: super::Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    #[cfg(feature = "tls")]
    const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "with TLS, it depends on the server")]
    const fn scheme(&self) -> &'static str {
        "http"
    }

    /// Serves until `shutdown` is done, then finishes the requests that are running.
    ///
    /// # Errors
    ///
    /// As with [`may_serve`], and a listener without an address.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let address = listener.local_addr().map_err(ServeError::Listener)?;
        let service = Arc::clone(&self.service);
        // Before the store is asked, so that no demo slips in behind the question.
        let _wide = (!address.ip().to_canonical().is_loopback()).then(|| service.reach().widen());
        may_serve(&service, address)?;
        service.serve_at(|| format!("{}://{address}", self.scheme()));
        let limits = self.limits;
        let (front, places) = (Arc::new(Front::new(self)), Places::new(limits.connections));
        let (end, ended) = watch::channel(());
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            // Those that are done are forgotten, whether or not others come.
            while connections.try_join_next().is_some() {}
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let place = tokio::select! {
                        () = &mut shutdown => break,
                        place = places.take() => place,
                    };
                    connections.spawn(open(stream, Arc::clone(&front), place, ended.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::select! {
                        () = &mut shutdown => break,
                        () = sleep(ACCEPT_REST) => {}
                    }
                }
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
}

/// Answers what comes over a connection, behind a handshake where there is one.
async fn open(stream: TcpStream, front: Arc<Front>, place: Place, ended: watch::Receiver<()>) {
    let counted = Arc::clone(&front);
    let _open = counted.accepted();
    // Answers are small, and written whole: nothing is gained by waiting for more. A failure shows soon enough.
    let _ = stream.set_nodelay(true);
    #[cfg(feature = "tls")]
    if let Some(tls) = front.tls() {
        let acceptor = tls.acceptor().clone();
        if let Some(stream) = handshake(&acceptor, stream, &front, &place, ended.clone()).await {
            connection::run(stream, front, place, ended).await;
        }
        return;
    }
    connection::run(stream, front, place, ended).await;
}

#[cfg(feature = "tls")]
async fn handshake(
    acceptor: &tokio_rustls::TlsAcceptor,
    stream: TcpStream,
    front: &Front,
    place: &Place,
    mut ended: watch::Receiver<()>,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    let shaken = tokio::select! {
        shaken = timeout(front.limits().handshake_time, acceptor.accept(stream)) => shaken,
        () = place.wanted() => {
            front.evicted();
            return None;
        }
        _ = ended.changed() => return None,
    };
    match shaken {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(error)) => tracing::info!(%error, "a TLS handshake failed"),
        Err(_) => tracing::info!("a TLS handshake took too long"),
    }
    front.handshake_failed();
    None
}
