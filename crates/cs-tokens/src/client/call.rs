//! One request: written down, sent, and its answer read.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cs_model::{ApiError, ApiKey, Endpoint, answer};
use cs_transport::{
    CallInfo, Decorator as _, Lane, Outcome, Pause, RateLimit, Sent, Transport, TransportError, async_trait,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::client::identity::Identity;
use crate::client::preflight;
use crate::client::wire::Wire;
use crate::credential::{Provided, Setting};
use crate::error::Operation;
use crate::{Client, Credential, Error, Wait, check_hint, origin};

/// The header that names the stack.
const API_KEY: HeaderName = HeaderName::from_static("api_key");

/// Sends a request with the credential that `held` gives; `second` goes along where two are documented.
pub(crate) async fn send<T: Transport, E: Endpoint>(
    client: &Client<T>,
    stack: Option<&ApiKey>,
    endpoint: &E,
    held: &Identity,
    second: Option<&Credential>,
) -> Result<E::Answer, Error> {
    let operation = Operation(E::ROUTE);
    let now = client.transport.now();
    for caution in preflight::preflight(&client.profile, held.prepared(), E::ROUTE, now)? {
        client.cautions.tell(&caution);
    }
    let mut request = encode(client, stack, endpoint)?;
    if let Some(second) = second {
        second.add_to(request.headers_mut())?;
    }
    let uid = endpoint.path_arguments().first().copied();
    let response = authorized(client, operation, uid, request, held).await?;
    decode::<E>(operation, &response)
}

/// Sends a request with a credential. A source is asked for another one when the API does not know the first any more: it
/// did nothing then, so that the request can be sent once more, whatever it is.
pub(crate) async fn authorized<T: Transport>(
    client: &Client<T>,
    operation: Operation,
    uid: Option<&str>,
    mut request: Request<Bytes>,
    held: &Identity,
) -> Result<Response<Bytes>, Error> {
    let source = match &held.provided {
        Provided::Fixed(credential) => {
            held.add_to(request.headers_mut(), credential)?;
            return carry(client, operation, request).await.map_err(|error| no_answer(operation, uid, error));
        }
        Provided::Source(source) => source,
    };
    let no_credential = |source| Error::Source { operation, source };
    let (wire, hub) = (Wire::of(client), client.origin.developer_hub());
    let setting = Setting { transport: wire.transport(), hub: &hub, profile: &client.profile };
    let credential = source.credential(&setting).await.map_err(no_credential)?;
    let mut first = request.clone();
    credential.add_to(first.headers_mut())?;
    let outcome = carry(client, operation, first).await;
    let response = outcome.map_err(|error| no_answer(operation, uid, error))?;
    let status = response.status();
    if !status.is_client_error() || !ApiError::read(status.as_u16(), response.body()).is_authentication() {
        return Ok(response);
    }
    match source.after_refusal(&credential, &setting).await.map_err(no_credential)? {
        Some(other) if !other.same_as(&credential) => {
            other.add_to(request.headers_mut())?;
            carry(client, operation, request).await.map_err(|error| no_answer(operation, uid, error))
        }
        _ => Ok(response),
    }
}

/// Sends a request, and again where that does no harm; tells of waits for the rate.
pub(crate) async fn carry<T: Transport>(
    client: &Client<T>,
    operation: Operation,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, TransportError> {
    let telling;
    let retry = if client.waits.0.is_none() {
        &client.retry
    } else {
        let waits = client.waits.clone();
        telling = client.retry.clone().on_pause(move |pause| {
            if matches!(pause.outcome, Outcome::Answer { status: StatusCode::TOO_MANY_REQUESTS, .. }) {
                let Pause { duration, is_waited_out, .. } = *pause;
                waits.tell(&Wait { operation, duration, is_waited_out });
            }
        });
        &telling
    };
    let wire = Wire::of(client);
    match &client.pace {
        // Inside of the retry, so that every try is paced.
        Some(pace) => retry.send(request, &Paced { pace, transport: wire.transport() }).await,
        None => retry.send(request, wire.transport()).await,
    }
}

/// A transport at a pace; both borrowed, because a client has them for longer than a call.
struct Paced<'a> {
    pace: &'a RateLimit,
    transport: &'a dyn Transport,
}

#[async_trait]
impl Transport for Paced<'_> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.pace.send(request, self.transport).await
    }

    async fn sleep(&self, duration: Duration) {
        self.transport.sleep(duration).await;
    }

    fn now(&self) -> Timestamp {
        self.transport.now()
    }
}

