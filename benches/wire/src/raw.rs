//! The peers of our client: `reqwest` and `ureq` by themselves, for the same requests and the same JSON.

use std::sync::Arc;
use std::time::Duration;

use cs_model::endpoint::{CreateDeliveryToken, Endpoint, GetDeliveryToken};
use cs_model::{Checked, DeliveryToken, DeliveryTokenDraft, One, StackNames, TokenUid, answer};

/// What each of them fails with.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where the server is, and the headers of each request.
#[derive(Clone, Debug)]
pub struct Place {
    /// The URL of the token.
    pub one: String,
    /// The URL of all tokens.
    pub all: String,
}

/// The headers that our client sends, too.
const HEADERS: [(&str, &str); 4] = [
    ("accept", "application/json"),
    ("user-agent", concat!("raw-calls/", env!("CARGO_PKG_VERSION"))),
    ("api_key", "blt0000000000000001"),
    ("authtoken", "not-a-session"),
];

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(30);

impl Place {
    /// The URLs on a server.
    #[must_use]
    pub fn new(url: &str, uid: &TokenUid) -> Self {
        let get = GetDeliveryToken::new(uid.clone());
        let query: Vec<_> = get.query().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let all = format!("{url}/v3/stacks/delivery_tokens");
        Self { one: format!("{all}/{}?{}", get.path_arguments().join("/"), query.join("&")), all }
    }
}

/// The body of a request that makes a token.
fn body(draft: &Checked<DeliveryTokenDraft>) -> Vec<u8> {
    CreateDeliveryToken::new(draft, &StackNames::default())
        .body()
        .map(|body| body.to_vec())
        .unwrap_or_default()
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
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .no_proxy()
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(LIMIT)
        .build()?)
}

/// Reads a token.
///
/// # Errors
///
/// When there is no answer, or another than a token.
pub async fn reqwest_get(client: &reqwest::Client, place: &Place) -> Result<DeliveryToken, Failure> {
    let request = HEADERS.iter().fold(client.get(&place.one), |it, (name, value)| it.header(*name, *value));
    read(&request.send().await?.error_for_status()?.bytes().await?)
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
    let request = HEADERS.iter().fold(client.post(&place.all), |it, (name, value)| it.header(*name, *value));
    let request = request.header("content-type", "application/json").body(body(draft));
    read(&request.send().await?.error_for_status()?.bytes().await?)
}

/// A `ureq` agent as our transport sets one up.
#[must_use]
pub fn ureq_agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(true)
        .max_redirects(0)
        .proxy(None)
        .no_delay(true)
        .timeout_global(Some(LIMIT))
        .build()
        .new_agent()
}

/// Reads a token.
///
/// # Errors
///
/// As [`reqwest_get`].
pub fn ureq_get(agent: &ureq::Agent, place: &Place) -> Result<DeliveryToken, Failure> {
    let request = HEADERS.iter().fold(agent.get(&place.one), |it, (name, value)| it.header(*name, *value));
    read(&request.call()?.into_body().read_to_vec()?)
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
    let request = HEADERS.iter().fold(agent.post(&place.all), |it, (name, value)| it.header(*name, *value));
    let request = request.header("content-type", "application/json");
    read(&request.send(&body(draft)[..])?.into_body().read_to_vec()?)
}
