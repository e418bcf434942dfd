//! Requests that no transport carries.

use std::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderName, Method, Request, Uri, header};

use crate::{ErrorKind, Sent, TransportError};

/// Why a request cannot be carried unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestFault {
    /// The URL has no scheme or no host.
    #[error("the URL has no scheme or no host")]
    NotAbsolute,
    /// The URL's scheme is neither `http` nor `https`.
    #[error("the URL's scheme is neither http nor https")]
    Scheme,
    /// The URL has a user name or a password in it, which would become a header.
    #[error("the URL has a user name or a password in it")]
    UserInfo,
    /// The host or the port is not written in the one form that every client keeps: lower case, ASCII,
    /// addresses in canonical form, no empty port.
    #[error("the URL's host or port is not in canonical form")]
    Host,
    /// A path segment is `.` or `..`, plain or percent-encoded: some clients resolve it, and the request
    /// would reach another route.
    #[error("the path has a dot segment")]
    DotSegment,
    /// The path has a character that clients encode in different ways, or a `%` that begins no escape.
    #[error("the path has the character `{0}` that must be percent-encoded")]
    PathCharacter(char),
    /// The query has a character that clients encode in different ways, or a `%` that begins no escape.
    #[error("the query has the character `{0}` that must be percent-encoded")]
    QueryCharacter(char),
    /// `CONNECT` and `TRACE` are not for calls to an API.
    #[error("the method `{0}` is not for calls to an API")]
    Method(Method),
    /// The header belongs to the connection, and the transport writes it itself.
    #[error("the header `{0}` is written by the transport itself")]
    Header(HeaderName),
}

/// Refuses a request that a client would change on the way, or send in the clear.
///
/// Client libraries differ in what they do to an unusual URL: `DELETE /v3/things/..` leaves one of them as
/// `DELETE /v3/` and the other as it is. Hence every transport of this crate asks this function first, and
/// refuses the same requests for the same reasons. Ask it in a transport of your own, too.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] with the fault, or [`ErrorKind::InsecureUrl`] for `http` to a host that is
/// not [loopback](is_loopback()). Either way nothing was sent.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use cs_transport::{ErrorKind, RequestFault, Sent, check};
///
/// let request = http::Request::delete("https://api.example.com/v3/things/%2e%2e").body(Bytes::new())?;
/// let error = check(&request).unwrap_err();
/// assert_eq!(error.kind, ErrorKind::InvalidRequest(RequestFault::DotSegment));
/// assert_eq!(error.sent, Sent::No);
/// # Ok::<(), http::Error>(())
/// ```
pub fn check(request: &Request<Bytes>) -> Result<(), TransportError> {
    check_origin(request.uri())?;
    Ok(check_rest(request)?)
}

/// The part of [`check()`] that is about scheme, host and port alone.
pub(crate) fn check_origin(uri: &Uri) -> Result<(), TransportError> {
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(RequestFault::NotAbsolute.into());
    };
    if *scheme != Scheme::HTTPS && *scheme != Scheme::HTTP {
        return Err(RequestFault::Scheme.into());
    }
    check_authority(authority)?;
    if *scheme == Scheme::HTTP && !is_loopback(authority.host()) {
        return Err(TransportError::new(ErrorKind::InsecureUrl, Sent::No));
    }
    Ok(())
}

/// The rest of [`check()`].
pub(crate) fn check_rest(request: &Request<Bytes>) -> Result<(), RequestFault> {
    check_path_and_query(request.uri())?;
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return Err(RequestFault::Method(request.method().clone()));
    }
    match request.headers().keys().find(|name| is_own(name)) {
        Some(name) => Err(RequestFault::Header(name.clone())),
        None => Ok(()),
    }
}

/// The headers that describe the connection or the framing.
const OWN: [HeaderName; 9] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::EXPECT,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
];

/// Whether a header is one of them. Names are compared as what they are: a text of each would be looked up in a table.
fn is_own(name: &HeaderName) -> bool {
    OWN.iter().any(|own| own == name)
}

/// Whether `host` is this machine: `localhost`, `127.0.0.0/8` or `::1`, the last with or without brackets.
///
/// No name is resolved. Other spellings of the same addresses, such as `127.1`, are not loopback.
pub fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

