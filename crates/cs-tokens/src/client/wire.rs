//! The client's transport, and around it whatever tells of each sending.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use cs_transport::{CallInfo, Transport, TransportError, async_trait};
#[cfg(feature = "trace")]
use cs_transport::{Decorated, Decorator as _, Trace};
use http::{Request, Response};
use jiff::Timestamp;

use crate::Client;

/// A client's transport, borrowed for a call.
pub(crate) enum Wire<'a, T> {
    Plain(&'a T),
    #[cfg(feature = "trace")]
    Traced(Decorated<Trace, &'a T>),
}

impl<'a, T: Transport> Wire<'a, T> {
    pub(crate) fn of(client: &'a Client<T>) -> Self {
        #[cfg(feature = "trace")]
        if client.traced {
            return Self::Traced(Trace.around(&client.transport));
        }
        Self::Plain(&client.transport)
    }
}

#[async_trait]
impl<T: Transport> Transport for Wire<'_, T> {
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
