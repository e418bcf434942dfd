//! From a request on the wire to the service and back.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use cs_model::RouteId;
use cs_model::generated::ErrorId;
use http::header::{CONNECTION, DATE, HeaderValue};
use http::{Method, Request, Response, Uri};
use hyper::body::{Body as _, Incoming};
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::body::{AnswerBody, Cut};
use super::inbound;
use super::linger::Unread;
use super::own::{self, Own};
use super::places::Place;
use super::{Limits, Server};
use crate::access_log::Answered;
use crate::clock::ClockSetting;
use crate::faults::{self, Fault};
use crate::hash::Gate;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::service::Service;
use crate::store::Mode;
use crate::trace::Trace;

/// The service, with what is shared by all its connections.
pub(super) struct Front {
    server: Server,
    /// Places for logins, waiting or running.
    line: Arc<Semaphore>,
    /// Places for logins that run. Those that wait hold no thread, so that writes find one.
    logins: Arc<Semaphore>,
    /// Places for large bodies that come in.
    large_bodies: Arc<Semaphore>,
}

/// A head whose route was looked up where something depends on it.
struct Head {
    route: Option<RouteId>,
    fault: Option<Fault>,
}

type Answer = Response<AnswerBody>;

impl Front {
    pub(super) fn new(server: Server) -> Self {
        let places = |places: usize| Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        let limits = &server.limits;
        let line = places(limits.logins_waiting.saturating_add(Gate::places()));
        let large_bodies = places(limits.large_bodies.max(1));
        Self { server, line, logins: places(Gate::places()), large_bodies }
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.server.limits
    }

