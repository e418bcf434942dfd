//! The service over HTTP/1.1, by axum (feature `server`).
//!
//! One fallback handler takes every request and hands it to [`Service::handle`]; axum routes nothing. Requests that
//! read are answered on the async thread, the others where they may block: they wait for the disk. What a request may
//! cost is in [`Limits`]; a head may have a hundred headers (hyper's own bound).

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use cs_model::generated::ErrorId;
use http::{Method, Request, Response};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::service::Service;

/// Where the health of the process is asked for; no path of the API begins like this.
pub const HEALTH: &str = "/_health";

/// What a request may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many bytes a body may have.
    pub body: usize,
    /// How long a body may take to come in.
    pub body_time: Duration,
    /// How long requests that are running when the service is to end may go on.
    pub grace: Duration,
}

impl Default for Limits {
    /// 1 MiB, far more than any token needs; thirty seconds; ten seconds.
    fn default() -> Self {
        Self { body: 1 << 20, body_time: Duration::from_secs(30), grace: Duration::from_secs(10) }
    }
}

/// Serves with the default [`Limits`] until `shutdown` is done, then finishes the requests that are running.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve_within(Limits::default(), listener, service, shutdown).await
}

/// [`serve`] with other limits.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    service: Arc<Service>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (ending, ended) = oneshot::channel();
    let app = Router::new().fallback(move |request| answer(limits, Arc::clone(&service), request));
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        // Nobody listens any more when the server has ended by itself.
        let _ = ending.send(());
    });
    let out_of_patience = async move {
        match ended.await {
            Ok(()) => sleep(limits.grace).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        outcome = serving => outcome,
        () = out_of_patience => Ok(()),
    }
}

async fn answer(limits: Limits, service: Arc<Service>, request: Request<Body>) -> Response<Body> {
    if request.uri().path() == HEALTH {
        return Reply::ok(serde_json::json!({ "status": "ok" })).respond().map(Body::from);
    }
    let (parts, body) = request.into_parts();
    let request = match timeout(limits.body_time, to_bytes(body, limits.body)).await {
        Ok(Ok(body)) => Request::from_parts(parts, body),
        Ok(Err(_)) => return refused(ErrorId::BodyTooLarge),
        Err(_) => return refused(ErrorId::BodyInvalid),
    };
    if request.method() == Method::GET {
        return service.handle(Timestamp::now(), &request).map(Body::from);
    }
    let handle = move || -> Response<Bytes> { service.handle(Timestamp::now(), &request) };
    match tokio::task::spawn_blocking(handle).await {
        Ok(response) => response.map(Body::from),
        Err(_) => refused(ErrorId::Internal),
    }
}

fn refused(id: ErrorId) -> Response<Body> {
    Refusal::new(id).reply().respond().map(Body::from)
}
