//! Writes whose answer was lost: what became of them is looked up, and only then are they sent again.
//!
//! | request | how it is known what became of it | then |
//! |---|---|---|
//! | create a delivery token | a token bears the mark of this attempt | it is taken over: its value can be read |
//! | create a management token | the same | it is deleted and made anew: its value was in the lost answer |
//! | update a token | the token says what was sent | done |
//! | | its last change is older than the request | sent again: nobody's change is lost |
//! | | somebody changed it since | [`Error::OutcomeUnknown`] |
//! | delete a token | no token has the uid, says the documented answer or the list | done, else sent again: a uid comes once |
//! | create a preview token | another value than before is there | it is read, else sent again; after that, until two looks agree |
//! | delete a preview token | the value of before is gone | done, else sent again |
//! | log out | the API does not know the session any more | done, else sent again |
//! | log in, anything by [`Client::send`] | nothing tells | [`Error::OutcomeUnknown`] |

mod apart;
mod create;
mod event;
mod find;
mod kind;
mod mark;
mod preview;
mod session;
mod update;

use std::pin::pin;
use std::time::Duration;

use cs_transport::{ErrorKind, Transport, in_line};
use jiff::{SignedDuration, Timestamp};

pub use self::event::{Recovered, Recovery};

pub(crate) use self::create::create;
pub(crate) use self::event::Listener;
pub(crate) use self::kind::{Delivery, Management};
pub(crate) use self::mark::Chance;
pub(crate) use self::preview::{create_preview, delete_preview};
pub(crate) use self::session::log_out;
pub(crate) use self::update::{Before, delete, update};
use crate::error::{Lost, leaves_open};
use crate::{Client, Error, Operation};

/// How hard a client tries to learn what became of a write, and to have it done.
///
/// ```
/// use cs_tokens::Attempts;
/// let patient = Attempts { most: 5, total: std::time::Duration::from_secs(120), ..Attempts::default() };
/// assert!(patient.most > Attempts::default().most);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "settings, made with the default's update syntax")]
pub struct Attempts {
    /// How often a write is sent, at most; also how often it is looked up.
    pub most: u32,
    /// How long all of it may take, from the first request on. The last request may go beyond it. What a request waits for its
    /// turn among others ([`ClientBuilder::pace`](crate::ClientBuilder::pace)) does not count.
    pub total: Duration,
    /// The wait before the first look; it doubles each time.
    pub pause: Duration,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { most: 3, total: Duration::from_secs(60), pause: Duration::from_millis(250) }
    }
}

/// One write, over all its attempts: counts them, and the time.
pub(crate) struct Effort<'a, T> {
    client: &'a Client<T>,
    began: Timestamp,
    /// How long its requests have waited for their turn.
    in_line: Duration,
    pauses: u32,
    sent: u32,
}

impl<'a, T: Transport> Effort<'a, T> {
    pub(crate) fn new(client: &'a Client<T>) -> Self {
        Self { client, began: client.wire.now(), in_line: Duration::ZERO, pauses: 0, sent: 0 }
    }

    /// Whether the write may be sent, for the first time or again. Counts it.
    pub(crate) fn may_send(&mut self) -> bool {
        let may = self.sent < self.client.attempts.most.max(1) && (self.sent == 0 || self.has_time());
        self.sent += u32::from(may);
        may
    }

    /// How often it was sent.
    pub(crate) const fn sent(&self) -> u32 {
        self.sent
    }

    /// Whether a change is certainly older than the first request of this write. Both are read by the API's clock: `date` is
    /// the `Date` of an answer that has just come, so that the request left no earlier than that less the time since.
    fn comes_after(&self, changed: Timestamp, date: Timestamp) -> bool {
        let since = self.client.wire.now().duration_since(self.began);
        // A clock that was set back tells nothing.
        let left = if since.is_negative() { None } else { date.checked_sub(since + MARGIN).ok() };
        left.is_some_and(|left| changed < left)
    }

    fn has_time(&self) -> bool {
        let spent = self.client.wire.now().duration_since(self.began);
        let spent = Duration::try_from(spent).unwrap_or_default();
        spent.saturating_sub(self.in_line) < self.client.attempts.total
    }

