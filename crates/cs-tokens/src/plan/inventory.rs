//! What a stack has.

use cs_model::{ApiKey, DeliveryToken, ManagementToken, StackNames, TokenUid};
use cs_transport::Transport;

use crate::{Error, StackClient};

/// The tokens of a stack, and the names that their scopes use. `Debug` shows no value of a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inventory {
    /// Which stack.
    pub api_key: ApiKey,
    /// Its environments, branches and aliases.
    pub names: StackNames,
    /// Its delivery tokens, with the values of their preview tokens.
    pub delivery: Vec<DeliveryToken>,
    /// Its management tokens.
    pub management: Vec<ManagementToken>,
}

impl Inventory {
    /// A stack without tokens.
    #[must_use]
    pub const fn new(api_key: ApiKey, names: StackNames) -> Self {
        Self { api_key, names, delivery: Vec::new(), management: Vec::new() }
    }

    /// Whether a delivery or a management token has this uid.
    pub(crate) fn has(&self, uid: &TokenUid) -> bool {
        self.delivery.iter().any(|token| token.uid == *uid) || self.management_by_uid(uid).is_some()
    }

    /// The management token of this uid.
    pub(crate) fn management_by_uid(&self, uid: &TokenUid) -> Option<&ManagementToken> {
        self.management.iter().find(|token| token.uid == *uid)
    }
}

impl<T: Transport> StackClient<'_, T> {
    /// Reads what the stack has: names, delivery tokens with the values of their preview tokens, management tokens; the
    /// tokens in the order of their names.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn inventory(&self) -> Result<Inventory, Error> {
        let names = self.names().await?;
        let mut delivery = self.delivery_tokens().list().await?;
        // Lists show preview tokens or they do not; where one is shown, all are.
        if !delivery.iter().any(|token| token.preview_token.is_some()) {
            for token in &mut delivery {
                *token = self.delivery_tokens().get(&token.uid).await?;
            }
        }
        let mut management = self.management_tokens().list().await?;
        // The API's order is the newest first, and undocumented; plans and exports are to be the same each time.
        delivery.sort_by(|left, right| (&left.name, &left.uid).cmp(&(&right.name, &right.uid)));
        management.sort_by(|left, right| (&left.name, &left.uid).cmp(&(&right.name, &right.uid)));
        Ok(Inventory { api_key: self.api_key().clone(), names, delivery, management })
    }
}
