//! Which headers a request without types may bring along.

use http::{HeaderName, HeaderValue};

/// Why a header cannot be one of a [`RawRequest`](crate::RawRequest). Its value, which may be a secret, is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the header `{name}` cannot be given: {rule}")]
#[non_exhaustive]
pub struct HeaderError {
    /// The header, as it was given; up to the first character that no name has, because what follows may be a value.
    pub name: String,
    /// What it breaks.
    pub rule: &'static str,
    fix: &'static str,
}

impl HeaderError {
    /// What to do about it.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        self.fix
    }
}

/// Headers that are not for the caller, with the rule and what to do about it.
const TAKEN: &[(&[&str], &str, &str)] = &[
    (
        &["authorization", "authtoken", "access_token", "preview_token", "proxy-authorization", "cookie"],
        "it holds a credential, and that is the client's",
        "give the client another credential: `Client::with_credential`",
    ),
    (
        &["api_key"],
        "it names the stack",
        "name the stack where the request is sent: `send_raw(Some(&api_key), ...)`",
    ),
    (&["branch"], "it names the branch", "use `RawRequest::branch`"),
    (&["content-type"], "it goes with the body", "use `RawRequest::bytes` for a body that is no JSON"),
    (&["user-agent"], "the client sets it", "use `ClientBuilder::user_agent`"),
    (&["accept"], "the client sets it", "leave it out: every answer is JSON"),
    (
        &[
            "accept-encoding",
            "connection",
            "content-encoding",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ],
        "HTTP itself sets it",
        "leave it out",
    ),
];

/// The header, if a caller may give it.
pub(crate) fn check(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), HeaderError> {
    let error = |rule, fix| HeaderError { name: shown(name), rule, fix };
    let known: HeaderName = name.parse().map_err(|_| {
        error("it is no name of a header", "use letters, digits, `-` and `_`, as in `api_version`")
    })?;
    if let Some((_, rule, fix)) = TAKEN.iter().find(|(names, ..)| names.contains(&known.as_str())) {
        return Err(error(rule, fix));
    }
    Ok((known, self::value(name, value)?))
}

/// A name, without a value that slipped into it.
fn shown(name: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    name.chars().take_while(|c| is_token(*c)).collect()
}

/// The value, if a header can carry it.
pub(crate) fn value(name: &str, value: &str) -> Result<HeaderValue, HeaderError> {
    let error = || HeaderError {
        name: shown(name),
        rule: "its value holds a character that no header can carry",
        fix: "leave out line breaks and other control characters",
    };
    let mut value = HeaderValue::from_str(value).map_err(|_| error())?;
    value.set_sensitive(true);
    Ok(value)
}
