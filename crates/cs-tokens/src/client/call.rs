//! One request: written down, sent, and its answer read.

use std::sync::Arc;

use bytes::Bytes;
use cs_model::{ApiError, ApiKey, Endpoint, Profile, answer};
use cs_transport::{Transport, answered_at};
use http::{HeaderMap, HeaderValue, Response};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::client::carry::{Carrying, carry, carry_until, deadline};
use crate::client::identity::Identity;
use crate::client::message::{Common, Message};
use crate::client::wire::Share;
use crate::credential::{CredentialSource, Provided, Setting, SourceError};
use crate::error::{Lost, Operation};
use crate::origin::{Origin, elsewhere};
use crate::{Client, Credential, Error, check_hint};

/// Sends a request with the credential that `held` gives; `second` goes along where two are documented. `common` belongs to
/// this client, stack and credential.
pub(crate) async fn send<T: Transport, E: Endpoint + Sync>(
    client: &Client<T>,
    stack: Option<&ApiKey>,
    endpoint: &E,
    held: &Identity,
    second: Option<&Credential>,
    common: Option<&Common>,
) -> Result<E::Answer, Error> {
    let operation = Operation(E::ROUTE);
    for caution in held.cautions(&client.profile, E::ROUTE, || client.wire.now())? {
        client.cautions.tell(&caution);
    }
    // Credentials of a source change, and are in nothing that is kept.
    let common = common.filter(|_| held.header().is_some());
    let writes = Typed { client, stack, endpoint, second, common };
    let response = authorized(client, operation, &writes, held).await?;
    decode::<E>(operation, &writes, &writes.client.origin, &response)
}

/// As [`send`] with the client's credential, and tells the date of the answer. What the rules have to say is not told again.
pub(crate) async fn send_dated<T: Transport, E: Endpoint + Sync>(
    client: &Client<T>,
    stack: Option<&ApiKey>,
    endpoint: &E,
    common: Option<&Common>,
) -> Result<(E::Answer, Option<Timestamp>), Error> {
    let operation = Operation(E::ROUTE);
    let held = &client.held;
    held.cautions(&client.profile, E::ROUTE, || client.wire.now())?;
    let common = common.filter(|_| held.header().is_some());
    let writes = Typed { client, stack, endpoint, second: None, common };
    let response = authorized(client, operation, &writes, held).await?;
    Ok((decode::<E>(operation, &writes, &writes.client.origin, &response)?, answered_at(response.headers())))
}

/// Writes a request down: for each try anew, which says the same each time. So nothing of it is kept while it is on its way.
pub(crate) trait Writes: Sync {
    /// The request without its credential.
    fn message(&self) -> Result<Message<'_>, Error>;

    /// What its path names, if anything.
    fn uid(&self) -> Option<&str>;

    /// The stack that it is about, if any.
    fn stack(&self) -> Option<&ApiKey>;
}

/// Sends a request with a credential. A source is asked for another one when the API does not know the first any more: it
/// did nothing then, so that the request can be sent once more, whatever it is.
pub(crate) fn authorized<'a, T: Transport>(
    client: &'a Client<T>,
    operation: Operation,
    writes: &'a dyn Writes,
    held: &'a Identity,
) -> impl Future<Output = Result<Response<Bytes>, Error>> + Send + 'a {
    match &held.provided {
        Provided::Fixed(credential) => match held.header() {
            Some(header) => carry(client, operation, writes, Some(header)),
            // There is none, or it fits no header.
            None => match credential.header() {
                Ok(_) => carry(client, operation, writes, None),
                Err(error) => Carrying::failed(error),
            },
        },
        Provided::Source(source) => Carrying::Boxed(Box::pin(provided(client, operation, writes, source))),
    }
}

