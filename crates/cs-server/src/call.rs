//! Requests, read: route, arguments, headers, body.

mod address;
pub(crate) mod headers;

use std::borrow::Cow;

use bytes::Bytes;
use cs_model::generated::ErrorId;
use cs_model::{Api, Method, RouteId};
use cs_policy::classify;
use http::Request;
use http::header::{AsHeaderName, CONTENT_TYPE};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::body;
use crate::record::StackRecord;
use crate::refusal::Refusal;

/// What paths begin with. The vendor's delivery SDK leaves it out on the preview host (5.2.0, `getData` of its core), and on
/// that host only.
const VERSION: &str = "v3";

/// How many segments most paths have at most.
const SEGMENTS: usize = 8;

/// A request whose route is known.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) route: RouteId,
    arguments: Vec<String>,
    query: Vec<(String, String)>,
    /// Whether it is sent to a host for drafts.
    pub(crate) is_to_draft_host: bool,
    request: &'a Request<Bytes>,
}

impl<'a> Call<'a> {
    /// Finds the route of a request, to whichever API it is.
    pub(crate) fn read(request: &'a Request<Bytes>) -> Result<Self, Refusal> {
        let unknown = || Refusal::new(ErrorId::RouteUnknown);
        let method = Method::parse(request.method().as_str()).ok_or_else(unknown)?;
        let mut segments = segments(request.uri().path()).ok_or_else(unknown)?;
        let query = pairs(request.uri().query());
        let address = address::of(request, &query);
        let is_unversioned =
            address.api == Api::Preview && segments.first().is_some_and(|first| first != VERSION);
        if is_unversioned {
            segments.insert(0, Cow::Borrowed(VERSION));
        }
        let path = match trimmed(request.uri().path()) {
            Some(path) if !is_unversioned && path.bytes().all(|byte| byte == b'/' || is_plain(byte)) => {
                Cow::Borrowed(path)
            }
            _ => Cow::Owned(plain_path(&segments)),
        };
        // What none of the signs points to may still be the one API that has such a route.
        let others = [Api::Management, Api::Delivery].into_iter().filter(|_| !address.is_certain);
        let mut apis = std::iter::once(address.api).chain(others);
        let route = apis.find_map(|api| classify(api, method, &path)).ok_or_else(unknown)?;
        let parameters = route.row().template.split('/').skip(1).zip(segments);
        let arguments =
            parameters.filter(|(name, _)| name.starts_with('{')).map(|(_, value)| value.into_owned());
        let arguments = arguments.collect();
        Ok(Self { route, arguments, query, is_to_draft_host: address.is_draft, request })
    }

    /// The nth argument of the path; empty beyond the last, which names nothing.
    pub(crate) fn argument(&self, index: usize) -> &str {
        self.arguments.get(index).map_or("", String::as_str)
    }

    /// A header as text. What is not text becomes something that is equal to nothing that we made.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<Cow<'a, str>> {
        self.request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
    }

    /// The API key of the stack that the request is for: in the path of GraphQL, else in a header. The delivery APIs take it
    /// in the query, too, as older clients send it.
    pub(crate) fn api_key(&self) -> Option<Cow<'_, str>> {
        match self.route.row().api {
            Api::GraphQl => Some(Cow::Borrowed(self.argument(0))),
            Api::Management | Api::LegacyPreview => self.header(&headers::API_KEY),
            _ => self.header(&headers::API_KEY).or_else(|| self.parameter("api_key").map(Cow::Borrowed)),
        }
    }

    /// A credential of the delivery APIs: in a header, else in the query, unless the stack's settings forbid that.
    pub(crate) fn credential(&self, name: &str, stack: Option<&StackRecord>) -> Option<Cow<'_, str>> {
        let is_blocked = || stack.is_some_and(StackRecord::blocks_credentials_in_queries);
        self.header(name).or_else(|| self.parameter(name).filter(|_| !is_blocked()).map(Cow::Borrowed))
    }

    /// The body as JSON, if it is that; for those who only want to know.
    pub(crate) fn peek(&self) -> Option<Value> {
        body::read(self.request.body())
    }

    /// A query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        parameter(&self.query, name)
    }

    /// The organization that the request names: in a header, or in the query, where the vendor's JavaScript client puts it when
    /// a stack is made.
    pub(crate) fn organization_uid(&self) -> Option<Cow<'_, str>> {
        self.header("organization_uid").or_else(|| self.parameter("organization_uid").map(Cow::Borrowed))
    }

    /// Whether a query parameter is `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.parameter(name) == Some("true")
    }

    /// All values of a query parameter.
    pub(crate) fn parameters(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The object under `envelope` in the body.
    pub(crate) fn object(&self, envelope: &str) -> Result<Map<String, Value>, Refusal> {
        match self.body()?.remove(envelope) {
            Some(Value::Object(object)) => Ok(object),
            missing => {
                let says = if missing.is_some() { "is not an object" } else { "is required" };
                Err(Refusal::new(ErrorId::BodyInvalid).with(envelope, says))
            }
        }
    }

    /// The body, which is an object.
    pub(crate) fn body(&self) -> Result<Map<String, Value>, Refusal> {
        let kind = self.content_type().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::new(ErrorId::BadContentType));
        }
        match body::read(self.request.body()) {
            Some(Value::Object(body)) => Ok(body),
            _ => Err(Refusal::new(ErrorId::BodyInvalid)),
        }
    }

    /// The body as it came.
    pub(crate) fn bytes(&self) -> &Bytes {
        self.request.body()
    }

    /// What stands between the parts of the body, if it is a form with files.
    pub(crate) fn form_boundary(&self) -> Option<String> {
        multer::parse_boundary(self.content_type()).ok()
    }

    fn content_type(&self) -> &str {
        let header = self.request.headers().get(CONTENT_TYPE);
        header.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The first value of a query parameter.
fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The segments of a path, decoded; `None` for a path in which a segment is empty, `.` or `..`, holds a slash or a
/// control character, or is not UTF-8. One slash at the end is let pass.
fn segments(path: &str) -> Option<Vec<Cow<'_, str>>> {
    let path = trimmed(path)?.strip_prefix('/')?;
    let mut segments = Vec::with_capacity(SEGMENTS);
    for segment in path.split('/') {
        // What needs no decoding is seen at once: nearly all of them.
        let segment = if segment.bytes().all(is_plain) {
            Cow::Borrowed(segment)
        } else {
            percent_decode_str(segment).decode_utf8().ok()?
        };
        if matches!(&*segment, "" | "." | "..") || segment.contains(|c: char| c == '/' || c.is_control()) {
            return None;
        }
        segments.push(segment);
    }
    Some(segments)
}

