//! A request that has been let in, with everything that an endpoint may ask.

use std::sync::Arc;

use cs_model::Profile;
use cs_model::generated::ErrorId;
use cs_policy::Kind;
use jiff::Timestamp;

use crate::call::Call;
use crate::random::Draw;
use crate::record::{
    DeliveryRecord, EnvironmentRecord, MAIN_BRANCH, ManagementRecord, OauthRecord, StackRecord, UserRecord,
};
use crate::refusal::{Refusal, Stop};

/// Who makes the request.
#[derive(Clone, Debug)]
pub(crate) enum Actor {
    /// Nobody: the route takes no credential.
    Nobody,
    /// A user, by the authtoken of a session.
    User {
        user: Arc<UserRecord>,
        /// The hash under which the session is kept.
        hash: String,
    },
    /// A management token.
    Management(Arc<ManagementRecord>),
    /// A delivery token.
    Delivery(Arc<DeliveryRecord>),
    /// The preview token of a delivery token.
    Preview(Arc<DeliveryRecord>),
    /// The legacy access token of the stack.
    Access,
    /// An OAuth token, with the user who gave it its rights.
    Oauth { token: Box<OauthRecord>, user: Arc<UserRecord> },
}

/// A branch as the request names it.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    Branch(String),
    Alias { alias: String, of: String },
}

impl Named {
    /// The name that the request gives.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Branch(name) | Self::Alias { alias: name, .. } => name,
        }
    }

    /// The branch itself.
    pub(crate) fn uid(&self) -> &str {
        match self {
            Self::Branch(uid) | Self::Alias { of: uid, .. } => uid,
        }
    }
}

impl Actor {
    /// The kind of credential.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Nobody => Kind::Anonymous,
            Self::User { .. } => Kind::Authtoken,
            Self::Management(_) => Kind::Management,
            Self::Delivery(_) => Kind::Delivery,
            Self::Preview(_) => Kind::Preview,
            Self::Access => Kind::Access,
            Self::Oauth { .. } => Kind::OAuth,
        }
    }

    /// The uid of the user or the token, which says nothing of its value.
    pub(crate) fn own_uid(&self) -> Option<&str> {
        match self {
            Self::Nobody | Self::Access => None,
            Self::User { user, .. } => Some(&user.uid),
            Self::Management(token) => Some(&token.uid),
            Self::Delivery(token) | Self::Preview(token) => Some(&token.uid),
            Self::Oauth { token, .. } => Some(&token.uid),
        }
    }
}

/// A request that has been let in.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) now: Timestamp,
    pub(crate) call: &'a Call<'a>,
    pub(crate) draw: &'a Draw,
    pub(crate) actor: Actor,
    pub(crate) stack: Option<Arc<StackRecord>>,
    /// The branch that the request names.
    pub(crate) branch: Option<Named>,
    /// The environment whose content it asks for.
    pub(crate) environment: Option<EnvironmentRecord>,
    /// Whether requests are counted against limits by time.
    pub(crate) counted: bool,
    /// Whether it asks for drafts.
    pub(crate) is_draft: bool,
    /// Where clients reach the service.
    pub(crate) public_url: &'a str,
}

impl Scene<'_> {
    /// The stack of the request.
    pub(crate) fn stack(&self) -> Result<&StackRecord, Stop> {
        self.stack.as_deref().ok_or_else(|| ErrorId::ApiKeyMissing.into())
    }

    /// The branch that it is for: `main` when it names none.
    pub(crate) fn branch_uid(&self) -> &str {
        self.branch.as_ref().map_or(MAIN_BRANCH, Named::uid)
    }

    /// Its API key.
    pub(crate) fn api_key(&self) -> Result<&str, Stop> {
        self.stack().map(|stack| stack.api_key.as_str())
    }

    /// The user of the session, or the one behind an OAuth token.
    pub(crate) fn user(&self) -> Result<&UserRecord, Stop> {
        match &self.actor {
            Actor::User { user, .. } | Actor::Oauth { user, .. } => Ok(user),
            _ => Err(Refusal::new(ErrorId::AuthtokenMissing).into()),
        }
    }

    /// The uid that stands in `created_by` and `updated_by`: a management token acts for the user who made it.
    pub(crate) fn actor_uid(&self) -> &str {
        match &self.actor {
            Actor::User { user, .. } | Actor::Oauth { user, .. } => &user.uid,
            Actor::Management(token) => &token.stamps.created_by,
            Actor::Delivery(token) | Actor::Preview(token) => &token.stamps.created_by,
            Actor::Nobody | Actor::Access => "",
        }
    }
}