async fn provided<T: Transport>(
    client: &Client<T>,
    operation: Operation,
    writes: &dyn Writes,
    source: &Arc<dyn CredentialSource>,
) -> Result<Response<Bytes>, Error> {
    let no_credential = |source| Error::Source { operation, source };
    let ground = Ground::of(client).map_err(no_credential)?;
    let setting = Setting { deadline: deadline(client), ..ground.setting() };
    let credential = source.credential(&setting).await.map_err(no_credential)?;
    let header = credential.header()?;
    let until = setting.deadline;
    let response = carry_until(client, until, None, operation, writes, header.as_ref()).await?;
    let status = response.status();
    if !status.is_client_error() {
        return Ok(response);
    }
    let answer = ApiError::read(status.as_u16(), response.body());
    // A page with 401 may come from something on the way, after the API has done what was asked.
    if !answer.is_authentication() || !(operation.reads() || answer.is_of_the_api()) {
        return Ok(response);
    }
    match source.after_refusal(&credential, &setting).await.map_err(no_credential)? {
        Some(other) if !other.same_as(&credential) => {
            let header = other.header()?;
            carry_until(client, until, None, operation, writes, header.as_ref()).await
        }
        _ => Ok(response),
    }
}

/// What a client's source of credentials may use.
pub(crate) struct Ground<'a> {
    transport: Arc<dyn Transport>,
    hub: String,
    profile: &'a Profile,
}

impl<'a> Ground<'a> {
    pub(crate) fn of<T: Transport>(client: &'a Client<T>) -> Result<Self, SourceError> {
        let Some(Share(share)) = &client.share else {
            return Err(SourceError::Other("the transport cannot be shared with it"));
        };
        let (transport, hub) = (share(&client.wire), client.origin.developer_hub());
        Ok(Self { transport, hub, profile: &client.profile })
    }

    pub(crate) fn setting(&self) -> Setting<'_> {
        Setting { transport: &self.transport, hub: &self.hub, profile: self.profile, deadline: None }
    }
}

/// A request of an endpoint.
struct Typed<'a, T, E> {
    client: &'a Client<T>,
    stack: Option<&'a ApiKey>,
    endpoint: &'a E,
    second: Option<&'a Credential>,
    common: Option<&'a Common>,
}

impl<T: Transport, E: Endpoint + Sync> Writes for Typed<'_, T, E> {
    fn message(&self) -> Result<Message<'_>, Error> {
        let Self { client, stack, endpoint, second, common } = *self;
        let operation = Operation(E::ROUTE);
        let unwritable = |what| Error::Request { operation, what };
        let mut target = E::ROUTE
            .row()
            .path(endpoint.path_arguments().as_ref())
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
        let body = endpoint.body().map(Bytes::from_owner);
        let mut message = Message::new(client, operation, stack, target, headers, body)?.sharing(common);
        if let Some(second) = second {
            message.add(second)?;
        }
        Ok(message)
    }

    fn uid(&self) -> Option<&str> {
        self.endpoint.path_arguments().as_ref().first().copied()
    }

    fn stack(&self) -> Option<&ApiKey> {
        self.stack
    }
}

fn decode<E: Endpoint>(
    operation: Operation,
    writes: &dyn Writes,
    origin: &Origin,
    response: &Response<Bytes>,
) -> Result<E::Answer, Error> {
    let status = response.status();
    if status.is_success() {
        return answer::read(response.body()).map_err(|source| Error::Shape { operation, source });
    }
    Err(refused(operation, writes, origin, response))
}

#[cold]
#[inline(never)]
fn refused(operation: Operation, writes: &dyn Writes, origin: &Origin, response: &Response<Bytes>) -> Error {
    redirected(operation, writes, origin, response).unwrap_or_else(|| {
        let answer = Box::new(ApiError::read(response.status().as_u16(), response.body()));
        in_doubt(operation, writes, Error::Refused { operation, answer })
    })
}

/// An error for an answer that names another place. Redirects are never followed: the credential would go along.
#[cold]
#[inline(never)]
pub(crate) fn redirected(
    operation: Operation,
    writes: &dyn Writes,
    origin: &Origin,
    response: &Response<Bytes>,
) -> Option<Error> {
    if !response.status().is_redirection() {
        return None;
    }
    let (host, region) = elsewhere(response.headers(), |host| origin.has_host(host));
    let error = Error::Redirected { operation, host, region };
    // Where another region is named, that is what is wrong.
    Some(if region.is_some() { error } else { in_doubt(operation, writes, error) })
}

/// An answer that leaves open what was done, said as such, with what to look at.
fn in_doubt(operation: Operation, writes: &dyn Writes, error: Error) -> Error {
    Lost::from_error(error).map_or_else(
        |error| error,
        |source| {
            let check = check_hint::what_to_check(operation, writes.uid());
            Error::OutcomeUnknown { operation, check, source }
        },
    )
}
