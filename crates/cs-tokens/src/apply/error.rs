//! Why a step failed.

use std::fmt;

use cs_model::{TokenKind, TokenUid};

use crate::Error;
use crate::sink::{Sink, SinkError};

/// A token that a step made before it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Made {
    /// Its kind.
    pub kind: TokenKind,
    /// Its uid; for a preview token, that of its delivery token.
    pub uid: TokenUid,
}

impl Made {
    pub(crate) fn new(kind: TokenKind, uid: &TokenUid) -> Self {
        Self { kind, uid: uid.clone() }
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TokenKind::Preview => write!(f, "preview token of {}", self.uid),
            kind => write!(f, "{kind} {}", self.uid),
        }
    }
}

/// Why a step failed, and what became of a token that it had made before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// A request did not end well.
    #[error(transparent)]
    Client(#[from] Error),
    /// A value could not be written to its sink.
    #[error("the value could not be written{}", undone(.made.as_ref(), .undo.as_deref(), .left))]
    Sink {
        /// Why.
        #[source]
        source: SinkError,
        /// The token that had just been made for this sink; without its value it is of no use, so it is deleted again.
        made: Option<Made>,
        /// Why that token could not be deleted again; it is still there.
        undo: Option<Box<Error>>,
        /// Where values of that token stand now.
        left: Vec<Sink>,
    },
    /// A request did not end well after an earlier one of the step had made a token.
    #[error("a token was made and not completed{}", undone(Some(.made), .undo.as_deref(), .left))]
    Incomplete {
        /// Why.
        #[source]
        source: Box<Error>,
        /// The token that had just been made; it is deleted again.
        made: Made,
        /// Why that token could not be deleted again; it is still there.
        undo: Option<Box<Error>>,
        /// Where values of that token stand now.
        left: Vec<Sink>,
    },
    /// A request did not end well after a new token had its value kept and was to take the place of the old one. Both may be
    /// there; the next plan goes on from here.
    #[error("the {made} was made, and {sink} holds its value, but it has not taken the place of the old one")]
    Unfinished {
        /// Why.
        #[source]
        source: Box<Error>,
        /// The new token, under a name of its own for now.
        made: Made,
        /// Where its value stands.
        sink: Sink,
    },
}

fn undone(made: Option<&Made>, undo: Option<&Error>, left: &[Sink]) -> String {
    let mut text = match (made, undo) {
        (None, _) => return String::new(),
        (Some(made), None) => format!(", so the {made} that was just made is deleted again"),
        (Some(made), Some(why)) => {
            format!(", and the {made} that was just made could not be deleted again ({why})")
        }
    };
    for sink in left {
        text.push_str(&format!(", and {sink} holds its value"));
    }
    text
}

impl ApplyError {
    /// A value that could not be written, before any token was made for it.
    pub(crate) const fn sink(source: SinkError) -> Self {
        Self::Sink { source, made: None, undo: None, left: Vec::new() }
    }

    /// The same with what became of the token that had been made: `undone` is how its deletion went, `left` is where its
    /// values stand.
    pub(crate) fn after(self, made: Made, undone: Result<(), Error>, left: Vec<Sink>) -> Self {
        let undo = undone.err().map(Box::new);
        match self {
            Self::Sink { source, .. } => Self::Sink { source, made: Some(made), undo, left },
            Self::Client(source) => Self::Incomplete { source: Box::new(source), made, undo, left },
            told @ (Self::Incomplete { .. } | Self::Unfinished { .. }) => told,
        }
    }

    /// A stable name of the kind: `sink`, or that of the [`Error`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Client(error) => error.code(),
            Self::Sink { .. } => "sink",
            Self::Incomplete { source, .. } | Self::Unfinished { source, .. } => source.code(),
        }
    }

    /// The request that did not end well, if that is the reason.
    #[must_use]
    pub fn client(&self) -> Option<&Error> {
        match self {
            Self::Client(error) => Some(error),
            Self::Incomplete { source, .. } | Self::Unfinished { source, .. } => Some(source),
            Self::Sink { .. } => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> Option<String> {
        match self {
            Self::Client(error) => error.fix(),
            Self::Sink { source, made: Some(made), undo: Some(_), .. } => {
                Some(format!("delete the {made} by hand; then: {}", source.fix()))
            }
            Self::Sink { source, .. } => Some(source.fix().to_owned()),
            Self::Incomplete { source, made, undo: Some(_), .. } => {
                let fix = source.fix().map(|fix| format!("{fix}; ")).unwrap_or_default();
                Some(format!("{fix}look at the {made}: delete it by hand, or plan again to complete it"))
            }
            Self::Incomplete { source, .. } => source.fix(),
            Self::Unfinished { source, .. } => {
                let fix = source.fix().map(|fix| format!("{fix}; ")).unwrap_or_default();
                Some(format!("{fix}then plan again: the next plan finishes the replacement"))
            }
        }
    }
}
