//! How `ureq` gets a connection: its own proxy and TCP parts, then TLS by our configuration.
//!
//! An error here happened before any byte of the request left. `ureq` reports it in the same way as one from
//! later, so it is wrapped in [`BeforeSend`].

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use ureq::Error;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
    TransportAdapter,
};

use super::names::Known;
use super::stream::{PlainStream, TlsStream};

/// An error from before the request began to leave.
#[derive(Debug)]
pub(super) struct BeforeSend(pub(super) Error);

/// Opens connections.
pub(super) struct Wires {
    tls: Arc<ClientConfig>,
    names: Arc<Known>,
    proxy: ConnectProxyConnector,
    tcp: TcpConnector,
}

impl Wires {
    /// `names` hears of hosts that could not be reached.
    pub(super) fn new(tls: Arc<ClientConfig>, names: Arc<Known>) -> Self {
        Self { tls, names, proxy: ConnectProxyConnector::default(), tcp: TcpConnector::default() }
    }

    fn open(&self, details: &ConnectionDetails<'_>) -> Result<Box<dyn Transport>, Error> {
        let tunnel = Connector::<()>::connect(&self.proxy, details, None)?;
        let plain = self.tcp.connect(details, tunnel)?.ok_or(Error::ConnectionFailed)?;
        if details.needs_tls() {
            Ok(Box::new(self.secure(details, plain)?))
        } else {
            Ok(Box::new(PlainStream(plain)))
        }
    }

    fn secure<T: Transport>(&self, details: &ConnectionDetails<'_>, plain: T) -> Result<TlsStream, Error> {
        let host = details.uri.host().unwrap_or_default();
        let name = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']'))
            .map_err(|_| Error::Tls("the host cannot be named in a certificate"))?;
        let mut connection =
            ClientConnection::new(Arc::clone(&self.tls), name.to_owned()).map_err(std::io::Error::other)?;
        let boxed: Box<dyn Transport> = Box::new(plain);
        let mut socket = TransportAdapter::new(boxed, Arc::clone(&details.current_time));
        socket.set_timeout(what_is_left(details));
        connection.complete_io(&mut socket)?;
        Ok(TlsStream::new(connection, socket, details.config))
    }
}

/// The time limit for the connection, less what resolving and TCP took.
fn what_is_left(details: &ConnectionDetails<'_>) -> NextTimeout {
    let mut timeout = details.timeout;
    if let (Duration::Exact(limit), Instant::Exact(start), Instant::Exact(now)) =
        (timeout.after, details.now, (details.current_time)())
    {
        timeout.after = Duration::Exact(limit.saturating_sub(now.saturating_duration_since(start)));
    }
    timeout
}

impl Connector<()> for Wires {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        self.open(details).map(Some).map_err(|error| {
            self.names.forget();
            BeforeSend::wrap(error)
        })
    }
}

impl BeforeSend {
    /// Wraps once: a connection to a proxy is opened by the same connector, within the outer one.
    pub(super) fn wrap(error: Error) -> Error {
        match error {
            Error::Other(inner) if inner.is::<Self>() => Error::Other(inner),
            other => Error::Other(Box::new(Self(other))),
        }
    }
}

impl fmt::Display for BeforeSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for BeforeSend {}

impl fmt::Debug for Wires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wires").finish_non_exhaustive()
    }
}