    /// Answers a request. Total, like the service behind it; only a planned fault leaves it without an answer.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        place: &Place,
        unread: &Unread,
    ) -> Result<Answer, Cut> {
        if request.body().is_end_stream() {
            unread.clear();
        }
        if let Some(own) = Own::of(request.uri().path()) {
            let answer = self.of_itself(own, request.method(), place).await;
            return Ok(self.dated(answer.map(AnswerBody::whole)));
        }
        let (start, now) = (Instant::now(), self.server.clock.now());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let (request, head) = self.look(request);
        let mut trace = Trace { route: head.route, ..Trace::default() };
        let outcome = self.meet(request, &head, place, unread, now, &mut trace).await;
        let outcome = outcome.map(|answer| self.dated(answer));
        let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        self.note(&method, &uri, now, status, head.fault, start, &trace);
        outcome
    }

    /// The same with the date of the service's clock; the system's stands there by itself.
    fn dated(&self, mut answer: Answer) -> Answer {
        let setting = self.server.clock.setting();
        if setting != ClockSetting::Real
            && let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&setting.now())
            && let Ok(date) = HeaderValue::try_from(date)
        {
            answer.headers_mut().insert(DATE, date);
        }
        answer
    }

    /// Finds what goes wrong with a request, and its route where something depends on it.
    fn look(&self, request: Request<Incoming>) -> (Request<Incoming>, Head) {
        let faults = self.server.faults.any();
        if !faults && *request.method() != Method::POST {
            return (request, Head { route: None, fault: None });
        }
        let (parts, body) = request.into_parts();
        let head = Request::from_parts(parts, Bytes::new());
        let route = Service::route_of(&head);
        let method = cs_model::Method::parse(head.method().as_str());
        let fault = if faults { self.server.faults.take(method, route) } else { None };
        (Request::from_parts(head.into_parts().0, body), Head { route, fault })
    }

    /// Answers a request as the fault would have it that was planned for it.
    async fn meet(
        &self,
        request: Request<Incoming>,
        head: &Head,
        place: &Place,
        unread: &Unread,
        now: jiff::Timestamp,
        trace: &mut Trace,
    ) -> Result<Answer, Cut> {
        if let Some(Fault::NoConnection) = head.fault {
            return Err(Cut);
        }
        let (parts, body) = request.into_parts();
        let is_login = Service::is_login(head.route);
        let most = if is_login { self.limits().login_body } else { self.limits().body };
        let body = match self.whole(body, most).await {
            Ok(body) => body,
            Err(id) => return Ok(refuse_unread(id, trace)),
        };
        unread.clear();
        // From here on it is the service that is waited for, and not the client.
        let busy = place.busy();
        match head.fault {
            Some(Fault::LoseRequest) => return Err(Cut),
            Some(fault @ (Fault::Status(status) | Fault::Error(status, _))) => {
                let asked = (&parts.method, &parts.headers, head.route);
                let profile = &self.server.service.options().profile;
                let (answer, code) = faults::answer(profile, status, fault.row(), asked);
                trace.error_code = code;
                return Ok(answer.map(AnswerBody::whole));
            }
            Some(Fault::Slow(duration)) => sleep(duration).await,
            _ => {}
        }
        let request = Request::from_parts(parts, body);
        let answered = match self.handle(request, is_login, now).await {
            Ok((response, traced)) => {
                *trace = traced;
                response
            }
            Err(id) => return Ok(refuse(id, trace)),
        };
        drop(busy);
        match head.fault {
            Some(Fault::LoseAnswer) => Err(Cut),
            Some(Fault::Truncate) => Ok(answered.map(|body| AnswerBody::half(&body))),
            Some(Fault::SlowBody(over)) => Ok(answered.map(|body| AnswerBody::slow(body, over))),
            _ => Ok(answered.map(AnswerBody::whole)),
        }
    }

    async fn handle(
        &self,
        request: Request<Bytes>,
        is_login: bool,
        now: jiff::Timestamp,
    ) -> Result<(Response<Bytes>, Trace), ErrorId> {
        let service = &self.server.service;
        let mode = if request.method() == Method::GET { Mode::Read } else { Mode::Write };
        if !is_login && !service.store().waits(mode) {
            return Ok(service.handle_traced(now, &request));
        }
        let within = async {
            let places = if is_login { Some(self.wait_in_line().await?) } else { None };
            let service = Arc::clone(service);
            let handle = move || {
                let answered = service.handle_traced(now, &request);
                // Given back here and not where the answer is awaited: a client that goes away does not stop what was
                // begun.
                drop(places);
                answered
            };
            tokio::task::spawn_blocking(handle).await.map_err(|_| ErrorId::Internal)
        };
        timeout(self.limits().answer_time, within).await.unwrap_or(Err(ErrorId::Unavailable))
    }

    /// Waits until a login may run.
    async fn wait_in_line(&self) -> Result<[OwnedSemaphorePermit; 2], ErrorId> {
        let in_line = Arc::clone(&self.line).try_acquire_owned().map_err(|_| ErrorId::Unavailable)?;
        // Fails only when it is closed, which nobody does.
        let running = Arc::clone(&self.logins).acquire_owned().await.map_err(|_| ErrorId::Internal)?;
        Ok([in_line, running])
    }

    /// The whole body, which may have `most` bytes.
    async fn whole(&self, body: Incoming, most: usize) -> Result<Bytes, ErrorId> {
        let hint = body.size_hint();
        // One that is announced as too large is not read at all.
        if usize::try_from(hint.lower()).map_or(true, |announced| announced > most) {
            return Err(ErrorId::BodyTooLarge);
        }
        if hint.exact() == Some(0) {
            return Ok(Bytes::new());
        }
        let read = inbound::read(body, most, &self.large_bodies, self.limits());
        timeout(self.limits().body_time, read).await.unwrap_or(Err(ErrorId::BodyTooSlow))
    }

    async fn of_itself(&self, own: Own, method: &Method, place: &Place) -> Response<Bytes> {
        if !own::is_read(method) {
            return own::not_read();
        }
        match own {
            Own::Health => own::health(),
            Own::OpenApi => own::openapi(),
            Own::Ready => {
                let _busy = place.busy();
                own::ready(&self.server.service).await
            }
            Own::Metrics => match &self.server.metrics {
                Some(metrics) if self.server.shows_metrics => {
                    self.server.access_log.iter().for_each(|log| metrics.take_over(log));
                    own::metrics(metrics)
                }
                _ => refusal(ErrorId::RouteUnknown),
            },
        }
    }

    /// Counts and logs a request.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are what is known of one request, and are put together here only"
    )]
    fn note(
        &self,
        method: &Method,
        uri: &Uri,
        time: jiff::Timestamp,
        status: Option<u16>,
        fault: Option<Fault>,
        start: Instant,
        trace: &Trace,
    ) {
        let duration = start.elapsed();
        let fault = fault.map(Fault::name);
        if let Some(metrics) = &self.server.metrics {
            if let Some(status) = status {
                metrics.answered(method, status, duration, trace);
            }
            fault.into_iter().for_each(|fault| metrics.fault(fault));
        }
        if let Some(log) = &self.server.access_log {
            log.write(&Answered { time, method, path: uri.path(), status, fault, duration, trace });
        }
    }

    pub(super) fn accepted(&self) -> Option<OpenConnection<'_>> {
        self.server.metrics.as_deref().map(|metrics| {
            metrics.accepted.inc();
            metrics.connections.inc();
            OpenConnection(&metrics.connections)
        })
    }

    pub(super) fn evicted(&self) {
        self.server.metrics.iter().for_each(|metrics| {
            metrics.evicted.inc();
        });
    }

    #[cfg(feature = "tls")]
    pub(super) fn handshake_failed(&self) {
        self.server.metrics.iter().for_each(|metrics| {
            metrics.handshakes_failed.inc();
        });
    }

    #[cfg(feature = "tls")]
    pub(super) const fn tls(&self) -> Option<&super::Tls> {
        self.server.tls.as_ref()
    }
}

/// Counted as open until it is dropped.
pub(super) struct OpenConnection<'a>(&'a prometheus_client::metrics::gauge::Gauge);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What is refused before the service sees it.
fn refuse(id: ErrorId, trace: &mut Trace) -> Answer {
    let reply: Reply = Refusal::new(id).reply();
    trace.error_code = reply.error_code();
    reply.respond().map(AnswerBody::whole)
}

/// The same before its body was read to the end. What is left of it is no head, so no other request can come.
fn refuse_unread(id: ErrorId, trace: &mut Trace) -> Answer {
    let mut answer = refuse(id, trace);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn refusal(id: ErrorId) -> Response<Bytes> {
    Refusal::new(id).reply().respond()
}
