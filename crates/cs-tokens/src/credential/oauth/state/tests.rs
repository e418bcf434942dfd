//! Every order in which a few callers take their turns, with everything that may become of a refresh: what a caller does is
//! atomic behind the lock, so that these are all the interleavings that there are.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::credential::oauth::GrantStoreError;

const CALLERS: usize = 4;
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
    /// The hub refuses.
    Refused,
    /// The caller goes away in the middle.
    Gone,
}

const ENDINGS: [Ending; 4] = [Ending::Next, Ending::NotKept, Ending::Refused, Ending::Gone];

enum Caller<'a> {
    Asks { waited_for: Option<u64>, looked_in_vain: bool },
    Refreshes(Turn<'a>),
    Done,
}

/// A store that fails when it is told to.
#[derive(Debug)]
struct Disk {
    kept: Mutex<OAuthGrant>,
    is_full: AtomicBool,
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

/// One run; gives back how many callers had a token in the end.
fn run(choices: &mut Choices) -> usize {
    let (shared, disk) = (Shared::default(), Disk { kept: grant("old", 0).into(), is_full: false.into() });
    let ask = || Caller::Asks { waited_for: None, looked_in_vain: false };
    let mut callers: Vec<Caller<'_>> = std::iter::repeat_with(ask).take(CALLERS).collect();
    let (mut new_pairs, mut mishaps, mut served) = (0, 0, 0);
    loop {
        let is_busy = callers.iter().any(|caller| matches!(caller, Caller::Refreshes(_)));
        let may_move: Vec<usize> = callers
            .iter()
            .enumerate()
            .filter(|(_, caller)| match caller {
                Caller::Asks { looked_in_vain, .. } => !(is_busy && *looked_in_vain),
                Caller::Refreshes(_) => true,
                Caller::Done => false,
            })
            .map(|(index, _)| index)
            .collect();
        if may_move.is_empty() {
            return served;
        }
        let caller = &mut callers[may_move[choices.choose(may_move.len())]];
        *caller = match std::mem::replace(caller, Caller::Done) {
            Caller::Asks { waited_for, .. } => match shared.step(now(), MARGIN, None, waited_for, &disk) {
                Ok(Step::Use(access_token)) => {
                    assert!(disk.holds(&access_token), "a token is used before it is kept");
                    assert_eq!(access_token.reveal(), "new-access", "a token is used that is over");
                    served += 1;
                    Caller::Done
                }
                Ok(Step::Refresh(turn)) => {
                    assert!(!is_busy, "two refresh at once");
                    assert_eq!(turn.grant().refresh_token.reveal(), "old-refresh", "it is used up");
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
            },
            Caller::Refreshes(turn) => {
                let endings = if mishaps < MISHAPS { ENDINGS.as_slice() } else { &ENDINGS[..1] };
                let ending = endings[choices.choose(endings.len())];
                mishaps += usize::from(ending != Ending::Next);
                new_pairs += usize::from(matches!(ending, Ending::Next | Ending::NotKept));
                served += usize::from(end(turn, ending, &disk));
                Caller::Done
            }
            Caller::Done => Caller::Done,
        };
        assert!(new_pairs <= 1, "a pair was refreshed that was new");
    }
}

/// Ends a turn; says whether its caller has a token.
fn end(turn: Turn<'_>, ending: Ending, disk: &Disk) -> bool {
    let next = || Ok(Refreshed { grant: grant("new", 1), is_kept: false });
    let outcome = match ending {
        Ending::Next | Ending::NotKept => next(),
        Ending::Refused => Err(SourceError::Redirected),
        Ending::Gone => return false,
    };
    disk.is_full.store(ending == Ending::NotKept, Ordering::SeqCst);
    let ended = turn.end(outcome, disk);
    disk.is_full.store(false, Ordering::SeqCst);
    assert_eq!(ended.is_ok(), ending == Ending::Next);
    assert!(ended.is_ok_and(|access_token| disk.holds(&access_token)) == (ending == Ending::Next));
    ending == Ending::Next
}

#[test]
fn no_order_of_callers_refreshes_twice_or_uses_what_is_not_kept() {
    let (mut choices, mut runs, mut most) = (Choices::default(), 0, 0);
    loop {
        most = most.max(run(&mut choices));
        runs += 1;
        if !choices.go_on() {
            break;
        }
    }
    println!("{runs} orders of {CALLERS} callers");
    assert_eq!(most, CALLERS, "where all goes well, all are served");
    assert!(runs > 1000, "{runs}");
}
