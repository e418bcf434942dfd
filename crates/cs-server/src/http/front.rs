//! From a request on the wire to the service and back.

use std::sync::Arc;

use bytes::Bytes;
use cs_model::generated::ErrorId;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{HEALTH, Limits};
use crate::hash::Gate;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::service::Service;

/// The service, with what is shared by all its connections.
pub(super) struct Front {
    limits: Limits,
    service: Arc<Service>,
    /// Places for logins, waiting or running.
    line: Arc<Semaphore>,
    /// Places for logins that run. Those that wait hold no thread, so that writes find one.
    logins: Arc<Semaphore>,
}

impl Front {
    pub(super) fn new(limits: Limits, service: Arc<Service>) -> Self {
        let places = limits.logins_waiting.saturating_add(Gate::places()).min(Semaphore::MAX_PERMITS);
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { limits, service, line: semaphore(places), logins: semaphore(Gate::places()) }
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Answers a request. Total, like the service behind it.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let response = if request.uri().path() == HEALTH {
            Reply::ok(serde_json::json!({ "status": "ok" })).respond()
        } else {
            self.handle(request).await.unwrap_or_else(|id| Refusal::new(id).reply().respond())
        };
        response.map(Full::new)
    }

    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Bytes>, ErrorId> {
        let (parts, body) = request.into_parts();
        let (parts, is_login) = is_login(parts);
        let most = if is_login { self.limits.login_body } else { self.limits.body };
        let body = self.whole(body, most).await?;
        let request = Request::from_parts(parts, body);
        if request.method() == Method::GET {
            return Ok(self.service.handle(Timestamp::now(), &request));
        }
        let places = if is_login { Some(self.wait_in_line().await?) } else { None };
        let service = Arc::clone(&self.service);
        let handle = move || {
            let response = service.handle(Timestamp::now(), &request);
            // Given back here and not where the answer is awaited: a client that goes away does not stop what was begun.
            drop(places);
            response
        };
        tokio::task::spawn_blocking(handle).await.map_err(|_| ErrorId::Internal)
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
        // One that is announced as too large is not read at all.
        if usize::try_from(body.size_hint().lower()).map_or(true, |announced| announced > most) {
            return Err(ErrorId::BodyTooLarge);
        }
        match timeout(self.limits.body_time, Limited::new(body, most).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ErrorId::BodyTooLarge),
            // Cut off, badly chunked, or too slow.
            Ok(Err(_)) | Err(_) => Err(ErrorId::BodyInvalid),
        }
    }
}

/// Whether the head is that of a login.
fn is_login(parts: Parts) -> (Parts, bool) {
    if parts.method != Method::POST {
        return (parts, false);
    }
    let head = Request::from_parts(parts, Bytes::new());
    let is_login = Service::is_login(&head);
    (head.into_parts().0, is_login)
}
