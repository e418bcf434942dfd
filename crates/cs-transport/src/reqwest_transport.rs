//! The async transport over `reqwest`.

mod classify;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response, Uri};
use jiff::Timestamp;
use reqwest::{Client, Url};
use tokio::runtime::Handle;

use crate::settings::ProxyRule;
use crate::transport::Sending;
use crate::wire::{self, Body, Origins, Outgoing, tls};
use crate::{
    CallInfo, ErrorKind, Limit, RequestFault, Sent, Settings, SettingsError, Transport, TransportError,
};

/// How long a path with its query is, most of the time.
const USUAL_PATH: usize = 96;

/// A [`Transport`] over [`reqwest`], with one pool of connections that clones share.
///
/// Its futures need a `tokio` runtime with I/O and time enabled. Outside of one, `send` fails with
/// [`NoRuntime`](crate::ErrorKind::NoRuntime) and `sleep` blocks the thread; a runtime with one of the two
/// switched off panics.
///
/// # Examples
///
/// ```no_run
/// use bytes::Bytes;
/// use cs_transport::{ReqwestTransport, Settings, Transport};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = ReqwestTransport::new(&Settings::default())?;
/// let answer = transport.send(http::Request::get("https://api.contentstack.io/").body(Bytes::new())?).await?;
/// println!("{}", answer.status());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    client: Client,
    settings: Arc<Settings>,
    /// Whether the client may follow redirects, for all that is known.
    is_unchecked: bool,
    origins: Arc<Origins<Url>>,
}

impl ReqwestTransport {
    /// Builds the client; no connection is made yet.
    ///
    /// # Errors
    ///
    /// When the extra certificates or the proxy's URL cannot be read.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config(&settings.extra_ca_pem)?)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .tcp_nodelay(true)
            .pool_idle_timeout(wire::bounded(settings.idle_limit))
            .pool_max_idle_per_host(wire::IDLE_PER_HOST)
            .connect_timeout(wire::bounded(settings.connect_limit));
        let client = match proxy_of(ProxyRule::new(&settings.proxy)?)? {
            Some(proxy) => client.proxy(proxy),
            None => client.no_proxy(),
        };
        let client = client.build().map_err(|_| SettingsError::Client)?;
        Ok(Self::over(client, settings, false))
    }

    /// Takes a client of one's own, **which nothing here can check**.
    ///
    /// Of the settings, the limits for the whole call and for the size of an answer hold, and so do the user agent
    /// and the refusals of [`check()`](crate::check()). Everything else is the client's own: its redirects, proxy,
    /// certificates, cookies, decompression, retries and the limit for connecting.
    ///
    /// The redirects are the danger. On the way to another host `reqwest` takes `authorization` off, because it
    /// knows that header, and leaves on what it does not know: an `authtoken` or an `access_token` would go along
    /// to wherever the answer points. So build the client with `redirect(Policy::none())`. When it follows a
    /// redirect in spite of that, the call fails with [`Redirected`](crate::ErrorKind::Redirected), which comes
    /// too late for the secret, and says that it has to be replaced. And since it may have been sent on before it
    /// failed, no failure of the client is ever [`Sent::No`]: a request that writes is not repeated then.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use cs_transport::{ReqwestTransport, Settings};
    ///
    /// # fn run(builder: reqwest::ClientBuilder) -> reqwest::Result<()> {
    /// let client = builder.redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never()).build()?;
    /// let transport = ReqwestTransport::from_unchecked_client(client, &Settings::default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_unchecked_client(client: Client, settings: &Settings) -> Self {
        Self::over(client, settings, true)
    }

    fn over(client: Client, settings: &Settings, is_unchecked: bool) -> Self {
        let origins = Arc::new(Origins::new(base_of));
        Self { client, settings: Arc::new(settings.clone()), is_unchecked, origins }
    }
}

