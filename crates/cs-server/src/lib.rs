//! The token service of Contentstack, running: every rule enforced, in process or over HTTP.
//!
//! Its heart is one synchronous function, [`Service::handle`], from the time and a request to an answer. It has no
//! socket and reads no clock. Around it: [`in_process`], a transport with a clock of its own and planned faults, for
//! tests; and `http` (feature `server`), the same over HTTP/1.1, with a clock, an access log, numbers for Prometheus and
//! `admin_http`, an API for what no credential allows.
//!
//! **In scope**: sessions, with second factors and a lock after failed logins; organizations and their users; stacks with
//! their settings, users and roles (also custom ones), environments, branches, aliases and languages; delivery, preview and management tokens with their limits, unique names, scopes, expiry and roles; OAuth tokens and
//! their scopes; content as far as it takes to see what a credential reaches: collections of documents, publishing, the
//! delivery API with its synchronization, and previews; the documented status codes, error numbers and keys; limits per
//! second; a store in memory, in a file or in PostgreSQL. Which of the vendor's documents to believe is a
//! [`Profile`](cs_model::Profile).
//!
//! One port serves every API: the host, the path and the credential say which one is meant.
//!
//! **Out of scope**: what is done with content beyond keeping it. Files are not kept, only what is said of them; nothing is
//! published at a later time, so neither are there jobs nor a queue to ask for. Answers to publish requests, stages of many
//! entries at once, GraphQL, imports and exports, comparing and merging branches and the like are judged by
//! `cs-policy` as all routes are, and answer 501 to those who may use them. Nothing here is Contentstack's own code, and no
//! mail is ever sent.
//!
//! ```
//! use std::sync::Arc;
//! use cs_server::{Options, Service, demo, in_process::InProcess, store::MemoryStore};
//!
//! let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
//! let demo = demo::ensure(&service, "2026-11-21T00:00:00Z".parse()?)?;
//! let transport = InProcess::new(service);
//! # assert_eq!(demo.email, demo::EMAIL);
//! # assert_eq!(transport.requests(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sources
//!
//! What is answered and refused follows the facts of `cs-model` and the rules of `cs-policy`, which name their documents. In this
//! documentation, brackets such as (seed 001, "Delivery Tokens") name a document by its id in
//! [`cs_model::generated::SOURCES`], and the heading or file in it. What has no brackets is this project's own.
//!
//! # Secrets
//!
//! Values of management and OAuth tokens and authtokens are kept as SHA-256 hashes and passwords as salted Argon2id
//! hashes. Values of delivery, preview and legacy access tokens are readable in the store, because the API shows them again
//! and again; a store file is readable for its owner only.
//!
//! # Features
//!
//! None is on by default; without any, the service is called within the process and keeps its store in memory or in a file.
//!
//! - `server`: the HTTP front over hyper, `http`, and `admin_http`.
//! - `tls`: the same over TLS, with a certificate of one's own or one that is made at the start; brings `server`.
//! - `postgres`: the store in PostgreSQL.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "server")]
pub mod access_log;
mod access_token;
mod admin;
#[cfg(feature = "server")]
pub mod admin_http;
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
#[cfg(feature = "server")]
mod integrity;
mod limiter;
#[cfg(feature = "server")]
pub mod metrics;
mod notices;
mod oauth;
pub mod openapi;
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
