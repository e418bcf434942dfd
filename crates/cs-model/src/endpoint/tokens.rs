//! Delivery, preview and management tokens (seed 002): each request is the one that the page has under its name.
//!
//! The page asks for the headers `api_key` and `authtoken` in all of them. A management token opens none (seed 001, "Management
//! Tokens") but, perhaps, those for preview tokens (seed 002, "Create preview token").

use std::borrow::Cow;

use serde_json::Value;

use super::page::paged;
use super::{Body, Endpoint, json_body};
use crate::generated::route;
use crate::{
    Checked, DeliveryToken, DeliveryTokenDraft, Done, Draft, ManagementToken, ManagementTokenDraft, Many,
    One, RouteId, StackNames, TokenUid,
};

paged!(
    /// `GET /v3/stacks/delivery_tokens`, with the values of the tokens (seed 002, "Get all delivery tokens").
    ListDeliveryTokens, GET_STACKS_DELIVERY_TOKENS, Many<DeliveryToken>);
paged!(
    /// `GET /v3/stacks/management_tokens`, without the values of the tokens (seed 002, "Get all management tokens").
    ListManagementTokens, GET_STACKS_MANAGEMENT_TOKENS, Many<ManagementToken>);

/// `GET /v3/stacks/delivery_tokens/{token_uid}` (seed 002, "Get a single delivery token").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GetDeliveryToken {
    /// Which.
    pub uid: TokenUid,
    /// Ask for the preview token's value too: `include_preview_token=true` in the query (guide-lp).
    pub include_preview_token: bool,
}

impl GetDeliveryToken {
    /// Asks for a token and its preview token.
    #[must_use]
    pub const fn new(uid: TokenUid) -> Self {
        Self { uid, include_preview_token: true }
    }
}

impl Endpoint for GetDeliveryToken {
    const ROUTE: RouteId = route::GET_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID;
    type Answer = One<DeliveryToken>;
    fn path_arguments(&self) -> impl AsRef<[&str]> {
        [self.uid.as_str()]
    }
    fn query(&self) -> impl IntoIterator<Item = (&'static str, Cow<'static, str>)> {
        flag("include_preview_token", self.include_preview_token)
    }
}

/// `POST /v3/stacks/delivery_tokens` (seed 002, "Create delivery token").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreateDeliveryToken {
    body: Value,
    /// Make a preview token with it: `create_with_preview_token=true` in the query (seed 002, "Create delivery token"). In the body
    /// the API ignores it (guide-lp).
    pub with_preview_token: bool,
}

impl CreateDeliveryToken {
    /// From a checked draft; `names` says what `all` stands for.
    #[must_use]
    pub fn new(draft: &Checked<DeliveryTokenDraft>, names: &StackNames) -> Self {
        Self { body: draft.draft().body(names), with_preview_token: false }
    }

    /// The same with a preview token.
    #[must_use]
    pub const fn with_preview_token(mut self) -> Self {
        self.with_preview_token = true;
        self
    }
}

impl Endpoint for CreateDeliveryToken {
    const ROUTE: RouteId = route::POST_STACKS_DELIVERY_TOKENS;
    type Answer = One<DeliveryToken>;
    fn query(&self) -> impl IntoIterator<Item = (&'static str, Cow<'static, str>)> {
        flag("create_with_preview_token", self.with_preview_token)
    }
    fn body(&self) -> Option<Body> {
        json_body(&self.body).ok()
    }
}

/// `DELETE /v3/stacks/delivery_tokens/{token_uid}` (seed 002, "Delete delivery token").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeleteDeliveryToken {
    /// Which.
    pub uid: TokenUid,
    /// The documented `force` parameter of the query (seed 002, "Delete delivery token"). What it forces is not documented.
    pub force: bool,
}

impl DeleteDeliveryToken {
    /// Deletes a token, and its preview token with it (delete-delivery-token).
    #[must_use]
    pub const fn new(uid: TokenUid) -> Self {
        Self { uid, force: false }
    }

    /// The same with `force=true`.
    #[must_use]
    pub const fn force(mut self) -> Self {
        self.force = true;
        self
    }
}

