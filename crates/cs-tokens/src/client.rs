//! The client: one API, one credential, every request of the token pages.

mod builder;
mod call;
mod delivery;
pub(crate) mod management;
pub(crate) mod pages;
mod preflight;
mod preview;
pub(crate) mod recover;
mod session;
mod stack;
mod wait;

use cs_model::{ApiKey, Endpoint, Profile};
use cs_transport::Transport;
use http::HeaderValue;

pub use self::builder::ClientBuilder;
pub use self::delivery::DeliveryTokens;
pub use self::management::ManagementTokens;
pub use self::preflight::Caution;
pub use self::preview::PreviewTokens;
pub use self::recover::{Attempts, Recovered, Recovery};
pub use self::stack::StackClient;
pub use self::wait::Wait;

use crate::origin::Origin;
use crate::{Credential, Error};

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
    pub(crate) transport: T,
    pub(crate) origin: Origin,
    pub(crate) credential: Credential,
    pub(crate) profile: Profile,
    pub(crate) user_agent: HeaderValue,
    pub(crate) cautions: preflight::Listener,
    pub(crate) waits: wait::Listener,
    pub(crate) recoveries: recover::Listener,
    pub(crate) attempts: Attempts,
    pub(crate) marks: bool,
}

impl<T: Transport> Client<T> {
    /// Starts a client over a transport.
    pub fn builder(transport: T) -> ClientBuilder<T> {
        ClientBuilder::new(transport)
    }

    /// The same client with another credential: after logging in, say.
    #[must_use]
    pub fn with_credential(mut self, credential: Credential) -> Self {
        self.credential = credential;
        self
    }

    /// Its credential.
    pub const fn credential(&self) -> &Credential {
        &self.credential
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
    pub const fn transport(&self) -> &T {
        &self.transport
    }

    /// Works with one stack.
    pub const fn stack(&self, api_key: ApiKey) -> StackClient<'_, T> {
        StackClient::new(self, api_key)
    }

    /// What the rules say of a kind of request with this credential, before it is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] when no scope or role could ever allow it.
    pub fn preflight<E: Endpoint>(&self) -> Result<Vec<Caution>, Error> {
        preflight::preflight(&self.profile, &self.credential, E::ROUTE, self.transport.now())
    }

    /// Sends one request and reads its answer: the way under every other method.
    ///
    /// Requests that only read are sent three times at most, when no connection came about, when it broke, and when something
    /// is out of order for now (500, 502 to 504); others only while they certainly have not left. A request that is refused for its rate (429) is repeated a few times, each after the wait that the answer asks for, unless that is
    /// more than half a minute.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but [`Error::Invalid`].
    pub async fn send<E: Endpoint>(&self, stack: Option<&ApiKey>, endpoint: &E) -> Result<E::Answer, Error> {
        call::send(self, stack, endpoint, &self.credential, None).await
    }
}
