//! The blocking transport over `ureq`.

mod classify;
mod connector;
mod logs;
mod names;
mod stream;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use ureq::{Agent, ProxyProtocol};

use self::connector::Wires;
use self::names::Names;
use crate::settings::ProxyRule;
use crate::wire::{self, Body, Origins, Outgoing, tls};
use crate::{BlockingTransport, Settings, SettingsError, TransportError};

/// A [`BlockingTransport`] over [`ureq`]: no runtime, one pool of connections that clones share.
///
/// # Examples
///
/// ```no_run
/// use bytes::Bytes;
/// use cs_transport::{BlockingTransport, Settings, UreqTransport};
///
/// let transport = UreqTransport::new(&Settings::default())?;
/// let answer = transport.send(http::Request::get("https://api.contentstack.io/").body(Bytes::new())?)?;
/// println!("{}", answer.status());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct UreqTransport {
    agent: Agent,
    proxy: Arc<ProxyRule>,
    settings: Arc<Settings>,
    /// How long a call may take that brings no limit of its own.
    limit: Duration,
    origins: Arc<Origins<()>>,
}

impl UreqTransport {
    /// Builds the client; no connection is made yet.
    ///
    /// # Errors
    ///
    /// When the extra certificates or the proxy's URL cannot be read.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let tls = Arc::new(tls::client_config(&settings.extra_ca_pem)?);
        let proxy = ProxyRule::new(&settings.proxy)?;
        let limit = wire::bounded(settings.total_limit);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .save_redirect_history(false)
            .allow_non_standard_methods(true)
            .proxy(proxy_of(&proxy)?)
            .no_delay(true)
            // Only for the proxy; requests carry their own.
            .user_agent(settings.user_agent.to_str().unwrap_or_default())
            .accept_encoding("")
            .max_response_header_size(settings.head_limit)
            .max_idle_connections(wire::IDLE)
            .max_idle_connections_per_host(wire::IDLE_PER_HOST)
            .max_idle_age(wire::bounded(settings.idle_limit))
            .timeout_resolve(Some(wire::bounded(settings.connect_limit)))
            .timeout_connect(Some(wire::bounded(settings.connect_limit)))
            .timeout_global(Some(limit))
            .build();
        let names = Names::default();
        let agent = Agent::with_parts(config, Wires::new(tls, Arc::clone(&names.known)), names);
        let origins = Arc::new(Origins::new(|_| Ok(())));
        Ok(Self { agent, proxy: Arc::new(proxy), settings: Arc::new(settings.clone()), limit, origins })
    }

    fn run(&self, outgoing: Outgoing<()>) -> Result<Response<ureq::Body>, ureq::Error> {
        let goes_direct = outgoing.parts.uri.host().is_none_or(|host| !self.proxy.applies_to(host));
        let request = Request::from_parts(outgoing.parts, ());
        // A request with settings of its own takes a copy of all of them along.
        let request = if outgoing.limit == self.limit && (goes_direct == self.proxy.via().is_none()) {
            request
        } else {
            let configured = self.agent.configure_request(request);
            let configured = configured.timeout_global(Some(outgoing.limit));
            let configured = if goes_direct { configured.proxy(None) } else { configured };
            configured.build()
        };
        match &outgoing.body {
            Some(body) => self.agent.run(request.map(|()| &body[..])),
            None => self.agent.run(request),
        }
    }
}

/// The proxy for every host; [`UreqTransport::run`] leaves it out where the rule says so.
fn proxy_of(rule: &ProxyRule) -> Result<Option<ureq::Proxy>, SettingsError> {
    let Some(via) = rule.via() else {
        return Ok(None);
    };
    let mut proxy = ureq::Proxy::builder(ProxyProtocol::Http).host(&via.host).port(via.port);
    if let Some((user, password)) = &via.login {
        proxy = proxy.username(user).password(password);
    }
    proxy.build().map(Some).map_err(|_| SettingsError::Proxy)
}

impl BlockingTransport for UreqTransport {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        logs::check(&self.settings)?;
        let outgoing = wire::prepare(request, None, &self.origins, &self.settings, || self.now())?;
        let answer = self.run(outgoing).map_err(|error| classify::error(error, &self.settings))?;
        wire::check_head(answer.headers(), &self.settings)?;
        let (parts, body) = answer.into_parts();
        let limit = self.settings.body_limit;
        let mut held = Body::new(body.content_length(), limit);
        let read = held.read(body.into_reader());
        read.map_err(|error| classify::error(error.into(), &self.settings))?
            .map_err(|_| wire::too_large(limit))?;
        let mut answer = Response::new(held.finish());
        *answer.status_mut() = parts.status;
        *answer.headers_mut() = parts.headers;
        Ok(answer)
    }
}

impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport").field("settings", &self.settings).finish_non_exhaustive()
    }
}
