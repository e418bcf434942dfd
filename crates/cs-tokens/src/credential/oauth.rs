//! OAuth: an access token lives for about an hour and is refreshed before that; the refresh token changes each time (guide-auth; JS,
//! `lib/core/oauthHandler.js`).
//!
//! A refresh token works once, so the new pair is kept in a [`GrantStore`] before it is used for the first time. All
//! clients that share an [`OAuth`] share its refreshes, and processes that share a store find each other's.
//!
//! | what happens at a refresh | then |
//! |---|---|
//! | the store could not keep the new pair | it is not sent, and the grant still works ([`GrantStore::prepare`]) |
//! | another process refreshes | its pair is waited for; after four minutes [`SourceError::Busy`] |
//! | its caller goes away ([dropped](#callers-that-go-away)) | the next caller goes on with it |
//! | its caller is not polled any more (a stream that nobody asks for its next item) | whoever waits goes on with it, after two seconds |
//! | it never left | sent again, a few times; the grant still works |
//! | its answer is lost | asked again with the same refresh token: when the first had no effect, this one has |
//! | a 5xx, 408 or 499, a redirect that names no other region, a 400 or 401 that is the page of something on the way | as lost |
//! | refused, and the store has a newer pair | another process was faster: its pair is taken |
//! | the store cannot be read or written after a lost answer | [`SourceError::Unknown`]; the next call asks again |
//! | refused after a lost answer | [`SourceError::GrantLost`]: the new pair was in the lost answer |
//! | the time of its caller is over ([`ClientBuilder::call_limit`](crate::ClientBuilder::call_limit)) | [`SourceError::Late`]; the next caller goes on with it |
//! | every answer lost, or one lost and the next refused for something else | [`SourceError::Unknown`]; the next call asks again |
//! | the new pair cannot be kept after all | [`SourceError::NotKept`]: it is not used; the next call tries to keep it again, unless the store has another one by then, which is taken |
//!
//! # Callers that go away
//!
//! A future that is dropped during a refresh (a client of a web service hangs up, a `timeout` passes, a `select!` takes
//! another branch) leaves the request to the source, and the next call that needs a credential waits for its answer. Nothing
//! runs in the background: while nobody calls, the new pair is in an answer that nobody has read, no other process can
//! refresh, and when this process ends, the grant is lost. The limit of the transport for the whole call (30 seconds) goes on,
//! too: later than that, the answer may be lost although it has come. So a program that drops calls and then ends, or has nothing to
//! ask for a long time, calls [`Client::prepare_credential`](crate::Client::prepare_credential), which finishes what was
//! left. A request that was left belongs to the runtime in which it was sent: the clients that share a source should
//! share their runtime, too.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use cs_server::{Options, Service, demo, in_process::{InProcess, URL}, store::MemoryStore};
//! use cs_tokens::credential::oauth::{MemoryGrantStore, OAuth, OAuthApp, OAuthGrant};
//! use cs_tokens::blocking::Client;
//!
//! # let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
//! # let now = "2026-11-21T00:00:00Z".parse()?;
//! # let demo = demo::ensure(&service, now)?;
//! # let scopes = ["cm.stack.settings:read".to_owned(), "cm.stacks.management:read".to_owned()];
//! # let given = service.admin(now).create_oauth_token(&demo.owner_uid, &demo.organization_uid, &scopes, None)?;
//! let grant = OAuthGrant::new(given.access_token, given.refresh_token, given.expires_at);
//! let app = OAuthApp::new("app-uid", "https://app.example/callback");
//! let source = Arc::new(OAuth::new(app, MemoryGrantStore::with(grant)));
//! let transport = Arc::new(InProcess::at(service, now));
//! let client = Client::builder(Arc::clone(&transport)).base_url(URL).credential_source(source).build()?;
//! client.stacks(None)?;
//! // Two hours later it has been refreshed on the way.
//! transport.advance(std::time::Duration::from_secs(7200));
//! client.stacks(None)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod exchange;
mod grant;
#[cfg(test)]
mod loom_tests;
mod refresh;
mod state;
mod store;
mod sync;
mod turn;
mod under_way;

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use cs_model::Secret;
use cs_transport::async_trait;
use jiff::Timestamp;

pub use self::exchange::OAuthApp;
pub use self::grant::OAuthGrant;
use self::state::{Seen, Shared, Step, Waited};
pub use self::store::{FileGrantStore, GrantStore, GrantStoreError, MemoryGrantStore, Prepared};
#[cfg(feature = "keyring")]
pub(crate) use self::store::{from_json, to_json};
use self::turn::Turn;
use super::{Credential, CredentialKind, CredentialSource, Setting, SourceError};

