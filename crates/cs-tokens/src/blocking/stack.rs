//! One stack, blocking: see [`crate::StackClient`] and its handles.

use std::ops::ControlFlow;

use cs_model::{
    ApiKey, Checked, DeliveryToken, DeliveryTokenDraft, ManagementToken, ManagementTokenDraft, PreviewToken,
    Secret, StackNames, TokenUid,
};
use cs_transport::{BlockingTransport, Ready, ready};

use crate::apply::{Applied, Event, PlanError};
use crate::blocking::TokenPages;
use crate::plan::{Inventory, Plan, PlanOptions};
use crate::{Declaration, Error, Sinks};

/// A blocking client's view of one stack. See [`crate::StackClient`].
#[derive(Debug)]
pub struct StackClient<'a, B>(pub(crate) crate::StackClient<'a, Ready<B>>);

impl<'a, B: BlockingTransport> StackClient<'a, B> {
    /// See [`crate::StackClient::api_key`].
    pub const fn api_key(&self) -> &ApiKey {
        self.0.api_key()
    }

    /// See [`crate::StackClient::delivery_tokens`].
    pub fn delivery_tokens(&self) -> DeliveryTokens<'a, B> {
        DeliveryTokens(self.0.delivery_tokens())
    }

    /// See [`crate::StackClient::preview_tokens`].
    pub fn preview_tokens(&self) -> PreviewTokens<'a, B> {
        PreviewTokens(self.0.preview_tokens())
    }

    /// See [`crate::StackClient::management_tokens`].
    pub fn management_tokens(&self) -> ManagementTokens<'a, B> {
        ManagementTokens(self.0.management_tokens())
    }

    /// See [`crate::StackClient::names`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn names(&self) -> Result<StackNames, Error> {
        ready(self.0.names())?
    }

    /// See [`crate::StackClient::inventory`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn inventory(&self) -> Result<Inventory, Error> {
        ready(self.0.inventory())?
    }

    /// See [`crate::StackClient::plan`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn plan(
        &self,
        declaration: &Declaration,
        sinks: &Sinks,
        options: PlanOptions,
    ) -> Result<Plan, PlanError> {
        ready(self.0.plan(declaration, sinks, options)).map_err(Error::from)?
    }

    /// See [`crate::StackClient::apply`].
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] alone, which a transport of this workspace never causes; a step that fails is in the report.
    pub fn apply(
        &self,
        plan: &Plan,
        sinks: &Sinks,
        progress: &mut (dyn FnMut(&Event<'_>) + Send),
    ) -> Result<Applied, Error> {
        Ok(ready(self.0.apply(plan, sinks, progress))?)
    }

    /// See [`crate::StackClient::apply_while`].
    ///
    /// # Errors
    ///
    /// As [`Self::apply`].
    pub fn apply_while(
        &self,
        plan: &Plan,
        sinks: &Sinks,
        progress: &mut (dyn FnMut(&Event<'_>) -> ControlFlow<()> + Send),
    ) -> Result<Applied, Error> {
        Ok(ready(self.0.apply_while(plan, sinks, progress))?)
    }
}

/// The delivery tokens of a stack, blocking. See [`crate::DeliveryTokens`].
#[derive(Debug)]
pub struct DeliveryTokens<'a, B>(crate::DeliveryTokens<'a, Ready<B>>);

impl<'a, B: BlockingTransport> DeliveryTokens<'a, B> {
    /// See [`crate::DeliveryTokens::list`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn list(&self) -> Result<Vec<DeliveryToken>, Error> {
        ready(self.0.list())?
    }

    /// See [`crate::DeliveryTokens::pages`].
    pub fn pages(&self) -> TokenPages<'a, B, DeliveryToken> {
        TokenPages(self.0.pages())
    }

    /// See [`crate::DeliveryTokens::get`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn get(&self, uid: &TokenUid) -> Result<DeliveryToken, Error> {
        ready(self.0.get(uid))?
    }

    /// See [`crate::DeliveryTokens::check`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn check(&self, draft: DeliveryTokenDraft) -> Result<Checked<DeliveryTokenDraft>, Error> {
        ready(self.0.check(draft))?
    }

    /// See [`crate::DeliveryTokens::check_update`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn check_update(
        &self,
        uid: &TokenUid,
        draft: DeliveryTokenDraft,
    ) -> Result<Checked<DeliveryTokenDraft>, Error> {
        ready(self.0.check_update(uid, draft))?
    }

    /// See [`crate::DeliveryTokens::create`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn create(&self, draft: &Checked<DeliveryTokenDraft>) -> Result<DeliveryToken, Error> {
        ready(self.0.create(draft))?
    }

    /// See [`crate::DeliveryTokens::create_with_preview`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn create_with_preview(&self, draft: &Checked<DeliveryTokenDraft>) -> Result<DeliveryToken, Error> {
        ready(self.0.create_with_preview(draft))?
    }

    /// See [`crate::DeliveryTokens::update`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn update(
        &self,
        uid: &TokenUid,
        draft: &Checked<DeliveryTokenDraft>,
    ) -> Result<DeliveryToken, Error> {
        ready(self.0.update(uid, draft))?
    }

    /// See [`crate::DeliveryTokens::delete`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn delete(&self, uid: &TokenUid) -> Result<(), Error> {
        ready(self.0.delete(uid))?
    }

    /// See [`crate::DeliveryTokens::force_delete`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn force_delete(&self, uid: &TokenUid) -> Result<(), Error> {
        ready(self.0.force_delete(uid))?
    }
}

