//! Every order in which a few callers take their turns, with everything that may become of a refresh, and a caller who goes away
//! at each of its points: what a caller does is atomic behind the lock, so that these are all the interleavings that there are.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use cs_transport::{Transport, TransportError, async_trait};
use http::{Request, Response};

use super::*;
use crate::credential::oauth::refresh::Refreshed;
use crate::credential::oauth::under_way::UnderWay;
use crate::credential::oauth::{GrantStoreError, Prepared};

const MARGIN: Duration = Duration::from_secs(300);

/// How often in a run a refresh does not end well.
const MISHAPS: usize = 2;

/// What may become of a refresh.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    /// There is a new pair.
    Next,
    /// There is one, and the store does not take it.
    NotKept,
}

enum Caller<'a> {
    Asks { waited_for: Option<Seen>, looked_in_vain: bool },
    Refreshes(Box<Turn<'a>>),
    Waits(Box<Turn<'a>>),
    Done,
}

/// A hub that uses the refresh token up when a request arrives, and whose answer comes later.
#[derive(Debug, Default)]
struct Hub(AtomicUsize);

#[async_trait]
impl Transport for Hub {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        assert_eq!(self.0.fetch_add(1, Ordering::SeqCst), 0, "the refresh token is used twice");
        let mut is_here = false;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut is_here, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        Ok(Response::default())
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> Timestamp {
        now()
    }
}

/// A store that fails when it is told to.
#[derive(Debug)]
struct Disk {
    kept: std::sync::Mutex<OAuthGrant>,
    is_full: AtomicBool,
    /// Whoever may refresh has a copy.
    right: Arc<()>,
}

impl Default for Disk {
    fn default() -> Self {
        Self { kept: grant("old", 0).into(), is_full: false.into(), right: Arc::default() }
    }
}

impl Disk {
    fn holds(&self, access_token: &Secret) -> bool {
        self.kept.lock().unwrap().access_token.same_as(access_token)
    }
}

impl GrantStore for Disk {
    fn load(&self) -> Result<Option<OAuthGrant>, GrantStoreError> {
        Ok(Some(self.kept.lock().unwrap().clone()))
    }

    fn save(&self, grant: &OAuthGrant) -> Result<(), GrantStoreError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(GrantStoreError::Other("the disk is full".into()));
        }
        *self.kept.lock().unwrap() = grant.clone();
        Ok(())
    }

    fn prepare(&self) -> Result<Option<Prepared>, GrantStoreError> {
        let is_free = Arc::strong_count(&self.right) == 1;
        Ok(is_free.then(|| Prepared::holding(Arc::clone(&self.right))))
    }
}

/// The choices of a run, each with how many there were: the next run takes the next ones, until all are taken.
#[derive(Debug, Default)]
struct Choices {
    taken: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    fn choose(&mut self, of: usize) -> usize {
        if self.at == self.taken.len() {
            self.taken.push((0, of));
        }
        let (choice, before) = self.taken[self.at];
        assert_eq!(before, of, "the same choices lead to the same run");
        self.at += 1;
        choice
    }

    fn go_on(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, of)) = self.taken.pop() {
            if choice + 1 < of {
                self.taken.push((choice + 1, of));
                return true;
            }
        }
        false
    }
}

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn grant(name: &str, hours: i64) -> OAuthGrant {
    let secret = |kind: &str| Secret::new(format!("{name}-{kind}"));
    OAuthGrant::new(secret("access"), secret("refresh"), now() + jiff::SignedDuration::from_hours(hours))
}

/// Whether a turn is that of whoever refreshes.
fn has_it(shared: &Shared, turn: &Turn<'_>) -> bool {
    shared.lock().busy_as(&turn.left_to_others()).is_some()
}

