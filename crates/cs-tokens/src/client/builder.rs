//! Making a client.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use cs_model::{LimitId, OrganizationUid, Profile};
#[cfg(feature = "trace")]
use cs_transport::{Decorator as _, Trace};
use cs_transport::{Lane, RateLimit, RateLimiters, Retry, RetryLimits, Transport};
use http::HeaderValue;

use crate::client::Organization;
use crate::client::identity::Identity;
use crate::client::preflight::{Caution, Listener};
use crate::client::recover::{self, Attempts, Recovery};
use crate::client::wait::{self, Wait};
use crate::client::wire::{Share, Wire};
use crate::client::{LimiterKey, Whose};
use crate::origin::Origin;
use crate::{Client, Credential, Error, Provided, UrlError};

/// How fast a client sends.
#[derive(Debug)]
enum Pace {
    /// As fast as all clients of the process together may.
    OfProcess,
    Own(RateLimit),
    None,
}

impl Pace {
    fn resolve(self, profile: &Profile) -> Option<RateLimit> {
        match self {
            Self::OfProcess => {
                let lanes = [
                    (Lane::Read, LimitId::ReadsPerSecond),
                    (Lane::Write, LimitId::WritesPerSecond),
                    (Lane::Bulk, LimitId::BulkPerSecond),
                ];
                let most = |id| profile.limit(id).value.and_then(NonZeroU32::new);
                let known = lanes.into_iter().filter_map(|(lane, id)| Some((lane, most(id)?)));
                let none = RateLimit::new(RateLimiters::of_process());
                Some(known.fold(none, |pace, (lane, most)| pace.assume(lane, most)))
            }
            Self::Own(pace) => Some(pace),
            Self::None => None,
        }
    }
}

/// Collects what a [`Client`] needs. Nothing fails before [`ClientBuilder::build`].
#[derive(Debug)]
pub struct ClientBuilder<T> {
    transport: T,
    origin: Result<Origin, UrlError>,
    held: Provided,
    share: Option<Share<T>>,
    profile: Profile,
    user_agent: Cow<'static, str>,
    cautions: Listener,
    waits: wait::Listener,
    recoveries: recover::Listener,
    attempts: Attempts,
    marks: bool,
    chance: recover::Chance,
    retry: RetryLimits,
    call_limit: Option<Duration>,
    pace: Pace,
    organization: Option<OrganizationUid>,
    together: Option<Box<str>>,
    #[cfg(feature = "trace")]
    traced: bool,
}

