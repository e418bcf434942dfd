//! What can go wrong with a request, done to a client on purpose: around any transport, of either face.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use cs_transport::{Decorator, ErrorKind, Limit, Sent, Transport, TransportError, async_trait};
use http::{HeaderValue, Request, Response, StatusCode, header};

/// Something that goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// No connection: the service never sees the request, and the client knows.
    NotConnected,
    /// The request is lost, and the client cannot know.
    RequestLost,
    /// The answer is lost.
    AnswerLost,
    /// The connection is reset after the service has answered.
    Reset,
    /// The request is on its way for too long, and never arrives.
    RequestSlow,
    /// The answer is on its way for too long.
    AnswerSlow,
    /// The request is on its way for too long, and arrives right after the next one.
    Late,
    /// The same, and it arrives right after the second one from then on.
    Later,
    /// The same, after the third.
    Latest,
    /// Half of the answer's body comes back as if it were all.
    Truncated,
    /// The rate is exceeded, says something before the service.
    TooMany,
    /// The same, with a wait.
    TooManyWait,
    /// An error, before the service sees the request.
    ErrorBefore,
    /// An error, after the service has done what was asked.
    ErrorAfter,
    /// Out of order, before.
    UnavailableBefore,
    /// Out of order, after.
    UnavailableAfter,
    /// The answer is a success whose body is not JSON.
    Garbage,
    /// The answer is a success that is a page for people.
    WrongType,
    /// Something before the service sends the client elsewhere.
    Redirected,
    /// The service has done what was asked, and the answer names where to look.
    RedirectedAfter,
    /// Time ran out, before.
    TimedOutBefore,
    /// Time ran out, after.
    TimedOutAfter,
    /// A proxy says that somebody did not wait, after.
    NotWaitedFor,
    /// Something before the service says that there is no such page.
    NoSuchPage,
    /// Something before the service asks who that is.
    WhoAreYou,
    /// Something before the service cannot make sense of the request.
    NoSense,
    /// Something before the service forbids it, without a word.
    Forbidden,
    /// The API refuses for something that has nothing to do with the request: the branch.
    OtherRefusal,
}

impl Flaw {
    /// All of them.
    pub(crate) const ALL: [Self; 28] = [
        Self::NotConnected,
        Self::RequestLost,
        Self::AnswerLost,
        Self::Reset,
        Self::RequestSlow,
        Self::AnswerSlow,
        Self::Late,
        Self::Later,
        Self::Latest,
        Self::Truncated,
        Self::TooMany,
        Self::TooManyWait,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::UnavailableBefore,
        Self::UnavailableAfter,
        Self::Garbage,
        Self::WrongType,
        Self::Redirected,
        Self::RedirectedAfter,
        Self::TimedOutBefore,
        Self::TimedOutAfter,
        Self::NotWaitedFor,
        Self::NoSuchPage,
        Self::WhoAreYou,
        Self::NoSense,
        Self::Forbidden,
        Self::OtherRefusal,
    ];

    /// How many other requests arrive before this one, which is late.
    const fn passed_by(self) -> Option<usize> {
        match self {
            Self::Late => Some(1),
            Self::Later => Some(2),
            Self::Latest => Some(3),
            _ => None,
        }
    }

    /// Whether it is a refusal of the request, of which nothing was done then.
    pub(crate) const fn refuses(self) -> bool {
        matches!(
            self,
            Self::NoSuchPage | Self::WhoAreYou | Self::NoSense | Self::Forbidden | Self::OtherRefusal
        )
    }

    /// Whether the service does what was asked, and the client hears nothing that it could rely on.
    pub(crate) const fn hides(self) -> bool {
        matches!(
            self,
            Self::AnswerLost
                | Self::Reset
                | Self::AnswerSlow
                | Self::Truncated
                | Self::ErrorAfter
                | Self::UnavailableAfter
                | Self::Garbage
                | Self::WrongType
                | Self::RedirectedAfter
                | Self::TimedOutAfter
                | Self::NotWaitedFor
        )
    }
}

/// A [`Decorator`] that does planned things to the requests that pass it, counted from 0.
#[derive(Debug, Default)]
pub(crate) struct Flaws {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    plan: Vec<(usize, Flaw)>,
    passed: usize,
    /// What is late, each with the number of the request after which it arrives.
    held: Vec<(usize, Request<Bytes>)>,
}

impl Flaws {
    /// Does these to the requests of these numbers.
    pub(crate) fn new(plan: Vec<(usize, Flaw)>) -> Self {
        Self { state: Mutex::new(State { plan, ..State::default() }) }
    }

