//! How `ureq` gets the addresses of a host.
//!
//! It asks before each call, also when a connection is kept, and in a thread of its own so that it can stop waiting. Here an
//! address is its own answer, and a name is asked for again only after as long as a connection may be kept: a call over a kept
//! connection goes to the old address, too.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::connector::BeforeSend;

/// Resolves names.
#[derive(Debug, Default)]
pub(super) struct Names {
    system: DefaultResolver,
    pub(super) known: Arc<Known>,
}

/// What the system said last, until somebody could not be reached there.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Option<Said>>);

#[derive(Debug)]
struct Said {
    scheme: Scheme,
    authority: Authority,
    addresses: ResolvedSocketAddrs,
    at: Instant,
}

impl Known {
    /// Forgets all.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn get(&self, uri: &Uri, now: Instant, config: &Config) -> Option<ResolvedSocketAddrs> {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let said = said.as_ref()?;
        let is_asked = uri.scheme() == Some(&said.scheme) && uri.authority() == Some(&said.authority);
        let is_fresh = now.saturating_duration_since(said.at) < config.max_idle_age();
        (is_asked && is_fresh).then(|| said.addresses.clone())
    }

    fn keep(&self, uri: &Uri, addresses: &ResolvedSocketAddrs, at: Instant) {
        if let (Some(scheme), Some(authority)) = (uri.scheme().cloned(), uri.authority().cloned()) {
            let said = Said { scheme, authority, addresses: addresses.clone(), at };
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
        }
    }
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if let Some(address) = address_of(uri) {
            let mut addresses = self.empty();
            addresses.push(address);
            return Ok(addresses);
        }
        let now = Instant::now();
        if let Some(addresses) = self.known.get(uri, now, config) {
            return Ok(addresses);
        }
        let addresses = self.system.resolve(uri, config, timeout).map_err(BeforeSend::wrap)?;
        self.known.keep(uri, &addresses, now);
        Ok(addresses)
    }
}

/// The address that a host is, when it is no name.
fn address_of(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    // Names of hosts are the usual case, and do not begin like this.
    if !host.starts_with(|c: char| c.is_ascii_digit() || c == '[') {
        return None;
    }
    let address: IpAddr = host.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    let implied = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    Some(SocketAddr::new(address, uri.port_u16().unwrap_or(implied)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn addresses(port: u16) -> ResolvedSocketAddrs {
        let mut addresses = Names::default().empty();
        addresses.push(SocketAddr::from(([127, 0, 0, 1], port)));
        addresses
    }

    #[test]
    fn an_address_is_its_own_answer() {
        for (url, expected) in [
            ("http://127.0.0.1:8085/x", Some("127.0.0.1:8085")),
            ("https://127.0.0.1/x", Some("127.0.0.1:443")),
            ("http://[::1]/", Some("[::1]:80")),
            ("http://localhost:1/", None),
            ("https://1a.test/", None),
        ] {
            let found = address_of(&Uri::try_from(url).unwrap()).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn what_is_known_holds_for_its_host_for_a_while_and_until_it_fails() {
        let config = Config::builder().max_idle_age(Duration::from_secs(15)).build();
        let (uri, now) = (Uri::from_static("https://a.test/x"), Instant::now());
        let known = Known::default();
        assert!(known.get(&uri, now, &config).is_none());
        known.keep(&uri, &addresses(443), now);
        let later = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(known.get(&uri, later(14), &config), Some(addresses(443)));
        assert!(known.get(&uri, later(15), &config).is_none());
        for other in ["https://b.test/x", "http://a.test/x", "https://a.test:1/x"] {
            assert!(known.get(&Uri::from_static(other), now, &config).is_none(), "{other}");
        }
        known.forget();
        assert!(known.get(&uri, now, &config).is_none());
    }
}
