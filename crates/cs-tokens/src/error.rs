//! What can go wrong between a call and its answer.

mod fix;
mod lost;

use std::fmt;

use cs_model::{ApiError, ApiKey, RouteId, SecretError, ShapeError, Violations};
use cs_transport::TransportError;

pub use self::lost::Lost;
pub(crate) use self::lost::leaves_open;
use crate::credential::SourceError;

/// A request that was to be sent: its method and its path with placeholders.
///
/// `Display` shows `POST /v3/stacks/delivery_tokens`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation(pub RouteId);

impl Operation {
    /// Whether it only reads: sending it twice does no harm.
    #[must_use]
    pub fn reads(self) -> bool {
        let route = self.0.row();
        route.method == cs_model::Method::Get && !route.state_change
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let route = self.0.row();
        write!(f, "{} {}", route.method.as_str(), route.template)
    }
}

/// Why a URL cannot be the API's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Neither a URL nor a region was given.
    #[error("neither a URL nor a region is given")]
    Missing,
    /// Not `scheme://host[:port]`.
    #[error("the URL is not of the form https://host[:port]")]
    Form,
    /// `http` to a host that is not this machine: the credential would travel in clear.
    #[error("the URL of `{host}` is not https, and the host is not loopback")]
    Insecure {
        /// The host.
        host: String,
    },
    /// No region has this name.
    #[error("there is no region `{name}`")]
    Region {
        /// The name.
        name: String,
    },
}

/// A request that no rule of the documents lets through: refused before anything was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation} is {verdict} with this credential: {says} ({})", rules.join(", "))]
#[non_exhaustive]
pub struct Denied {
    /// What was to be sent.
    pub operation: Operation,
    /// The verdict's name: `forbidden`.
    pub verdict: &'static str,
    /// Why, in a sentence.
    pub says: String,
    /// The ids of the rules that decided, as `cs-policy` lists them.
    pub rules: Vec<&'static str>,
    /// What would change it; empty when nothing would.
    pub fix: String,
}

