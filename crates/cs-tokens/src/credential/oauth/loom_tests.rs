//! How threads that share a source interleave while its pair is refreshed: they change at its locks and at the store, up to four
//! times where they need not.
//!
//! `state/tests.rs` takes what a caller does for one step; here threads change within it, too, and the whole source runs.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use bytes::Bytes;
use cs_model::Profile;
use cs_transport::{Transport, TransportError};
use http::{Request, Response};
use loom::thread;

use super::sync::explored;
use super::*;

/// How long every wait takes: longer than nothing may be seen of a refresh, so that whoever waits goes on with it wherever
/// nobody polls it.
const WAIT: i64 = 3;

/// A hub that uses the refresh token up when a request arrives, and whose answer comes later. Its clock is moved by waits alone.
#[derive(Debug, Default)]
struct Hub {
    asked: AtomicUsize,
    seconds: AtomicI64,
}

#[async_trait]
impl Transport for Hub {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let body = String::from_utf8_lossy(request.body());
        assert!(body.contains("refresh_token=old%2Drefresh"), "the refresh token is used up");
        assert_eq!(self.asked.fetch_add(1, Ordering::SeqCst), 0, "the refresh token is used twice");
        let mut looks = 0..2;
        poll_fn(|_| if looks.next().is_some() { Poll::Pending } else { Poll::Ready(()) }).await;
        let pair = r#"{"access_token":"new-access","refresh_token":"new-refresh","expires_in":3600}"#;
        Ok(Response::new(Bytes::from_static(pair.as_bytes())))
    }

    async fn sleep(&self, _: Duration) {
        self.seconds.fetch_add(WAIT, Ordering::SeqCst);
        thread::yield_now();
    }

    fn now(&self) -> Timestamp {
        Timestamp::new(self.seconds.load(Ordering::SeqCst), 0).unwrap()
    }
}

/// A store that one turn at a time may have, and that fails when it is told to.
#[derive(Debug, Default)]
struct Disk {
    kept: Mutex<Option<OAuthGrant>>,
    is_full: AtomicBool,
    /// Whoever may refresh has a copy.
    right: Arc<()>,
}

impl GrantStore for Arc<Disk> {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        thread::yield_now();
        Ok(self.kept.lock().unwrap().clone())
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        thread::yield_now();
        if self.is_full.swap(false, Ordering::SeqCst) {
            return Err(GrantStoreError::Other("the disk is full".into()));
        }
        *self.kept.lock().unwrap() = Some(grant.clone());
        Ok(())
    }

    fn prepare(&self) -> Result<Option<Prepared>, GrantStoreError> {
        let is_free = Arc::strong_count(&self.right) == 1;
        Ok(is_free.then(|| Prepared::holding(Arc::clone(&self.right))))
    }
}

/// A source whose pair is over, with all that it needs.
struct World {
    source: OAuth,
    disk: Arc<Disk>,
    hub: Arc<Hub>,
    transport: Arc<dyn Transport>,
    profile: Profile,
}

impl World {
    fn new(profile: &Profile) -> Arc<Self> {
        let old =
            OAuthGrant::new(Secret::new("old-access"), Secret::new("old-refresh"), Timestamp::UNIX_EPOCH);
        let disk = Arc::new(Disk { kept: Some(old).into(), ..Disk::default() });
        let hub = Arc::<Hub>::default();
        let source = OAuth::new(OAuthApp::new("app", "https://app.example"), Arc::clone(&disk));
        Arc::new(Self { source, disk, transport: hub.clone(), hub, profile: profile.clone() })
    }

    /// In a thread of its own.
    fn run(self: &Arc<Self>, caller: impl FnOnce(&Self) + Send + 'static) -> thread::JoinHandle<()> {
        let world = Arc::clone(self);
        explored::spawn(move || caller(&world))
    }

    /// Asks for a token; goes away after so many looks at the answer, if it is not there by then.
    fn ask(&self, looks: usize) -> Option<Result<Credential, SourceError>> {
        let setting = Setting {
            transport: &self.transport,
            hub: "https://hub.example",
            profile: &self.profile,
            deadline: None,
        };
        let mut asking = pin!(self.source.credential(&setting));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..looks {
            match asking.as_mut().poll(&mut context) {
                Poll::Ready(answer) => return Some(answer),
                Poll::Pending => thread::yield_now(),
            }
        }
        None
    }

    /// What everybody has in the end: the new pair, which the hub gave once, and which was kept before it was used.
    fn check(&self, credential: &Credential) {
        assert!(credential.same_as(&Credential::OAuth(Secret::new("new-access"))), "{credential:?}");
        let kept = self.disk.kept.lock().unwrap();
        assert!(kept.as_ref().unwrap().access_token.same_as(&Secret::new("new-access")), "it is not kept");
        assert_eq!(self.hub.asked.load(Ordering::SeqCst), 1);
    }
}

/// Runs two callers, each of whom goes away after so many looks.
fn explore(looks: [usize; 2], is_full: bool) {
    let mut model = loom::model::Builder::new();
    // Bugs need few changes of the thread, and a refresh has many places for them.
    model.preemption_bound = Some(4);
    model.max_branches = 20_000;
    let (profile, runs) = (Profile::seeds(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&runs);
    explored::explore(&model, move || {
        count.fetch_add(1, Ordering::SeqCst);
        let world = World::new(&profile);
        world.disk.is_full.store(is_full, Ordering::SeqCst);
        let callers = looks.map(|looks| world.run(move |world| outcome(world, looks, is_full)));
        for caller in callers {
            caller.join().unwrap();
        }
        let last = world.run(|world| world.check(&world.ask(usize::MAX).unwrap().unwrap()));
        last.join().unwrap();
        assert_eq!(Arc::strong_count(&world.disk.right), 1, "the store is free");
    });
    let runs = runs.load(Ordering::SeqCst);
    println!("{runs} interleavings");
    assert!(runs > 500, "{runs}");
}

fn outcome(world: &World, looks: usize, is_full: bool) {
    match world.ask(looks) {
        Some(Ok(credential)) => world.check(&credential),
        Some(Err(error)) => {
            let SourceError::Shared(error) = &error else { panic!("{error:?}") };
            assert!(is_full && matches!(**error, SourceError::NotKept(_)), "{error:?}");
        }
        None => assert!(looks < usize::MAX),
    }
}

#[test]
fn two_callers_refresh_once() {
    explore([usize::MAX; 2], false);
}

#[test]
fn what_one_leaves_the_other_finishes() {
    for looks in 1..=2 {
        explore([looks, usize::MAX], false);
    }
}

#[test]
fn what_both_leave_the_next_one_finishes() {
    explore([1, 2], false);
}

#[test]
fn a_pair_that_was_not_kept_is_kept_by_the_next_one() {
    explore([usize::MAX; 2], true);
}