impl<T: Transport> ClientBuilder<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self {
            transport,
            origin: Err(UrlError::Missing),
            held: Provided::Fixed(Credential::None),
            share: None,
            profile: Profile::default(),
            user_agent: Cow::Borrowed(concat!("cs-tokens/", env!("CARGO_PKG_VERSION"))),
            cautions: Listener::default(),
            waits: wait::Listener::default(),
            recoveries: recover::Listener::default(),
            attempts: Attempts::default(),
            marks: true,
            chance: recover::Chance::default(),
            retry: RetryLimits::default(),
            call_limit: None,
            pace: Pace::OfProcess,
            organization: None,
            together: None,
            #[cfg(feature = "trace")]
            traced: false,
        }
    }

    /// The URL of the API, `https://host[:port]`; `http` for loopback only.
    #[must_use]
    pub fn base_url(mut self, url: &str) -> Self {
        self.origin = Origin::parse(url);
        self
    }

    /// The region whose API to use, by name or alias: `na`, `eu`, `azure-na` (regions-json). All are in
    /// [`REGIONS`](cs_model::generated::REGIONS).
    #[must_use]
    pub fn region(mut self, name: &str) -> Self {
        self.origin = Origin::of_region(name);
        self
    }

    /// The credential; none by default.
    #[must_use]
    pub fn credential(mut self, credential: Credential) -> Self {
        self.held = Provided::Fixed(credential);
        self
    }

    /// Where the credential comes from, before each request: for those that change, such as
    /// [`OAuth`](crate::credential::oauth::OAuth) tokens. Clients that share a source share its refreshes. What a
    /// source sends may go on after its caller went away, so that the transport must own what it works with.
    #[must_use]
    pub fn credential_source(mut self, source: impl Into<Provided>) -> Self
    where
        T: 'static,
    {
        self.share = Some(Share::new());
        self.held = source.into();
        self
    }

    /// Which documents to believe; [`Profile::seeds`] by default.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// What to put in front of this crate's own name in `user-agent`: `shop-tools/1.0`.
    #[must_use]
    pub fn user_agent(mut self, product: &str) -> Self {
        self.user_agent = format!("{product} {}", self.user_agent).into();
        self
    }

    /// Called with what the rules have to say about a request that is sent all the same.
    #[must_use]
    pub fn on_caution(mut self, listener: impl Fn(&Caution) + Send + Sync + 'static) -> Self {
        self.cautions = Listener(Some(Arc::new(listener)));
        self
    }

    /// Called before the client waits because the API refused a request for its rate, and when it refuses to wait so long.
    #[must_use]
    pub fn on_wait(mut self, listener: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        self.waits = wait::Listener(Some(Arc::new(listener)));
        self
    }

    /// Called with what the client does about answers that are lost.
    #[must_use]
    pub fn on_recovery(mut self, listener: impl Fn(&Recovery) + Send + Sync + 'static) -> Self {
        self.recoveries = recover::Listener(Some(Arc::new(listener)));
        self
    }

    /// How hard to try to learn what became of a write; [`Attempts::default`] by default.
    #[must_use]
    pub const fn attempts(mut self, attempts: Attempts) -> Self {
        self.attempts = attempts;
        self
    }

    /// How often and how long a single request is tried, where sending it again does no harm;
    /// [`RetryLimits::default`] by default.
    #[must_use]
    pub fn retry(mut self, limits: RetryLimits) -> Self {
        self.retry = limits;
        self
    }

    /// How long a single request may take with everything: the wait for a credential, that for its turn, tries, and waits between them. None by
    /// default, so that a job of thousands of requests, which keep one pace, is done however long that takes: the last of
    /// them wait for minutes. Tries and their waits are bounded by [`ClientBuilder::retry`] without it, an answer by the
    /// transport.
    ///
    /// A request whose turn would come later fails at once with [`Error::NoAnswer`], which says that it was not sent; one whose
    /// credential does not come in time with [`SourceError::Late`](crate::SourceError::Late). One method may send several
    /// requests.
    ///
    /// ```
    /// # use cs_transport::from_fn;
    /// # let transport = from_fn(|_| Ok(http::Response::new(bytes::Bytes::new())));
    /// use std::time::Duration;
    /// use cs_tokens::blocking::Client;
    /// let client = Client::builder(transport).region("eu").call_limit(Duration::from_secs(20)).build()?;
    /// # Ok::<(), cs_tokens::Error>(())
    /// ```
    #[must_use]
    pub const fn call_limit(mut self, limit: Duration) -> Self {
        self.call_limit = Some(limit);
        self
    }

    /// Keeps another pace than that of the process: with limiters of its own, or bounded further.
    ///
    /// By default all clients of a process share their limits, by organization where it is known, or else by credential: those of the profile
    /// ([`LimitId::ReadsPerSecond`], [`LimitId::WritesPerSecond`], [`LimitId::BulkPerSecond`]) until the API says others.
    #[must_use]
    pub fn pace(mut self, pace: RateLimit) -> Self {
        self.pace = Pace::Own(pace);
        self
    }

    /// Keeps no pace: sends at once, and waits out refusals for the rate.
    #[must_use]
    pub fn unpaced(mut self) -> Self {
        self.pace = Pace::None;
        self
    }

    /// The organization of the stacks. Limits are counted by organization (CMA-doc, "Rate limiting"), so that clients of one
    /// organization keep one pace together, whatever their credentials.
    ///
    /// With an authtoken or OAuth, requests about a stack name it in the header `organization_uid`, and
    /// [`Client::stacks`] lists its stacks: under single sign-on the header is mandatory there, and the list is empty without it
    /// (CMA-doc, "Get a single stack"; faq, 06/02).
    #[must_use]
    pub fn organization(mut self, uid: OrganizationUid) -> Self {
        self.organization = Some(uid);
        self
    }

    /// Keeps one pace with all clients of the process that have this name for the same API, whatever their credentials, until
    /// the organization is known: for several credentials of one organization whose uid is not at hand.
    ///
    /// Without it and without [`organization`](Self::organization), a client has a pace of its own credential until
    /// [`Client::stacks`], or `GET /v3/stacks` by [`Client::send_raw`], tells the process whose a stack is. No other answer
    /// tells it, and management tokens get none that does: several of one organization then go beyond its limits together,
    /// and wait out its refusals.
    #[must_use]
    pub fn one_pace(mut self, name: &str) -> Self {
        self.together = Some(name.into());
        self
    }

    /// Creates tokens without a mark: one request less for each, and when its answer is lost, nobody can tell whether the
    /// token was made ([`Error::OutcomeUnknown`]).
    ///
    /// By default a new token bears a random mark at the end of its description until its creation is confirmed; a second
    /// request then removes it.
    #[must_use]
    pub const fn without_marks(mut self) -> Self {
        self.marks = false;
        self
    }

    /// Draws the random number of each mark from `source`, which gives `None` when it has none; by default from the system. For
    /// tests that want the same marks each time, and for systems with a source of their own.
    ///
    /// A number must never come twice: what bears the mark of a creation is taken for what that creation made, and may be
    /// deleted for it.
    #[must_use]
    pub fn marks_from(mut self, source: impl Fn() -> Option<u128> + Send + Sync + 'static) -> Self {
        self.chance = recover::Chance(Some(Arc::new(source)));
        self
    }

    /// Emits an event of `tracing` for every sending, as [`cs_transport::Trace`] says it: method, route, attempt, status and
    /// duration, and nothing that could hold a secret. Refreshes of credentials are told, too.
    #[cfg(feature = "trace")]
    #[must_use]
    pub const fn traced(mut self) -> Self {
        self.traced = true;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] when the URL or region is missing or cannot be used, [`Error::Credential`] or
    /// [`Error::UserAgent`] when one of these cannot stand in a header.
    pub fn build(self) -> Result<Client<T>, Error> {
        // A credential that cannot be sent is better found here than at the first request.
        if let Provided::Fixed(credential) = &self.held {
            credential.add_to(&mut http::HeaderMap::new())?;
        }
        let user_agent = match self.user_agent {
            // Every request bears it, and a static one takes no count of who has it. It is that of this crate, whose
            // name and version fit a header; what a program calls itself is owned.
            Cow::Borrowed(own) => HeaderValue::from_static(own),
            Cow::Owned(named) => HeaderValue::try_from(named).map_err(|_| Error::UserAgent)?,
        };
        let origin = self.origin.map_err(Error::Url)?;
        #[cfg(feature = "trace")]
        let wire = match self.traced {
            true => Wire::Traced(Trace.around(self.transport)),
            false => Wire::Plain(self.transport),
        };
        #[cfg(not(feature = "trace"))]
        let wire = Wire::Plain(self.transport);
        let (organization, together) = (self.organization.as_ref(), self.together.as_deref());
        let limiter_key = LimiterKey::of(&origin, organization, together, &self.held);
        Ok(Client {
            whose: Whose::of(&limiter_key),
            limiter_key,
            together: self.together,
            organization: self.organization.and_then(Organization::new),
            retry: Retry::new(self.retry),
            call_limit: self.call_limit,
            pace: self.pace.resolve(&self.profile),
            wire: Arc::new(wire),
            share: self.share,
            origin,
            held: Identity::new(self.held),
            profile: self.profile,
            user_agent,
            cautions: self.cautions,
            waits: self.waits,
            recoveries: self.recoveries,
            attempts: self.attempts,
            marks: self.marks,
            chance: self.chance,
        })
    }
}
