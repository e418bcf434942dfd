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
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Recovered::Confirmed => "had its effect, although its answer was lost",
            Recovered::Adopted => "made a token, although its answer was lost; it is taken over",
            Recovered::Removed => "made a token whose value was lost; it is deleted again",
            Recovered::Repeated => "had no effect, and is sent again",
            Recovered::MarkLeft => "left a mark in the description, which could not be removed",
        };
        write!(f, "{} {what}", self.operation)?;
        self.uid.as_ref().map_or(Ok(()), |uid| write!(f, " ({uid})"))
    }
}

/// What hears of it.
type Hears = dyn Fn(&Recovery) + Send + Sync;

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Listener(pub(crate) Option<Arc<Hears>>);

impl Listener {
    pub(crate) fn tell(&self, operation: Operation, what: Recovered, uid: Option<&TokenUid>) {
        if let Some(listener) = &self.0 {
            listener(&Recovery { operation, what, uid: uid.cloned() });
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener(some)" } else { "Listener(none)" })
    }
}
