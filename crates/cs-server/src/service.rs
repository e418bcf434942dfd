//! The service: one synchronous function from a request to an answer.

mod admission;
mod asked;
mod authority;
mod body_facts;
mod credential;
mod mounted;
pub(crate) mod rates;
mod reach;
mod refused;
mod scene;
mod single_sign_on;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use cs_model::generated::{ErrorId, ModuleId};
use cs_model::{Profile, RouteId};
use http::{Request, Response};
use jiff::Timestamp;

use crate::admin::Admin;
use crate::call::Call;
use crate::endpoint::{self, Handler, Served, SlowHandler};
use crate::hash::{Gate, PasswordCost};
use crate::limiter::{Allowance, Limiter};
use crate::notices::Watch;
use crate::oauth;
use crate::random::Draw;
use crate::refusal::{Refusal, Stop};
use crate::reply::Reply;
use crate::store::{Mode, Store, StoreError, run};
use crate::trace::{Notes, Trace};

pub(crate) use authority::principal;
use reach::Reach;
pub(crate) use scene::{Actor, Named, Scene};

/// How the service behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Which documents it believes: limits, switches, readings of contradictions.
    pub profile: Profile,
    /// Whether requests are counted against the limits per second of the profile (CMA-doc, "Rate limiting").
    pub rate_limit: bool,
    /// How much work guessing a password costs.
    pub password_cost: PasswordCost,
    /// Where its clients reach it, such as `https://cms.test:8085`: what the addresses of assets begin with. Without it, the
    /// address that it is served at first.
    pub public_url: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            rate_limit: true,
            password_cost: PasswordCost::default(),
            public_url: None,
        }
    }
}

impl Options {
    /// The same with the limits and readings of another profile; at first it is [`Profile::seeds`].
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same without the limits on requests per second, which tests that send many would meet.
    #[must_use]
    pub const fn no_rate_limit(mut self) -> Self {
        self.rate_limit = false;
        self
    }

    /// The same with another address at which clients reach the service, such as `https://cms.test:8085`.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The same with another cost of hashing passwords: see [`PasswordCost`].
    #[must_use]
    pub const fn password_cost(mut self, cost: PasswordCost) -> Self {
        self.password_cost = cost;
        self
    }
}

/// The token service over a store.
///
/// It has no socket and reads no clock. Wrap it in [`crate::in_process::InProcess`] for tests, or hand it to
/// [`crate::http::serve`] (feature `server`). It may be shared by any number of threads.
#[derive(Debug)]
pub struct Service {
    store: Arc<dyn Store>,
    options: Options,
    limiter: Limiter,
    passwords: Gate,
    reach: Reach,
    watch: Watch,
    /// The address that it is served at first.
    served_at: OnceLock<String>,
}

impl Service {
    /// A service over a store.
    pub fn new(store: impl Store + 'static, options: Options) -> Self {
        Self {
            store: Arc::new(store),
            options,
            limiter: Limiter::default(),
            passwords: Gate::default(),
            reach: Reach::default(),
            watch: Watch::default(),
            served_at: OnceLock::new(),
        }
    }

