//! The same client for plain threads: no runtime, no `await`.
//!
//! Every method runs the async one of the same name over a [`BlockingTransport`], whose futures are ready at once.
//!
//! ```
//! use cs_model::Secret;
//! use cs_tokens::{Credential, blocking::Client};
//! use cs_transport::from_fn;
//!
//! let transport = from_fn(|_| Ok(http::Response::new(r#"{"tokens":[]}"#.into())));
//! let client = Client::builder(transport)
//!     .region("eu")
//!     .credential(Credential::Authtoken(Secret::new("blt-not-a-real-session")))
//!     .build()?;
//! let stack = client.stack("blt0123456789abcdef".parse()?);
//! assert!(stack.delivery_tokens().list()?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod many;
mod pages;
mod stack;
#[cfg(test)]
mod twins;

use bytes::Bytes;
use cs_model::facts::Region;
use cs_model::{ApiKey, Endpoint, OrganizationUid, Profile, Secret, Stack, User};
use cs_transport::{BlockingTransport, Ready, TransportError, ready};
use http::Response;

pub use self::builder::ClientBuilder;
pub use self::pages::TokenPages;
pub use self::stack::{DeliveryTokens, ManagementTokens, PreviewTokens, StackClient};
use crate::{Caution, Credential, CredentialKind, Error, Finding, Provided, RawRequest, SourceError};

/// A blocking client of the management API. See [`crate::Client`].
#[derive(Debug)]
pub struct Client<B>(crate::Client<Ready<B>>);

impl<B: BlockingTransport> Client<B> {
    /// Starts a client over a transport.
    pub fn builder(transport: B) -> ClientBuilder<B> {
        ClientBuilder::new(transport)
    }

    /// See [`crate::Client::with_credential`].
    #[must_use]
    pub fn with_credential(self, credential: Credential) -> Self {
        Self(self.0.with_credential(credential))
    }

    /// See [`crate::Client::with_credential_source`].
    #[must_use]
    pub fn with_credential_source(self, source: impl Into<Provided>) -> Self
    where
        B: 'static,
    {
        Self(self.0.with_credential_source(source))
    }

    /// See [`crate::Client::credential_kind`].
    pub fn credential_kind(&self) -> CredentialKind {
        self.0.credential_kind()
    }

    /// See [`crate::Client::profile`].
    pub const fn profile(&self) -> &Profile {
        self.0.profile()
    }

    /// See [`crate::Client::url`].
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// See [`crate::Client::transport`].
    pub fn transport(&self) -> &B {
        &self.0.transport().0
    }

    /// See [`crate::Client::prepare_credential`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn prepare_credential(&self) -> Result<(), SourceError> {
        // What the source sent before it waited for something else may have arrived.
        let unknown = |error| SourceError::Unknown(TransportError::from(error).into());
        ready(self.0.prepare_credential()).map_err(unknown)?
    }

    /// See [`crate::Client::stack`].
    pub fn stack(&self, api_key: ApiKey) -> StackClient<'_, B> {
        StackClient(self.0.stack(api_key))
    }

    /// See [`crate::Client::preflight`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn preflight<E: Endpoint>(&self) -> Result<Vec<Caution>, Error> {
        self.0.preflight::<E>()
    }

    /// See [`crate::Client::send`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn send<E: Endpoint + Sync>(&self, stack: Option<&ApiKey>, endpoint: &E) -> Result<E::Answer, Error> {
        ready(self.0.send(stack, endpoint))?
    }

    /// See [`crate::Client::log_in`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn log_in(&self, email: &str, password: Secret, tfa_token: Option<Secret>) -> Result<User, Error> {
        ready(self.0.log_in(email, password, tfa_token))?
    }

    /// See [`crate::Client::log_in_with_code`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn log_in_with_code(
        &self,
        email: &str,
        password: Secret,
        code: impl FnOnce() -> Option<Secret> + Send,
    ) -> Result<User, Error> {
        ready(self.0.log_in_with_code(email, password, code))?
    }

    /// See [`crate::Client::log_out`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn log_out(&self) -> Result<(), Error> {
        ready(self.0.log_out())?
    }

    /// See [`crate::Client::user`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn user(&self) -> Result<User, Error> {
        ready(self.0.user())?
    }

    /// See [`crate::Client::stacks`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn stacks(&self, organization: Option<&OrganizationUid>) -> Result<Vec<Stack>, Error> {
        ready(self.0.stacks(organization))?
    }

    /// See [`crate::Client::send_raw`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn send_raw(&self, stack: Option<&ApiKey>, request: &RawRequest) -> Result<Response<Bytes>, Error> {
        ready(self.0.send_raw(stack, request))?
    }

    /// See [`crate::Client::probe_regions`].
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] alone, which a transport of this workspace never causes.
    pub fn probe_regions(&self, api_key: &ApiKey, regions: &[&Region]) -> Result<Vec<Finding>, Error> {
        Ok(ready(self.0.probe_regions(api_key, regions))?)
    }

    /// See [`crate::Client::examine`].
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] alone, which a transport of this workspace never causes.
    pub fn examine(&self, stack: Option<&ApiKey>, branch: Option<&str>) -> Result<Vec<Finding>, Error> {
        Ok(ready(self.0.examine(stack, branch))?)
    }
}
