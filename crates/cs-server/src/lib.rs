//! The token service of Contentstack, running: every rule enforced, in process or over HTTP.
//!
//! Its heart is one synchronous function, [`Service::handle`], from the time and a request to an answer. It has no
//! socket and reads no clock. Around it: [`in_process`], a transport with a clock of its own and planned faults, for
//! tests; and `http` (feature `server`), the same over HTTP/1.1.
//!
//! **In scope**: sessions; organizations, stacks, environments, branches and aliases as far as tokens need them;
//! delivery, preview and management tokens with their limits, unique names, scopes, expiry and roles; the documented
//! status codes, error numbers and keys; limits per second; a store in a file or in memory. Which of the vendor's
//! documents to believe is a [`Profile`](cs_model::Profile).
//!
//! **Out of scope**: content. Every other documented route is known and judged by `cs-policy` like the rest, and
//! answers 501 to those who may use it. Nothing here is Contentstack's own code, and no mail is ever sent.
//!
//! ```
//! use std::sync::Arc;
//! use cs_server::{Options, Service, demo, in_process::InProcess, store::RedbStore};
//!
//! let service = Arc::new(Service::new(RedbStore::memory()?, Options::default()));
//! let demo = demo::ensure(&service, "2026-11-21T00:00:00Z".parse()?)?;
//! let transport = InProcess::new(service);
//! # assert_eq!(demo.email, demo::EMAIL);
//! # assert_eq!(transport.requests(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Secrets
//!
//! Values of management tokens and authtokens are kept as SHA-256 hashes and passwords as salted Argon2id hashes.
//! Values of delivery and preview tokens are readable in the store, because the API shows them again and again; a
//! store file is readable for its owner only.
#![forbid(unsafe_code)]

#[cfg(feature = "server")]
pub mod access_log;
mod access_token;
mod admin;
mod body;
mod call;
mod clock;
mod content;
pub mod demo;
mod endpoint;
mod events;
pub mod faults;
mod hash;
#[cfg(feature = "server")]
pub mod http;
pub mod in_process;
mod limiter;
#[cfg(feature = "server")]
pub mod metrics;
mod notices;
mod oauth;
mod random;
mod record;
mod refusal;
mod reply;
mod roles;
mod service;
mod sessions;
pub mod store;
mod totp;
mod trace;

pub use admin::{Admin, AdminError, NewUser};
pub use clock::{Clock, ClockError, ClockSetting};
pub use events::{Event, EventKind};
pub use hash::PasswordCost;
pub use oauth::OauthGrant;
pub use record::{Mailed, OrganizationPlace, Role};
pub use service::{Options, Service};
pub use trace::Trace;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
