//! What both clients are built from.

#[cfg(any(feature = "reqwest", feature = "ureq"))]
mod proxy;

use std::fmt;
use std::time::Duration;

use http::HeaderValue;

#[cfg(any(feature = "reqwest", feature = "ureq"))]
pub(crate) use self::proxy::ProxyRule;

/// How a client behaves. The same settings mean the same behaviour for every transport of this crate.
///
/// What is not here is fixed: no redirects, no cookies, no decompression, HTTP/1.1, TLS 1.2 or 1.3 by
/// `rustls` with `ring`, `https` only except to [loopback](crate::is_loopback()).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use cs_transport::{Proxy, Settings};
///
/// let mut settings = Settings::default();
/// settings.total_limit = Duration::from_secs(20);
/// settings.proxy = Proxy::Direct;
/// assert_eq!(settings.body_limit, 8 * 1024 * 1024);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// For name resolution, TCP and TLS together: 10 seconds. `ureq` gives name resolution as much again.
    /// Passing it is [`Timeout(Limit::Connect)`](crate::Limit::Connect).
    pub connect_limit: Duration,
    /// For the whole call: 30 seconds. Passing it is [`Timeout(Limit::Total)`](crate::Limit::Total).
    pub total_limit: Duration,
    /// The biggest body of an answer, in bytes: 8 MiB. A bigger one is
    /// [`TooLarge`](crate::ErrorKind::TooLarge).
    pub body_limit: usize,
    /// The biggest head of an answer, in bytes: 64 KiB. A bigger one is
    /// [`TooLarge`](crate::ErrorKind::TooLarge).
    pub head_limit: usize,
    /// How long a connection may wait for its next request: 15 seconds. Short, because a server that closes
    /// it meanwhile leaves the next request in doubt.
    pub idle_limit: Duration,
    /// Certificates, in PEM, of issuers that are trusted besides the public ones. Empty by default.
    pub extra_ca_pem: Vec<u8>,
    /// Whether calls go through a proxy. [`Proxy::Environment`] by default.
    pub proxy: Proxy,
    /// Sent when a request has no `user-agent` of its own: this crate's name and version.
    pub user_agent: HeaderValue,
    /// Whether `ureq` may write to the process's logger, at level `trace`, all that goes over the wire: URLs,
    /// headers with credentials, bodies with values of tokens. `false` by default: while a logger of the
    /// [`log`](https://docs.rs/log) crate listens to that, each call over `ureq` fails, unsent, with
    /// [`Logged`](crate::ErrorKind::Logged). Keep `ureq` and `ureq_proto` at `info`, or set this for as long as
    /// you look for a fault with credentials that are of no worth. `reqwest` writes nothing of the kind.
    pub allow_wire_log: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_limit: Duration::from_secs(10),
            total_limit: Duration::from_secs(30),
            body_limit: 8 * 1024 * 1024,
            head_limit: 64 * 1024,
            idle_limit: Duration::from_secs(15),
            extra_ca_pem: Vec::new(),
            proxy: Proxy::Environment,
            user_agent: HeaderValue::from_static(concat!("cs-transport/", env!("CARGO_PKG_VERSION"))),
            allow_wire_log: false,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("connect_limit", &self.connect_limit)
            .field("total_limit", &self.total_limit)
            .field("body_limit", &self.body_limit)
            .field("head_limit", &self.head_limit)
            .field("idle_limit", &self.idle_limit)
            .field("extra_ca_pem", &format_args!("[{} bytes]", self.extra_ca_pem.len()))
            .field("proxy", &self.proxy)
            .field("user_agent", &self.user_agent)
            .field("allow_wire_log", &self.allow_wire_log)
            .finish()
    }
}

/// Whether calls go through a proxy. Calls to [loopback](crate::is_loopback()) never do.
///
/// Only `http` proxies are spoken to. Since every other call is `https`, the proxy gets a `CONNECT` with host
/// and port and carries TLS that it cannot read.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// No proxy, whatever the environment says.
    Direct,
    /// What the environment says when the client is built: the first of `HTTPS_PROXY`, `https_proxy`,
    /// `ALL_PROXY`, `all_proxy` that is not empty. `NO_PROXY`, or else `no_proxy`, lists hosts that are
    /// called directly: a name stands for itself and the names below it, an address for itself, `*` for all.
    #[default]
    Environment,
    /// This one, for every host: `http://[user:password@]host[:port]`. Without a port, 80.
    Via(String),
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("Direct"),
            Self::Environment => f.write_str("Environment"),
            // The URL may hold a password.
            Self::Via(_) => f.write_str("Via([redacted])"),
        }
    }
}

/// A client could not be built from [`Settings`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// [`Settings::extra_ca_pem`] is not PEM, holds no certificate, or holds one that cannot be read.
    #[error("the extra certificates are not readable PEM certificates")]
    ExtraCa,
    /// The proxy's URL, given or from the environment, is not `http://[user:password@]host[:port]`.
    #[error("the proxy's URL is not of the form http://[user:password@]host[:port]")]
    Proxy,
    /// The client library refused the settings.
    #[error("the HTTP client could not be set up")]
    Client,
}
