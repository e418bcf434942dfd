//! A request in the making: everything but its credential.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use cs_model::ApiKey;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};

use crate::error::Operation;
use crate::{Client, Credential, Error};

/// The header that names the stack.
const API_KEY: HeaderName = HeaderName::from_static("api_key");

/// The headers that all requests about one stack have in common, made once: for those without a body and for those with one.
///
/// They hold the credential of the client, whose owner overwrites it when the last of them goes.
#[derive(Clone, Default)]
pub(crate) struct Common(Arc<[OnceLock<HeaderMap>; 2]>);

impl fmt::Debug for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Common").finish_non_exhaustive()
    }
}

/// The header that names the organization. Under single sign-on, requests of a user into a stack must have it (CMA-doc, "Get a
/// single stack").
pub(crate) const ORGANIZATION: HeaderName = HeaderName::from_static("organization_uid");

/// The headers of a request, most of the time: what each bears, `api_key`, credential and content type.
const USUAL_HEADERS: usize = 6;

/// A request without its credential. For another try it is written anew.
pub(crate) struct Message<'a> {
    user_agent: &'a HeaderValue,
    /// The header that names the organization, for a request with a credential.
    organization: Option<&'a HeaderValue>,
    operation: Operation,
    uri: Uri,
    api_key: Option<&'a ApiKey>,
    own: HeaderMap,
    body: Option<Bytes>,
    common: Option<&'a Common>,
}

impl<'a> Message<'a> {
    /// A request to a path and query of the client's API, with `own` headers besides those that every request has.
    pub(crate) fn new<T>(
        client: &'a Client<T>,
        operation: Operation,
        stack: Option<&'a ApiKey>,
        target: String,
        own: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Self, Error> {
        let unwritable = |what| Error::Request { operation, what };
        Ok(Self {
            user_agent: &client.user_agent,
            organization: client.organization_header(stack),
            operation,
            uri: client.origin.url(target).ok_or(unwritable("the URL is not one"))?,
            api_key: stack,
            own,
            body,
            common: None,
        })
    }

    /// Lets it go to another URL.
    pub(crate) fn to(self, uri: Uri) -> Self {
        Self { uri, ..self }
    }

    /// Takes the headers that it shares with others: those with the same client, stack and credential.
    pub(crate) fn sharing(self, common: Option<&'a Common>) -> Self {
        // Headers of its own it shares with nobody.
        Self { common: common.filter(|_| self.own.is_empty()), ..self }
    }

    /// Adds a credential besides that of the client.
    pub(crate) fn add(&mut self, second: &Credential) -> Result<(), Error> {
        self.common = None;
        second.add_to(&mut self.own)
    }

    /// The request, with the header of its credential.
    pub(crate) fn into_request(mut self, credential: Option<&(HeaderName, HeaderValue)>) -> Request<Bytes> {
        let headers = match self.common {
            Some(Common(made)) => {
                made[usize::from(self.body.is_some())].get_or_init(|| self.headers(credential)).clone()
            }
            None => self.headers(credential),
        };
        let mut request = Request::new(self.body.unwrap_or_default());
        *request.method_mut() = method_of(self.operation);
        *request.uri_mut() = self.uri;
        *request.headers_mut() = headers;
        request
    }

    fn headers(&mut self, credential: Option<&(HeaderName, HeaderValue)>) -> HeaderMap {
        let mut headers = match self.own.is_empty() {
            true => HeaderMap::with_capacity(USUAL_HEADERS),
            false => std::mem::take(&mut self.own),
        };
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        if let Some(Ok(api_key)) = self.api_key.map(|api_key| HeaderValue::from_str(api_key.as_str())) {
            // An `ApiKey` is made of letters, digits and `_-.`, which always fit.
            headers.insert(API_KEY, api_key);
        }
        if let Some((name, value)) = credential {
            headers.insert(name, value.clone());
            if let Some(organization) = self.organization {
                // What the request itself names is more to the point.
                headers.entry(ORGANIZATION).or_insert_with(|| organization.clone());
            }
        }
        if self.body.is_some() {
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        headers
    }
}

fn method_of(operation: Operation) -> Method {
    match operation.0.row().method {
        cs_model::Method::Get => Method::GET,
        cs_model::Method::Post => Method::POST,
        cs_model::Method::Put => Method::PUT,
        cs_model::Method::Delete => Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use cs_model::Secret;
    use cs_model::generated::route;
    use cs_transport::{Ready, from_fn};

    use super::*;

    #[test]
    fn what_requests_share_are_the_headers_that_each_would_have() {
        let client = Client::builder(Ready(from_fn(|_| Ok(http::Response::default()))))
            .base_url("https://api.example.com")
            .credential(Credential::Authtoken(Secret::new("not-a-session")))
            .build()
            .unwrap();
        let (api_key, common) = ("blt0000000000000001".parse().unwrap(), Common::default());
        let message = |operation, body: Option<&'static str>| {
            let (target, body) = ("/v3/stacks/delivery_tokens".to_owned(), body.map(Bytes::from));
            Message::new(&client, operation, Some(&api_key), target, HeaderMap::new(), body).unwrap()
        };
        let credential = client.held.header();
        for _ in 0..2 {
            for (route, body) in
                [(route::GET_STACKS_DELIVERY_TOKENS, None), (route::POST_STACKS_DELIVERY_TOKENS, Some("{}"))]
            {
                let own = message(Operation(route), body).into_request(credential);
                let shared = message(Operation(route), body).sharing(Some(&common)).into_request(credential);
                assert_eq!(shared.headers(), own.headers());
                assert_eq!(shared.headers().len(), if body.is_some() { 5 } else { 4 });
                assert!(shared.headers()["authtoken"].is_sensitive());
                assert_eq!((shared.method(), shared.uri()), (own.method(), own.uri()));
            }
        }
        let mut second = message(Operation(route::GET_STACKS_DELIVERY_TOKENS), None).sharing(Some(&common));
        second.add(&Credential::Management(Secret::new("not-a-token"))).unwrap();
        assert_eq!(second.into_request(credential).headers().len(), 5);
        assert!(!format!("{common:?}").contains("not-a"));
    }
}
