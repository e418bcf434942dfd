//! A request in the making: everything but its credential, from which it is made for each try.

use std::sync::Arc;

use bytes::Bytes;
use cs_model::ApiKey;
use cs_transport::{CallInfo, Lane};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};

use crate::error::Operation;
use crate::{Client, Credential, Error};

/// The header that names the stack.
const API_KEY: HeaderName = HeaderName::from_static("api_key");

/// The headers of a request, most of the time: what each bears, `api_key`, credential and content type.
const USUAL_HEADERS: usize = 6;

/// A request without its credential. What is in it is shared with the requests that are made of it.
pub(crate) struct Message<'a> {
    user_agent: &'a HeaderValue,
    limiter_key: &'a Arc<str>,
    operation: Operation,
    uri: Uri,
    api_key: Option<HeaderValue>,
    own: HeaderMap,
    body: Option<Bytes>,
}

impl<'a> Message<'a> {
    /// A request to a path and query of the client's API, with `own` headers besides those that every request has.
    pub(crate) fn new<T>(
        client: &'a Client<T>,
        operation: Operation,
        stack: Option<&ApiKey>,
        target: String,
        own: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Self, Error> {
        let unwritable = |what| Error::Request { operation, what };
        let api_key = stack.map(|stack| HeaderValue::from_str(stack.as_str()));
        Ok(Self {
            user_agent: &client.user_agent,
            limiter_key: &client.limiter_key,
            operation,
            uri: client.origin.url(target).ok_or(unwritable("the URL is not one"))?,
            api_key: api_key.transpose().map_err(|_| unwritable("the api_key fits no header"))?,
            own,
            body,
        })
    }

    /// Lets it go to another URL.
    pub(crate) fn to(self, uri: Uri) -> Self {
        Self { uri, ..self }
    }

    /// Adds a credential besides that of the client.
    pub(crate) fn add(&mut self, second: &Credential) -> Result<(), Error> {
        second.add_to(&mut self.own)
    }

    /// The request, with the header of its credential.
    pub(crate) fn request(&self, credential: Option<&(HeaderName, HeaderValue)>) -> Request<Bytes> {
        let mut headers = match self.own.is_empty() {
            true => HeaderMap::with_capacity(USUAL_HEADERS),
            false => self.own.clone(),
        };
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        if let Some(api_key) = &self.api_key {
            headers.insert(API_KEY, api_key.clone());
        }
        if let Some((name, value)) = credential {
            headers.insert(name, value.clone());
        }
        if self.body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut request = Request::new(self.body.clone().unwrap_or_default());
        *request.method_mut() = method_of(self.operation);
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = headers;
        request.extensions_mut().insert(self.info());
        request
    }

    /// What decorators may know of the call.
    fn info(&self) -> CallInfo {
        let info = CallInfo::new(self.operation.0.row().template).limiter_key(Arc::clone(self.limiter_key));
        if self.operation.reads() { info.idempotent() } else { info.lane(Lane::Write) }
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
