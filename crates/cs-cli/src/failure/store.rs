//! What the store and the embedded service could not do, with its exit code.

use cs_server::AdminError;
use cs_server::http::ServeError;
use cs_server::store::StoreError;

use super::Failure;
use crate::exit::Exit;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = match &error {
            StoreError::InUse { .. } => Self::new(Exit::NoAnswer, "store.in_use", error.to_string())
                .hint("wait until that process ends, or end it: one process at a time can open a store"),
            StoreError::Address { .. } => Self::usage(error.to_string()),
            StoreError::Connect { .. } => Self::new(Exit::NoAnswer, "store.connect", error.to_string()),
            _ => Self::new(Exit::Unexpected, "store", error.to_string()),
        };
        match std::error::Error::source(&error) {
            Some(source) => failure.caused_by(source),
            None => failure,
        }
    }
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Store(error) => error.into(),
            other => Self::new(Exit::Unexpected, "demo", "the demo stack cannot be made").caused_by(&other),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Store(error) => error.into(),
            // Its text says all there is to say.
            ServeError::DemoReachable { .. } => Self::usage(error.to_string())
                .hint("listen on a loopback address, such as 127.0.0.1:8085, or serve another store"),
            other => Self::unexpected("the server failed", &other),
        }
    }
}
