//! The flows of the client.

use cs_model::{ApiKey, DeliveryToken, ManagementToken, PreviewToken, Secret, TokenUid};
use cs_server::demo;
use cs_tokens::{Client, Error};
use cs_transport::Transport;

use super::claims;
use super::lab::VISITOR;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    CreateDelivery,
    CreateDeliveryEverywhere,
    CreateWithPreview,
    UpdateDelivery,
    DeleteDelivery,
    ForceDelete,
    CreateManagement,
    UpdateManagement,
    DeleteManagement,
    CreatePreview,
    ReplacePreview,
    DeletePreview,
    LogIn,
    LogOut,
    List,
    Get,
    Names,
}

/// What a flow works on.
pub(super) struct Scene {
    /// A token that was there before.
    pub(super) uid: Option<TokenUid>,
    pub(super) session: Secret,
    pub(super) api_key: ApiKey,
}

/// What a flow says that it did.
pub(super) enum Done {
    Nothing,
    Delivery(Box<DeliveryToken>),
    Management(Box<ManagementToken>),
    Preview(PreviewToken),
    Session(Secret),
}

impl Flow {
    pub(super) const ALL: [Self; 17] = [
        Self::CreateDelivery,
        Self::CreateDeliveryEverywhere,
        Self::CreateWithPreview,
        Self::UpdateDelivery,
        Self::DeleteDelivery,
        Self::ForceDelete,
        Self::CreateManagement,
        Self::UpdateManagement,
        Self::DeleteManagement,
        Self::CreatePreview,
        Self::ReplacePreview,
        Self::DeletePreview,
        Self::LogIn,
        Self::LogOut,
        Self::List,
        Self::Get,
        Self::Names,
    ];

    pub(super) async fn run<T: Transport>(self, client: &Client<T>, scene: &Scene) -> Result<Done, Error> {
        let stack = client.stack(scene.api_key.clone());
        let (delivery, management) = (stack.delivery_tokens(), stack.management_tokens());
        let uid = || scene.uid.as_ref().unwrap();
        let made = |token| Done::Delivery(Box::new(token));
        match self {
            Self::CreateDelivery => delivery.create(&claims::delivery("ours")).await.map(made),
            Self::CreateDeliveryEverywhere => delivery.create(&claims::everywhere("ours")).await.map(made),
            Self::CreateWithPreview => {
                delivery.create_with_preview(&claims::delivery("ours")).await.map(made)
            }
            Self::UpdateDelivery => delivery.update(uid(), &claims::delivery("renamed")).await.map(made),
            Self::DeleteDelivery => delivery.delete(uid()).await.map(|()| Done::Nothing),
            Self::ForceDelete => delivery.force_delete(uid()).await.map(|()| Done::Nothing),
            Self::CreateManagement => {
                let token = management.create(&claims::management("ours")).await?;
                Ok(Done::Management(Box::new(token)))
            }
            Self::UpdateManagement => {
                let token = management.update(uid(), &claims::management("renamed")).await?;
                Ok(Done::Management(Box::new(token)))
            }
            Self::DeleteManagement => management.delete(uid()).await.map(|()| Done::Nothing),
            Self::CreatePreview | Self::ReplacePreview => {
                stack.preview_tokens().create(uid()).await.map(Done::Preview)
            }
            Self::DeletePreview => stack.preview_tokens().delete(uid()).await.map(|()| Done::Nothing),
            Self::LogIn => {
                let user = client.log_in(VISITOR, Secret::new(demo::PASSWORD), None).await?;
                Ok(Done::Session(user.authtoken.unwrap()))
            }
            Self::LogOut => client.log_out().await.map(|()| Done::Nothing),
            Self::List => delivery.list().await.map(|_| Done::Nothing),
            Self::Get => delivery.get(uid()).await.map(made),
            Self::Names => stack.names().await.map(|_| Done::Nothing),
        }
    }
}
