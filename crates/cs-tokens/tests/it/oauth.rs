//! OAuth tokens that are refreshed on the way, also when answers are lost and stores fail.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cs_model::{ApiKey, DeliveryTokenDraft, Grant, RouteId};
use cs_policy::oauth_scope;
use cs_server::demo::Demo;
use cs_server::in_process::{Fault, InProcess, URL};
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_tokens::blocking::Client;
use cs_tokens::credential::oauth::{
    FileGrantStore, GrantStore, GrantStoreError, MemoryGrantStore, OAuth, OAuthApp, OAuthGrant, Prepared,
};
use cs_tokens::{Error, SourceError};
use cs_transport::{BlockingTransport, TransportError, from_fn};
use http::{Request, Response};
use jiff::Timestamp;

use crate::world::START;

mod gateway;
mod gone;
mod processes;
mod stalled;
mod unread;

/// A bit less than the margin before the end of a token.
const SOON: Duration = Duration::from_secs(56 * 60);

/// A service that gave an app a grant, and counts its refreshes.
#[derive(Debug)]
struct Hub {
    inner: InProcess,
    refreshes: AtomicU64,
    api_key: ApiKey,
    grant: OAuthGrant,
    service: Arc<Service>,
    demo: Demo,
}

fn give(service: &Service, demo: &Demo, now: Timestamp) -> OAuthGrant {
    let scopes: Vec<String> = RouteId::all().filter_map(oauth_scope).map(str::to_owned).collect();
    let admin = service.admin(now);
    let given = admin.create_oauth_token(&demo.owner_uid, &demo.organization_uid, &scopes, None).unwrap();
    OAuthGrant::new(given.access_token, given.refresh_token, given.expires_at)
}

impl Hub {
    /// A grant that is over, and that the hub does not know any more.
    fn unknown_grant(&self) -> OAuthGrant {
        let mut grant = self.grant.clone();
        grant.expires_at = Timestamp::UNIX_EPOCH;
        grant.refresh_token = cs_model::Secret::new("nobody knows this one");
        grant
    }

    fn new() -> Arc<Self> {
        let start: Timestamp = START.parse().unwrap();
        let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
        let demo = demo::ensure(&service, start).unwrap();
        Arc::new(Self {
            grant: give(&service, &demo, start),
            inner: InProcess::at(Arc::clone(&service), start),
            refreshes: AtomicU64::new(0),
            api_key: demo.api_key.clone(),
            service,
            demo,
        })
    }

    /// Another grant: the user gives the app its rights anew.
    fn give(&self) -> OAuthGrant {
        give(&self.service, &self.demo, self.inner.time())
    }

    fn refreshes(&self) -> u64 {
        self.refreshes.load(Ordering::SeqCst)
    }
}

impl BlockingTransport for Hub {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if request.uri().path() == "/token" {
            self.refreshes.fetch_add(1, Ordering::SeqCst);
            for name in ["authorization", "authtoken", "api_key"] {
                assert!(!request.headers().contains_key(name), "a refresh carries its form and nothing else");
            }
        }
        BlockingTransport::send(&self.inner, request)
    }

    fn sleep(&self, duration: Duration) {
        BlockingTransport::sleep(&self.inner, duration);
    }

    fn now(&self) -> Timestamp {
        self.inner.time()
    }
}

fn app() -> OAuthApp {
    OAuthApp::new("app", "https://app.example/callback")
}

fn client(hub: &Arc<Hub>, source: OAuth) -> Client<Arc<Hub>> {
    Client::builder(Arc::clone(hub)).base_url(URL).credential_source(Arc::new(source)).build().unwrap()
}

fn works(hub: &Hub, client: &Client<Arc<Hub>>) -> Result<(), Error> {
    client.stack(hub.api_key.clone()).delivery_tokens().list().map(drop)
}

fn source_error(error: &Error) -> &SourceError {
    match error {
        Error::Source { source, .. } => source.root(),
        other => panic!("{other:?}"),
    }
}

/// A store that a test looks into, and that fails while it is told to.
#[derive(Clone, Debug, Default)]
struct Watched(Arc<(Mutex<Option<OAuthGrant>>, AtomicBool)>);

impl Watched {
    fn with(grant: &OAuthGrant) -> Self {
        let store = Self::default();
        store.save(grant).unwrap();
        store
    }

    fn fail(&self, fails: bool) {
        self.0.1.store(fails, Ordering::SeqCst);
    }

    fn kept(&self) -> OAuthGrant {
        self.0.0.lock().unwrap().clone().unwrap()
    }
}

impl GrantStore for Watched {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        Ok(self.0.0.lock().unwrap().clone())
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        if self.0.1.load(Ordering::SeqCst) {
            return Err(GrantStoreError::Other("the disk is full".into()));
        }
        *self.0.0.lock().unwrap() = Some(grant.clone());
        Ok(())
    }
}