/// One run; gives back how many callers had a token in the end.
fn run(choices: &mut Choices, count: usize, mut may_take_over: bool) -> usize {
    let (shared, disk) = (Shared::default(), Disk::default());
    let hub = Arc::new(Hub::default());
    let ask = || Caller::Asks { waited_for: None, looked_in_vain: false };
    let mut callers: Vec<Caller<'_>> = std::iter::repeat_with(ask).take(count).collect();
    let (mut mishaps, mut served) = (0, 0);
    loop {
        let is_busy = callers.iter().any(|caller| match caller {
            Caller::Refreshes(turn) | Caller::Waits(turn) => has_it(&shared, turn),
            _ => false,
        });
        // Whoever waits, one as well as the other, may find that nothing has happened for too long.
        let is_in_vain = |caller: &Caller<'_>| matches!(caller, Caller::Asks { looked_in_vain: true, .. });
        let taker = callers.iter().position(is_in_vain).filter(|_| is_busy);
        let may_move: Vec<usize> = callers
            .iter()
            .enumerate()
            .filter(|(_, caller)| match caller {
                Caller::Asks { looked_in_vain: true, .. } if is_busy => false,
                Caller::Asks { .. } => true,
                Caller::Refreshes(_) | Caller::Waits(_) => true,
                Caller::Done => false,
            })
            .map(|(index, _)| index)
            .chain(taker.filter(|_| may_take_over && mishaps < MISHAPS))
            .collect();
        if may_move.is_empty() {
            break;
        }
        let caller = &mut callers[may_move[choices.choose(may_move.len())]];
        let takes_over = is_busy && is_in_vain(caller);
        mishaps += usize::from(takes_over);
        may_take_over &= !takes_over;
        if let Caller::Refreshes(turn) | Caller::Waits(turn) = caller {
            drop(shared.polled(&turn.left_to_others()));
        }
        let mut goes_wrong = |choices: &mut Choices| {
            let wrong = mishaps < MISHAPS && choices.choose(2) == 1;
            mishaps += usize::from(wrong);
            wrong
        };
        *caller = match std::mem::replace(caller, Caller::Done) {
            // Whoever comes back finds that another one went on.
            Caller::Refreshes(turn) | Caller::Waits(turn) if !has_it(&shared, &turn) => ask(),
            Caller::Asks { waited_for, .. } => {
                let waited = waited_for.map(|seen| Waited { seen, in_vain: takes_over });
                match shared.step(now(), MARGIN, None, waited, &disk) {
                    Ok(Step::Use(access_token)) => {
                        assert!(disk.holds(&access_token), "a token is used before it is kept");
                        assert_eq!(access_token.reveal(), "new-access", "a token is used that is over");
                        served += 1;
                        Caller::Done
                    }
                    Ok(Step::Refresh(turn)) => {
                        assert!(!is_busy || takes_over, "two refresh at once");
                        drop(shared.polled(&turn.left_to_others()).unwrap());
                        begin(&turn, &disk);
                        Caller::Refreshes(turn)
                    }
                    Ok(Step::Wait(round)) => {
                        assert!(is_busy, "it waits for nobody");
                        Caller::Asks { waited_for: Some(round), looked_in_vain: true }
                    }
                    Err(error) => {
                        assert!(mishaps > 0, "{error}");
                        Caller::Done
                    }
                }
            }
            // It goes away, or the store or the network is found not to work before anything is sent.
            Caller::Refreshes(_) if goes_wrong(choices) => Caller::Done,
            Caller::Refreshes(turn) if turn.asked().is_none() && goes_wrong(choices) => {
                turn.end(Err(SourceError::Redirected), &disk).unwrap_err();
                Caller::Done
            }
            Caller::Refreshes(turn) => {
                send(&turn, &hub);
                Caller::Waits(turn)
            }
            Caller::Waits(_) if goes_wrong(choices) => Caller::Done,
            Caller::Waits(turn) => {
                match poll(&turn) {
                    Poll::Pending => unreachable!("the second look finds the answer"),
                    Poll::Ready(_) => {}
                }
                let ending = if goes_wrong(choices) { Ending::NotKept } else { Ending::Next };
                served += usize::from(end(*turn, ending, &disk));
                Caller::Done
            }
            Caller::Done => Caller::Done,
        };
    }
    // Whatever went wrong: whoever comes last has the new pair, which the hub gave once.
    drop(callers);
    let last = match shared.step(now(), MARGIN, None, None, &disk).unwrap() {
        Step::Use(access_token) => access_token,
        Step::Refresh(turn) => {
            begin(&turn, &disk);
            send(&turn, &hub);
            assert!(poll(&turn).is_ready());
            turn.end(Ok(refreshed()), &disk).unwrap()
        }
        Step::Wait(_) => panic!("nobody is left"),
    };
    assert!(disk.holds(&last) && last.reveal() == "new-access");
    assert!(disk.prepare().unwrap().is_some(), "the store is free");
    served
}

fn refreshed() -> Refreshed {
    Refreshed { grant: grant("new", 1), in_place_of: Some(grant("old", 0)) }
}

/// A turn has the store, or takes it.
fn begin(turn: &Turn<'_>, disk: &Disk) {
    assert_eq!(turn.grant().refresh_token.reveal(), "old-refresh", "it is used up");
    assert!(!turn.is_in_doubt(), "every answer is found");
    if !turn.holds() {
        turn.hold(disk.prepare().unwrap().expect("nobody has the store"));
    }
}

/// Sends a request and sees it arrive; a turn that goes on with one only looks at it.
fn send(turn: &Turn<'_>, hub: &Arc<Hub>) {
    if turn.asked().is_none() {
        let transport: Arc<dyn Transport> = hub.clone();
        turn.send(UnderWay::new(turn.grant().clone(), transport, Request::default()));
        assert!(poll(turn).is_pending());
    }
}

fn poll(turn: &Turn<'_>) -> Poll<Result<Response<Bytes>, TransportError>> {
    std::pin::Pin::new(&mut turn.answer()).poll(&mut Context::from_waker(Waker::noop()))
}

/// Ends a turn; says whether its caller has a token.
fn end(turn: Turn<'_>, ending: Ending, disk: &Disk) -> bool {
    disk.is_full.store(ending == Ending::NotKept, Ordering::SeqCst);
    let ended = turn.end(Ok(refreshed()), disk);
    disk.is_full.store(false, Ordering::SeqCst);
    assert_eq!(ended.is_ok(), ending == Ending::Next);
    assert!(ended.is_ok_and(|access_token| disk.holds(&access_token)) == (ending == Ending::Next));
    ending == Ending::Next
}

fn all_orders(count: usize, may_take_over: bool) {
    let (mut choices, mut runs, mut most) = (Choices::default(), 0, 0);
    loop {
        most = most.max(run(&mut choices, count, may_take_over));
        runs += 1;
        if !choices.go_on() {
            break;
        }
    }
    println!("{runs} orders of {count} callers");
    assert_eq!(most, count, "where all goes well, all are served");
    assert!(runs > 1000, "{runs}");
}

#[test]
fn no_order_of_callers_refreshes_twice_or_uses_what_is_not_kept() {
    all_orders(4, false);
}

/// One of them is not polled for so long that another goes on in its place, and may come back.
#[test]
fn nor_does_one_in_which_a_caller_takes_over() {
    all_orders(3, true);
}