/// Why a call did not end well.
///
/// `Display` is one clause that never repeats the text of its [`source`](std::error::Error::source) and holds no
/// secret. [`Error::code`] is a stable name, [`Error::fix`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The draft breaks a rule; nothing was sent.
    #[error("the draft breaks {} of the rules", .0.items().iter().filter(|item| item.is_error()).count())]
    Invalid(#[source] Violations),
    /// The rules forbid it for this kind of credential; nothing was sent.
    #[error("the request is refused before it is sent")]
    Denied(#[source] Box<Denied>),
    /// The API refused it. Known refusals have a cause and a fix in [`ApiError::diagnosis`](cs_model::ApiError::diagnosis).
    #[error("the API refused {operation}")]
    Refused {
        /// What was sent.
        operation: Operation,
        /// What the API said.
        #[source]
        answer: Box<ApiError>,
    },
    /// No answer came, and the request had no effect: it was never sent, or it only reads.
    #[error("{}", unanswered(*.operation, *.attempts))]
    NoAnswer {
        /// What was to be sent.
        operation: Operation,
        /// How often it was tried; 0 when its turn would have come after [`ClientBuilder::call_limit`](crate::ClientBuilder::call_limit).
        attempts: u32,
        /// Why.
        #[source]
        source: TransportError,
    },
    /// The request may have had its effect, but no complete answer came.
    #[error("nobody knows whether {operation} took effect")]
    OutcomeUnknown {
        /// What was sent.
        operation: Operation,
        /// What to look at, which [`Error::fix`] says, too.
        check: String,
        /// Why there is no answer to rely on.
        #[source]
        source: Lost,
    },
    /// The request was sent several times, each answer was lost, and what it had made each time is removed again: nothing is
    /// left of it.
    #[error("gave up {operation} after {attempts} {}; what was made is removed again", plural(*.attempts, "attempt"))]
    GaveUp {
        /// What was sent.
        operation: Operation,
        /// How often.
        attempts: u32,
        /// Why there was no answer the last time.
        #[source]
        source: Lost,
    },
    /// The API accepted the request, but its answer is not what the documents show.
    #[error("the answer to {operation} is of an unknown shape")]
    Shape {
        /// What was sent.
        operation: Operation,
        /// Where it does not fit.
        #[source]
        source: ShapeError,
    },
    /// The API accepted the request, but its answer lacks the value that it should show.
    #[error("the answer to {operation} holds no {what}")]
    NoValue {
        /// What was sent.
        operation: Operation,
        /// What is missing.
        what: &'static str,
    },
    /// The server sent the request elsewhere. Redirects are never followed, because the credential would go along.
    #[error("{operation} was redirected{}", to_host(.host.as_deref(), *.region))]
    Redirected {
        /// What was sent.
        operation: Operation,
        /// The host that it named, when it named one.
        host: Option<String>,
        /// The region whose host that is.
        region: Option<&'static str>,
    },
    /// The URL cannot be used; nothing was sent.
    #[error("the URL of the API cannot be used")]
    Url(#[source] UrlError),
    /// A credential cannot stand in a header; nothing was sent.
    #[error("the credential cannot be sent")]
    Credential(#[source] SecretError),
    /// There is no credential for the request; nothing was sent, or the API did not know the one that was.
    #[error("there is no credential for {operation}")]
    Source {
        /// What was to be sent.
        operation: Operation,
        /// Why.
        #[source]
        source: SourceError,
    },
    /// The user agent cannot stand in a header.
    #[error("the user agent holds a character that no header can carry")]
    UserAgent,
    /// A plan was to be carried out on another stack than the one it was made for; nothing was sent.
    #[error("the plan is for stack {planned}, not for {given}")]
    OtherStack {
        /// The stack that was planned.
        planned: ApiKey,
        /// The stack that was given.
        given: ApiKey,
    },
    /// The system gives no random numbers, which the mark of a new token is made of; nothing was sent.
    #[error("the system gives no random numbers for {operation}")]
    NoRandom {
        /// What was to be sent.
        operation: Operation,
    },
    /// The request could not be written down; nothing was sent.
    #[error("{operation} cannot be written as HTTP: {what}")]
    Request {
        /// What was to be sent.
        operation: Operation,
        /// What is wrong with it.
        what: &'static str,
    },
    /// No document lists such a request; nothing was sent.
    #[error("no document lists {} `{path}`", .method.as_str())]
    UnknownRoute {
        /// The method.
        method: cs_model::Method,
        /// The path, up to a query, a fragment or a host, none of which belongs into one; `[no path]` for what does not begin
        /// with `/`, which may be anything.
        path: String,
    },
    /// Blocking code waited for something other than its transport: a source of credentials of one's own that is not ready at once,
    /// or a mistake in this crate. Requests may have been sent before that.
    #[error("the call could not run without a runtime")]
    NotReady(#[from] cs_transport::NotReady),
}

impl Error {
    /// A stable name of the kind: `outcome_unknown`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Denied(_) => "denied",
            Self::Refused { .. } => "refused",
            Self::NoAnswer { .. } => "no_answer",
            Self::OutcomeUnknown { .. } => "outcome_unknown",
            Self::GaveUp { .. } => "gave_up",
            Self::Shape { .. } => "shape",
            Self::NoValue { .. } => "no_value",
            Self::Redirected { .. } => "redirected",
            Self::Url(_) => "url",
            Self::Credential(_) => "credential",
            Self::Source { .. } => "credential_source",
            Self::UserAgent => "user_agent",
            Self::OtherStack { .. } => "other_stack",
            Self::NoRandom { .. } => "no_random",
            Self::Request { .. } => "request",
            Self::UnknownRoute { .. } => "unknown_route",
            Self::NotReady(_) => "not_ready",
        }
    }

    /// What the API said, when it refused, or gave an answer that leaves open what was done.
    #[must_use]
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Refused { answer, .. } | Self::OutcomeUnknown { source: Lost::Refused(answer), .. } => {
                Some(answer)
            }
            _ => None,
        }
    }

    /// Whether the API wants the code of a second factor: 294 (user-session; JS, `lib/core/concurrency-queue.js`). The password was
    /// right then, and no session is over.
    #[must_use]
    pub fn wants_second_factor(&self) -> bool {
        let wanted = cs_model::generated::ErrorId::TfaRequired.row();
        self.api_error().is_some_and(|answer| answer.code.is_some() && answer.code == wanted.sent_code())
    }

    /// Whether the request may have changed something although the call failed.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        match self {
            Self::OutcomeUnknown { .. } | Self::NotReady(_) => true,
            Self::Shape { operation, .. } | Self::NoValue { operation, .. } => !operation.reads(),
            Self::Refused { operation, answer } => !operation.reads() && leaves_open(answer.status),
            // A 303 is the usual answer to a request that was carried out, and some servers send others for it.
            Self::Redirected { operation, .. } => !operation.reads(),
            _ => false,
        }
    }
}

/// What each error below `error` says, the nearest first.
pub(crate) fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string).collect()
}

fn unanswered(operation: Operation, attempts: u32) -> String {
    match attempts {
        0 => format!("{operation} was not sent"),
        _ => format!("no answer to {operation} after {attempts} {}", plural(attempts, "attempt")),
    }
}

fn plural(count: u32, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

fn to_host(host: Option<&str>, region: Option<&str>) -> String {
    match (host, region) {
        (Some(host), Some(region)) => format!(" to `{host}`, the host of region `{region}`"),
        (Some(host), None) => format!(" to `{host}`"),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use cs_model::generated::route;

    use super::*;

    #[test]
    fn the_text_does_not_repeat_the_source() {
        let operation = Operation(route::POST_STACKS_DELIVERY_TOKENS);
        let answer = Box::new(ApiError::read(422, br#"{"error_message":"odd words","error_code":141}"#));
        let error = Error::Refused { operation, answer };
        assert_eq!(error.to_string(), "the API refused POST /v3/stacks/delivery_tokens");
        assert!(error.source().unwrap().to_string().contains("odd words"));
    }
}
