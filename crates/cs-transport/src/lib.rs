#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
//! One trait that carries an HTTP request to a peer and its answer back, in two faces: [`Transport`] for
//! async code and [`BlockingTransport`] for plain threads, with `reqwest` and `ureq` behind them.
//!
//! Both faces speak the types of the [`http`] crate, so that no client library is part of this API. Whatever
//! the peer answers, also 3xx, 4xx and 5xx, is an answer and comes back as it is. Only a missing answer is a
//! [`TransportError`], and that says whether the request may have left: see [`Sent`].
//!
//! **In scope:** sending one request; time ([`Transport::sleep`] and [`Transport::now`]), so that tests can
//! run on a clock of their own; running async code over a blocking transport without a runtime ([`Ready`] and
//! [`ready()`]); refusing a request that no client would carry unchanged ([`check()`]); what goes around a
//! transport ([`Decorator`]): sending again ([`Retry`]), keeping a rate ([`RateLimit`]), telling of calls.
//!
//! **Out of scope:** cookies, caches, redirects, decompression, HTTP/2, streaming of bodies, and everything
//! about a particular API: the wire knows no routes, credentials or error bodies.
//!
//! # Blocking
//!
//! A closure is a transport, which is handy in tests:
//!
//! ```
//! use bytes::Bytes;
//! use cs_transport::{BlockingTransport, from_fn};
//!
//! let echo = from_fn(|request: http::Request<Bytes>| Ok(http::Response::new(request.into_body())));
//!
//! let request = http::Request::post("https://api.example.com/v3/stacks").body(Bytes::from("hello"))?;
//! assert_eq!(echo.send(request)?.body(), "hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Async, and the same code without a runtime
//!
//! Write a flow once, over [`Transport`]. Async callers await it; blocking callers hand it a [`Ready`] and
//! take the value out with [`ready()`]:
//!
//! ```
//! use bytes::Bytes;
//! use cs_transport::{Ready, Transport, TransportError, from_fn, ready};
//!
//! async fn status_of(transport: &dyn Transport, url: &'static str) -> Result<u16, TransportError> {
//!     let mut request = http::Request::new(Bytes::new());
//!     *request.uri_mut() = http::Uri::from_static(url);
//!     Ok(transport.send(request).await?.status().as_u16())
//! }
//!
//! let teapot = Ready(from_fn(|_| {
//!     let mut answer = http::Response::new(Bytes::new());
//!     *answer.status_mut() = http::StatusCode::IM_A_TEAPOT;
//!     Ok(answer)
//! }));
//! assert_eq!(ready(status_of(&teapot, "https://api.example.com/"))??, 418);
//! # Ok::<(), TransportError>(())
//! ```
//!
//! # Around a transport
//!
//! A [`Decorator`] is written once and goes around both faces; ten lines make one, see there. Those of this
//! crate go in this order, from the outside: [`Retry`], [`RateLimit`], `Trace`. What they need to know of a
//! call travels in the request's extensions, as [`CallInfo`]:
//!
//! ```
//! use std::num::NonZeroU32;
//! use bytes::Bytes;
//! use cs_transport::{BlockingTransport, CallInfo, Decorator, Lane, RateLimit, RateLimiters, Retry, Tries, from_fn};
//! use http::{Request, Response};
//!
//! let client = from_fn(|_| Ok(Response::new(Bytes::from("pong"))));
//! let pace = RateLimit::new(RateLimiters::of_process()).assume(Lane::Read, NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN));
//! let transport = Retry::default().around(pace.around(client));
//!
//! let mut request = Request::get("http://localhost/v3/things/7").body(Bytes::new())?;
//! request.extensions_mut().insert(CallInfo::new("/v3/things/{uid}").idempotent().limiter_key("organization 1"));
//! let answer = transport.send(request)?;
//! assert_eq!(answer.extensions().get(), Some(&Tries { made: 1, is_in_doubt: false }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! All are additive and off by default: `reqwest` and `ureq` add the two clients, `trace` adds [`Trace`], `mock`
//! adds `mockall` doubles, `conformance` adds the suite that every transport has to pass, with the loopback peer that it
//! talks to.

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod call;
mod check;
#[cfg(feature = "conformance")]
pub mod conformance;
mod decorator;
mod error;
mod from_fn;
#[cfg(feature = "mock")]
mod mock;
mod rate_limit;
mod ready;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod retry;
mod retry_after;
mod settings;
mod sync;
#[cfg(feature = "trace")]
mod trace;
mod transport;
#[cfg(feature = "ureq")]
mod ureq_transport;
#[cfg(any(feature = "reqwest", feature = "ureq"))]
mod wire;

/// The macro that an implementation of [`Transport`] or [`Decorator`] needs.
pub use async_trait::async_trait;

pub use crate::call::{Attempt, CallInfo, Lane};
pub use crate::check::{RequestFault, check, is_loopback};
pub use crate::decorator::{Decorated, Decorator};
pub use crate::error::{ErrorKind, Limit, Sent, TransportError};
pub use crate::from_fn::{FnTransport, from_fn};
#[cfg(feature = "mock")]
pub use crate::mock::{MockBlockingTransport, MockTransport};
pub use crate::rate_limit::{InLine, RateLimit, RateLimiters, RateReading, in_line};
pub use crate::ready::{NotReady, Ready, ready};
#[cfg(feature = "reqwest")]
pub use crate::reqwest_transport::ReqwestTransport;
pub use crate::retry::{Because, Next, Outcome, Pause, Retry, RetryLimits, Situation, Tries};
pub use crate::retry_after::{answered_at, retry_after};
pub use crate::settings::{Proxy, Settings, SettingsError};
#[cfg(feature = "trace")]
pub use crate::trace::Trace;
pub use crate::transport::{BlockingTransport, Transport};
#[cfg(feature = "ureq")]
pub use crate::ureq_transport::UreqTransport;
