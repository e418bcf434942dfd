//! The client's transport, and around it whatever tells of each sending.

use cs_transport::Transport;
#[cfg(feature = "trace")]
use cs_transport::{Decorated, Decorator as _, Trace};

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

    pub(crate) fn transport(&self) -> &dyn Transport {
        match self {
            Self::Plain(transport) => transport,
            #[cfg(feature = "trace")]
            Self::Traced(transport) => transport,
        }
    }
}