/// The preview tokens of a stack, blocking. See [`crate::PreviewTokens`].
#[derive(Debug)]
pub struct PreviewTokens<'a, B>(crate::PreviewTokens<'a, Ready<B>>);

impl<B: BlockingTransport> PreviewTokens<'_, B> {
    /// See [`crate::PreviewTokens::with_management_token`].
    #[must_use]
    pub fn with_management_token(self, token: Secret) -> Self {
        Self(self.0.with_management_token(token))
    }

    /// See [`crate::PreviewTokens::create`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn create(&self, delivery_token: &TokenUid) -> Result<PreviewToken, Error> {
        ready(self.0.create(delivery_token))?
    }

    /// See [`crate::PreviewTokens::delete`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn delete(&self, delivery_token: &TokenUid) -> Result<(), Error> {
        ready(self.0.delete(delivery_token))?
    }
}

/// The management tokens of a stack, blocking. See [`crate::ManagementTokens`].
#[derive(Debug)]
pub struct ManagementTokens<'a, B>(crate::ManagementTokens<'a, Ready<B>>);

impl<'a, B: BlockingTransport> ManagementTokens<'a, B> {
    /// See [`crate::ManagementTokens::list`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn list(&self) -> Result<Vec<ManagementToken>, Error> {
        ready(self.0.list())?
    }

    /// See [`crate::ManagementTokens::pages`].
    pub fn pages(&self) -> TokenPages<'a, B, ManagementToken> {
        TokenPages(self.0.pages())
    }

    /// See [`crate::ManagementTokens::get`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn get(&self, uid: &TokenUid) -> Result<ManagementToken, Error> {
        ready(self.0.get(uid))?
    }

    /// See [`crate::ManagementTokens::check`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn check(&self, draft: ManagementTokenDraft) -> Result<Checked<ManagementTokenDraft>, Error> {
        ready(self.0.check(draft))?
    }

    /// See [`crate::ManagementTokens::check_update`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn check_update(
        &self,
        uid: &TokenUid,
        draft: ManagementTokenDraft,
    ) -> Result<Checked<ManagementTokenDraft>, Error> {
        ready(self.0.check_update(uid, draft))?
    }

    /// See [`crate::ManagementTokens::create`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn create(&self, draft: &Checked<ManagementTokenDraft>) -> Result<ManagementToken, Error> {
        ready(self.0.create(draft))?
    }

    /// See [`crate::ManagementTokens::update`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn update(
        &self,
        uid: &TokenUid,
        draft: &Checked<ManagementTokenDraft>,
    ) -> Result<ManagementToken, Error> {
        ready(self.0.update(uid, draft))?
    }

    /// See [`crate::ManagementTokens::delete`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn delete(&self, uid: &TokenUid) -> Result<(), Error> {
        ready(self.0.delete(uid))?
    }
}
