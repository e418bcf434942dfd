//! Credentials that change: a source gives the one of the moment, before each request.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use cs_model::{ApiError, Profile, SecretError};
use cs_transport::{Transport, TransportError, async_trait};
use jiff::Timestamp;

use super::oauth::GrantStoreError;
use super::{Credential, CredentialKind};
use crate::error::Lost;

/// Gives the credential for a request that is about to be sent.
///
/// The one rule is that of every flow: it awaits [`Setting::transport`] and nothing else. So one source serves the async
/// client and the blocking one, and lives by the transport's clock. [`OAuth`](super::oauth::OAuth) is one.
///
/// ```
/// use cs_tokens::{Credential, CredentialKind, CredentialSource, Setting, SourceError, async_trait};
///
/// /// The session that another program keeps fresh.
/// #[derive(Debug)]
/// struct Agent;
///
/// #[async_trait]
/// impl CredentialSource for Agent {
///     fn kind(&self) -> CredentialKind {
///         CredentialKind::Authtoken
///     }
///
///     async fn credential(&self, _: &Setting<'_>) -> Result<Credential, SourceError> {
///         Ok(Credential::Authtoken(cs_model::Secret::new("what the program says")))
///     }
/// }
/// ```
#[async_trait]
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// The kind of every credential that it gives: known without asking anybody, because requests are judged by it first.
    fn kind(&self) -> CredentialKind;

    /// The credential of the moment.
    ///
    /// # Errors
    ///
    /// When there is none; the request is not sent then.
    async fn credential(&self, setting: &Setting<'_>) -> Result<Credential, SourceError>;

    /// Called when the API does not know the credential any more (never for a 401 that is about something else, such as
    /// codes 161 and 294: JS, `lib/core/concurrency-queue.js`). `Some` is another one, with which the request is sent once more; by default there is none.
    ///
    /// # Errors
    ///
    /// When another one cannot be had although there should be one.
    async fn after_refusal(
        &self,
        _refused: &Credential,
        _setting: &Setting<'_>,
    ) -> Result<Option<Credential>, SourceError> {
        Ok(None)
    }
}

/// What a source may use: the client's transport, with its clock, and where its API is.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Setting<'a> {
    /// Carries requests, and owns time. A source whose requests must be seen through although the caller goes away takes a
    /// copy, so that they are bound to no caller.
    pub transport: &'a Arc<dyn Transport>,
    /// The developer hub of the client's region; the client's own origin, where that is no region's.
    pub hub: &'a str,
    /// What the client believes of the documents.
    pub profile: &'a Profile,
    /// When the call has to be over that the credential is for: [`ClientBuilder::call_limit`](crate::ClientBuilder::call_limit),
    /// by the clock of the transport. A source waits no longer than that.
    pub deadline: Option<Timestamp>,
}

impl Setting<'_> {
    /// Whether the call has to be over at `now`.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }
}

impl fmt::Debug for Setting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting").field("hub", &self.hub).finish_non_exhaustive()
    }
}

