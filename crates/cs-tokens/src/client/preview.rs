//! Preview tokens of one stack (seed 002, "Preview Token Collection").

use cs_model::endpoint::DeletePreviewToken;
use cs_model::{Endpoint, PreviewToken, Secret, TokenUid};
use cs_transport::Transport;

use crate::client::{StackClient, recover};
use crate::{Caution, Credential, CredentialKind, Error, Operation};

/// What is told where a second credential was given in vain.
const LEFT_OUT: Caution = Caution {
    operation: Operation(DeletePreviewToken::ROUTE),
    rule: "management.preview_routes",
    says: "The management token is left out: it goes beside an authtoken only, and the client has none.",
};

/// The preview tokens of a stack's delivery tokens; made by [`StackClient::preview_tokens`].
#[derive(Debug)]
pub struct PreviewTokens<'a, T> {
    pub(crate) stack: StackClient<'a, T>,
    pub(crate) second: Option<Credential>,
}

impl<T: Transport> PreviewTokens<'_, T> {
    /// Sends a management token besides the client's credential when a preview token is deleted.
    ///
    /// The one documented request that asks for two credentials: the page lists an `authtoken` and an `authorization` header as
    /// required (seed 002, "Delete preview token"). Nothing else sends both.
    ///
    /// It goes beside an authtoken only, because a request has one `authorization` header: where the client has another
    /// credential, or none, it is left out, and [`ClientBuilder::on_caution`](crate::ClientBuilder::on_caution) hears of that.
    #[must_use]
    pub fn with_management_token(mut self, token: Secret) -> Self {
        self.second = Some(Credential::Management(token));
        self
    }

    /// Makes the preview token of a delivery token (seed 002, "Create preview token"). One that it had before is taken for replaced: no
    /// page says so, but the sample shows another value.
    ///
    /// The delivery token is read first, so that a lost answer can be told from a request that had no effect: by the value,
    /// which is another one then. Where it had to be sent again, the first may still arrive and put another value in its place:
    /// the token is read until it shows the same one twice.
    ///
    /// # Errors
    ///
    /// [`Error::OutcomeUnknown`] when the answer was lost and nothing can be found out, [`Error::NoValue`] when no answer
    /// shows the value, and those of [`Client::send`](crate::Client::send).
    pub async fn create(&self, delivery_token: &TokenUid) -> Result<PreviewToken, Error> {
        let before = self.stack.delivery_tokens().get(delivery_token).await?.preview_token;
        recover::create_preview(&self.stack, delivery_token, before.as_ref()).await
    }

    /// Deletes the preview token of a delivery token, which stays (seed 002, "Delete preview token"; delete-delivery-token).
    ///
    /// # Errors
    ///
    /// As [`PreviewTokens::create`].
    pub async fn delete(&self, delivery_token: &TokenUid) -> Result<(), Error> {
        let client = self.stack.client;
        // An authorization header can be there once only.
        let second = match (client.held.kind(), &self.second) {
            (CredentialKind::Authtoken, second) => second.as_ref(),
            (_, None) => None,
            (_, Some(_)) => {
                client.cautions.tell(&LEFT_OUT);
                None
            }
        };
        recover::delete_preview(&self.stack, delivery_token, second).await
    }
}
