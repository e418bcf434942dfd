//! A request that has been let in, with everything that an endpoint may ask.

use cs_model::Profile;
use cs_model::generated::ErrorId;
use cs_policy::Kind;
use jiff::Timestamp;

use crate::call::Call;
use crate::random::Draw;
use crate::record::{ManagementRecord, StackRecord, UserRecord};
use crate::refusal::{Refusal, Stop};

/// Who makes the request.
#[derive(Clone, Debug)]
pub(crate) enum Actor {
    /// Nobody: the route takes no credential.
    Nobody,
    /// A user, by the authtoken of a session.
    User {
        user: Box<UserRecord>,
        /// The hash under which the session is kept.
        hash: String,
    },
    /// A management token.
    Management(Box<ManagementRecord>),
}

impl Actor {
    /// The kind of credential.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Nobody => Kind::Anonymous,
            Self::User { .. } => Kind::Authtoken,
            Self::Management(_) => Kind::Management,
        }
    }

    /// The uid of the user or the token, which says nothing of its value.
    pub(crate) fn own_uid(&self) -> Option<&str> {
        match self {
            Self::Nobody => None,
            Self::User { user, .. } => Some(&user.uid),
            Self::Management(token) => Some(&token.uid),
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
    pub(crate) stack: Option<StackRecord>,
}

impl Scene<'_> {
    /// The stack of the request.
    pub(crate) fn stack(&self) -> Result<&StackRecord, Stop> {
        self.stack.as_ref().ok_or_else(|| ErrorId::ApiKeyMissing.into())
    }

    /// Its API key.
    pub(crate) fn api_key(&self) -> Result<&str, Stop> {
        self.stack().map(|stack| stack.api_key.as_str())
    }

    /// The user of the session.
    pub(crate) fn user(&self) -> Result<&UserRecord, Stop> {
        match &self.actor {
            Actor::User { user, .. } => Ok(user),
            Actor::Nobody | Actor::Management(_) => Err(Refusal::new(ErrorId::AuthtokenMissing).into()),
        }
    }

    /// The uid that stands in `created_by` and `updated_by`: a management token acts for the user who made it.
    pub(crate) fn actor_uid(&self) -> &str {
        match &self.actor {
            Actor::User { user, .. } => &user.uid,
            Actor::Management(token) => &token.stamps.created_by,
            Actor::Nobody => "",
        }
    }
}
