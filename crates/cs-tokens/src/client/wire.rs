//! The client's transport, and around it whatever tells of each sending.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cs_transport::{CallInfo, Transport, TransportError, async_trait};
#[cfg(feature = "trace")]
use cs_transport::{Decorated, Trace};
use http::{Request, Response};
use jiff::Timestamp;

/// Makes of a client's transport one that may outlive the client: for a source of credentials, and made where its type is known
/// to allow that.
pub(crate) struct Share<T>(pub(crate) fn(&Arc<Wire<T>>) -> Arc<dyn Transport>);

impl<T: Transport + 'static> Share<T> {
    pub(crate) const fn new() -> Self {
        Self(|wire| Arc::<Wire<T>>::clone(wire))
    }
}

impl<T> fmt::Debug for Share<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Share")
    }
}

/// A client's transport.
#[derive(Debug)]
pub(crate) enum Wire<T> {
    Plain(T),
    #[cfg(feature = "trace")]
    Traced(Decorated<Trace, T>),
}

impl<T> Wire<T> {
    /// What carries the requests in the end.
    pub(crate) const fn inner(&self) -> &T {
        match self {
            Self::Plain(transport) => transport,
            #[cfg(feature = "trace")]
            Self::Traced(traced) => traced.inner(),
        }
    }
}

#[async_trait]
impl<T: Transport> Transport for Wire<T> {
    // Not `async`: the future of what is inside is already in a box.
    fn send<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        match self {
            Self::Plain(transport) => transport.send(request),
            #[cfg(feature = "trace")]
            Self::Traced(transport) => transport.send(request),
        }
    }

    fn send_known<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
        info: &CallInfo,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        match self {
            Self::Plain(transport) => transport.send_known(request, info),
            #[cfg(feature = "trace")]
            Self::Traced(transport) => transport.send_known(request, info),
        }
    }

    async fn sleep(&self, duration: Duration) {
        match self {
            Self::Plain(transport) => transport.sleep(duration).await,
            #[cfg(feature = "trace")]
            Self::Traced(transport) => transport.sleep(duration).await,
        }
    }

    fn now(&self) -> Timestamp {
        match self {
            Self::Plain(transport) => transport.now(),
            #[cfg(feature = "trace")]
            Self::Traced(transport) => transport.now(),
        }
    }
}
