//! Requests to a served API, as a plain client sends them.

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

/// A client of one service, with the credentials of its demo stack's owner. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Api {
    agent: Agent,
    url: String,
    api_key: String,
    authtoken: String,
}

/// Status and body.
pub type Answer = (u16, Value);

impl Api {
    /// A client of a service.
    #[must_use]
    pub fn new(served: &crate::Served) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        let text = |key: &str| served.text(key).to_owned();
        Self {
            agent: Agent::new_with_config(config),
            url: text("url").trim_end_matches('/').to_owned(),
            api_key: text("api_key"),
            authtoken: text("authtoken"),
        }
    }

    /// The same with another authtoken.
    #[must_use]
    pub fn with_authtoken(mut self, authtoken: &str) -> Self {
        authtoken.clone_into(&mut self.authtoken);
        self
    }

    /// Sends a request; `None` when no whole answer comes back.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("api_key", &self.api_key)
            .header("authtoken", &self.authtoken)
            .header("content-type", "application/json");
        let mut answer = match body {
            Some(body) => self.agent.run(request.body(body.to_string()).ok()?),
            None => self.agent.run(request.body(()).ok()?),
        }
        .ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default()))
    }
}
