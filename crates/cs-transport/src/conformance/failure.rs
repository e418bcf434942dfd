//! How a script says what went wrong, and the questions that scripts ask.

use std::error::Error;
use std::fmt::Debug;

use bytes::Bytes;
use http::{Request, Response};

use crate::{ErrorKind, Sent, Transport, TransportError};

/// Stands for every secret in a request of a script: in path, query, headers and body.
pub(super) const CANARY: &str = "canary-7f3a9c";

/// What a transport did wrong.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    what: String,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    pub(super) fn new(what: String) -> Self {
        Self { what, source: None }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        Self { what: "the call gave no answer".to_owned(), source: Some(error.into()) }
    }
}

impl From<http::Error> for Failure {
    fn from(error: http::Error) -> Self {
        Self { what: "the script could not make its request".to_owned(), source: Some(error.into()) }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self { what: "the script could not start a peer".to_owned(), source: Some(error.into()) }
    }
}

/// Demands that two values are equal.
#[expect(clippy::needless_pass_by_value, reason = "callers compare values that they just made")]
pub(super) fn same<T: PartialEq + Debug>(what: &str, got: T, wanted: T) -> Result<(), Failure> {
    if got == wanted { Ok(()) } else { Err(Failure::new(format!("{what}: got {got:?}, wanted {wanted:?}"))) }
}

/// A request that carries the canary wherever a secret may be.
pub(super) fn secret_request(method: &str, url: &str) -> Result<Request<Bytes>, Failure> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{url}?token={CANARY}"))
        .header("authtoken", CANARY)
        .header("authorization", format!("Bearer {CANARY}"))
        .body(Bytes::from_static(CANARY.as_bytes()))?;
    for name in ["authtoken", "authorization"] {
        if let Some(value) = request.headers_mut().get_mut(name) {
            value.set_sensitive(true);
        }
    }
    Ok(request)
}

/// Demands that a request with secrets fails with one of `kinds`, and that the error keeps them.
pub(super) async fn fails(
    transport: &dyn Transport,
    request: Request<Bytes>,
    kinds: &[ErrorKind],
    sent: Sent,
) -> Result<TransportError, Failure> {
    let what = format!("{} {}", request.method(), request.uri().path());
    let error = match transport.send(request).await {
        Ok(answer) => {
            return Err(Failure::new(format!("{what}: answered {}, wanted {kinds:?}", answer.status())));
        }
        Err(error) => error,
    };
    if !kinds.contains(&error.kind) || error.sent != sent {
        let what =
            format!("{what}: failed with {:?} {:?}, wanted {kinds:?} {sent:?}", error.kind, error.sent);
        return Err(Failure { what, source: Some(error.into()) });
    }
    keeps_secrets(&error)?;
    Ok(error)
}

/// Demands that an error's texts, with those of its sources, show neither the canary nor a URL.
fn keeps_secrets(error: &TransportError) -> Result<(), Failure> {
    let mut texts = format!("{error:?} {error}");
    let mut next = error.source();
    while let Some(source) = next {
        texts.push_str(&format!(" {source:?} {source}"));
        next = source.source();
    }
    if texts.contains(CANARY) {
        return Err(Failure::new("the error shows a secret of the request".to_owned()));
    }
    let has_url = texts.replace("://[url]", "").contains("://");
    if has_url { Err(Failure::new(format!("the error shows a URL: {texts}"))) } else { Ok(()) }
}

/// Sends a request that must be answered with `status`.
pub(super) async fn answered(
    transport: &dyn Transport,
    request: Request<Bytes>,
    status: u16,
) -> Result<Response<Bytes>, Failure> {
    let what = format!("{} {}", request.method(), request.uri().path());
    let answer = transport.send(request).await?;
    same(&format!("status of {what}"), answer.status().as_u16(), status)?;
    Ok(answer)
}