    /// How many requests have come by.
    pub(crate) fn passed(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).passed
    }

    /// Lets the requests arrive that are late still.
    pub(crate) async fn settle(&self, next: &dyn Transport) {
        let held = std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).held);
        for (_, request) in held {
            // What comes back has nobody to go to.
            drop(next.send(request).await);
        }
    }

    /// What is planned for this request, and those that arrive right after it.
    fn next(&self, request: &Request<Bytes>) -> (Option<Flaw>, Vec<(usize, Request<Bytes>)>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let number = state.passed;
        state.passed += 1;
        let flaw = state.plan.iter().find(|(at, _)| *at == number).map(|(_, flaw)| *flaw);
        let late = state.held.extract_if(.., |(after, _)| *after <= number).collect();
        if let Some(others) = flaw.and_then(Flaw::passed_by) {
            state.held.push((number + others, request.clone()));
        }
        (flaw, late)
    }
}

#[async_trait]
impl Decorator for Flaws {
    async fn send(
        &self,
        request: Request<Bytes>,
        next: &dyn Transport,
    ) -> Result<Response<Bytes>, TransportError> {
        let (flaw, late) = self.next(&request);
        let outcome = match flaw {
            Some(flaw) => happen(flaw, request, next).await,
            None => next.send(request).await,
        };
        for (_, late) in late {
            drop(next.send(late).await);
        }
        outcome
    }
}

async fn happen(
    flaw: Flaw,
    request: Request<Bytes>,
    next: &dyn Transport,
) -> Result<Response<Bytes>, TransportError> {
    let failed = |kind| Err(TransportError::new(kind, Sent::Maybe));
    match flaw {
        Flaw::NotConnected => Err(TransportError::new(ErrorKind::Connect, Sent::No)),
        Flaw::RequestLost => failed(ErrorKind::Interrupted),
        Flaw::RequestSlow | Flaw::Late | Flaw::Later | Flaw::Latest => {
            failed(ErrorKind::Timeout(Limit::Total))
        }
        Flaw::AnswerLost => next.send(request).await.and(failed(ErrorKind::Interrupted)),
        Flaw::Reset => next.send(request).await.and(failed(ErrorKind::Unclassified)),
        Flaw::AnswerSlow => next.send(request).await.and(failed(ErrorKind::Timeout(Limit::Total))),
        Flaw::Truncated => {
            next.send(request).await.map(|answer| answer.map(|body| body.slice(..body.len() / 2)))
        }
        Flaw::TooMany => Ok(answer(429, r#"{"error_message":"x","error_code":429}"#, "application/json")),
        Flaw::TooManyWait => {
            let mut answer = answer(429, "", "text/plain");
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            Ok(answer)
        }
        Flaw::ErrorBefore => Ok(answer(500, "{}", "application/json")),
        Flaw::UnavailableBefore => Ok(answer(503, "<html>", "text/html")),
        Flaw::ErrorAfter => next.send(request).await.map(|_| answer(500, "", "text/plain")),
        Flaw::UnavailableAfter => next.send(request).await.map(|_| answer(503, "{}", "application/json")),
        Flaw::Garbage => next.send(request).await.map(|_| answer(200, "{]", "application/json")),
        Flaw::WrongType => next.send(request).await.map(|_| answer(200, "<html>done</html>", "text/html")),
        Flaw::Redirected => {
            let mut answer = answer(302, "", "text/plain");
            let elsewhere = HeaderValue::from_static("https://eu-api.contentstack.com/v3/user");
            answer.headers_mut().insert(header::LOCATION, elsewhere);
            Ok(answer)
        }
        Flaw::RedirectedAfter => {
            let place = HeaderValue::try_from(request.uri().path()).unwrap();
            next.send(request).await.map(|_| {
                let mut answer = answer(303, "", "text/plain");
                answer.headers_mut().insert(header::LOCATION, place);
                answer
            })
        }
        Flaw::TimedOutBefore => Ok(answer(408, "<html>", "text/html")),
        Flaw::TimedOutAfter => {
            let says = r#"{"error_message":"x","error_code":408}"#;
            next.send(request).await.map(|_| answer(408, says, "application/json"))
        }
        Flaw::NotWaitedFor => next.send(request).await.map(|_| answer(499, "", "text/plain")),
        Flaw::NoSuchPage => Ok(answer(404, "<html>gateway</html>", "text/html")),
        Flaw::WhoAreYou => Ok(answer(401, "<html>log in</html>", "text/html")),
        Flaw::NoSense => Ok(answer(422, "[", "application/json")),
        Flaw::Forbidden => Ok(answer(403, "", "text/plain")),
        Flaw::OtherRefusal => {
            Ok(answer(422, r#"{"error_message":"x","error_code":901}"#, "application/json"))
        }
    }
}

fn answer(status: u16, body: &'static str, kind: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