/// The request without its credential.
fn encode<T: Transport, E: Endpoint>(
    client: &Client<T>,
    stack: Option<&ApiKey>,
    endpoint: &E,
) -> Result<Request<Bytes>, Error> {
    let operation = Operation(E::ROUTE);
    let unwritable = |what| Error::Request { operation, what };
    let arguments = endpoint.path_arguments();
    let mut target = E::ROUTE
        .row()
        .path(&arguments)
        .map_err(|_| unwritable("the path takes another number of arguments"))?;
    for (index, (name, value)) in endpoint.query().into_iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.extend(utf8_percent_encode(&value, NON_ALPHANUMERIC));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in endpoint.headers() {
        headers.insert(name, header_value(value).ok_or(unwritable("a header's value fits no header"))?);
    }
    // The owner overwrites the bytes when the last reference goes, because a body may hold a password.
    assemble(client, operation, stack, target, headers, endpoint.body().map(Bytes::from_owner))
}

/// A request to a path and query of the API, with what every request has, but without its credential.
pub(crate) fn assemble<T: Transport>(
    client: &Client<T>,
    operation: Operation,
    stack: Option<&ApiKey>,
    target: String,
    mut headers: HeaderMap,
    body: Option<Bytes>,
) -> Result<Request<Bytes>, Error> {
    let unwritable = |what| Error::Request { operation, what };
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, client.user_agent.clone());
    if let Some(stack) = stack {
        headers
            .insert(API_KEY, header_value(stack.as_str()).ok_or(unwritable("the api_key fits no header"))?);
    }
    if body.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let mut request = Request::new(body.unwrap_or_default());
    *request.method_mut() = Method::from_bytes(operation.0.row().method.as_str().as_bytes())
        .map_err(|_| unwritable("the method is not one of HTTP"))?;
    *request.uri_mut() = client.origin.url(target).ok_or(unwritable("the URL is not one"))?;
    *request.headers_mut() = headers;
    request.extensions_mut().insert(info(client, operation));
    Ok(request)
}

/// What decorators may know of a call.
fn info<T>(client: &Client<T>, operation: Operation) -> CallInfo {
    let info = CallInfo::new(operation.0.row().template).limiter_key(Arc::clone(&client.limiter_key));
    if operation.reads() { info.idempotent() } else { info.lane(Lane::Write) }
}

fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

pub(crate) fn no_answer(operation: Operation, uid: Option<&str>, source: TransportError) -> Error {
    if operation.reads() || source.sent == Sent::No {
        Error::NoAnswer { operation, attempts: source.attempts, source }
    } else {
        let check = check_hint::what_to_check(operation, uid);
        Error::OutcomeUnknown { operation, check, source: source.into() }
    }
}

fn decode<E: Endpoint>(operation: Operation, response: &Response<Bytes>) -> Result<E::Answer, Error> {
    let status = response.status();
    if status.is_success() {
        return answer::read(response.body()).map_err(|source| Error::Shape { operation, source });
    }
    not_redirected(operation, response)?;
    Err(Error::Refused { operation, answer: Box::new(ApiError::read(status.as_u16(), response.body())) })
}

/// Redirects are never followed: the credential would go along.
pub(crate) fn not_redirected(operation: Operation, response: &Response<Bytes>) -> Result<(), Error> {
    if !response.status().is_redirection() {
        return Ok(());
    }
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    // The host only: the rest of the URL may repeat arguments.
    let host =
        location.and_then(|url| url.parse::<http::Uri>().ok()).and_then(|url| url.host().map(str::to_owned));
    let region = host.as_deref().and_then(origin::region_of);
    Err(Error::Redirected { operation, host, region })
}
