//! The origin that was called last: most clients call one only, so that it is read and checked once.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use http::Uri;
use http::uri::{Authority, Scheme};

use super::without_default_port;
use crate::check::check_origin;
use crate::{RequestFault, TransportError};

/// Checks the origins of requests, and keeps the last good one with what a client makes of it.
pub(crate) struct Origins<U> {
    make: fn(&Uri) -> Result<U, RequestFault>,
    last: Mutex<Option<Origin<U>>>,
}

/// A scheme, host and port that a request may go to.
#[derive(Clone)]
struct Origin<U> {
    scheme: Scheme,
    authority: Authority,
    of_client: OfClient<U>,
}

/// What is known of an origin.
#[derive(Clone)]
pub(crate) struct OfClient<U> {
    /// What the client makes of it.
    pub(crate) made: U,
    /// Whether it names a port that its scheme implies.
    pub(crate) has_implied_port: bool,
}

impl<U: Clone> Origins<U> {
    /// None is known yet. `make` gets a URI without a port that its scheme implies.
    pub(crate) fn new(make: fn(&Uri) -> Result<U, RequestFault>) -> Self {
        Self { make, last: Mutex::new(None) }
    }

    /// The origin of a request.
    ///
    /// # Errors
    ///
    /// As those of [`check()`](crate::check()) that are about the origin, and what the client has against it.
    pub(crate) fn of(&self, uri: &Uri) -> Result<OfClient<U>, TransportError> {
        if let Some(last) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner)
            && last.is_of(uri)
        {
            return Ok(last.of_client.clone());
        }
        check_origin(uri)?;
        let (Some(scheme), Some(authority)) = (uri.scheme().cloned(), uri.authority().cloned()) else {
            return Err(RequestFault::NotAbsolute.into());
        };
        let plain = without_default_port(uri.clone())?;
        let has_implied_port = plain.port_u16() != uri.port_u16();
        let of_client = OfClient { made: (self.make)(&plain)?, has_implied_port };
        let origin = Origin { scheme, authority, of_client: of_client.clone() };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(origin);
        Ok(of_client)
    }
}

impl<U> Origin<U> {
    /// Letter by letter: what differs in case alone is another one, and refused.
    fn is_of(&self, uri: &Uri) -> bool {
        uri.authority().is_some_and(|authority| authority.as_str() == self.authority.as_str())
            && uri.scheme() == Some(&self.scheme)
    }
}

impl<U> fmt::Debug for Origins<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origins").finish_non_exhaustive()
    }
}
