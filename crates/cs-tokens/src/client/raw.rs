//! Requests that this crate has no types for.

use std::fmt;

use bytes::Bytes;
use cs_model::endpoint::json_body;
use cs_model::generated::route::GET_STACKS;
use cs_model::{Api, ApiKey, Method};
use cs_policy::classify;
use cs_transport::Transport;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::client::call::{self, Writes};
use crate::client::message::Message;
use crate::client::raw_header::{self, HeaderError};
use crate::{Client, Error, Operation};

/// The header that names the branch.
const BRANCH: HeaderName = HeaderName::from_static("branch");

/// A request to any route of the management API; sent by [`Client::send_raw`].
///
/// ```
/// use cs_model::Method;
/// use cs_tokens::RawRequest;
/// let request = RawRequest::new(Method::Get, "/v3/content_types").query("include_count", "true").branch("development");
/// assert_eq!(request.path, "/v3/content_types");
/// ```
///
/// Some routes want more headers than `branch`, and an asset is no JSON (OA3):
///
/// ```
/// use cs_model::Method;
/// use cs_tokens::RawRequest;
/// let publish = RawRequest::new(Method::Post, "/v3/content_types/blog/entries/blt1/publish")
///     .header("api_version", "3.2")?
///     .body(serde_json::json!({ "entry": { "environments": ["production"] } }));
///
/// let form = "--limit\r\nContent-Disposition: form-data; name=\"asset[upload]\"; filename=\"a.txt\"\r\n\r\nhello\r\n--limit--\r\n";
/// let upload = RawRequest::new(Method::Post, "/v3/assets").bytes("multipart/form-data; boundary=limit", form)?;
/// assert_eq!(upload.headers().count() + publish.headers().count(), 1);
/// # Ok::<(), cs_tokens::HeaderError>(())
/// ```
///
/// `Debug` shows neither the values of the query and of headers nor the body: each may hold a secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawRequest {
    /// The method.
    pub method: Method,
    /// The path from `/v3` on, without a query: one that the table of routes knows ([`ROUTES`](cs_model::generated::ROUTES)).
    pub path: String,
    /// The query, unencoded.
    pub query: Vec<(String, String)>,
    /// The branch or alias, for routes that have a `branch` header; without it the request is for `main` (CMA-doc, "Branches").
    pub branch: Option<String>,
    /// The body. Not shown by [`Client::send_raw`]'s errors.
    pub body: Option<RawBody>,
    headers: HeaderMap,
}

/// The body of a [`RawRequest`]. `Debug` does not show it.
#[derive(Clone)]
#[non_exhaustive]
pub enum RawBody {
    /// JSON; what was made of it for the wire is overwritten afterwards. The value itself is not.
    Json(Value),
    /// Bytes as they are, of a type that [`RawRequest::bytes`] checked.
    Bytes {
        /// What they are: the header `content-type`.
        content_type: HeaderValue,
        /// The bytes.
        bytes: Bytes,
    },
}

impl RawRequest {
    /// A request without a query, a branch or a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            branch: None,
            body: None,
            headers: HeaderMap::new(),
        }
    }

    /// The same with one more argument in the query.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// The same on a branch or an alias.
    #[must_use]
    pub fn branch(mut self, name: impl Into<String>) -> Self {
        self.branch = Some(name.into());
        self
    }

    /// The same with one more header, in the place of another value that it had: `api_version`, `release_version`,
    /// `bulk_version` (OA3), or `organization_uid` for another organization than that of the client.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for what is no header, for headers that hold a credential, which is the client's, and for those that
    /// the client or HTTP itself sets.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, HeaderError> {
        let (name, value) = raw_header::check(name, value)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// The headers that [`RawRequest::header`] took.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter()
    }

    /// The same with JSON as its body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(RawBody::Json(body));
        self
    }

    /// The same with a body that is no JSON, such as a form with a file. It is kept as it is while the request is on its way.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] for a content type that no header can carry.
    pub fn bytes(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Result<Self, HeaderError> {
        let content_type = raw_header::value(header::CONTENT_TYPE.as_str(), content_type)?;
        self.body = Some(RawBody::Bytes { content_type, bytes: bytes.into() });
        Ok(self)
    }

    /// The path without what does not belong into it and may be secret: a query, a fragment, a host with a password.
    fn shown_path(&self) -> &str {
        if !self.path.starts_with('/') {
            return "[no path]";
        }
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        match path.split_once("//") {
            Some((before, _)) if !before.starts_with('/') => before,
            _ => path,
        }
    }

    fn target(&self) -> String {
        let mut target = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.extend(utf8_percent_encode(name, NON_ALPHANUMERIC));
            target.push('=');
            target.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        target
    }
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest")
            .field("method", &self.method)
            .field("path", &self.shown_path())
            .field("query", &self.query.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("branch", &self.branch)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish()
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json([redacted])",
            Self::Bytes { .. } => "Bytes([redacted])",
        })
    }
}

impl<T: Transport> Client<T> {
    /// Sends a request that this crate has no types for: with the client's credential, its pace, its tries and the verdict of
    /// the rules, and gives back the answer whatever its status, unread.
    ///
    /// A request that writes is never repeated when it may have had its effect.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoute`] for a path that no document lists, [`Error::Redirected`], which is
    /// [`Error::OutcomeUnknown`] for a write that is sent to no other region, and those of [`Client::send`] that come before
    /// an answer is read. An answer of 5xx, 408 or 499 to a write is given back as it is: it leaves open what was done.
    pub async fn send_raw(
        &self,
        stack: Option<&ApiKey>,
        request: &RawRequest,
    ) -> Result<Response<Bytes>, Error> {
        let route = classify(Api::Management, request.method, &request.path).ok_or_else(|| {
            Error::UnknownRoute { method: request.method, path: request.shown_path().to_owned() }
        })?;
        let operation = Operation(route);
        for caution in self.held.cautions(&self.profile, route, || self.wire.now())? {
            self.cautions.tell(&caution);
        }
        let writes = Untyped { client: self, operation, stack, request };
        let response = call::authorized(self, operation, &writes, &self.held).await?;
        if response.status().is_redirection()
            && let Some(error) = call::redirected(operation, &writes, &self.origin, &response)
        {
            return Err(error);
        }
        if route == GET_STACKS && response.status().is_success() {
            self.learn_from(response.body());
        }
        Ok(response)
    }
}

/// A request as it was given.
struct Untyped<'a, T> {
    client: &'a Client<T>,
    operation: Operation,
    stack: Option<&'a ApiKey>,
    request: &'a RawRequest,
}

impl<T: Transport> Writes for Untyped<'_, T> {
    fn message(&self) -> Result<Message<'_>, Error> {
        let Self { client, operation, stack, request } = *self;
        let unwritable = |what| Error::Request { operation, what };
        let mut headers = request.headers.clone();
        let body = match &request.body {
            Some(RawBody::Json(body)) => {
                let bytes = json_body(body).map_err(|_| unwritable("the body cannot be written as JSON"))?;
                Some(Bytes::from_owner(bytes))
            }
            Some(RawBody::Bytes { content_type, bytes }) => {
                headers.insert(header::CONTENT_TYPE, content_type.clone());
                Some(bytes.clone())
            }
            None => None,
        };
        if let Some(branch) = &request.branch {
            headers.insert(BRANCH, branch.parse().map_err(|_| unwritable("the branch fits no header"))?);
        }
        Message::new(client, operation, stack, request.target(), headers, body)
    }

    fn uid(&self) -> Option<&str> {
        None
    }

    fn stack(&self) -> Option<&ApiKey> {
        self.stack
    }
}
