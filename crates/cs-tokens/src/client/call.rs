//! One request: written down, sent, and its answer read.

use bytes::Bytes;
use cs_model::{ApiError, ApiKey, Endpoint, answer};
use cs_transport::{Outcome, Pause, Sent, Transport, TransportError};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::client::identity::Identity;
use crate::client::message::{Common, Message};
use crate::client::wire::Wire;
use crate::credential::{Provided, Setting};
use crate::error::Operation;
use crate::{Client, Credential, Error, Wait, check_hint, origin};

/// Sends a request with the credential that `held` gives; `second` goes along where two are documented. `common` belongs to
/// this client, stack and credential.
pub(crate) async fn send<T: Transport, E: Endpoint>(
    client: &Client<T>,
    stack: Option<&ApiKey>,
    endpoint: &E,
    held: &Identity,
    second: Option<&Credential>,
    common: Option<&Common>,
) -> Result<E::Answer, Error> {
    let operation = Operation(E::ROUTE);
    for caution in held.cautions(&client.profile, E::ROUTE, || client.transport.now())? {
        client.cautions.tell(&caution);
    }
    let arguments = endpoint.path_arguments();
    // Credentials of a source change, and are in nothing that is kept.
    let common = common.filter(|_| held.header().is_some());
    let mut message = encode(client, stack, endpoint, &arguments)?.sharing(common);
    if let Some(second) = second {
        message.add(second)?;
    }
    let response = authorized(client, operation, arguments.first().copied(), &message, held).await?;
    decode::<E>(operation, &response)
}

/// Sends a request with a credential. A source is asked for another one when the API does not know the first any more: it
/// did nothing then, so that the request can be sent once more, whatever it is.
pub(crate) async fn authorized<T: Transport>(
    client: &Client<T>,
    operation: Operation,
    uid: Option<&str>,
    message: &Message<'_>,
    held: &Identity,
) -> Result<Response<Bytes>, Error> {
    let source = match &held.provided {
        Provided::Fixed(credential) => {
            let made;
            let header = match held.header() {
                Some(header) => Some(header),
                None => {
                    made = credential.header()?;
                    made.as_ref()
                }
            };
            return carry(client, operation, message, header)
                .await
                .map_err(|error| no_answer(operation, uid, error));
        }
        Provided::Source(source) => source,
    };
    let no_credential = |source| Error::Source { operation, source };
    let (wire, hub) = (Wire::of(client), client.origin.developer_hub());
    let setting = Setting { transport: &wire, hub: &hub, profile: &client.profile };
    let credential = source.credential(&setting).await.map_err(no_credential)?;
    let outcome = carry(client, operation, message, credential.header()?.as_ref()).await;
    let response = outcome.map_err(|error| no_answer(operation, uid, error))?;
    let status = response.status();
    if !status.is_client_error() || !ApiError::read(status.as_u16(), response.body()).is_authentication() {
        return Ok(response);
    }
    match source.after_refusal(&credential, &setting).await.map_err(no_credential)? {
        Some(other) if !other.same_as(&credential) => {
            let outcome = carry(client, operation, message, other.header()?.as_ref()).await;
            outcome.map_err(|error| no_answer(operation, uid, error))
        }
        _ => Ok(response),
    }
}

/// Sends a request, and again where that does no harm; tells of waits for the rate.
pub(crate) async fn carry<T: Transport>(
    client: &Client<T>,
    operation: Operation,
    message: &Message<'_>,
    credential: Option<&(HeaderName, HeaderValue)>,
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
    // The pace is inside of the retry, so that every try is paced.
    retry.carry(&|| message.request(credential), client.pace.as_ref(), &Wire::of(client)).await
}

/// The request without its credential.
fn encode<'a, T: Transport, E: Endpoint>(
    client: &'a Client<T>,
    stack: Option<&'a ApiKey>,
    endpoint: &E,
    arguments: &[&str],
) -> Result<Message<'a>, Error> {
    let operation = Operation(E::ROUTE);
    let unwritable = |what| Error::Request { operation, what };
    let mut target = E::ROUTE
        .row()
        .path(arguments)
        .map_err(|_| unwritable("the path takes another number of arguments"))?;
    for (index, (name, value)) in endpoint.query().into_iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.extend(utf8_percent_encode(&value, NON_ALPHANUMERIC));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in endpoint.headers() {
        let value =
            HeaderValue::from_str(value).map_err(|_| unwritable("a header's value fits no header"))?;
        headers.insert(name, value);
    }
    // The owner overwrites the bytes when the last reference goes, because a body may hold a password.
    Message::new(client, operation, stack, target, headers, endpoint.body().map(Bytes::from_owner))
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
