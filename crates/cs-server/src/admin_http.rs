//! The admin API: what no credential of the service allows, over HTTP (feature `server`).
//!
//! It has a port and a token of its own. Whoever has the token can do everything, read every value that can be read in
//! the store, and turn back time: it is for tests, and off unless it is asked for. `docs/admin-api.md` has every request.
//!
//! ```text
//! GET|PUT    /clock                                  GET|POST|DELETE /faults, DELETE /faults/{number}
//! POST       /users, /organizations, /stacks         GET|PUT         /snapshot, POST /reset
//! PUT        /organizations/{uid}/members/{user}     GET             /events?after=N
//! PUT        /organizations/{uid}/single-sign-on     POST|DELETE     /sessions, POST /oauth-tokens
//! PUT        /stacks/{api_key}/roles/{user}          POST            /stacks/{api_key}/access-token
//! PUT|DELETE /users/{uid}/second-factor              GET             /users/{uid}/second-factor/code
//! POST       /users/{uid}/unlock, /users/{uid}/mails, /organizations/{uid}/accept-ownership
//! POST       /stacks/{api_key}/ownership-mail        GET             /health, /ready, /metrics
//! ```

mod accounts;
mod answer;
mod clock;
mod faults;
mod people;
mod snapshot;

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cs_model::Secret;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::access_log::AccessLog;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::hash;
use crate::http::own::{self, Own};
use crate::metrics::Metrics;
use crate::random::Draw;
use crate::service::Service;
use crate::store::StoreError;

use answer::{Answer, Problem};
pub use snapshot::Snapshot;

/// How many characters a token must have: a shorter one can be guessed.
pub const TOKEN_LENGTH: usize = 16;

/// How many connections are served at once; more wait.
const CONNECTIONS: usize = 64;

/// How long a head and a body may take, each, and how long an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many bytes a snapshot may have that is restored.
const SNAPSHOT: usize = 512 << 20;

/// How many bytes any other body may have.
const BODY: usize = 1 << 20;

/// The admin API of a service.
#[derive(Clone, Debug)]
pub struct AdminServer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    service: Arc<Service>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
    metrics: Option<Arc<Metrics>>,
    access_log: Option<Arc<AccessLog>>,
    /// The SHA-256 of the token: what leaks through the time of a comparison is about the hash, which nobody can steer.
    token: String,
    /// What a reset goes back to; `None` when it was too much to remember.
    baseline: Option<Snapshot>,
}

