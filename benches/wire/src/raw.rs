//! The peers of our client: `reqwest` and `ureq` by themselves, as somebody uses them who knows them well.
//!
//! They do what a call of ours does, and what anybody needs for it:
//!
//! - The URL is made for each call, of the base, the path with the uid in it, and the query. A [`TokenUid`] is checked, so
//!   it needs no encoding, and `format!` will do; the client reads the text.
//! - `api_key` and `authtoken` are set on each request, since a client may work with many stacks. `accept` and
//!   `user-agent`, which never change, are the client's own.
//! - The body of a creation is written by the same types, and goes along without a copy.
//! - The status is looked at, the body is read up to a limit, and becomes the same type, unknown fields kept.
//! - The client is set up as our transport sets up its own: the same time limits, connections that are kept, no proxy, no
//!   redirects, no second try, HTTP/1.1, `rustls`.
//!
//! They do not keep a pace, look whether the credential can do that at all, try again, or refuse a URL that would be changed
//! on the way: that is what ours has beyond them, and what it takes is what is measured.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cs_model::endpoint::{CreateDeliveryToken, Endpoint};
use cs_model::{Checked, DeliveryToken, DeliveryTokenDraft, One, StackNames, TokenUid, answer};
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};

/// What each of them fails with.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where the server is, and what each request says of itself.
#[derive(Clone, Debug)]
pub struct Place {
    /// The URL of the server, without a slash at the end.
    pub base: String,
    /// Which stack.
    pub api_key: String,
    /// The session.
    pub authtoken: String,
}

/// What every request accepts.
const JSON: &str = "application/json";

/// What the peers call themselves.
const USER_AGENT: &str = concat!("raw-calls/", env!("CARGO_PKG_VERSION"));

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(30);

/// How long making a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How many connections are kept, and for how long.
const KEPT: (usize, Duration) = (32, Duration::from_secs(15));

/// The biggest body that is read.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

impl Place {
    /// A place on a server.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let [base, api_key, authtoken] = [url, "blt0000000000000001", "not-a-session"].map(str::to_owned);
        Self { base, api_key, authtoken }
    }

    /// The URL of a token, asked for as our client asks for it.
    fn one(&self, uid: &TokenUid) -> String {
        format!("{}/v3/stacks/delivery_tokens/{uid}?include_preview_token=true", self.base)
    }

    /// The URL of all tokens.
    fn all(&self) -> String {
        format!("{}/v3/stacks/delivery_tokens", self.base)
    }
}

/// The body of a request that makes a token.
fn body(draft: &Checked<DeliveryTokenDraft>) -> impl AsRef<[u8]> + Send + 'static {
    CreateDeliveryToken::new(draft, &StackNames::default()).body().unwrap_or_default()
}

fn read(bytes: &[u8]) -> Result<DeliveryToken, Failure> {
    Ok(answer::read::<One<DeliveryToken>>(bytes)?.token)
}

/// A `reqwest` client as our transport sets one up.
///
/// # Errors
///
/// When the client cannot be built.
pub fn reqwest_client() -> Result<reqwest::Client, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(JSON))]);
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .no_proxy()
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .default_headers(headers)
        .user_agent(USER_AGENT)
        .pool_max_idle_per_host(KEPT.0)
        .pool_idle_timeout(KEPT.1)
        .connect_timeout(CONNECT_LIMIT)
        .timeout(LIMIT)
        .build()?)
}

/// Reads a token.
///
/// # Errors
///
/// When there is no answer, or another than a token.
pub async fn reqwest_get(
    client: &reqwest::Client,
    place: &Place,
    uid: &TokenUid,
) -> Result<DeliveryToken, Failure> {
    reqwest_answer(client.get(place.one(uid)), place).await
}

/// Makes a token.
///
/// # Errors
///
/// As [`reqwest_get`].
pub async fn reqwest_create(
    client: &reqwest::Client,
    place: &Place,
    draft: &Checked<DeliveryTokenDraft>,
) -> Result<DeliveryToken, Failure> {
    let request = client.post(place.all()).header("content-type", JSON);
    reqwest_answer(request.body(Bytes::from_owner(body(draft))), place).await
}

async fn reqwest_answer(request: RequestBuilder, place: &Place) -> Result<DeliveryToken, Failure> {
    let request = request.header("api_key", &place.api_key).header("authtoken", &place.authtoken);
    let mut answer = request.send().await?.error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err("the answer is too big".into());
        }
        body.extend_from_slice(&chunk);
    }
    read(&body)
}

/// A `ureq` agent as our transport sets one up.
#[must_use]
pub fn ureq_agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(true)
        .max_redirects(0)
        .proxy(None)
        .no_delay(true)
        .accept(JSON)
        .user_agent(USER_AGENT)
        .max_idle_connections_per_host(KEPT.0)
        .max_idle_age(KEPT.1)
        .timeout_resolve(Some(CONNECT_LIMIT))
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_global(Some(LIMIT))
        .build()
        .new_agent()
}

/// Reads a token.
///
/// # Errors
///
/// As [`reqwest_get`].
pub fn ureq_get(agent: &ureq::Agent, place: &Place, uid: &TokenUid) -> Result<DeliveryToken, Failure> {
    let request = agent.get(place.one(uid));
    let request = request.header("api_key", &place.api_key).header("authtoken", &place.authtoken);
    ureq_answer(request.call()?)
}

/// Makes a token.
///
/// # Errors
///
/// As [`reqwest_get`].
pub fn ureq_create(
    agent: &ureq::Agent,
    place: &Place,
    draft: &Checked<DeliveryTokenDraft>,
) -> Result<DeliveryToken, Failure> {
    let request = agent.post(place.all()).header("content-type", JSON);
    let request = request.header("api_key", &place.api_key).header("authtoken", &place.authtoken);
    ureq_answer(request.send(body(draft).as_ref())?)
}

fn ureq_answer(mut answer: ureq::http::Response<ureq::Body>) -> Result<DeliveryToken, Failure> {
    read(&answer.body_mut().with_config().limit(BODY_LIMIT as u64).read_to_vec()?)
}
