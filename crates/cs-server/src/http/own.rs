//! What the server answers of itself. No path of the API begins like these, and none asks for a credential.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::json;

use crate::metrics::{self, Metrics};
use crate::reply::Reply;
use crate::service::Service;
use crate::store::Mode;

/// Where it is asked whether the process lives.
pub const HEALTH: &str = "/health";

/// The same by an older name.
pub const OLD_HEALTH: &str = "/_health";

/// Where it is asked whether requests can be answered: the store can be read.
pub const READY: &str = "/ready";

/// Where the numbers are, if the server shows them.
pub const METRICS: &str = "/metrics";

/// Where the OpenAPI document is.
pub const OPENAPI: &str = "/openapi.json";

/// What is asked of the server itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    Health,
    Ready,
    Metrics,
    OpenApi,
}

impl Own {
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path {
            HEALTH | OLD_HEALTH => Some(Self::Health),
            READY => Some(Self::Ready),
            METRICS => Some(Self::Metrics),
            OPENAPI => Some(Self::OpenApi),
            _ => None,
        }
    }
}

/// Lives, or there would be no answer.
pub(crate) fn health() -> Response<Bytes> {
    Reply::ok(json!({ "status": "ok" })).respond()
}

/// Whether the store can be read. It may block.
pub(crate) fn ready(service: &Service) -> Response<Bytes> {
    let read = crate::store::run(service.store(), Mode::Read, |tx| {
        Ok(tx.get(crate::store::keys::COUNTER.as_bytes()).map(drop))
    });
    match read.and_then(|inner| inner) {
        Ok(()) => Reply::ok(json!({ "status": "ready" })).respond(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the store cannot be read");
            Reply::new(503, json!({ "status": "not ready", "reason": error.to_string() })).respond()
        }
    }
}

/// The numbers.
pub(crate) fn metrics(metrics: &Metrics) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(metrics.text()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(metrics::MEDIA_TYPE));
    response
}

/// What can be asked.
pub(crate) fn openapi() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(crate::openapi::DOCUMENT.as_bytes()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// These are read only.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

pub(crate) fn not_read() -> Response<Bytes> {
    let mut response = Reply::new(405, json!({ "error_message": "this is only read" })).respond();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(http::header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
