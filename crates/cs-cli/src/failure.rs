//! Why a command did not do what it was asked: one type for people, scripts and the exit code.

mod client;
mod store;

use std::error::Error;

use cs_model::ApiError;
use serde::Serialize;

use crate::exit::Exit;
use crate::problem::Problem;
use crate::target::Target;

/// A command that failed.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// How the process ends.
    #[serde(serialize_with = "number")]
    pub(crate) exit: Exit,
    /// A stable name for scripts: `sink.missing`, `store.in_use`, `refused`.
    pub(crate) code: &'static str,
    /// One clause in lower case, without a final stop.
    pub(crate) message: Box<str>,
    /// What led to it, the nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) causes: Vec<String>,
    /// What the API said, when it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) api: Option<Box<ApiError>>,
    /// What is wrong with the input, all of it.
    pub(crate) problems: Vec<Problem>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hints: Vec<String>,
    /// Whether the credential was refused: then it takes the target to say how to come by another.
    #[serde(skip)]
    pub(crate) needs_login: bool,
}

/// What is said of input that was refused before anything was done.
const NOTHING_CHANGED: &str = "; nothing was changed";

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn number<S: serde::Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(exit.number())
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<Box<str>>) -> Self {
        Self {
            exit,
            code,
            message: message.into(),
            causes: Vec::new(),
            api: None,
            problems: Vec::new(),
            hints: Vec::new(),
            needs_login: false,
        }
    }

    /// The command line, the environment or the configuration is at fault.
    pub(crate) fn usage(message: impl Into<Box<str>>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Something outside our hands went wrong.
    pub(crate) fn unexpected(message: impl Into<Box<str>>, cause: &dyn Error) -> Self {
        Self::new(Exit::Unexpected, "unexpected", message).caused_by(cause)
    }

    /// The input is wrong in these ways.
    pub(crate) fn invalid(problems: Vec<Problem>) -> Self {
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        let code = match problems.iter().find(|problem| problem.is_error()) {
            Some(only) if errors == 1 => only.rule,
            _ => "invalid",
        };
        let message = format!("{}{NOTHING_CHANGED}", crate::problem::count(&problems));
        Self { problems, ..Self::new(Exit::Invalid, code, message) }
    }

    /// The same of a command that never changes anything.
    #[must_use]
    pub(crate) fn of_reading(mut self) -> Self {
        if let Some(message) = self.message.strip_suffix(NOTHING_CHANGED) {
            self.message = message.into();
        }
        self
    }

    /// Both: what is wrong with two inputs, told at once.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        if self.message == other.message && self.problems.is_empty() && other.problems.is_empty() {
            // The same input twice.
            return self;
        }
        if self.problems.is_empty() || other.problems.is_empty() {
            self.problems.extend(other.problems);
            self.hints.push(format!("then mend this, too: {}", other.message));
            return self;
        }
        self.problems.extend(other.problems);
        Self { hints: self.hints.into_iter().chain(other.hints).collect(), ..Self::invalid(self.problems) }
    }

    /// The outcomes of two inputs, or all that is wrong with either.
    pub(crate) fn both<A, B>(first: Result<A, Self>, second: Result<B, Self>) -> Result<(A, B), Self> {
        match (first, second) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (Err(first), Err(second)) => Err(first.and(second)),
            (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
        }
    }

    /// The same with an error and everything behind it.
    #[must_use]
    pub(crate) fn caused_by(mut self, cause: &dyn Error) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            let text = error.to_string();
            // Transparent wrappers repeat what they wrap.
            if self.causes.last() != Some(&text) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    /// The same with how to come by a credential for the target that refused one.
    #[must_use]
    pub(crate) fn at(mut self, target: &Target) -> Self {
        if std::mem::take(&mut self.needs_login) { self.hints(target.login_anew_hints()) } else { self }
    }

    /// The same with more things to do about it.
    #[must_use]
    pub(crate) fn hints(self, hints: impl IntoIterator<Item = String>) -> Self {
        hints.into_iter().fold(self, Self::hint)
    }

    /// The same with one more thing to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