fn check_authority(authority: &Authority) -> Result<(), RequestFault> {
    if authority.as_str().contains('@') {
        return Err(RequestFault::UserInfo);
    }
    let port_is_plain = match authority.as_str().strip_prefix(authority.host()) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
        None => false,
    };
    if port_is_plain && is_canonical_host(authority.host()) { Ok(()) } else { Err(RequestFault::Host) }
}

/// Whether `text` is a port as every client prints it: 1 to 65535 without leading zeros.
fn is_port(text: &str) -> bool {
    !text.starts_with(['0', '+']) && text.parse::<u16>().is_ok()
}

/// Whether every client keeps `host` as it is.
///
/// A last label that begins with a digit makes a URL parser read the host as an IPv4 address, in any of its
/// historic forms, so such a host must be the address in its usual form.
fn is_canonical_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address);
    }
    let mut labels = host.split('.').rev();
    match labels.next() {
        Some(last) if last.starts_with(|c: char| c.is_ascii_digit()) => host.parse::<Ipv4Addr>().is_ok(),
        Some(last) => is_label(last) && labels.all(is_label),
        None => false,
    }
}

fn is_label(label: &str) -> bool {
    // A label that begins with `xn--` is decoded and checked by URL parsers; a wrong one is refused there,
    // never changed.
    !label.is_empty()
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

fn check_path_and_query(uri: &Uri) -> Result<(), RequestFault> {
    let path = uri.path();
    let seen = marks(path);
    if seen & (NOT_IN_PATH | ESCAPE) != 0
        && let Some(c) = unsafe_character(path, NOT_IN_PATH)
    {
        return Err(RequestFault::PathCharacter(c));
    }
    if let Some(query) = uri.query()
        && marks(query) & (NOT_IN_QUERY | ESCAPE) != 0
        && let Some(c) = unsafe_character(query, NOT_IN_QUERY)
    {
        return Err(RequestFault::QueryCharacter(c));
    }
    if seen & (DOT | ESCAPE) != 0 && has_dot_segment(path) { Err(RequestFault::DotSegment) } else { Ok(()) }
}

/// What there is to say of a byte: a set of the marks below, empty for most.
type Marks = u8;

/// It has no place in a path as it is.
const NOT_IN_PATH: Marks = 1;

/// The same for a query.
const NOT_IN_QUERY: Marks = 2;

/// It begins a percent escape.
const ESCAPE: Marks = 4;

/// It is a dot.
const DOT: Marks = 8;

/// The marks of every byte: one look says all there is to know of most paths.
static MARKS: [Marks; 256] = all_marks();

const fn all_marks() -> [Marks; 256] {
    let mut all = [NOT_IN_PATH | NOT_IN_QUERY; 256];
    let mut number = 0_u8;
    while number < 128 {
        if number.is_ascii_alphanumeric() {
            all[number as usize] = 0;
        }
        number += 1;
    }
    let (both, mut index) = (b"!$&()*+,;=:@/-_~", 0);
    while index < both.len() {
        all[both[index] as usize] = 0;
        index += 1;
    }
    // One client leaves it alone in a query, the other encodes it.
    all[b'\'' as usize] = NOT_IN_QUERY;
    all[b'?' as usize] = NOT_IN_PATH;
    all[b'.' as usize] = DOT;
    all[b'%' as usize] = ESCAPE;
    all
}

/// The marks of all bytes together.
fn marks(text: &str) -> Marks {
    text.bytes().fold(0, |seen, byte| seen | MARKS[usize::from(byte)])
}

/// The first character that bears the mark `unsafe_here`, or a `%` that begins no escape.
fn unsafe_character(text: &str, unsafe_here: Marks) -> Option<char> {
    let is_marked = |byte: u8| MARKS[usize::from(byte)] & (unsafe_here | ESCAPE) != 0;
    let mut rest = text;
    loop {
        let end = rest.bytes().position(is_marked)?;
        match rest.as_bytes()[end..] {
            [b'%', one, two, ..] if one.is_ascii_hexdigit() && two.is_ascii_hexdigit() => {
                rest = &rest[end + 3..];
            }
            // What is before is ASCII, so a character begins here.
            _ => return rest[end..].chars().next(),
        }
    }
}

/// Whether a segment of `path` is `.` or `..`, once escapes of dots are undone.
///
/// Escaped slashes and backslashes count as ends of segments, because there are servers that decode before
/// they split.
fn has_dot_segment(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let plain = lower.replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
    plain.split('/').any(|segment| segment == "." || segment == "..")
}

#[cfg(test)]
mod tests;