impl Endpoint for DeleteDeliveryToken {
    const ROUTE: RouteId = route::DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID;
    type Answer = Done;
    fn path_arguments(&self) -> impl AsRef<[&str]> {
        [self.uid.as_str()]
    }
    fn query(&self) -> impl IntoIterator<Item = (&'static str, Cow<'static, str>)> {
        flag("force", self.force)
    }
}

/// `POST /v3/stacks/management_tokens`: its answer, and no other, has the token's value (seed 002, "Create management token").
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreateManagementToken {
    body: Value,
}

impl CreateManagementToken {
    /// From a checked draft; `names` says what `all` stands for.
    #[must_use]
    pub fn new(draft: &Checked<ManagementTokenDraft>, names: &StackNames) -> Self {
        Self { body: draft.draft().body(names) }
    }
}

impl Endpoint for CreateManagementToken {
    const ROUTE: RouteId = route::POST_STACKS_MANAGEMENT_TOKENS;
    type Answer = One<ManagementToken>;
    fn body(&self) -> Option<Body> {
        json_body(&self.body).ok()
    }
}

macro_rules! update {
    ($(#[$doc:meta])* $name:ident, $route:ident, $draft:ty, $token:ty) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct $name {
            /// Which.
            pub uid: TokenUid,
            body: Value,
        }

        impl $name {
            /// From a checked draft; `names` says what `all` stands for.
            #[must_use]
            pub fn new(uid: TokenUid, draft: &Checked<$draft>, names: &StackNames) -> Self {
                Self { uid, body: draft.draft().body(names) }
            }
        }

        impl Endpoint for $name {
            const ROUTE: RouteId = route::$route;
            type Answer = One<$token>;
            fn path_arguments(&self) -> impl AsRef<[&str]> {
                [self.uid.as_str()]
            }
            fn body(&self) -> Option<Body> {
                json_body(&self.body).ok()
            }
        }
    };
}

update!(
    /// `PUT /v3/stacks/delivery_tokens/{token_uid}`: sends the whole draft (seed 002, "Update delivery token").
    UpdateDeliveryToken, PUT_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID, DeliveryTokenDraft, DeliveryToken);
update!(
    /// `PUT /v3/stacks/management_tokens/{token_uid}`: sends the whole draft (seed 002, "Update management token").
    UpdateManagementToken, PUT_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID, ManagementTokenDraft, ManagementToken);

macro_rules! by_uid {
    ($(#[$doc:meta])* $name:ident, $route:ident, $answer:ty $(, $body:expr)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct $name {
            /// Which.
            pub uid: TokenUid,
        }

        impl $name {
            /// For the token of this uid.
            #[must_use]
            pub const fn new(uid: TokenUid) -> Self {
                Self { uid }
            }
        }

        impl Endpoint for $name {
            const ROUTE: RouteId = route::$route;
            type Answer = $answer;
            fn path_arguments(&self) -> impl AsRef<[&str]> {
                [self.uid.as_str()]
            }
            $(fn body(&self) -> Option<Body> {
                json_body(&$body).ok()
            })?
        }
    };
}

by_uid!(
    /// `GET /v3/stacks/management_tokens/{token_uid}`: never with the token's value (seed 002, "Get a single management token").
    GetManagementToken, GET_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID, One<ManagementToken>);
by_uid!(
    /// `DELETE /v3/stacks/management_tokens/{token_uid}` (seed 002, "Delete management token").
    DeleteManagementToken, DELETE_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID, Done);
by_uid!(
    /// `POST /v3/stacks/delivery_tokens/{delivery_token_uid}/preview_token`: the answer is the whole delivery token (seed 002,
    /// "Create preview token").
    CreatePreviewToken, POST_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN, One<DeliveryToken>,
    Value::Object(serde_json::Map::new()));
by_uid!(
    /// `DELETE /v3/stacks/delivery_tokens/{delivery_token_uid}/preview_token` (seed 002, "Delete preview token").
    DeletePreviewToken, DELETE_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN, Done);

fn flag(name: &'static str, on: bool) -> Option<(&'static str, Cow<'static, str>)> {
    on.then_some((name, Cow::Borrowed("true")))
}