/// Why there is no admin API.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminServerError {
    /// The token can be guessed.
    #[error("the token of the admin API needs at least {TOKEN_LENGTH} characters")]
    ShortToken,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl AdminServer {
    /// The admin API of a service, with the clock and the faults that its server has. What the store holds now is what
    /// a reset goes back to.
    ///
    /// # Errors
    ///
    /// [`AdminServerError::ShortToken`] for a token of less than [`TOKEN_LENGTH`] characters, [`AdminServerError::Store`] when what
    /// the store holds cannot be read.
    pub fn new(
        service: Arc<Service>,
        token: &Secret,
        clock: Arc<Clock>,
        faults: Arc<Faults>,
    ) -> Result<Self, AdminServerError> {
        if token.reveal().len() < TOKEN_LENGTH {
            return Err(AdminServerError::ShortToken);
        }
        let baseline = Snapshot::take_small(service.store())?;
        let token = hash::of_value(token.reveal());
        let shared = Shared { service, clock, faults, metrics: None, access_log: None, token, baseline };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A token that nobody can guess.
    ///
    /// # Errors
    ///
    /// When the system has no random bytes to give.
    pub fn draw_token() -> Result<Secret, StoreError> {
        Ok(Draw::new()?.admin_token())
    }

    /// Shows these numbers, and what the access log left out.
    #[must_use]
    pub fn metrics(self, metrics: Arc<Metrics>, access_log: Option<Arc<AccessLog>>) -> Self {
        let Shared { service, clock, faults, token, baseline, .. } = &*self.shared;
        let shared = Shared {
            service: Arc::clone(service),
            clock: Arc::clone(clock),
            faults: Arc::clone(faults),
            metrics: Some(metrics),
            access_log,
            token: token.clone(),
            baseline: baseline.clone(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Serves until `shutdown` is done; what runs then is cut off.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            while connections.try_join_next().is_some() {}
            let accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, stream) = tokio::select! {
                () = &mut shutdown => return,
                (place, accepted) = accepted => match accepted {
                    Ok((stream, _)) => (place, stream),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection to the admin API");
                        sleep(Duration::from_millis(200)).await;
                        continue;
                    }
                },
            };
            let shared = Arc::clone(&self.shared);
            connections.spawn(async move {
                let _place = place;
                let service = service_fn(|request| answer(Arc::clone(&shared), request));
                let _ = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(PATIENCE)
                    .max_header_size(16 << 10)
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }
}

/// Answers a request, and lets nobody wait forever.
async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let answered = timeout(PATIENCE, handle(shared, request)).await;
    let response = answered.unwrap_or(Err(Problem::slow())).unwrap_or_else(|problem| problem.respond());
    Ok(response.map(Full::new))
}

async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Bytes>, Problem> {
    // Whoever looks after processes has no token, and learns nothing that it could use.
    let own = Own::of(request.uri().path());
    if own == Some(Own::Health) && own::is_read(request.method()) {
        return Ok(own::health());
    }
    if own != Some(Own::Ready) && !shared.is_authorized(request.headers()) {
        return Err(Problem::unauthorized());
    }
    if own == Some(Own::Ready) && own::is_read(request.method()) {
        return Ok(own::ready(&shared.service).await);
    }
    let most = if request.uri().path() == "/snapshot" { SNAPSHOT } else { BODY };
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, most).collect().await.map_err(|error| Problem::body(&*error))?.to_bytes();
    let request = Request::from_parts(parts, body);
    // Passwords are hashed, and the store is waited for.
    let handled = tokio::task::spawn_blocking(move || shared.route(&request, own));
    handled.await.map_err(|_| Problem::internal())?
}

impl Shared {
    fn is_authorized(&self, headers: &http::HeaderMap) -> bool {
        let given = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let value = given
            .and_then(|given| given.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        value.is_some_and(|(_, value)| hash::of_value(value.trim()) == self.token)
    }

    fn route(&self, request: &Request<Bytes>, own: Option<Own>) -> Result<Response<Bytes>, Problem> {
        match own {
            Some(_) if !own::is_read(request.method()) => return Ok(own::not_read()),
            Some(Own::Metrics) => {
                let metrics = self.metrics.as_ref().ok_or_else(Problem::unknown)?;
                self.access_log.iter().for_each(|log| metrics.take_over(log));
                return Ok(own::metrics(metrics));
            }
            _ => {}
        }
        let path = request.uri().path();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let answered = self.endpoint(request.method(), &segments, request)?;
        Ok(answered.respond())
    }

    fn endpoint(&self, method: &Method, path: &[&str], request: &Request<Bytes>) -> Result<Answer, Problem> {
        let body = request.body();
        match (method.as_str(), path) {
            ("GET", ["clock"]) => self.clock(),
            ("PUT", ["clock"]) => self.move_clock(body),
            ("GET", ["faults"]) => self.list_faults(),
            ("POST", ["faults"]) => self.add_fault(body),
            ("DELETE", ["faults"]) => self.clear_faults(),
            ("DELETE", ["faults", number]) => self.remove_fault(number),
            ("POST", ["users"]) => self.create_user(body),
            ("PUT", ["users", user, "second-factor"]) => self.set_second_factor(user, body),
            ("DELETE", ["users", user, "second-factor"]) => self.remove_second_factor(user),
            ("GET", ["users", user, "second-factor", "code"]) => self.second_factor_code(user),
            ("POST", ["users", user, "unlock"]) => self.unlock(user, body),
            ("POST", ["users", user, "mails"]) => self.mail(user, body),
            ("POST", ["organizations"]) => self.create_organization(body),
            ("PUT", ["organizations", uid, "members", user]) => self.set_place(uid, user, body),
            ("PUT", ["organizations", uid, "single-sign-on"]) => self.set_single_sign_on(uid, body),
            ("POST", ["organizations", uid, "accept-ownership"]) => self.accept_organization(uid, body),
            ("POST", ["stacks"]) => self.create_stack(body),
            ("PUT", ["stacks", api_key, "roles", user]) => self.set_role(api_key, user, body),
            ("POST", ["stacks", api_key, "ownership-mail"]) => self.mail_ownership(api_key, body),
            ("POST", ["stacks", api_key, "access-token"]) => self.reset_access_token(api_key, body),
            ("POST", ["sessions"]) => self.create_session(body),
            ("DELETE", ["sessions"]) => self.end_session(body),
            ("POST", ["oauth-tokens"]) => self.create_oauth_token(body),
            ("GET", ["snapshot"]) => self.snapshot(),
            ("PUT", ["snapshot"]) => self.restore(body),
            ("POST", ["reset"]) => self.reset(body),
            ("GET", ["events"]) => self.events(request.uri().query()),
            _ => Err(Problem::unknown()),
        }
    }
}
