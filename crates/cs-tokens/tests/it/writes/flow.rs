//! The flows of the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cs_model::generated::route;
use cs_model::{ApiError, ApiKey, DeliveryToken, ManagementToken, Method, PreviewToken, Secret, TokenUid};
use cs_server::demo;
use cs_tokens::credential::oauth::{GrantStore, GrantStoreError, MemoryGrantStore, OAuthGrant};
use cs_tokens::{Client, Error, Operation, RawRequest};
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
    Stacks,
    /// A deletion by a request without types.
    Raw,
    /// A list, with an OAuth grant whose access token is over.
    Refresh,
    /// The same, and the store cannot be read any more once the request is sent.
    RefreshUnread,
}

/// What a flow works on.
pub(super) struct Scene {
    /// A token that was there before.
    pub(super) uid: Option<TokenUid>,
    pub(super) session: Secret,
    pub(super) api_key: ApiKey,
    /// Where the OAuth grant is kept, for the flow that has one.
    pub(super) grant: Option<Kept>,
    /// What nobody may see, besides.
    pub(super) secrets: Vec<String>,
}

/// A store of a grant that a test looks into, and that can be read so often.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    store: Arc<MemoryGrantStore>,
    reads: Arc<AtomicUsize>,
}

impl Kept {
    pub(super) fn new(grant: OAuthGrant, reads: usize) -> Self {
        Self { store: Arc::new(MemoryGrantStore::with(grant)), reads: Arc::new(reads.into()) }
    }

    /// What is in it.
    pub(super) fn grant(&self) -> OAuthGrant {
        self.store.load().unwrap().unwrap()
    }
}

impl GrantStore for Kept {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        let less = self.reads.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |reads| reads.checked_sub(1));
        match less {
            Ok(_) => self.store.load(),
            Err(_) => Err(GrantStoreError::Other("the disk is gone".into())),
        }
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        self.store.save(grant)
    }
}

/// What a flow says that it did.
#[derive(Debug)]
pub(super) enum Done {
    Nothing,
    Delivery(Box<DeliveryToken>),
    Management(Box<ManagementToken>),
    Preview(PreviewToken),
    Session(Secret),
}

impl Flow {
    pub(super) const ALL: [Self; 21] = [
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
        Self::Stacks,
        Self::Raw,
        Self::Refresh,
        Self::RefreshUnread,
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
            Self::Stacks => client.stacks(None).await.map(|_| Done::Nothing),
            Self::Raw => {
                let path = format!("/v3/stacks/delivery_tokens/{}", uid());
                let request = RawRequest::new(Method::Delete, path);
                let answer = client.send_raw(Some(&scene.api_key), &request).await?;
                if answer.status().is_success() {
                    return Ok(Done::Nothing);
                }
                let operation = Operation(route::DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID);
                let answer = Box::new(ApiError::read(answer.status().as_u16(), answer.body()));
                Err(Error::Refused { operation, answer })
            }
            Self::List | Self::Refresh | Self::RefreshUnread => delivery.list().await.map(|_| Done::Nothing),
            Self::Get => delivery.get(uid()).await.map(made),
            Self::Names => stack.names().await.map(|_| Done::Nothing),
        }
    }
}