    /// Carries out a request of it. A wait for its turn says nothing of how hard it is to have this done.
    pub(crate) async fn carry<F: Future + Unpin>(&mut self, request: F) -> F::Output {
        let (outcome, waited) = in_line(request).await;
        self.in_line = self.in_line.saturating_add(waited);
        outcome
    }

    /// Waits before a look.
    async fn pause(&mut self) {
        let factor = 1_u32 << self.pauses.min(6);
        self.pauses += 1;
        self.client.wire.sleep(self.client.attempts.pause.saturating_mul(factor)).await;
    }

    /// Looks, after a wait, until there is an answer to rely on or the attempts or the time are used up.
    pub(crate) async fn look<A, F: Future<Output = Result<A, Error>>>(
        &mut self,
        mut ask: impl FnMut() -> F,
    ) -> Result<A, Error> {
        let mut looks = 0;
        loop {
            self.pause().await;
            looks += 1;
            match self.carry(pin!(ask())).await {
                Err(error) if looks < self.client.attempts.most && self.has_time() && passes(&error) => {}
                outcome => return outcome,
            }
        }
    }
}

/// How far the clocks behind one API may be apart, of which one writes `Date` and another the time of a change.
const MARGIN: SignedDuration = SignedDuration::from_secs(2);

/// Whether a failure to read may be over in a moment.
fn passes(error: &Error) -> bool {
    match error {
        Error::NoAnswer { source, .. } => !stays(&source.kind),
        Error::Shape { .. } => true,
        Error::Refused { answer, .. } => {
            leaves_open(answer.status) || answer.status == 429 || !answer.is_of_the_api()
        }
        _ => false,
    }
}

/// Whether every further request would fail like that; and after a redirect that the client has followed, each would give the
/// credential away once more.
fn stays(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Redirected
            | ErrorKind::Tls
            | ErrorKind::InsecureUrl
            | ErrorKind::InvalidRequest(_)
            | ErrorKind::Logged { .. }
            | ErrorKind::NoRuntime
    )
}

/// What a write that failed leaves to find out: whether it had its effect, when its answer is `lost`; and whether an earlier
/// one had, or holds the name now, when this one was refused after that. A refusal before that is all there is to know.
fn after_failure(lost: &mut Option<Lost>, error: Error) -> Result<Option<Error>, Error> {
    if let Error::OutcomeUnknown { source: Lost::Transport(cause), .. } = &error
        && stays(&cause.kind)
    {
        return Err(error);
    }
    match Lost::from_error(error) {
        Ok(source) => {
            *lost = Some(source);
            Ok(None)
        }
        // What was not sent, or not seen by the API, says nothing of the one that was lost.
        Err(error) if lost.is_some() && !is_verdict(&error) => Ok(None),
        Err(refusal) if lost.is_some() => Ok(Some(refusal)),
        Err(refusal) => Err(refusal),
    }
}

/// Whether a refusal would have met the same request a moment before, too: only the API can say so. What was not sent, because there
/// was no credential for it, say, tells nothing.
fn is_verdict(error: &Error) -> bool {
    matches!(error, Error::Refused { answer, .. } if answer.status != 429 && answer.is_of_the_api())
}

/// Nobody knows, and this is what to look at.
pub(crate) fn unknown(operation: Operation, check: String, source: Lost) -> Error {
    Error::OutcomeUnknown { operation, check, source }
}

/// What there is to say when a look fails with `error`. Where it is sent to the host of another region as the write was, that
/// is what is wrong.
fn blind(operation: Operation, check: impl FnOnce() -> String, lost: Option<Lost>, error: Error) -> Error {
    match (lost, error) {
        (None, error) => error,
        (
            Some(Lost::Redirected { region: Some(_), .. }),
            Error::Redirected { host, region: region @ Some(_), .. },
        ) => Error::Redirected { operation, host, region },
        // What has to be done about that comes first.
        (Some(_), Error::NoAnswer { source, .. }) if source.kind == ErrorKind::Redirected => {
            unknown(operation, check(), source.into())
        }
        (Some(source), _) => unknown(operation, check(), source),
    }
}
