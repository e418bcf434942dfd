//! The service as a transport, without a socket: for an application's own tests.
//!
//! ```
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use cs_server::in_process::{Fault, InProcess, URL};
//! use cs_server::{Options, Service, demo, store::RedbStore};
//! use cs_transport::BlockingTransport;
//!
//! let start = "2026-11-21T00:00:00Z".parse()?;
//! let service = Arc::new(Service::new(RedbStore::memory()?, Options::default()));
//! let transport = InProcess::at(Arc::clone(&service), start);
//! let demo = demo::ensure(&service, start)?;
//!
//! transport.fail_next(Fault::Status(503));
//! let ask = || http::Request::get(format!("{URL}/v3/stacks/branches")).header("api_key", demo.api_key.as_str());
//! assert_eq!(BlockingTransport::send(&transport, ask().body(Bytes::new())?)?.status(), 503);
//! assert_eq!(BlockingTransport::send(&transport, ask().body(Bytes::new())?)?.status(), 401);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod fault;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cs_model::RouteId;
use cs_transport::{BlockingTransport, ErrorKind, Sent, Transport, TransportError, check};
use http::{Request, Response};
use jiff::Timestamp;

use crate::call::Call;
use crate::service::Service;

use clock::Clock;
pub use fault::Fault;

/// Where requests to the service are addressed: a URL that every transport takes.
pub const URL: &str = "http://localhost";

/// A [`Transport`] and [`BlockingTransport`] that hands requests to a [`Service`] in the same process.
///
/// With [`InProcess::new`] it keeps the system's time. With [`InProcess::at`] it has a clock of its own that only
/// [`sleep`](BlockingTransport::sleep) and [`InProcess::advance`] move, so that hours pass in no time.
#[derive(Debug)]
pub struct InProcess {
    service: Arc<Service>,
    clock: Clock,
    faults: Mutex<VecDeque<(Option<RouteId>, Fault)>>,
    requests: AtomicU64,
}

impl InProcess {
    /// Over a service, with the system's time.
    #[must_use]
    pub fn new(service: Arc<Service>) -> Self {
        Self::with_clock(service, Clock::System)
    }

    /// Over a service, with a clock that stands at `start` until it is moved.
    #[must_use]
    pub fn at(service: Arc<Service>, start: Timestamp) -> Self {
        Self::with_clock(service, Clock::standing(start))
    }

    fn with_clock(service: Arc<Service>, clock: Clock) -> Self {
        Self { service, clock, faults: Mutex::default(), requests: AtomicU64::new(0) }
    }

    /// Moves its own clock; the system's time it cannot move.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Plans what goes wrong with the next request. Several are worked off one by one.
    pub fn fail_next(&self, fault: Fault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back((None, fault));
    }

    /// Plans what goes wrong with the next request to a route.
    pub fn fail_next_on(&self, route: RouteId, fault: Fault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back((Some(route), fault));
    }

    /// How many requests have been sent, the failed ones with them.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The service.
    #[must_use]
    pub const fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// The time on its clock.
    pub fn time(&self) -> Timestamp {
        self.clock.now()
    }

    fn carry(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        check(request)?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let interrupted = || TransportError::new(ErrorKind::Interrupted, Sent::Maybe);
        let handle = || self.service.handle(self.clock.now(), request);
        match self.planned_for(request) {
            None => Ok(handle()),
            Some(Fault::NoConnection) => Err(TransportError::new(ErrorKind::Connect, Sent::No)),
            Some(Fault::LoseRequest) => Err(interrupted()),
            Some(Fault::LoseAnswer) => {
                drop(handle());
                Err(interrupted())
            }
            Some(Fault::Status(status)) => Ok(fault::answer(status)),
            Some(Fault::Truncate) => Ok(handle().map(|body| body.slice(..body.len() / 2))),
            Some(Fault::Slow(duration)) => {
                self.clock.wait(duration);
                Ok(handle())
            }
        }
    }

    /// Takes the first planned fault that is meant for this request.
    fn planned_for(&self, request: &Request<Bytes>) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.is_empty() {
            return None;
        }
        let route = Call::read(request).ok().map(|call| call.route);
        let index = faults.iter().position(|(meant, _)| meant.is_none() || *meant == route)?;
        faults.remove(index).map(|(_, fault)| fault)
    }
}

impl BlockingTransport for InProcess {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.carry(&request)
    }

    fn sleep(&self, duration: Duration) {
        self.clock.wait(duration);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// With the system's time, `sleep` blocks the thread, as the store does: this transport belongs to no runtime.
#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.carry(&request)
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.wait(duration);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
