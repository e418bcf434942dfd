//! Doubles for tests, by `mockall`.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use crate::{BlockingTransport, Transport, TransportError};

mockall::mock! {
    /// A [`Transport`] that answers what a test expects it to; see [`mockall`].
    #[derive(Debug)]
    pub Transport {}

    #[async_trait]
    impl Transport for Transport {
        async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;
        async fn sleep(&self, duration: Duration);
        fn now(&self) -> Timestamp;
    }
}

mockall::mock! {
    /// A [`BlockingTransport`] that answers what a test expects it to; see [`mockall`].
    #[derive(Debug)]
    pub BlockingTransport {}

    impl BlockingTransport for BlockingTransport {
        fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;
        fn sleep(&self, duration: Duration);
        fn now(&self) -> Timestamp;
    }
}
