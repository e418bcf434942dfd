//! What the server answers of itself. No path of the API begins like these, and none asks for a credential.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::json;
use tokio::time::timeout;

use crate::metrics::{self, Metrics};
use crate::reply::Reply;
use crate::service::Service;

/// How long a store may try again to be read before it is said not to be ready, and how long it may say nothing.
const PATIENCE: Duration = Duration::from_millis(700);
const LONGEST: Duration = Duration::from_secs(1);

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

/// Whether the store can be read. Who asks decides on what it hears within a second or so, also when the store says nothing at all.
pub(crate) async fn ready(service: &Arc<Service>) -> Response<Bytes> {
    let service = Arc::clone(service);
    let asked = tokio::task::spawn_blocking(move || service.store().check(PATIENCE));
    let reason = match timeout(LONGEST, asked).await {
        Ok(Ok(Ok(()))) => return Reply::ok(json!({ "status": "ready" })).respond(),
        Ok(Ok(Err(error))) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the store cannot be read");
            error.to_string()
        }
        Ok(Err(_)) => "the store failed".to_owned(),
        Err(_) => {
            tracing::warn!("the store does not answer");
            "the store does not answer".to_owned()
        }
    };
    Reply::new(503, json!({ "status": "not ready", "reason": reason })).respond()
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
