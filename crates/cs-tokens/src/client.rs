//! The client: one API, one credential, every request of the token pages.

mod builder;
pub(crate) mod call;
pub(crate) mod carry;
mod delivery;
mod identity;
mod known;
mod limiter_key;
pub(crate) mod management;
mod many;
pub(crate) mod message;
pub(crate) mod pages;
mod preflight;
mod preview;
mod raw;
mod raw_header;
pub(crate) mod recover;
mod session;
mod stack;
mod wait;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use cs_model::{ApiKey, Endpoint, OrganizationUid, Profile};
use cs_transport::{RateLimit, Retry, Transport};
use http::HeaderValue;

pub use self::builder::ClientBuilder;
pub use self::delivery::DeliveryTokens;
pub use self::management::ManagementTokens;
pub use self::pages::{Listed, TokenPages};
pub use self::preflight::Caution;
pub use self::preview::PreviewTokens;
pub use self::raw::{RawBody, RawRequest};
pub use self::raw_header::HeaderError;
pub use self::recover::{Attempts, Recovered, Recovery};
pub use self::stack::StackClient;
pub use self::wait::Wait;

use self::identity::Identity;
pub(crate) use self::known::Whose;
pub(crate) use self::limiter_key::LimiterKey;
use self::wire::{Share, Wire};
use crate::origin::Origin;
use crate::{Credential, CredentialKind, Error, Provided, SourceError};

/// A client of the management API.
///
/// It holds one origin (scheme, host, port), one credential and one transport; requests and the credential go to that
/// origin and nowhere else. Every method is also on [`blocking::Client`](crate::blocking::Client).
///
/// ```
/// # use cs_transport::{Ready, from_fn, ready};
/// # use cs_model::Secret;
/// use cs_tokens::{Client, Credential};
/// # let transport = Ready(from_fn(|_| Ok(http::Response::new(r#"{"tokens":[]}"#.into()))));
/// # let run = async move {
/// let client = Client::builder(transport)
///     .region("eu")
///     .credential(Credential::Authtoken(Secret::new("blt-not-a-real-session")))
///     .build()?;
/// let stack = client.stack("blt0123456789abcdef".parse().expect("a good api_key"));
/// for token in stack.delivery_tokens().list().await? {
///     println!("{} {}", token.uid, token.name);
/// }
/// # Ok::<(), cs_tokens::Error>(())
/// # };
/// # ready(run).unwrap().unwrap();
/// ```
#[derive(Debug)]
pub struct Client<T> {
    pub(crate) wire: Arc<Wire<T>>,
    /// There is one where there is a source of credentials.
    pub(crate) share: Option<Share<T>>,
    pub(crate) origin: Origin,
    pub(crate) held: Identity,
    pub(crate) profile: Profile,
    pub(crate) user_agent: HeaderValue,
    pub(crate) cautions: preflight::Listener,
    pub(crate) waits: wait::Listener,
    pub(crate) recoveries: recover::Listener,
    pub(crate) attempts: Attempts,
    pub(crate) retry: Retry,
    /// How long a request may take with its wait for its turn.
    pub(crate) call_limit: Option<Duration>,
    pub(crate) pace: Option<RateLimit>,
    /// What the API counts requests against, as far as it is known without asking; see [`Client::counted_against`].
    pub(crate) limiter_key: LimiterKey,
    /// What answers told of that.
    pub(crate) whose: Whose,
    /// With whom it keeps one pace while no organization is known.
    pub(crate) together: Option<Box<str>>,
    pub(crate) organization: Option<Organization>,
    pub(crate) marks: bool,
    /// What the marks are made of.
    pub(crate) chance: recover::Chance,
}

/// The organization of a client, also as the value of a header.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) uid: OrganizationUid,
    header: HeaderValue,
}

impl Organization {
    fn new(uid: OrganizationUid) -> Option<Self> {
        // A uid is made of letters, digits and `_-.`, which always fit.
        HeaderValue::from_str(uid.as_str()).ok().map(|header| Self { uid, header })
    }
}

impl<T> Client<T> {
    /// The organization, as requests about a stack name it: those of users. A management token belongs to its stack.
    pub(crate) fn organization_header(&self, stack: Option<&ApiKey>) -> Option<&HeaderValue> {
        let organization = self.organization.as_ref()?;
        let is_named =
            stack.is_some() && matches!(self.held.kind(), CredentialKind::Authtoken | CredentialKind::OAuth);
        is_named.then_some(&organization.header)
    }
}

impl<T: Transport> Client<T> {
    /// Starts a client over a transport.
    pub fn builder(transport: T) -> ClientBuilder<T> {
        ClientBuilder::new(transport)
    }

    /// The same client with another credential: after logging in, say.
    #[must_use]
    pub fn with_credential(self, credential: Credential) -> Self {
        self.with(credential.into())
    }

    /// The same client with a source of credentials.
    #[must_use]
    pub fn with_credential_source(mut self, source: impl Into<Provided>) -> Self
    where
        T: 'static,
    {
        self.share = Some(Share::new());
        self.with(source.into())
    }

    fn with(mut self, held: Provided) -> Self {
        let organization = self.organization.as_ref().map(|named| &named.uid);
        self.limiter_key = LimiterKey::of(&self.origin, organization, self.together.as_deref(), &held);
        self.whose = Whose::of(&self.limiter_key);
        self.held = Identity::new(held);
        self
    }

    /// The kind of its credential.
    pub fn credential_kind(&self) -> CredentialKind {
        self.held.kind()
    }

    /// The profile that drafts and requests are checked against.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The API's scheme, host and port: `https://api.contentstack.io`.
    pub fn url(&self) -> &str {
        self.origin.as_str()
    }

    /// Its transport, which also owns time.
    pub fn transport(&self) -> &T {
        self.wire.inner()
    }

    /// Sees to it that the credential of a [source](ClientBuilder::credential_source) is fresh and kept, without a request to
    /// the API: before a program ends, say, whose calls may have been [dropped](crate::credential::oauth#callers-that-go-away)
    /// during a refresh. A credential that stays is always ready.
    ///
    /// # Errors
    ///
    /// When the source has none.
    pub async fn prepare_credential(&self) -> Result<(), SourceError> {
        match &self.held.provided {
            Provided::Fixed(_) => Ok(()),
            Provided::Source(source) => source.credential(&call::Ground::of(self)?.setting()).await.map(drop),
        }
    }

    /// Works with one stack.
    pub fn stack(&self, api_key: ApiKey) -> StackClient<'_, T> {
        StackClient::new(self, api_key)
    }

    /// What the rules say of a kind of request with this credential, before it is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] when no scope or role could ever allow it.
    pub fn preflight<E: Endpoint>(&self) -> Result<Vec<Caution>, Error> {
        self.held.cautions(&self.profile, E::ROUTE, || self.wire.now())
    }

    /// Sends one request and reads its answer: the way under every other method.
    ///
    /// Requests that only read are sent again when no connection came about, when it broke, and when something is out of
    /// order for now; others only while they certainly had no effect, that is, when they never left or were refused for
    /// their rate (429). [`ClientBuilder::retry`] says how often. Do not put another [`Retry`](cs_transport::Retry)
    /// around the transport: their tries would multiply.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but [`Error::Invalid`].
    pub async fn send<E: Endpoint + Sync>(
        &self,
        stack: Option<&ApiKey>,
        endpoint: &E,
    ) -> Result<E::Answer, Error> {
        call::send(self, stack, endpoint, &self.held, None, None).await
    }
}
