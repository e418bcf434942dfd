//! Several processes over one grant, and places where nothing can be kept.

use super::*;

/// A store in a file, as another process would open it.
fn in_file(path: &std::path::Path) -> OAuth {
    OAuth::new(app(), FileGrantStore::new(path))
}

/// A hub whose grant is in a file, and soon due.
fn hub_and_file() -> (Arc<Hub>, tempfile::TempDir, FileGrantStore) {
    let hub = Hub::new();
    let folder = tempfile::tempdir().unwrap();
    let store = FileGrantStore::new(folder.path().join("grant.json"));
    store.save(&hub.grant).unwrap();
    hub.inner.advance(SOON);
    (hub, folder, store)
}

#[test]
fn a_refresh_token_is_not_used_up_where_the_next_one_cannot_be_kept() {
    let hub = Hub::new();
    let folder = tempfile::tempdir().unwrap();
    // Every file beside it would have a name that is too long: so nobody can write here, not even an administrator.
    let path = folder.path().join("g".repeat(250));
    std::fs::write(&path, kept_text(&hub.grant, folder.path())).unwrap();
    own(&path);
    hub.inner.advance(SOON);
    let before = hub.inner.requests();
    // One process after the other: none has anything but the file.
    for _ in 0..2 {
        let error = works(&hub, &client(&hub, in_file(&path))).unwrap_err();
        assert!(matches!(source_error(&error), SourceError::Store(_)), "{error:?}");
        assert!(error.fix().unwrap().contains("the grant still works"), "{:?}", error.fix());
        assert_eq!(hub.inner.requests(), before, "nothing is sent");
    }
    let other = folder.path().join("grant.json");
    std::fs::rename(&path, &other).unwrap();
    works(&hub, &client(&hub, in_file(&other))).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no lock and no probe stays");
}

/// The text of a grant, as a store writes it.
fn kept_text(grant: &OAuthGrant, folder: &std::path::Path) -> String {
    let store = FileGrantStore::new(folder.join("text"));
    store.save(grant).unwrap();
    let text = std::fs::read_to_string(store.path()).unwrap();
    std::fs::remove_file(store.path()).unwrap();
    text
}

fn own(path: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[test]
fn of_two_processes_one_refreshes_and_the_other_waits_for_its_pair() {
    let hub = Hub::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grant.json");
    let mut due = hub.grant.clone();
    due.expires_at = Timestamp::UNIX_EPOCH;
    FileGrantStore::new(&path).save(&due).unwrap();
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let inner = Arc::clone(&hub);
            // The hub has used the refresh token up long before its answer arrives.
            let slow = from_fn(move |request: Request<Bytes>| {
                let is_refresh = request.uri().path() == "/token";
                let answer = BlockingTransport::send(&inner, request);
                if is_refresh {
                    std::thread::sleep(Duration::from_millis(1500));
                }
                answer
            });
            let (barrier, path, hub) = (&barrier, &path, &hub);
            scope.spawn(move || {
                let source = Arc::new(in_file(path));
                let client =
                    Client::builder(slow).base_url(URL).credential_source(source).unpaced().build().unwrap();
                barrier.wait();
                client.stack(hub.api_key.clone()).delivery_tokens().list().unwrap();
            });
        }
    });
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn a_process_that_refreshes_for_ever_is_not_waited_for_so_long() {
    let (hub, _folder, store) = hub_and_file();
    let held = store.prepare().unwrap().unwrap();
    assert!(store.prepare().unwrap().is_none());
    let before = hub.inner.requests();
    let client = client(&hub, OAuth::new(app(), store));
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::Busy), "{error:?}");
    // Whether it does is what nobody knows before the other one has ended.
    assert!(!error.fix().unwrap().contains("the grant still works"), "{:?}", error.fix());
    assert_eq!(hub.inner.requests(), before);
    drop(held);
    works(&hub, &client).unwrap();
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn a_clock_that_is_set_back_makes_no_wait_for_another_process_longer() {
    let (hub, _folder, store) = hub_and_file();
    let _held = store.prepare().unwrap().unwrap();
    let source = Arc::new(OAuth::new(app(), store));
    let transport = Arc::new(SetBackOnce(Arc::clone(&hub), AtomicU64::new(0)));
    let client = Client::builder(Arc::clone(&transport)).base_url(URL).credential_source(source).build();
    let error = client.unwrap().stacks(None).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::Busy), "{error:?}");
    let waits = transport.1.load(Ordering::SeqCst);
    // Two times four minutes, at most, of a twentieth of a second each.
    assert!(waits < 2 * 240 * 20 + 100, "{waits}");
}

