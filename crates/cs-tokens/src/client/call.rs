//! One request: written down, sent, and its answer read.

use std::time::Duration;

use bytes::Bytes;
use cs_model::{ApiError, ApiKey, Endpoint, answer};
use cs_transport::{CallInfo, ErrorKind, Limit, Sent, Transport, TransportError};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::client::preflight;
use crate::error::Operation;
use crate::{Client, Credential, Error, Wait, check_hint, origin};

/// How often a request is sent, at most, that only reads or that certainly has not left.
const MOST_ATTEMPTS: u32 = 3;

/// The wait between two attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// How often a request is repeated that was refused for its rate.
const MOST_REFUSALS: u32 = 5;

/// The wait after such a refusal when the answer names none: the limits count by the second.
const WINDOW: Duration = Duration::from_secs(1);

/// The longest such wait that is worth it; whoever is asked to wait longer is better told at once.
const LONGEST_WINDOW: Duration = Duration::from_secs(30);

/// The header that names the stack.
const API_KEY: HeaderName = HeaderName::from_static("api_key");

/// Sends a request with `credential`; `second` goes along where two are documented.
pub(crate) async fn send<T: Transport, E: Endpoint>(
    client: &Client<T>,
    stack: Option<&ApiKey>,
    endpoint: &E,
    credential: &Credential,
    second: Option<&Credential>,
) -> Result<E::Answer, Error> {
    let operation = Operation(E::ROUTE);
    let now = client.transport.now();
    for caution in preflight::preflight(&client.profile, credential, E::ROUTE, now)? {
        client.cautions.tell(&caution);
    }
    let (mut attempts, mut refusals) = (0, 0);
    let response = loop {
        attempts += 1;
        let mut request = encode(client, stack, endpoint)?;
        credential.add_to(request.headers_mut())?;
        if let Some(second) = second {
            second.add_to(request.headers_mut())?;
        }
        match client.transport.send(request).await {
            // The API has counted the request and done nothing else with it, so that every kind may be repeated.
            Ok(response)
                if response.status() == StatusCode::TOO_MANY_REQUESTS && refusals < MOST_REFUSALS =>
            {
                let duration = until_next_window(&response);
                let wait = Wait { operation, duration, is_waited_out: duration <= LONGEST_WINDOW };
                client.waits.tell(&wait);
                if !wait.is_waited_out {
                    break response;
                }
                refusals += 1;
                client.transport.sleep(duration).await;
            }
            // Whatever stands before the API may be back in a moment. What a write did is not known then.
            Ok(response)
                if operation.reads()
                    && attempts - refusals < MOST_ATTEMPTS
                    && is_passing(response.status()) =>
            {
                client.transport.sleep(PAUSE).await;
            }
            Ok(response) => break response,
            Err(error)
                if (operation.reads() || error.sent == Sent::No)
                    && attempts - refusals < MOST_ATTEMPTS
                    && is_worth_repeating(&error) =>
            {
                client.transport.sleep(PAUSE).await;
            }
            Err(source) => {
                let uid = endpoint.path_arguments().first().copied();
                return Err(no_answer(operation, uid, attempts, source));
            }
        }
    };
    decode::<E>(operation, &response)
}

/// The request without its credential.
fn encode<T: Transport, E: Endpoint>(
    client: &Client<T>,
    stack: Option<&ApiKey>,
    endpoint: &E,
) -> Result<Request<Bytes>, Error> {
    let operation = Operation(E::ROUTE);
    let unwritable = |what| Error::Request { operation, what };
    let route = E::ROUTE.row();
    let arguments = endpoint.path_arguments();
    let path =
        route.path(&arguments).map_err(|_| unwritable("the path takes another number of arguments"))?;
    let mut url = format!("{}{path}", client.origin);
    for (index, (name, value)) in endpoint.query().into_iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(&value, NON_ALPHANUMERIC));
    }

    let body = endpoint.body();
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, client.user_agent.clone());
    if let Some(stack) = stack {
        headers
            .insert(API_KEY, header_value(stack.as_str()).ok_or(unwritable("the api_key fits no header"))?);
    }
    if body.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in endpoint.headers() {
        headers.insert(name, header_value(value).ok_or(unwritable("a header's value fits no header"))?);
    }

    // The owner overwrites the bytes when the last reference goes, because a body may hold a password.
    let body = body.map(Bytes::from_owner).unwrap_or_default();
    let mut request = Request::new(body);
    *request.method_mut() = Method::from_bytes(route.method.as_str().as_bytes())
        .map_err(|_| unwritable("the method is not one of HTTP"))?;
    *request.uri_mut() = url.parse().map_err(|_| unwritable("the URL is not one"))?;
    *request.headers_mut() = headers;
    let info = CallInfo::new(route.template);
    request.extensions_mut().insert(if operation.reads() { info.idempotent() } else { info });
    Ok(request)
}

fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

/// How long a refusal for the rate asks to wait.
fn until_next_window(response: &Response<Bytes>) -> Duration {
    let header = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = header.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    seconds.unwrap_or(WINDOW).max(WINDOW)
}

/// Whether a status says that something before the API, or the API itself, is out of order for now.
fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502..=504)
}

/// Whether the connection, rather than the request or the peer, stood in the way.
fn is_worth_repeating(error: &TransportError) -> bool {
    matches!(error.kind, ErrorKind::Connect | ErrorKind::Timeout(Limit::Connect) | ErrorKind::Interrupted)
}

fn no_answer(operation: Operation, uid: Option<&str>, attempts: u32, source: TransportError) -> Error {
    if operation.reads() || source.sent == Sent::No {
        Error::NoAnswer { operation, attempts, source }
    } else {
        Error::OutcomeUnknown {
            operation,
            check: check_hint::what_to_check(operation, uid),
            source: source.into(),
        }
    }
}

fn decode<E: Endpoint>(operation: Operation, response: &Response<Bytes>) -> Result<E::Answer, Error> {
    let status = response.status();
    if status.is_success() {
        return answer::read(response.body()).map_err(|source| Error::Shape { operation, source });
    }
    if status.is_redirection() {
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        // The host only: the rest of the URL may repeat arguments.
        let host = location
            .and_then(|url| url.parse::<http::Uri>().ok())
            .and_then(|url| url.host().map(str::to_owned));
        let region = host.as_deref().and_then(origin::region_of);
        return Err(Error::Redirected { operation, host, region });
    }
    Err(Error::Refused { operation, answer: Box::new(ApiError::read(status.as_u16(), response.body())) })
}
