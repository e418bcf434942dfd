//! Stores that fail once a refresh was asked for.

use super::*;

/// A store that cannot be read, or not be prepared, as long as it is told so, once the hub was asked.
#[derive(Clone, Debug)]
struct Failing {
    kept: Watched,
    hub: Arc<Hub>,
    /// What fails: it reads, it is prepared.
    fails: Arc<[AtomicBool; 2]>,
}

const LOAD: usize = 0;
const PREPARE: usize = 1;

impl Failing {
    fn new(hub: &Arc<Hub>, what: usize) -> Self {
        let fails = Arc::new([LOAD, PREPARE].map(|each| AtomicBool::new(each == what)));
        Self { kept: Watched::with(&hub.grant), hub: Arc::clone(hub), fails }
    }

    fn mend(&self) {
        self.fails.iter().for_each(|fails| fails.store(false, Ordering::SeqCst));
    }

    fn works(&self, what: usize) -> Result<(), GrantStoreError> {
        if self.hub.refreshes() > 0 && self.fails[what].load(Ordering::SeqCst) {
            return Err(GrantStoreError::Other("the disk is gone".into()));
        }
        Ok(())
    }
}

impl GrantStore for Failing {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        self.works(LOAD).and_then(|()| self.kept.load())
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        self.kept.save(grant)
    }

    fn prepare(&self) -> Result<Option<Prepared>, GrantStoreError> {
        self.works(PREPARE).map(|()| Some(Prepared::default()))
    }
}

/// All that an error says.
fn chain(error: &Error) -> String {
    let links = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    links.map(|error| format!("{error}\n")).collect()
}

#[test]
fn a_store_that_fails_after_a_lost_answer_says_nothing_of_the_grant() {
    // The hub has used the refresh token up, or has not: nobody knows before it is asked again.
    for (fault, works_after) in [(Fault::LoseRequest, true), (Fault::LoseAnswer, false)] {
        let hub = Hub::new();
        let store = Failing::new(&hub, LOAD);
        let client = client(&hub, OAuth::new(app(), store.clone()));
        hub.inner.advance(SOON);
        hub.inner.fail_next(fault);
        // The second time nothing is asked for.
        for _ in 0..2 {
            let error = works(&hub, &client).unwrap_err();
            assert!(matches!(source_error(&error), SourceError::Unknown(_)), "{fault:?}: {error:?}");
            assert!(!error.fix().unwrap().contains("the grant still works"), "{fault:?}: {:?}", error.fix());
            assert_eq!(hub.refreshes(), 1, "{fault:?}");
            assert!(chain(&error).contains("the disk is gone"), "{fault:?}: {}", chain(&error));
        }
        store.mend();
        let outcome = works(&hub, &client);
        assert_eq!(outcome.is_ok(), works_after, "{fault:?}: {outcome:?}");
        let Err(error) = outcome else { continue };
        assert!(matches!(source_error(&error), SourceError::GrantLost(_)), "{fault:?}: {error:?}");
    }
}

#[test]
fn a_store_that_cannot_be_prepared_leaves_the_doubt_of_an_earlier_refresh() {
    let hub = Hub::new();
    let store = Failing::new(&hub, PREPARE);
    let client = client(&hub, OAuth::new(app(), store.clone()));
    hub.inner.advance(SOON);
    for fault in [Fault::LoseAnswer, Fault::LoseRequest, Fault::LoseRequest] {
        hub.inner.fail_next(fault);
    }
    for _ in 0..3 {
        let error = works(&hub, &client).unwrap_err();
        assert!(matches!(source_error(&error), SourceError::Unknown(_)), "{error:?}");
        assert_eq!(hub.refreshes(), 3);
    }
    assert!(chain(&works(&hub, &client).unwrap_err()).contains("the disk is gone"));
    store.mend();
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::GrantLost(_)), "{error:?}");
}

#[test]
fn a_refusal_stays_one_where_the_store_cannot_be_asked_for_a_newer_pair() {
    let hub = Hub::new();
    let store = Failing::new(&hub, LOAD);
    store.save(&hub.unknown_grant()).unwrap();
    let client = client(&hub, OAuth::new(app(), store.clone()));
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::Refused(_)), "{error:?}");
    assert_eq!(hub.refreshes(), 1);
    // Another process was faster, which shows as soon as the store can be read.
    store.save(&hub.give()).unwrap();
    store.mend();
    works(&hub, &client).unwrap();
}

#[test]
fn whether_a_refused_request_was_the_second_one_the_store_would_tell() {
    let hub = Hub::new();
    let store = Failing::new(&hub, LOAD);
    store.mend();
    let (fails, inner) = (Arc::clone(&store.fails), Arc::clone(&hub));
    // The store can be read until the hub has refused.
    let breaks = from_fn(move |request: Request<Bytes>| {
        let answer = BlockingTransport::send(&inner, request);
        fails[LOAD].store(inner.refreshes() >= 2, Ordering::SeqCst);
        answer
    });
    let source = Arc::new(OAuth::new(app(), store.clone()));
    let client = Client::builder(breaks).base_url(URL).credential_source(source).build().unwrap();
    let mut due = hub.grant.clone();
    due.expires_at = Timestamp::UNIX_EPOCH;
    store.save(&due).unwrap();
    hub.inner.fail_next(Fault::LoseAnswer);
    let error = client.stacks(None).unwrap_err();
    assert_eq!(hub.refreshes(), 2);
    assert!(matches!(source_error(&error), SourceError::Unknown(_)), "{error:?}");
}