/// The path without a slash at its end; `None` for one that does not begin with a slash.
fn trimmed(path: &str) -> Option<&str> {
    path.starts_with('/').then(|| path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path))
}

/// Whether a byte stands for itself, in the route table, too.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'$')
}

/// The path for the route table, which takes no percent-encoding: a segment that needs it is the value of a parameter
/// whatever it says, so a placeholder stands for it.
fn plain_path(segments: &[Cow<'_, str>]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(if segment.bytes().all(is_plain) { segment } else { "-" });
    }
    path
}

/// The pairs of a query, or of a form.
pub(crate) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    };
    query.unwrap_or_default().split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: &str, uri: &str) -> Option<(&'static str, Vec<String>)> {
        let request = Request::builder().method(method).uri(uri).body(Bytes::new()).unwrap();
        Call::read(&request).ok().map(|call| (call.route.row().template, call.arguments.clone()))
    }

    #[test]
    fn encoded_names_are_arguments_and_nothing_leaves_the_path() {
        let (template, arguments) = read("GET", "/v3/environments/blue%20%2B%20green?x=1").unwrap();
        assert_eq!(template, "/v3/environments/{environment_name}");
        assert_eq!(arguments, ["blue + green"]);
        for path in [
            "/v3/stacks/delivery_tokens/%2e%2e",
            "/v3/stacks/delivery_tokens/..",
            "/v3/stacks/delivery_tokens/a%2Fb",
            "/v3//user-session",
            "/v3/stacks/delivery_tokens//",
            "/v3/environments/%00",
            "/v3/environments/%ff",
            "/",
            "/v4/user",
        ] {
            assert_eq!(read("GET", path), None, "{path}");
            assert_eq!(read("DELETE", path), None, "{path}");
        }
        assert_eq!(read("PATCH", "/v3/user"), None);
        assert_eq!(read("GET", "/user"), None);
        assert_eq!(read("GET", "/v3/user/").unwrap().0, "/v3/user");
    }

    #[test]
    fn previews_do_without_a_version() {
        let read = |path: &str| {
            let request = Request::get(path).header("preview_token", "x").body(Bytes::new()).unwrap();
            Call::read(&request).ok().map(|call| (call.route, call.argument(1).to_owned()))
        };
        let versioned = read("/v3/content_types/page/entries/blt1").unwrap();
        assert_eq!(versioned.1, "blt1");
        assert_eq!(read("/content_types/page/entries/blt1"), Some(versioned));
        assert_eq!(read("/v4/content_types/page/entries/blt1"), None);
    }

    #[test]
    fn queries_are_decoded() {
        let request =
            Request::get("/v3/stacks/delivery_tokens?query=%7B%22name%22%3A%22a+b%22%7D&force=true&x")
                .body(Bytes::new())
                .unwrap();
        let call = Call::read(&request).unwrap();
        assert_eq!(call.parameter("query"), Some(r#"{"name":"a b"}"#));
        assert!(call.flag("force"));
        assert_eq!(call.parameter("x"), Some(""));
        assert_eq!(call.parameter("y"), None);
    }
}