#[test]
fn a_token_is_refreshed_before_its_hour_is_over_and_kept_before_it_is_used() {
    let hub = Hub::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grant.json");
    FileGrantStore::new(&path).save(&hub.grant).unwrap();
    let client = client(&hub, OAuth::new(app(), FileGrantStore::new(&path)));
    works(&hub, &client).unwrap();
    assert_eq!(hub.refreshes(), 0);
    for round in 1..=3 {
        hub.inner.advance(SOON);
        works(&hub, &client).unwrap();
        works(&hub, &client).unwrap();
        assert_eq!(hub.refreshes(), round);
    }
    let kept = FileGrantStore::new(&path).load().unwrap().unwrap();
    assert!(!kept.refresh_token.same_as(&hub.grant.refresh_token));
    // Another process goes on where this one ended.
    works(&hub, &self::client(&hub, OAuth::new(app(), FileGrantStore::new(&path)))).unwrap();
    assert_eq!(hub.refreshes(), 3);
}

#[test]
fn a_new_pair_that_cannot_be_kept_is_not_used_and_not_lost() {
    let hub = Hub::new();
    let store = Watched::with(&hub.grant);
    let client = client(&hub, OAuth::new(app(), store.clone()));
    hub.inner.advance(SOON);
    store.fail(true);
    let before = hub.inner.requests();
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::NotKept(_)), "{error:?}");
    assert!(error.fix().unwrap().contains("in this process"), "{:?}", error.fix());
    assert_eq!(hub.inner.requests(), before + 1, "the refresh, and no request with a pair that nobody keeps");
    assert!(works(&hub, &client).is_err());
    // A crash here loses the pair, and whoever comes next is told so.
    let after_crash = self::client(&hub, OAuth::new(app(), MemoryGrantStore::with(store.kept())));
    let error = works(&hub, &after_crash).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::Refused(_)), "{error:?}");
    assert!(error.fix().unwrap().contains("refresh token"), "{:?}", error.fix());
    // Without one, the pair is kept as soon as that is possible.
    store.fail(false);
    let refreshes = hub.refreshes();
    works(&hub, &client).unwrap();
    assert_eq!(hub.refreshes(), refreshes);
    assert!(!store.kept().refresh_token.same_as(&hub.grant.refresh_token));
    // A crash between keeping and using costs nothing.
    works(&hub, &self::client(&hub, OAuth::new(app(), store))).unwrap();
    assert_eq!(hub.refreshes(), refreshes);
}

#[test]
fn lost_answers_are_asked_for_again_and_what_was_lost_with_them_is_said() {
    for (fault, works_after, times) in [
        (Fault::NoConnection, true, 2),
        (Fault::LoseRequest, true, 2),
        (Fault::Status(500), true, 2),
        (Fault::LoseAnswer, false, 2),
        (Fault::Truncate, false, 2),
        (Fault::Status(302), true, 2),
        (Fault::Status(408), true, 2),
        (Fault::Status(499), true, 2),
    ] {
        let hub = Hub::new();
        let client = client(&hub, OAuth::new(app(), MemoryGrantStore::with(hub.grant.clone())));
        hub.inner.advance(SOON);
        hub.inner.fail_next(fault);
        let outcome = works(&hub, &client);
        assert_eq!(hub.refreshes(), times, "{fault:?}");
        assert_eq!(outcome.is_ok(), works_after, "{fault:?}: {outcome:?}");
        let Err(error) = outcome else { continue };
        assert!(matches!(source_error(&error), SourceError::GrantLost(_)), "{fault:?}: {error:?}");
        assert!(error.fix().is_some());
        for text in [format!("{error:?} {error}"), format!("{client:?}")] {
            assert!(!text.contains(hub.grant.refresh_token.reveal()), "{text}");
            assert!(!text.contains(hub.grant.access_token.reveal()), "{text}");
        }
    }
}

#[test]
fn a_refresh_that_nobody_answers_leaves_a_doubt_that_the_next_one_settles() {
    let hub = Hub::new();
    let client = client(&hub, OAuth::new(app(), MemoryGrantStore::with(hub.grant.clone())));
    hub.inner.advance(SOON);
    for fault in [Fault::LoseAnswer, Fault::LoseRequest, Fault::LoseRequest] {
        hub.inner.fail_next(fault);
    }
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::Unknown(_)), "{error:?}");
    // The first of the three had its effect; the refusal of the next tells so.
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::GrantLost(_)), "{error:?}");
}