    /// Answers a request to the management API. Total: whatever comes in, an answer comes out.
    ///
    /// The checks come in this order: API key (412), credential (401), branch exists (422, 900), branch granted (422, 901),
    /// permission (403), body (422), limits (422). That the API key comes first was observed (probe; studio-cma); the rest is a
    /// choice. The limit per second (429) stands behind the
    /// credential, and is that of those who belong to the organization.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use cs_server::{Options, Service, store::MemoryStore};
    /// let service = Service::new(MemoryStore::new(), Options::default());
    /// let request = http::Request::get("/v3/user").body(Bytes::new())?;
    /// let answer = service.handle("2026-11-21T00:00:00Z".parse()?, &request);
    /// assert_eq!(answer.status(), 401);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle(&self, now: Timestamp, request: &Request<Bytes>) -> Response<Bytes> {
        self.handle_traced(now, request).0
    }

    /// The same, with what is known of the request afterwards: for logs and metrics.
    pub fn handle_traced(&self, now: Timestamp, request: &Request<Bytes>) -> (Response<Bytes>, Trace) {
        self.handle_noted(now, request, Notes::default())
    }

    /// The same without counting the request against the limits per second.
    pub(crate) fn handle_uncounted(&self, now: Timestamp, request: &Request<Bytes>) -> Response<Bytes> {
        self.handle_noted(now, request, Notes::uncounted()).0
    }

    fn handle_noted(
        &self,
        now: Timestamp,
        request: &Request<Bytes>,
        notes: Notes,
    ) -> (Response<Bytes>, Trace) {
        if self.watch.is_time(now) {
            // A store that fails here fails the request, too, which says so; what is due stays due.
            let _ = self.tick(now);
        }
        let outcome = if oauth::is_refresh(request) {
            self.refresh(now, request)
        } else {
            Call::read(request).map_err(Stop::Refused).and_then(|call| {
                notes.route(call.route);
                self.answer(now, &call, &notes)
            })
        };
        let reply = match outcome {
            Ok(reply) => reply,
            Err(Stop::Refused(refusal)) => refusal.reply(),
            Err(Stop::Store(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed a request");
                Refusal::new(of_store(&error)).reply()
            }
        };
        notes.error_code(reply.error_code());
        let own = reply.allowance;
        let mut response = reply.respond();
        let (allowance, mut trace) = notes.into_parts();
        trace.rate_limited |= own.is_some_and(|own| own.exceeded);
        let tightest = own.into_iter().chain(allowance).reduce(Allowance::tighter);
        if let Some(allowance) = tightest {
            allowance.write(response.headers_mut());
        }
        (response, trace)
    }

    /// Does what time brings along without a request: today, the notices before management tokens expire. They are recorded as
    /// [events](crate::Event). Every request does the same for its own time, so this is for clocks that move without one.
    /// Returns how many notices were given.
    ///
    /// # Errors
    ///
    /// A failing store. What is due stays due.
    pub fn tick(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.watch.look(self.store(), &self.options.profile, now)
    }

    /// What is done by nobody's credential: making organizations, users and stacks.
    #[must_use]
    pub const fn admin(&self, now: Timestamp) -> Admin<'_> {
        Admin::new(self, now)
    }

    /// How it behaves: what it was made with.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Where it keeps everything. Who writes to it past the service breaks what the service counts on.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Where its clients reach it; in process, where nobody asks for an address, some name of this machine.
    pub(crate) fn public_url(&self) -> &str {
        let set = self.options.public_url.as_deref().or_else(|| self.served_at.get().map(String::as_str));
        set.unwrap_or("http://localhost").trim_end_matches('/')
    }

    /// It is served at this address.
    #[cfg(feature = "server")]
    pub(crate) fn serve_at(&self, url: impl FnOnce() -> String) {
        self.served_at.get_or_init(url);
    }

    /// Through it goes whoever hashes a password.
    pub(crate) const fn passwords(&self) -> &Gate {
        &self.passwords
    }

    /// Who can reach it.
    pub(crate) const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The route of a request, whether or not it is let in.
    pub(crate) fn route_of(request: &Request<Bytes>) -> Option<RouteId> {
        Call::read(request).ok().map(|call| call.route)
    }

    /// Whether a route hashes a password, as the login does, which costs more than any other.
    #[cfg(feature = "server")]
    pub(crate) fn is_login(route: Option<RouteId>) -> bool {
        matches!(route.and_then(endpoint::served), Some(Served::Slow(_)))
    }

    fn answer(&self, now: Timestamp, call: &Call<'_>, notes: &Notes) -> Result<Reply, Stop> {
        if !mounted::is_mounted(&self.options.profile, call.route) {
            return Err(ErrorId::RouteUnknown.into());
        }
        let served = endpoint::served(call.route);
        let draw = if let Some(Served::Read(_)) = served { Draw::late() } else { Draw::new()? };
        // Every request is judged in a reading transaction, so that refused ones never wait for the writer.
        let judged = self.transact(Mode::Read, |tx| {
            let scene = self.admit(tx, now, call, &draw, notes)?;
            match served {
                Some(Served::Read(handler)) => {
                    let reply = handler(&scene, tx)?;
                    draw.check()?;
                    Ok(Judged::Answered(reply))
                }
                Some(Served::Write(handler)) => Ok(Judged::ToWrite(handler, tx.state(), Box::new(scene))),
                Some(Served::Slow(handler)) => Ok(Judged::Slow(handler)),
                None => Err(Refusal::not_served(call.route).into()),
            }
        })?;
        match judged {
            Judged::Answered(reply) => Ok(reply),
            Judged::ToWrite(handler, state, scene) => {
                let outcome = self.transact(Mode::Write, |tx| {
                    if state.is_some() && tx.state() == state {
                        return handler(&scene, tx);
                    }
                    // Again: what was true for the reader may have changed.
                    let scene = self.admit(tx, now, call, &draw, notes)?;
                    handler(&scene, tx)
                });
                if call.route.row().module == ModuleId::ManagementToken {
                    self.watch.hurry();
                }
                outcome
            }
            Judged::Slow(handler) => handler(self, now, call, &draw),
        }
    }

    /// Gives an app another access token. That is a route of the developer hub, which no table of routes has.
    fn refresh(&self, now: Timestamp, request: &Request<Bytes>) -> Result<Reply, Stop> {
        let draw = Draw::new()?;
        let profile = &self.options.profile;
        self.transact(Mode::Write, |tx| oauth::refresh(tx, profile, &draw, now, request))
    }

    /// Runs work in a transaction that leaves nothing behind when it stops early.
    pub(crate) fn transact<T>(
        &self,
        mode: Mode,
        mut work: impl FnMut(&mut dyn crate::store::Tx) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let outcome = run(self.store(), mode, |tx| match work(tx) {
            Ok(value) => Ok(Ok(value)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Store(error)) => Err(error),
        })?;
        outcome.map_err(Stop::Refused)
    }
}

/// A request that was let in.
enum Judged<'a> {
    Answered(Reply),
    /// To be written, in the state in which it was judged; `None` when that cannot be told from others.
    ToWrite(Handler, Option<u64>, Box<Scene<'a>>),
    Slow(SlowHandler),
}

/// What a client is told of a failing store.
const fn of_store(error: &StoreError) -> ErrorId {
    match error {
        StoreError::InUse { .. }
        | StoreError::Open { .. }
        | StoreError::Connect { .. }
        | StoreError::Engine(_)
        | StoreError::OutcomeUnknown
        | StoreError::Torn => ErrorId::Unavailable,
        _ => ErrorId::Internal,
    }
}
