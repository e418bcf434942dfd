//! Delivery tokens of one stack (seed 002, "Delivery Token Collection").

use cs_model::endpoint::GetDeliveryToken;
use cs_model::{Against, Checked, DeliveryToken, DeliveryTokenDraft, Draft, Siblings, TokenUid};
use cs_transport::Transport;

use crate::Error;
use crate::client::StackClient;
use crate::client::pages::TokenPages;
use crate::client::recover::{self, Before, Delivery};

/// The delivery tokens of a stack; made by [`StackClient::delivery_tokens`].
#[derive(Debug)]
pub struct DeliveryTokens<'a, T> {
    pub(crate) stack: StackClient<'a, T>,
}

impl<'a, T: Transport> DeliveryTokens<'a, T> {
    /// All of them, page by page, with their values (seed 002, "Get all delivery tokens").
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn list(&self) -> Result<Vec<DeliveryToken>, Error> {
        self.pages().collect().await
    }

    /// The same, page by page.
    pub fn pages(&self) -> TokenPages<'a, T, DeliveryToken> {
        TokenPages::new(self.stack.clone())
    }

    /// One of them, with the value of its preview token, which the request asks for (guide-lp).
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

    /// Makes a token (seed 002, "Create delivery token"). What comes back holds its value, as every later answer does.
    ///
    /// When the answer is lost, the token is looked for by the mark that this attempt wrote, and taken over.
    ///
    /// **Do not drop its future** before it is done: a token may be left that nobody knows of, with its mark (`[cs-tokens:` and
    /// more, at the end of its description). Spawn it as a task of its own; see
    /// [`ManagementTokens::create`](crate::ManagementTokens::create).
    ///
    /// # Errors
    ///
    /// [`Error::OutcomeUnknown`] when the answer was lost and nothing can be found out, and those of [`Client::send`](crate::Client::send).
    pub async fn create(&self, draft: &Checked<DeliveryTokenDraft>) -> Result<DeliveryToken, Error> {
        recover::create(Delivery::default(), &self.stack, draft).await
    }

    /// Makes a token and its preview token by one request (seed 002, "Create delivery token"). The answer holds both values.
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`].
    pub async fn create_with_preview(
        &self,
        draft: &Checked<DeliveryTokenDraft>,
    ) -> Result<DeliveryToken, Error> {
        recover::create(Delivery { preview: true, ..Delivery::default() }, &self.stack, draft).await
    }

    /// Changes a token: the draft replaces what it was (seed 002, "Update delivery token"). Start from [`DeliveryToken::to_draft`]. Its
    /// value stays (seed 001, "Delivery Tokens"), and the last write wins (studio-cma).
    ///
    /// When the answer is lost, the token is read: one that says what was sent is done, and one whose last change is older than
    /// the request is changed again. One that somebody changed since is left alone, so that their change is not undone.
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`]; [`Error::OutcomeUnknown`] also when the token was changed since, or within the two seconds
    /// before, to something else.
    pub async fn update(
        &self,
        uid: &TokenUid,
        draft: &Checked<DeliveryTokenDraft>,
    ) -> Result<DeliveryToken, Error> {
        recover::update(Delivery::default(), &self.stack, uid, draft, || None).await
    }

    /// The same for a token that was like `before` when it was last read.
    pub(crate) async fn update_from(
        &self,
        uid: &TokenUid,
        before: &Before<DeliveryTokenDraft>,
        draft: &Checked<DeliveryTokenDraft>,
    ) -> Result<DeliveryToken, Error> {
        recover::update(Delivery::default(), &self.stack, uid, draft, || Some(before.clone())).await
    }

    /// Deletes a token, and its preview token with it (delete-delivery-token).
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`].
    pub async fn delete(&self, uid: &TokenUid) -> Result<(), Error> {
        recover::delete(Delivery::default(), &self.stack, uid).await
    }

    /// Deletes a token with the documented `force` parameter (seed 002, "Delete delivery token"); what it forces is not documented.
    ///
    /// # Errors
    ///
    /// As [`DeliveryTokens::create`].
    pub async fn force_delete(&self, uid: &TokenUid) -> Result<(), Error> {
        recover::delete(Delivery { force: true, ..Delivery::default() }, &self.stack, uid).await
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
        let against = Against::new(&client.profile, client.wire.now()).names(&names).siblings(&siblings);
        let against = if updating.is_some() { against.updating() } else { against };
        draft.check(&against).map_err(Error::Invalid)
    }
}