impl ReqwestTransport {
    fn request_of(&self, outgoing: Outgoing<Url>) -> Result<reqwest::Request, RequestFault> {
        let Outgoing { parts, body, limit, origin } = outgoing;
        let mut request = reqwest::Request::new(parts.method, unchanged(origin, &parts.uri)?);
        *request.headers_mut() = parts.headers;
        if body.as_ref().is_some_and(Bytes::is_empty) {
            // `hyper` takes an empty body for none and would not announce it.
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *request.body_mut() = body.map(reqwest::Body::from);
        if self.is_unchecked {
            // It may have another one.
            *request.timeout_mut() = Some(limit);
        }
        Ok(request)
    }

    /// Hands a request to the client, which sends it when it is polled.
    fn start(&self, request: Request<Bytes>, info: Option<&CallInfo>) -> Sending<'_> {
        let outgoing = wire::prepare(request, info, &self.origins, &self.settings, || self.now());
        let request = outgoing.and_then(|outgoing| Ok((outgoing.limit, self.request_of(outgoing)?)));
        let (limit, request) = match request {
            Ok(request) => request,
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        let asked = self.is_unchecked.then(|| Box::new(request.url().clone()));
        let pending = self.client.execute(request);
        // The client's own limit takes a box for each call, and looks at the time at every step of the body, too.
        Box::pin(async move {
            tokio::time::timeout(limit, self.answer(asked, pending)).await.unwrap_or_else(|elapsed| {
                let error = TransportError::new(ErrorKind::Timeout(Limit::Total), Sent::Maybe);
                Err(error.with_source(elapsed))
            })
        })
    }

    async fn answer(
        &self,
        asked: Option<Box<Url>>,
        pending: impl Future<Output = reqwest::Result<reqwest::Response>>,
    ) -> Result<Response<Bytes>, TransportError> {
        let mut incoming = pending.await.map_err(|error| self.classified(error))?;
        if asked.is_some_and(|asked| *asked != *incoming.url()) {
            return Err(TransportError::new(ErrorKind::Redirected, Sent::Maybe));
        }
        wire::check_head(incoming.headers(), &self.settings)?;
        let body = self.body(&mut incoming).await?;
        let mut answer = Response::new(body);
        *answer.status_mut() = incoming.status();
        *answer.headers_mut() = std::mem::take(incoming.headers_mut());
        Ok(answer)
    }

    #[cold]
    #[inline(never)]
    fn classified(&self, error: reqwest::Error) -> TransportError {
        classify::error(error, &self.settings, self.is_unchecked)
    }

    /// The body of an answer. One that comes in a single piece stays where the client has read it to, and is not copied:
    /// the client has it in its own memory either way. Where its length was said, nothing is awaited after its last byte.
    async fn body(&self, incoming: &mut reqwest::Response) -> Result<Bytes, TransportError> {
        let limit = self.settings.body_limit;
        let said = incoming.content_length();
        let Some(first) = self.piece(incoming).await? else { return Ok(Bytes::new()) };
        if first.len() > limit {
            return Err(wire::too_large(limit));
        }
        let Some(second) = self.piece(incoming).await? else { return Ok(first) };
        let mut held = Body::new(said, limit);
        let mut next = Some(second);
        held.push(&first).map_err(|_| wire::too_large(limit))?;
        drop(first);
        while let Some(piece) = next {
            held.push(&piece).map_err(|_| wire::too_large(limit))?;
            next = self.piece(incoming).await?;
        }
        Ok(held.finish())
    }

    async fn piece(&self, incoming: &mut reqwest::Response) -> Result<Option<Bytes>, TransportError> {
        // What is told is how much is left.
        if incoming.content_length() == Some(0) {
            return Ok(None);
        }
        incoming.chunk().await.map_err(|error| self.classified(error))
    }
}

fn proxy_of(rule: ProxyRule) -> Result<Option<reqwest::Proxy>, SettingsError> {
    let Some(via) = rule.via().cloned() else {
        return Ok(None);
    };
    let url = Url::parse(&format!("http://{}:{}", via.host, via.port)).map_err(|_| SettingsError::Proxy)?;
    let applies = move |target: &Url| target.host_str().is_some_and(|host| rule.applies_to(host));
    let proxy = reqwest::Proxy::custom(move |target| applies(target).then(|| url.clone()));
    Ok(Some(match &via.login {
        Some((user, password)) => proxy.basic_auth(user, password),
        None => proxy,
    }))
}

/// The URL of an origin in the type that `reqwest` takes: to read its host takes longer than everything else about a URL.
///
/// Its path stands for that of a request: a copy of the URL has as much memory as its text, and so room for most.
fn base_of(uri: &Uri) -> Result<Url, RequestFault> {
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(RequestFault::NotAbsolute);
    };
    let text = [scheme.as_str(), "://", authority.as_str()].concat();
    let mut url = Url::parse(&text).map_err(|_| RequestFault::Host)?;
    if url.host_str() != uri.host() || url.port() != uri.port_u16() {
        return Err(RequestFault::Host);
    }
    url.set_path(&"-".repeat(USUAL_PATH));
    Ok(url)
}

/// The URL of a request, given that of its origin.
///
/// That type resolves dot segments and encodes what it does not like. The check before has refused all of
/// that; this compares once more, because the outcome of a silent change is a call to another route.
fn unchanged(mut url: Url, uri: &Uri) -> Result<Url, RequestFault> {
    url.set_path(uri.path());
    url.set_query(uri.query());
    if url.path() != uri.path() || url.query() != uri.query() {
        return Err(RequestFault::DotSegment);
    }
    Ok(url)
}

#[async_trait]
impl Transport for ReqwestTransport {
    // Not `async`: what a request becomes is smaller than the request, and many are on their way at a time.
    fn send<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        if Handle::try_current().is_ok() {
            return self.start(request, None);
        }
        // There may be a runtime when it is polled.
        Box::pin(async move {
            match Handle::try_current() {
                Ok(_) => self.start(request, None).await,
                Err(_) => Err(TransportError::new(ErrorKind::NoRuntime, Sent::No)),
            }
        })
    }

    fn send_known<'life0, 'async_trait>(
        &'life0 self,
        mut request: Request<Bytes>,
        info: &CallInfo,
    ) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        if Handle::try_current().is_ok() {
            return self.start(request, Some(info));
        }
        request.extensions_mut().insert(info.clone());
        self.send(request)
    }

    async fn sleep(&self, duration: Duration) {
        match Handle::try_current() {
            Ok(_) => tokio::time::sleep(duration).await,
            Err(_) => std::thread::sleep(duration),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
