//! Making a blocking client.

use std::time::Duration;

use cs_model::{OrganizationUid, Profile};
use cs_transport::{BlockingTransport, RateLimit, Ready, RetryLimits};

use crate::blocking::Client;
use crate::{Attempts, Caution, Credential, Error, Provided, Recovery, Wait};

/// Collects what a blocking [`Client`] needs. See [`crate::ClientBuilder`].
#[derive(Debug)]
pub struct ClientBuilder<B>(crate::ClientBuilder<Ready<B>>);

impl<B: BlockingTransport> ClientBuilder<B> {
    pub(crate) fn new(transport: B) -> Self {
        Self(crate::Client::builder(Ready(transport)))
    }

    /// See [`crate::ClientBuilder::base_url`].
    #[must_use]
    pub fn base_url(self, url: &str) -> Self {
        Self(self.0.base_url(url))
    }

    /// See [`crate::ClientBuilder::region`].
    #[must_use]
    pub fn region(self, name: &str) -> Self {
        Self(self.0.region(name))
    }

    /// See [`crate::ClientBuilder::credential`].
    #[must_use]
    pub fn credential(self, credential: Credential) -> Self {
        Self(self.0.credential(credential))
    }

    /// See [`crate::ClientBuilder::credential_source`].
    #[must_use]
    pub fn credential_source(self, source: impl Into<Provided>) -> Self
    where
        B: 'static,
    {
        Self(self.0.credential_source(source))
    }

    /// See [`crate::ClientBuilder::profile`].
    #[must_use]
    pub fn profile(self, profile: Profile) -> Self {
        Self(self.0.profile(profile))
    }

    /// See [`crate::ClientBuilder::user_agent`].
    #[must_use]
    pub fn user_agent(self, product: &str) -> Self {
        Self(self.0.user_agent(product))
    }

    /// See [`crate::ClientBuilder::on_caution`].
    #[must_use]
    pub fn on_caution(self, listener: impl Fn(&Caution) + Send + Sync + 'static) -> Self {
        Self(self.0.on_caution(listener))
    }

    /// See [`crate::ClientBuilder::on_wait`].
    #[must_use]
    pub fn on_wait(self, listener: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        Self(self.0.on_wait(listener))
    }

    /// See [`crate::ClientBuilder::on_recovery`].
    #[must_use]
    pub fn on_recovery(self, listener: impl Fn(&Recovery) + Send + Sync + 'static) -> Self {
        Self(self.0.on_recovery(listener))
    }

    /// See [`crate::ClientBuilder::attempts`].
    #[must_use]
    pub fn attempts(self, attempts: Attempts) -> Self {
        Self(self.0.attempts(attempts))
    }

    /// See [`crate::ClientBuilder::retry`].
    #[must_use]
    pub fn retry(self, limits: RetryLimits) -> Self {
        Self(self.0.retry(limits))
    }

    /// See [`crate::ClientBuilder::call_limit`].
    #[must_use]
    pub fn call_limit(self, limit: Duration) -> Self {
        Self(self.0.call_limit(limit))
    }

    /// See [`crate::ClientBuilder::pace`].
    #[must_use]
    pub fn pace(self, pace: RateLimit) -> Self {
        Self(self.0.pace(pace))
    }

    /// See [`crate::ClientBuilder::unpaced`].
    #[must_use]
    pub fn unpaced(self) -> Self {
        Self(self.0.unpaced())
    }

    /// See [`crate::ClientBuilder::one_pace`].
    #[must_use]
    pub fn one_pace(self, name: &str) -> Self {
        Self(self.0.one_pace(name))
    }

    /// See [`crate::ClientBuilder::organization`].
    #[must_use]
    pub fn organization(self, uid: OrganizationUid) -> Self {
        Self(self.0.organization(uid))
    }

    /// See [`crate::ClientBuilder::without_marks`].
    #[must_use]
    pub fn without_marks(self) -> Self {
        Self(self.0.without_marks())
    }

    /// See [`crate::ClientBuilder::marks_from`].
    #[must_use]
    pub fn marks_from(self, source: impl Fn() -> Option<u128> + Send + Sync + 'static) -> Self {
        Self(self.0.marks_from(source))
    }

    /// See [`crate::ClientBuilder::traced`].
    #[cfg(feature = "trace")]
    #[must_use]
    pub fn traced(self) -> Self {
        Self(self.0.traced())
    }

    /// See [`crate::ClientBuilder::build`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn build(self) -> Result<Client<B>, Error> {
        self.0.build().map(Client)
    }
}
