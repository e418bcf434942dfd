//! A client for Contentstack's delivery, preview and management tokens, and plans that bring a stack to what a file
//! declares.
//!
//! **In scope**: every request of the token pages, with login, logout, stacks, environments, branches and aliases as far
//! as tokens need them; checks before anything is sent; errors that say what to do, and [`Diagnosis`]
//! of others; any other known route unread ([`Client::send_raw`]); work on many stacks; [`Declaration`], [`Plan`] and
//! [`apply`] for whole stacks; writing values to env files. An async face ([`Client`]) and a blocking one
//! ([`blocking::Client`]) over one implementation.
//!
//! **Out of scope**: HTTP itself (`cs-transport`), the rules (`cs-policy`), entries, assets and everything else that the
//! management API has.
//!
//! **Sources**: brackets such as (seed 001, "Delivery Tokens") name the document that says so, by its id in
//! [`cs_model::generated::SOURCES`], and the heading or file in it. What has no brackets is this project's own.
//!
//! What the client promises:
//!
//! - A draft is sent only when it has been checked ([`cs_model::Checked`]), and a request only when the rules do not forbid
//!   it for the kind of credential ([`Error::Denied`]).
//! - A request that writes and may have had its effect is not sent again before it is known that it had none. What became
//!   of it is looked up: a new token bears a mark of its own until its creation is confirmed, so that what this client made
//!   is told from what others made. Where nothing tells, the error is [`Error::OutcomeUnknown`] and says what to look at.
//!   A refusal for the rate (429) is waited out, because the API did
//!   nothing then: a few times, for half a minute at most each time, and [`ClientBuilder::on_wait`] tells of it.
//! - The credential goes to the client's own host and nowhere else: redirects are errors, and `http` is for loopback only.
//! - No secret is in any `Debug`, `Display`, plan, report or error.
//!
//! ```
//! use cs_model::{DeliveryTokenDraft, Grant, Secret};
//! use cs_server::{Options, Service, demo, in_process::{InProcess, URL}, store::MemoryStore};
//! use cs_tokens::{Credential, blocking::Client};
//!
//! // The service in process stands in for the real one here, so that the example runs.
//! let service = std::sync::Arc::new(Service::new(MemoryStore::new(), Options::default()));
//! let now = "2026-11-21T00:00:00Z".parse()?;
//! let demo = demo::ensure(&service, now)?;
//! let client = Client::builder(InProcess::at(service, now)).base_url(URL).build()?;
//!
//! let user = client.log_in(&demo.email, Secret::new(demo.password), None)?;
//! let client = client.with_credential(user.session().ok_or("no session")?.into());
//! let stack = client.stack(demo.api_key);
//!
//! let draft = DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]));
//! let checked = stack.delivery_tokens().check(draft)?;
//! let token = stack.delivery_tokens().create(&checked)?;
//! assert_eq!(stack.delivery_tokens().list()?[0].uid, token.uid);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `reqwest` and `ureq` turn on the transports of these names in `cs-transport`. Both are off by default and change nothing
//! here. `trace` adds events of `tracing` about what is sent ([`ClientBuilder::traced`]). `keyring` adds the keyring of the operating system to the places of
//! [`credential::lookup`].
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

pub mod apply;
pub mod blocking;
mod check_hint;
mod checkup;
mod client;
pub mod credential;
pub mod declaration;
mod diagnosis;
mod error;
mod export;
mod origin;
pub mod plan;
pub mod sink;
mod suggest;

pub use apply::{Applied, ApplyError, Event, Failure, Made, PlanError};
pub use checkup::{Finding, Health};
pub use client::{
    Attempts, Caution, Client, ClientBuilder, DeliveryTokens, HeaderError, Listed, ManagementTokens,
    PreviewTokens, RawBody, RawRequest, Recovered, Recovery, StackClient, TokenPages, Wait,
};
pub use credential::{Credential, CredentialKind, CredentialSource, Provided, Setting, SourceError};
pub use cs_transport::async_trait;
pub use declaration::{Declaration, Kind, Place, Problem, Problems};
pub use diagnosis::{Diagnosis, Other};
pub use error::{Denied, Error, Lost, Operation, UrlError};
pub use export::export;
pub use plan::{Action, Change, Inventory, Plan, PlanOptions, Row, Step};
pub use sink::{Delivery, Sink, SinkError, Sinks};
