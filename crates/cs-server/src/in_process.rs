//! The service as a transport, without a socket: for an application's own tests.
//!
//! ```
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use cs_server::in_process::{Fault, InProcess, URL};
//! use cs_server::{Options, Service, demo, store::MemoryStore};
//! use cs_transport::BlockingTransport;
//!
//! let start = "2026-11-21T00:00:00Z".parse()?;
//! let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
//! let transport = InProcess::at(Arc::clone(&service), start);
//! let demo = demo::ensure(&service, start)?;
//!
//! transport.fail_next(Fault::Status(503));
//! let ask = || http::Request::get(format!("{URL}/v3/stacks/branches")).header("api_key", demo.api_key.as_str());
//! assert_eq!(BlockingTransport::send(&transport, ask().body(Bytes::new())?)?.status(), 503);
//! assert_eq!(BlockingTransport::send(&transport, ask().body(Bytes::new())?)?.status(), 401);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cs_model::{Method, RouteId};
use cs_transport::{BlockingTransport, ErrorKind, Sent, Transport, TransportError, check};
use http::{HeaderValue, Request, Response, header};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, ClockSetting};
use crate::faults;
use crate::service::Service;

pub use crate::faults::{Fault, FaultPlan, Faults};

/// Where requests to the service are addressed: a URL that every transport takes.
pub const URL: &str = "http://localhost";

/// A [`Transport`] and [`BlockingTransport`] that hands requests to a [`Service`] in the same process.
///
/// With [`InProcess::new`] it keeps the system's time. With [`InProcess::at`] it has a clock of its own that only
/// [`sleep`](BlockingTransport::sleep) and [`InProcess::advance`] move, so that hours pass in no time.
#[derive(Debug)]
pub struct InProcess {
    service: Arc<Service>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
    requests: AtomicU64,
}

impl InProcess {
    /// Over a service, with the system's time.
    #[must_use]
    pub fn new(service: Arc<Service>) -> Self {
        Self::with(service, Arc::default(), Arc::default())
    }

    /// Over a service, with a clock that stands at `start` until it is moved.
    #[must_use]
    pub fn at(service: Arc<Service>, start: Timestamp) -> Self {
        Self::with(service, Arc::new(Clock::new(ClockSetting::Fixed(start))), Arc::default())
    }

    /// Over a service, with a clock and faults that others may share: the same service over HTTP, say.
    #[must_use]
    pub const fn with(service: Arc<Service>, clock: Arc<Clock>, faults: Arc<Faults>) -> Self {
        Self { service, clock, faults, requests: AtomicU64::new(0) }
    }

    /// Moves its clock, at most to the end of time.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX));
    }

    /// Plans what goes wrong with the next request. Several are worked off one by one.
    pub fn fail_next(&self, fault: Fault) {
        self.faults.add(FaultPlan::new(fault).times(1));
    }

    /// Plans what goes wrong with the next request to a route.
    pub fn fail_next_on(&self, route: RouteId, fault: Fault) {
        self.faults.add(FaultPlan::new(fault).on(route).times(1));
    }

    /// What is planned to go wrong, to plan it by count, by method or by chance.
    #[must_use]
    pub const fn faults(&self) -> &Arc<Faults> {
        &self.faults
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
        let handle = || {
            let now = self.clock.now();
            dated(self.service.handle(now, request), now)
        };
        match self.planned_for(request) {
            None => Ok(handle()),
            Some(Fault::NoConnection) => Err(TransportError::new(ErrorKind::Connect, Sent::No)),
            Some(Fault::LoseRequest) => Err(interrupted()),
            Some(Fault::LoseAnswer) => {
                drop(handle());
                Err(interrupted())
            }
            Some(fault @ (Fault::Status(status) | Fault::Error(status, _))) => {
                let asked = (request.method(), request.headers(), Service::route_of(request));
                let profile = &self.service.options().profile;
                Ok(dated(faults::answer(profile, status, fault.row(), asked).0, self.clock.now()))
            }
            Some(Fault::Truncate) => Ok(handle().map(|body| body.slice(..body.len() / 2))),
            Some(Fault::Slow(duration) | Fault::SlowBody(duration)) => {
                self.clock.wait(duration);
                Ok(handle())
            }
        }
    }

    /// Takes the first planned fault that is meant for this request.
    fn planned_for(&self, request: &Request<Bytes>) -> Option<Fault> {
        if !self.faults.any() {
            return None;
        }
        self.faults.take(Method::parse(request.method().as_str()), Service::route_of(request))
    }
}

/// An answer with the time of the service's clock in `Date`, as over HTTP: whoever asks compares times of the API with it.
fn dated(mut answer: Response<Bytes>, now: Timestamp) -> Response<Bytes> {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok();
    if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
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
