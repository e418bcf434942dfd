//! What a client does about lost answers, told while it happens.

use std::fmt;
use std::sync::Arc;

use cs_model::TokenUid;

use crate::Operation;

/// Something that the client did because an answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// The request whose answer was lost.
    pub operation: Operation,
    /// What was done.
    pub what: Recovered,
    /// The token that it is about.
    pub uid: Option<TokenUid>,
    /// What is left to do by hand, as one clause: `delete it`. `None` when there is nothing.
    pub left: Option<String>,
}

/// What a client did about a lost answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovered {
    /// Looked it up: the request had its effect.
    Confirmed,
    /// Found the token that the request had made, and took it over.
    Adopted,
    /// Found the token that the request had made, and deleted it, because nobody can know its value.
    Removed,
    /// Found nothing of the request and sent it again.
    Repeated,
    /// Left its mark in the description of a new token: the request to remove it failed.
    MarkLeft,
    /// Made a token at a later attempt, and found one that an earlier attempt had made, which could not be deleted: it lives on
    /// beside the one that is given back, and of a management token nobody has the value.
    TwinLeft,
    /// Made a token at a later attempt, and could not look whether an earlier one had made another.
    TwinsNotSought,
}

impl Recovered {
    /// Whether it leaves something to do by hand.
    #[must_use]
    pub const fn leaves_work(self) -> bool {
        matches!(self, Self::MarkLeft | Self::TwinLeft | Self::TwinsNotSought)
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Recovered::Confirmed => "had its effect, although its answer was lost",
            Recovered::Adopted => "made a token, although its answer was lost; it is taken over",
            Recovered::Removed => "made a token whose value was lost; it is deleted again",
            Recovered::Repeated => "had no effect, and is sent again",
            Recovered::MarkLeft => "left a mark in the description, which could not be removed",
            Recovered::TwinLeft => {
                "made a second token when its answer was lost, which is alive and could not be deleted"
            }
            Recovered::TwinsNotSought => {
                "may have made a second token when its answer was lost, which could not be looked for"
            }
        };
        write!(f, "{} {what}", self.operation)?;
        if let Some(uid) = &self.uid {
            write!(f, " ({uid})")?;
        }
        self.left.as_ref().map_or(Ok(()), |left| write!(f, ": {left}"))
    }
}

/// What hears of it.
type Hears = dyn Fn(&Recovery) + Send + Sync;

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Listener(pub(crate) Option<Arc<Hears>>);

impl Listener {
    pub(crate) fn tell(&self, operation: Operation, what: Recovered, uid: Option<&TokenUid>) {
        self.tell_left(operation, what, uid, || None);
    }

    /// The same, with what is left to do.
    pub(crate) fn tell_left(
        &self,
        operation: Operation,
        what: Recovered,
        uid: Option<&TokenUid>,
        left: impl FnOnce() -> Option<String>,
    ) {
        if let Some(listener) = &self.0 {
            listener(&Recovery { operation, what, uid: uid.cloned(), left: left() });
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener(some)" } else { "Listener(none)" })
    }
}
