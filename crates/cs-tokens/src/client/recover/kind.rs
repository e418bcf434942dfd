//! What delivery and management tokens have in common for whoever writes them.

use cs_model::endpoint::{
    CreateDeliveryToken, CreateManagementToken, DeleteDeliveryToken, DeleteManagementToken, GetDeliveryToken,
    GetManagementToken, UpdateDeliveryToken, UpdateManagementToken,
};
use cs_model::{
    Checked, DeliveryToken, DeliveryTokenDraft, Done, Draft, Endpoint, ManagementToken, ManagementTokenDraft,
    StackNames, TokenUid,
};
use cs_transport::Transport;
use jiff::Timestamp;

use super::find::Seen;
use crate::client::StackClient;
use crate::{Error, Operation};

/// A kind of token, with its requests. Each method sends one request, once.
pub(crate) trait Kind {
    type Token: Send;
    type Draft: Draft + Send + Sync;

    /// Its name, for messages.
    const NAME: &'static str;
    const CREATE: Operation;
    const UPDATE: Operation;
    const DELETE: Operation;
    /// Whether the value of a token can be read after it was made.
    const SHOWS_VALUE: bool;

    async fn post<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        draft: &Checked<Self::Draft>,
        names: &StackNames,
    ) -> Result<Self::Token, Error>;

    async fn put<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        uid: &TokenUid,
        draft: &Checked<Self::Draft>,
        names: &StackNames,
    ) -> Result<Self::Token, Error>;

    async fn remove<T: Transport>(&self, stack: &StackClient<'_, T>, uid: &TokenUid) -> Result<(), Error>;

    /// Reads a token, and tells when that was.
    async fn look<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        uid: &TokenUid,
    ) -> Result<Seen<Self::Token>, Error>;

    async fn list<T: Transport>(&self, stack: &StackClient<'_, T>) -> Result<Vec<Self::Token>, Error>;

    fn uid(token: &Self::Token) -> &TokenUid;
    fn description(token: &Self::Token) -> Option<&str>;
    fn draft_of(token: &Self::Token) -> Self::Draft;

    /// When a token was last changed, if it says so.
    fn changed_at(token: &Self::Token) -> Option<Timestamp>;

    /// A token as it was made, after an update that changed its description.
    fn redescribed(made: Self::Token, updated: Self::Token) -> Self::Token;
}

/// Insists on the sentence that every answer to a deletion has: a JSON object without it may be that of a gateway, which has
/// done nothing.
pub(super) fn noticed(operation: Operation, done: Done) -> Result<(), Error> {
    done.notice.map(drop).ok_or(Error::NoValue { operation, what: "notice" })
}

/// What is read of the fields that tokens of both kinds have.
macro_rules! fields {
    ($token:ty, $draft:ty) => {
        fn uid(token: &$token) -> &TokenUid {
            &token.uid
        }

        fn description(token: &$token) -> Option<&str> {
            token.description.as_deref()
        }

        fn draft_of(token: &$token) -> $draft {
            token.to_draft()
        }

        fn changed_at(token: &$token) -> Option<Timestamp> {
            token.updated_at.as_ref()?.timestamp()
        }

        fn redescribed(mut made: $token, updated: $token) -> $token {
            made.description = updated.description;
            made.updated_at = updated.updated_at.or(made.updated_at);
            made.updated_by = updated.updated_by.or(made.updated_by);
            made
        }
    };
}

/// Delivery tokens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivery {
    /// Make a preview token with it.
    pub(crate) preview: bool,
    /// Delete with the documented `force` parameter.
    pub(crate) force: bool,
}

impl Kind for Delivery {
    type Token = DeliveryToken;
    type Draft = DeliveryTokenDraft;

    const NAME: &'static str = "delivery token";
    const CREATE: Operation = Operation(CreateDeliveryToken::ROUTE);
    const UPDATE: Operation = Operation(UpdateDeliveryToken::ROUTE);
    const DELETE: Operation = Operation(DeleteDeliveryToken::ROUTE);
    const SHOWS_VALUE: bool = true;

    async fn post<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        draft: &Checked<DeliveryTokenDraft>,
        names: &StackNames,
    ) -> Result<DeliveryToken, Error> {
        let request = CreateDeliveryToken::new(draft, names);
        let request = if self.preview { request.with_preview_token() } else { request };
        stack.send(&request).await.map(|answer| answer.token)
    }

    async fn put<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        uid: &TokenUid,
        draft: &Checked<DeliveryTokenDraft>,
        names: &StackNames,
    ) -> Result<DeliveryToken, Error> {
        stack.send(&UpdateDeliveryToken::new(uid.clone(), draft, names)).await.map(|answer| answer.token)
    }

    async fn remove<T: Transport>(&self, stack: &StackClient<'_, T>, uid: &TokenUid) -> Result<(), Error> {
        let request = DeleteDeliveryToken::new(uid.clone());
        let request = if self.force { request.force() } else { request };
        noticed(Self::DELETE, stack.send(&request).await?)
    }

    async fn look<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        uid: &TokenUid,
    ) -> Result<Seen<DeliveryToken>, Error> {
        let (answer, date) = stack.send_dated(&GetDeliveryToken::new(uid.clone())).await?;
        Ok(Seen { token: answer.token, date })
    }

    async fn list<T: Transport>(&self, stack: &StackClient<'_, T>) -> Result<Vec<DeliveryToken>, Error> {
        stack.delivery_tokens().list().await
    }

    fields!(DeliveryToken, DeliveryTokenDraft);
}

/// Management tokens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Management;

impl Kind for Management {
    type Token = ManagementToken;
    type Draft = ManagementTokenDraft;

    const NAME: &'static str = "management token";
    const CREATE: Operation = Operation(CreateManagementToken::ROUTE);
    const UPDATE: Operation = Operation(UpdateManagementToken::ROUTE);
    const DELETE: Operation = Operation(DeleteManagementToken::ROUTE);
    const SHOWS_VALUE: bool = false;

    async fn post<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        draft: &Checked<ManagementTokenDraft>,
        names: &StackNames,
    ) -> Result<ManagementToken, Error> {
        let token = stack.send(&CreateManagementToken::new(draft, names)).await?.token;
        if token.token.is_none() {
            return Err(Error::NoValue { operation: Self::CREATE, what: "value of the token" });
        }
        Ok(token)
    }

    async fn put<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        uid: &TokenUid,
        draft: &Checked<ManagementTokenDraft>,
        names: &StackNames,
    ) -> Result<ManagementToken, Error> {
        stack.send(&UpdateManagementToken::new(uid.clone(), draft, names)).await.map(|answer| answer.token)
    }

    async fn remove<T: Transport>(&self, stack: &StackClient<'_, T>, uid: &TokenUid) -> Result<(), Error> {
        noticed(Self::DELETE, stack.send(&DeleteManagementToken::new(uid.clone())).await?)
    }

    async fn look<T: Transport>(
        &self,
        stack: &StackClient<'_, T>,
        uid: &TokenUid,
    ) -> Result<Seen<ManagementToken>, Error> {
        let (answer, date) = stack.send_dated(&GetManagementToken::new(uid.clone())).await?;
        Ok(Seen { token: answer.token, date })
    }

    async fn list<T: Transport>(&self, stack: &StackClient<'_, T>) -> Result<Vec<ManagementToken>, Error> {
        stack.management_tokens().list().await
    }

    fields!(ManagementToken, ManagementTokenDraft);
}