/// A clock that is set back by an hour once somebody waits.
#[derive(Debug)]
struct SetBackOnce(Arc<Hub>, AtomicU64);

impl BlockingTransport for SetBackOnce {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        BlockingTransport::send(&self.0, request)
    }

    fn sleep(&self, duration: Duration) {
        self.1.fetch_add(1, Ordering::SeqCst);
        BlockingTransport::sleep(&self.0, duration);
    }

    fn now(&self) -> Timestamp {
        let is_back = self.1.load(Ordering::SeqCst) > 10;
        self.0.inner.time() - Duration::from_secs(if is_back { 3600 } else { 0 })
    }
}

#[test]
fn another_process_is_waited_for_within_the_time_of_the_call() {
    let (hub, _folder, store) = hub_and_file();
    let held = store.prepare().unwrap().unwrap();
    let builder = Client::builder(Arc::clone(&hub)).base_url(URL).call_limit(Duration::from_secs(20));
    let client = builder.credential_source(Arc::new(OAuth::new(app(), store))).build().unwrap();
    let began = hub.inner.time();
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::Late), "{error:?}");
    assert!(hub.inner.time().duration_since(began).as_secs() < 21);
    drop(held);
    works(&hub, &client).unwrap();
}

#[test]
fn another_process_that_was_faster_is_found() {
    let hub = Hub::new();
    let store = Watched::with(&hub.grant);
    let (first, second) =
        (client(&hub, OAuth::new(app(), store.clone())), client(&hub, OAuth::new(app(), store.clone())));
    works(&hub, &first).unwrap();
    works(&hub, &second).unwrap();
    hub.inner.advance(SOON);
    works(&hub, &first).unwrap();
    works(&hub, &second).unwrap();
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn a_grant_that_the_user_gave_anew_is_not_overwritten() {
    let hub = Hub::new();
    let store = Watched::with(&hub.grant);
    let client = client(&hub, OAuth::new(app(), store.clone()));
    hub.inner.advance(SOON);
    store.fail(true);
    let error = works(&hub, &client).unwrap_err();
    assert!(matches!(source_error(&error), SourceError::NotKept(_)), "{error:?}");
    store.fail(false);
    // Of the same hub, so that it works: the user came by again.
    let anew = hub.give();
    store.save(&anew).unwrap();
    works(&hub, &client).unwrap();
    assert!(store.kept().refresh_token.same_as(&anew.refresh_token));
    hub.inner.advance(SOON);
    works(&hub, &client).unwrap();
    assert_eq!(hub.refreshes(), 2);
}

#[cfg(unix)]
#[test]
fn whoever_writes_into_the_same_folder_keeps_nobody_waiting() {
    let hub = Hub::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grant.json");
    FileGrantStore::new(&path).save(&hub.grant).unwrap();
    hub.inner.advance(SOON);
    // As whoever changes an env file there does.
    let held = std::fs::File::open(folder.path()).unwrap();
    held.lock().unwrap();
    let began = std::time::Instant::now();
    works(&hub, &client(&hub, in_file(&path))).unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(hub.refreshes(), 1);
}

#[test]
fn two_who_save_at_once_leave_the_grant_of_one() {
    let hub = Hub::new();
    let folder = tempfile::tempdir().unwrap();
    let store = FileGrantStore::new(folder.path().join("grant.json"));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..10).for_each(|_| drop(store.save(&hub.grant))));
        }
    });
    assert!(store.load().unwrap().unwrap().refresh_token.same_as(&hub.grant.refresh_token));
    store.save(&hub.grant).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