#[test]
fn a_token_that_the_api_does_not_know_is_refreshed_once_and_the_request_sent_again() {
    let hub = Hub::new();
    let mut grant = hub.grant.clone();
    // The grant promises more than the API keeps.
    grant.expires_at = "2030-01-01T00:00:00Z".parse().unwrap();
    let client = client(&hub, OAuth::new(app(), MemoryGrantStore::with(grant)));
    hub.inner.advance(Duration::from_secs(2 * 3600));
    let tokens = client.stack(hub.api_key.clone()).delivery_tokens();
    let draft = DeliveryTokenDraft::new("web").environment("production").branches(Grant::only(["main"]));
    tokens.create(&tokens.check(draft).unwrap()).unwrap();
    assert_eq!(tokens.list().unwrap().len(), 1);
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn a_401_that_is_about_something_else_refreshes_nothing() {
    for code in [161, 162, 294] {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sent);
        let transport = from_fn(move |request: Request<Bytes>| {
            seen.lock().unwrap().push(request.uri().path().to_owned());
            let body = format!(r#"{{"error_message":"x","error_code":{code}}}"#);
            Ok(Response::builder().status(401).body(Bytes::from(body)).unwrap())
        });
        let expires = "2999-01-01T00:00:00Z".parse().unwrap();
        let grant = OAuthGrant::new(cs_model::Secret::new("a"), cs_model::Secret::new("r"), expires);
        let client = Client::builder(transport)
            .region("na")
            .credential_source(Arc::new(OAuth::new(app(), MemoryGrantStore::with(grant))))
            .build()
            .unwrap();
        assert_eq!(client.user().unwrap_err().code(), "refused");
        assert_eq!(*sent.lock().unwrap(), ["/v3/user"], "{code}");
    }
}

#[test]
fn a_refresh_goes_to_the_developer_hub_of_the_clients_region() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sent);
    let transport = from_fn(move |request: Request<Bytes>| {
        seen.lock().unwrap().push(request.uri().to_string());
        let body = r#"{"access_token":"b","refresh_token":"s","expires_in":3600,"user":{"uid":"x"}}"#;
        Ok(Response::new(Bytes::from(body)))
    });
    let grant =
        OAuthGrant::new(cs_model::Secret::new("a"), cs_model::Secret::new("r"), Timestamp::UNIX_EPOCH);
    let client = Client::builder(transport)
        .region("eu")
        .credential_source(Arc::new(OAuth::new(app(), MemoryGrantStore::with(grant))))
        .build()
        .unwrap();
    client.user().unwrap();
    let expected =
        ["https://eu-developerhub-api.contentstack.com/token", "https://eu-api.contentstack.com/v3/user"];
    assert_eq!(*sent.lock().unwrap(), expected);
}

/// A real clock, so that those who wait do not race through the hours of another one.
fn slowly(hub: Arc<Hub>, ahead: Duration) -> impl BlockingTransport {
    from_fn(move |request: Request<Bytes>| {
        if request.uri().path() == "/token" {
            std::thread::sleep(ahead);
        }
        hub.send(request)
    })
}

/// Callers who start at once, each with a client of its own over one source whose grant is over.
fn all_at_once(
    hub: &Arc<Hub>,
    source: OAuth,
    callers: usize,
    refresh_takes: Duration,
    call: impl Fn(&Client<Arc<dyn BlockingTransport>>) + Sync,
) {
    let source = Arc::new(source);
    let transport: Arc<dyn BlockingTransport> = Arc::new(slowly(Arc::clone(hub), refresh_takes));
    let barrier = Barrier::new(callers);
    std::thread::scope(|scope| {
        for _ in 0..callers {
            let client = Client::builder(Arc::clone(&transport))
                .base_url(URL)
                .credential_source(Arc::clone(&source))
                .build()
                .unwrap();
            let (barrier, call) = (&barrier, &call);
            scope.spawn(move || {
                barrier.wait();
                call(&client);
            });
        }
    });
}

#[test]
fn callers_at_the_same_time_share_one_refresh() {
    let hub = Hub::new();
    let store = Watched::with(&hub.grant);
    let mut due = hub.grant.clone();
    due.expires_at = Timestamp::UNIX_EPOCH;
    store.save(&due).unwrap();
    all_at_once(&hub, OAuth::new(app(), store), 6, Duration::from_millis(100), |client| {
        client.stack(hub.api_key.clone()).delivery_tokens().list().unwrap();
    });
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn callers_at_the_same_time_share_its_failure_too() {
    let hub = Hub::new();
    let source = OAuth::new(app(), MemoryGrantStore::with(hub.unknown_grant()));
    all_at_once(&hub, source, 4, Duration::from_millis(300), |client| {
        let error = client.stacks(None).unwrap_err();
        assert!(matches!(source_error(&error), SourceError::Refused(_)), "{error:?}");
    });
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn a_grant_that_is_refused_is_found_to_be_a_matter_of_the_credential() {
    let hub = Hub::new();
    let source = Arc::new(OAuth::new(app(), MemoryGrantStore::with(hub.unknown_grant())));
    let client = Client::builder(Arc::clone(&hub)).base_url(URL).credential_source(source).build().unwrap();
    let findings = client.examine(Some(&hub.api_key), None).unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].check, "credential");
    assert!(findings[0].says.contains("the refresh token is not valid"), "{findings:?}");
}