/// How long before its end an access token is refreshed: five minutes, of about an hour.
const MARGIN: Duration = Duration::from_secs(300);
/// How often whoever waits for somebody else's refresh looks.
const PAUSE: Duration = Duration::from_millis(20);
/// How long nothing is seen of somebody else's refresh before whoever waits goes on with it: much longer than the time between
/// two polls of one that goes on.
const STALLED: Duration = Duration::from_secs(2);
/// How long they wait: longer than a refresh takes with all its attempts and waits, see there.
const PATIENCE: Duration = Duration::from_secs(480);

/// A source of OAuth access tokens.
pub struct OAuth {
    app: OAuthApp,
    store: Box<dyn GrantStore>,
    margin: Duration,
    shared: Shared,
}

impl OAuth {
    /// An app whose grant is kept in `store`, where it has to be already.
    pub fn new(app: OAuthApp, store: impl GrantStore + 'static) -> Self {
        Self { app, store: Box::new(store), margin: MARGIN, shared: Shared::default() }
    }

    /// Refreshes so long before the end of an access token: five minutes by default, and never more than half of its life.
    #[must_use]
    pub const fn margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// The access token of the moment, refreshed when it is about to end or when it is the refused one.
    async fn obtain(
        &self,
        refused: Option<&Credential>,
        setting: &Setting<'_>,
    ) -> Result<Credential, SourceError> {
        let transport = setting.transport;
        let mut began = transport.now();
        let mut seen: Option<(Seen, Timestamp)> = None;
        loop {
            let now = transport.now();
            let waited = seen
                .as_mut()
                .map(|(seen, first)| Waited { seen: *seen, in_vain: since(first, now) > STALLED });
            match self.shared.step(now, self.margin, refused, waited, &*self.store)? {
                Step::Use(access_token) => return Ok(Credential::OAuth(access_token)),
                Step::Refresh(turn) => {
                    if let Some(outcome) = self.take(turn, setting).await {
                        return outcome.map(Credential::OAuth);
                    }
                    (began, seen) = (transport.now(), None);
                }
                Step::Wait(_) if setting.is_over(now) => return Err(SourceError::Late),
                Step::Wait(_) if since(&mut began, now) > PATIENCE => return Err(SourceError::Busy),
                Step::Wait(found) => {
                    if seen.is_none_or(|(before, _)| before != found) {
                        seen = Some((found, now));
                    }
                    transport.sleep(PAUSE).await;
                }
            }
        }
    }

    /// Refreshes; `None` when it was not polled for so long that another caller goes on with it.
    async fn take(&self, turn: Box<Turn<'_>>, setting: &Setting<'_>) -> Option<Result<Secret, SourceError>> {
        let left = turn.left_to_others();
        let mut refresh = pin!(async move {
            match refresh::refresh(&self.app, &*self.store, setting, &turn, self.margin).await {
                // That is this caller's affair: the next one goes on.
                Err(SourceError::Late) => Err(SourceError::Late),
                outcome => turn.end(outcome, &*self.store),
            }
        });
        poll_fn(|context| match self.shared.polled(&left) {
            Some(_) if setting.is_over(setting.transport.now()) => Poll::Ready(Some(Err(SourceError::Late))),
            Some(_polled) => refresh.as_mut().poll(context).map(Some),
            None => Poll::Ready(None),
        })
        .await
    }
}

/// How long it is since then. Where the clock was set back, a wait begins anew: it would not end before the clock is where it
/// was.
fn since(then: &mut Timestamp, now: Timestamp) -> Duration {
    *then = now.min(*then);
    Duration::try_from(now.duration_since(*then)).unwrap_or_default()
}

#[async_trait]
impl CredentialSource for OAuth {
    fn kind(&self) -> CredentialKind {
        CredentialKind::OAuth
    }

    async fn credential(&self, setting: &Setting<'_>) -> Result<Credential, SourceError> {
        self.obtain(None, setting).await
    }

    async fn after_refusal(
        &self,
        refused: &Credential,
        setting: &Setting<'_>,
    ) -> Result<Option<Credential>, SourceError> {
        self.obtain(Some(refused), setting).await.map(Some)
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth").field("app", &self.app).field("store", &self.store).finish_non_exhaustive()
    }
}
