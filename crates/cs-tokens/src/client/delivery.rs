//! Delivery tokens of one stack.

use cs_model::endpoint::{
    CreateDeliveryToken, DeleteDeliveryToken, GetDeliveryToken, ListDeliveryTokens, UpdateDeliveryToken,
};
use cs_model::{Against, Checked, DeliveryToken, DeliveryTokenDraft, Draft, Siblings, TokenUid};
use cs_transport::Transport;

use crate::Error;
use crate::client::StackClient;
use crate::client::pages::Pages;

/// The delivery tokens of a stack; made by [`StackClient::delivery_tokens`].
#[derive(Debug)]
pub struct DeliveryTokens<'a, T> {
    pub(crate) stack: StackClient<'a, T>,
}

impl<T: Transport> DeliveryTokens<'_, T> {
    /// All of them, page by page.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn list(&self) -> Result<Vec<DeliveryToken>, Error> {
        let mut pages = Pages::new();
        while pages.take(self.stack.send(&ListDeliveryTokens::new(pages.next())).await?.tokens, |token| {
            token.uid.as_str()
        }) {}
        Ok(pages.into_items())
    }

    /// One of them, with the value of its preview token.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn get(&self, uid: &TokenUid) -> Result<DeliveryToken, Error> {
        self.stack.send(&GetDeliveryToken::new(uid.clone())).await.map(|answer| answer.token)
    }

    /// Checks a draft for a new token: against the profile, the names of the stack, and the tokens that it has.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all violations at once, and those of [`Client::send`](crate::Client::send).
    pub async fn check(&self, draft: DeliveryTokenDraft) -> Result<Checked<DeliveryTokenDraft>, Error> {
        self.check_against(draft, None).await
    }

    /// Checks a draft that is to change a token.
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::check`].
    pub async fn check_update(
        &self,
        uid: &TokenUid,
        draft: DeliveryTokenDraft,
    ) -> Result<Checked<DeliveryTokenDraft>, Error> {
        self.check_against(draft, Some(uid)).await
    }

    /// Makes a token. The answer holds its value.
    ///
    /// # Errors
    ///
    /// [`Error::OutcomeUnknown`] when the answer was lost, and those of [`Client::send`](crate::Client::send).
    pub async fn create(&self, draft: &Checked<DeliveryTokenDraft>) -> Result<DeliveryToken, Error> {
        let names = self.stack.names_for(draft).await?;
        self.stack.send(&CreateDeliveryToken::new(draft, &names)).await.map(|answer| answer.token)
    }

    /// Makes a token and its preview token. The answer holds both values.
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`].
    pub async fn create_with_preview(
        &self,
        draft: &Checked<DeliveryTokenDraft>,
    ) -> Result<DeliveryToken, Error> {
        let names = self.stack.names_for(draft).await?;
        let request = CreateDeliveryToken::new(draft, &names).with_preview_token();
        self.stack.send(&request).await.map(|answer| answer.token)
    }

    /// Changes a token: the draft replaces what it was. Start from [`DeliveryToken::to_draft`].
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`].
    pub async fn update(
        &self,
        uid: &TokenUid,
        draft: &Checked<DeliveryTokenDraft>,
    ) -> Result<DeliveryToken, Error> {
        let names = self.stack.names_for(draft).await?;
        self.stack
            .send(&UpdateDeliveryToken::new(uid.clone(), draft, &names))
            .await
            .map(|answer| answer.token)
    }

    /// Deletes a token, and its preview token with it.
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`].
    pub async fn delete(&self, uid: &TokenUid) -> Result<(), Error> {
        self.stack.send(&DeleteDeliveryToken::new(uid.clone())).await.map(|_| ())
    }

    /// Deletes a token with the documented `force` parameter.
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`].
    pub async fn force_delete(&self, uid: &TokenUid) -> Result<(), Error> {
        self.stack.send(&DeleteDeliveryToken::new(uid.clone()).force()).await.map(|_| ())
    }

    async fn check_against(
        &self,
        draft: DeliveryTokenDraft,
        updating: Option<&TokenUid>,
    ) -> Result<Checked<DeliveryTokenDraft>, Error> {
        let names = self.stack.names().await?;
        let tokens = self.list().await?;
        let others = tokens.iter().filter(|token| Some(&token.uid) != updating);
        let siblings = Siblings::named(others.map(|token| token.name.as_str()));
        let client = self.stack.client;
        let against = Against::new(&client.profile, client.transport.now()).names(&names).siblings(&siblings);
        let against = if updating.is_some() { against.updating() } else { against };
        draft.check(&against).map_err(Error::Invalid)
    }
}
