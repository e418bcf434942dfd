//! A refresh as a request and an answer, without I/O.

use std::time::Duration;

use bytes::Bytes;
use cs_model::{LimitId, Profile, Secret, SecretError, ShapeError, answer};
use cs_transport::CallInfo;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Request};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::OAuthGrant;
use crate::UrlError;
use crate::credential::SourceError;
use crate::origin::Origin;

/// The path at the developer hub.
const PATH: &str = "/token";

/// The app that a user gave rights to, as the developer hub knows it.
///
/// `Debug` never shows the client secret.
#[derive(Clone, Debug)]
pub struct OAuthApp {
    client_id: String,
    redirect_uri: String,
    client_secret: Option<Secret>,
    hub: Option<Origin>,
}

impl OAuthApp {
    /// An app by its client id, and the URI that its users are sent back to: a refresh has to name it (guide-auth; JS,
    /// `lib/core/oauthHandler.js`).
    pub fn new(client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            redirect_uri: redirect_uri.into(),
            client_secret: None,
            hub: None,
        }
    }

    /// The secret of an app that has one; those that use PKCE have none.
    #[must_use]
    pub fn client_secret(mut self, secret: Secret) -> Self {
        self.client_secret = Some(secret);
        self
    }

    /// The developer hub, when it is not the one of the client's region: `https://host[:port]`; `http` for loopback only.
    /// The refresh token goes there and nowhere else.
    ///
    /// # Errors
    ///
    /// When the URL cannot be used.
    pub fn hub(mut self, url: &str) -> Result<Self, UrlError> {
        self.hub = Some(Origin::parse(url)?);
        Ok(self)
    }

    /// The request for the next pair.
    pub(super) fn request(&self, hub: &str, grant: &OAuthGrant) -> Result<Request<Bytes>, SourceError> {
        let refresh_token = Secret::from_input(grant.refresh_token.reveal()).map_err(SourceError::Value)?;
        let secret = self.client_secret.as_ref().map(|secret| ("client_secret", secret.reveal()));
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("refresh_token", refresh_token.reveal()),
        ];
        let fields: Vec<(&str, &str)> = fields.into_iter().chain(secret).collect();
        // In one piece from the beginning, so that no copy of a secret stays behind when it grows.
        let mut form = Zeroizing::new(String::with_capacity(
            fields.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum(),
        ));
        for (index, (name, value)) in fields.into_iter().enumerate() {
            if index > 0 {
                form.push('&');
            }
            form.push_str(name);
            form.push('=');
            form.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        let hub = self.hub.as_ref().map_or(hub, Origin::as_str);
        let body = Bytes::from_owner(Zeroizing::new(std::mem::take(&mut *form).into_bytes()));
        let mut request = Request::new(body);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = format!("{hub}{PATH}")
            .parse()
            .map_err(|_| SourceError::Other("the URL of the developer hub is not one"))?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        request.extensions_mut().insert(CallInfo::new(PATH));
        Ok(request)
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    refresh_token: Secret,
    #[serde(default)]
    expires_in: Option<u64>,
}

/// The pair of an answer to a refresh that was sent at `asked`.
pub(super) fn read(body: &[u8], asked: Timestamp, profile: &Profile) -> Result<OAuthGrant, ShapeError> {
    let found: Answer = answer::read(body)?;
    let documented =
        profile.limit(LimitId::OauthTokenMinutes).value.map_or(0, |minutes| u64::from(minutes) * 60);
    let life = Duration::from_secs(found.expires_in.unwrap_or(documented));
    // From the moment of asking: the token is not older than that.
    let expires_at = asked.checked_add(life).unwrap_or(Timestamp::MAX);
    let mut grant = OAuthGrant::new(found.access_token, found.refresh_token, expires_at);
    grant.obtained_at = Some(asked);
    Ok(grant)
}

/// Whether both values of a pair can be used.
pub(super) fn checked(grant: OAuthGrant) -> Result<OAuthGrant, SecretError> {
    Secret::from_input(grant.access_token.reveal())?;
    Secret::from_input(grant.refresh_token.reveal())?;
    Ok(grant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_a_form_that_says_all_that_is_asked_for() {
        let app = OAuthApp::new("app", "https://app.example/back?x=1").client_secret(Secret::new("s&s"));
        let grant = OAuthGrant::new(Secret::new("a"), Secret::new(" r+1\n"), Timestamp::UNIX_EPOCH);
        let request = app.request("https://hub.example", &grant).unwrap();
        assert_eq!(request.uri(), "https://hub.example/token");
        let body = std::str::from_utf8(request.body()).unwrap();
        assert_eq!(
            body,
            "grant_type=refresh%5Ftoken&client_id=app&redirect_uri=https%3A%2F%2Fapp%2Eexample%2Fback%3Fx%3D1\
             &refresh_token=r%2B1&client_secret=s%26s"
        );
        let other = app.clone().hub("http://127.0.0.1:8085").unwrap();
        let request = other.request("https://hub.example", &grant).unwrap();
        assert_eq!(request.uri(), "http://127.0.0.1:8085/token");
        assert!(app.hub("http://hub.example").is_err(), "a refresh token never travels in clear");
        let broken = OAuthGrant::new(Secret::new("a"), Secret::new("r\u{7}r"), Timestamp::UNIX_EPOCH);
        assert!(matches!(other.request("https://h", &broken), Err(SourceError::Value(_))));
    }

    #[test]
    fn an_answer_without_a_life_has_the_documented_one() {
        let profile = Profile::seeds();
        let pair = br#"{"access_token":"a","refresh_token":"r"}"#;
        let grant = read(pair, Timestamp::UNIX_EPOCH, &profile).unwrap();
        assert_eq!(grant.expires_at.as_second(), 3600);
        let pair = br#"{"access_token":"a","refresh_token":"r","expires_in":10}"#;
        assert_eq!(read(pair, Timestamp::UNIX_EPOCH, &profile).unwrap().expires_at.as_second(), 10);
        assert!(read(br#"{"access_token":"canary"}"#, Timestamp::UNIX_EPOCH, &profile).is_err());
    }
}
