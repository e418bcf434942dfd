//! Preview tokens of one stack.

use cs_model::endpoint::{CreatePreviewToken, DeletePreviewToken};
use cs_model::{Endpoint, PreviewToken, Secret, TokenUid};
use cs_transport::Transport;

use crate::client::{StackClient, call};
use crate::{Credential, Error, Operation};

/// The preview tokens of a stack's delivery tokens; made by [`StackClient::preview_tokens`].
#[derive(Debug)]
pub struct PreviewTokens<'a, T> {
    pub(crate) stack: StackClient<'a, T>,
    pub(crate) second: Option<Credential>,
}

impl<T: Transport> PreviewTokens<'_, T> {
    /// Sends a management token besides the client's credential when a preview token is deleted.
    ///
    /// The one documented request that asks for two credentials: the page on deleting a preview token (seed 002) lists an
    /// `authtoken` and an `authorization` header. Nothing else sends both.
    #[must_use]
    pub fn with_management_token(mut self, token: Secret) -> Self {
        self.second = Some(Credential::Management(token));
        self
    }

    /// Makes the preview token of a delivery token. One that it had before stops working.
    ///
    /// # Errors
    ///
    /// [`Error::OutcomeUnknown`] when the answer was lost, [`Error::NoValue`] when no answer shows the value, and those of
    /// [`Client::send`](crate::Client::send).
    pub async fn create(&self, delivery_token: &TokenUid) -> Result<PreviewToken, Error> {
        let answer = self.stack.send(&CreatePreviewToken::new(delivery_token.clone())).await?.token;
        if let Some(token) = answer.preview() {
            return Ok(token);
        }
        // The value can be read at any time, so an answer without it is no loss.
        let token = self.stack.delivery_tokens().get(delivery_token).await?;
        let operation = Operation(CreatePreviewToken::ROUTE);
        token.preview().ok_or(Error::NoValue { operation, what: "preview token" })
    }

    /// Deletes the preview token of a delivery token, which stays.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn delete(&self, delivery_token: &TokenUid) -> Result<(), Error> {
        let client = self.stack.client;
        // An authorization header can be there once only.
        let second = match client.credential {
            Credential::Authtoken(_) => self.second.as_ref(),
            _ => None,
        };
        let request = DeletePreviewToken::new(delivery_token.clone());
        call::send(client, Some(&self.stack.api_key), &request, &client.credential, second).await.map(|_| ())
    }
}