/// Why a source has no credential.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// There is no OAuth grant where one should be kept.
    #[error("no OAuth grant is kept")]
    NoGrant,
    /// The kept grant cannot be read, or a new one could not be written. Nothing was asked for, and the grant still works. After
    /// a request whose answer is lost, that is not known: then it is [`Unknown`](Self::Unknown).
    #[error("the OAuth grant cannot be kept")]
    Store(#[source] GrantStoreError),
    /// The new grant cannot be written, although that looked possible before. It is in this process and nowhere else, and is
    /// not used before it is kept.
    #[error("the new OAuth grant cannot be kept")]
    NotKept(#[source] GrantStoreError),
    /// The developer hub refused the refresh.
    #[error("the developer hub refused to refresh the OAuth token")]
    Refused(#[source] Box<ApiError>),
    /// The refresh was certainly not received.
    #[error("no answer to the refresh of the OAuth token")]
    NoAnswer(#[source] TransportError),
    /// The answer to a refresh was lost, and asking again showed that the refresh token is used up: the new one was in the
    /// lost answer.
    #[error("the answer to a refresh was lost, and with it the new OAuth grant")]
    GrantLost(#[source] Lost),
    /// No answer to the refresh came, however often it was asked, or the store failed before it was asked again: whether the
    /// refresh token still works is not known.
    #[error("nobody knows whether the refresh of the OAuth token took effect")]
    Unknown(#[source] Lost),
    /// The developer hub sent the refresh to another region. Redirects are never followed.
    #[error("the refresh of the OAuth token was redirected")]
    Redirected,
    /// Somebody else, in this process or another one, refreshes, and did not end in time. Whether the grant works will be known
    /// when they do.
    #[error("somebody else refreshes the OAuth token, and takes too long")]
    Busy,
    /// The time of the call, [`ClientBuilder::call_limit`](crate::ClientBuilder::call_limit), was over before there was a
    /// credential. A refresh that has begun is left to the next call.
    #[error("the time of the call was over before there was a credential")]
    Late,
    /// A value cannot stand in a header.
    #[error("the credential cannot be sent")]
    Value(#[source] SecretError),
    /// What a refresh failed with, for all who waited for it.
    #[error(transparent)]
    Shared(Arc<SourceError>),
    /// A source of one's own has its own reasons.
    #[error("the source of the credential has none: {0}")]
    Other(&'static str),
}

impl SourceError {
    /// The error itself, where several callers share it.
    #[must_use]
    pub fn root(&self) -> &Self {
        match self {
            Self::Shared(error) => error.root(),
            other => other,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> Option<String> {
        let text = match self {
            Self::Shared(error) => return error.fix(),
            Self::NoGrant | Self::GrantLost(_) => {
                "let the user give the app its rights anew, and keep the grant"
            }
            Self::Refused(answer) => return answer.diagnosis().map(|row| row.fix.to_owned()),
            Self::NoAnswer(_) => {
                "check the region, the network and the proxy, then try again: the grant still works"
            }
            Self::Busy => {
                "see what the other process or caller that uses the grant waits for, then try again"
            }
            Self::Late => "try again, or give each call more time: the next one goes on with what was begun",
            Self::Unknown(_) => {
                "try again: if the refresh token is refused then, let the user give the app its rights anew"
            }
            Self::Store(_) => "mend the place where the grant is kept, then try again: the grant still works",
            Self::NotKept(_) => {
                "mend the place where the grant is kept and call again in this process; if it has ended, let the user \
                 give the app its rights anew"
            }
            Self::Redirected => "check the region of the developer hub",
            Self::Value(_) | Self::Other(_) => return None,
        };
        Some(text.to_owned())
    }

    /// What the developer hub said, when it refused.
    #[must_use]
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Refused(answer) => Some(answer),
            Self::Shared(error) => error.api_error(),
            _ => None,
        }
    }
}

/// What a client is given: a credential that stays, or a source of them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Provided {
    /// The same for every request.
    Fixed(Credential),
    /// Asked before every request.
    Source(Arc<dyn CredentialSource>),
}

impl Provided {
    /// The kind of its credentials.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        match self {
            Self::Fixed(credential) => credential.kind(),
            Self::Source(source) => source.kind(),
        }
    }

    /// A number that tells it from others within this process; that of a source stays when its credential changes.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Fixed(credential) => credential.number(),
            Self::Source(source) => number_of(source),
        }
    }
}

/// The number of a source, which no other one ever has: its address would be another source's after it.
fn number_of(source: &Arc<dyn CredentialSource>) -> u64 {
    type Numbered = (Weak<dyn CredentialSource>, u64);
    static KNOWN: Mutex<(u64, Vec<Numbered>)> = Mutex::new((0, Vec::new()));
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let (last, sources) = &mut *known;
    // A weak reference keeps its place in memory, so that an address here is that of one source.
    let same = |held: &Weak<dyn CredentialSource>| {
        std::ptr::addr_eq(Weak::as_ptr(held), Arc::as_ptr(source)) && held.strong_count() > 0
    };
    if let Some((_, number)) = sources.iter().find(|(held, _)| same(held)) {
        return *number;
    }
    sources.retain(|(held, _)| held.strong_count() > 0);
    *last += 1;
    sources.push((Arc::downgrade(source), *last));
    *last
}

impl From<Credential> for Provided {
    fn from(credential: Credential) -> Self {
        Self::Fixed(credential)
    }
}

impl From<Arc<dyn CredentialSource>> for Provided {
    fn from(source: Arc<dyn CredentialSource>) -> Self {
        Self::Source(source)
    }
}

impl<S: CredentialSource + 'static> From<Arc<S>> for Provided {
    fn from(source: Arc<S>) -> Self {
        Self::Source(source)
    }
}
