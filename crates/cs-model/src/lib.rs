//! The nouns of Contentstack's API tokens: types, parsing, and checks of scopes and limits.
//!
//! **In scope**: the five kinds of token; scopes; drafts and their checks; limits and profiles; expiry; regions;
//! errors; the table of documented routes and the requests that the client makes and the service serves.
//!
//! **Out of scope**: sending anything (`cs-transport`, `cs-tokens`), judging who may do what (`cs-policy`), reading a clock.
//! This crate does no I/O, starts nothing and asks no environment: time comes in as an argument.
//!
//! **Sources**: brackets such as (seed 001, "Delivery Tokens") name the document that says so, by its id in
//! [`generated::SOURCES`], and the heading or file in it. What has no brackets is this project's own.
//!
//! ```
//! use cs_model::{Against, DeliveryTokenDraft, Draft, Grant, Profile};
//!
//! let draft = DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]));
//! let now = "2026-11-21T00:00:00Z".parse()?;
//! match draft.check(&Against::new(&Profile::seeds(), now)) {
//!     Ok(checked) => println!("ready to send: {}", checked.draft().name()),
//!     Err(refused) => refused.items().iter().for_each(|item| println!("{item}; fix: {}", item.fix)),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![deny(clippy::print_stderr, clippy::print_stdout, reason = "no I/O here")]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

mod access;
pub mod answer;
mod api_error;
mod check;
mod delivery;
pub mod endpoint;
mod expiry;
mod extra;
pub mod facts;
pub mod generated;
mod grant;
mod ident;
mod management;
mod module;
mod moment;
mod one_pass;
mod plain;
pub mod profile;
mod scope;
mod secret;
mod session;
mod stack;
mod suggest;
mod token;
mod violation;

pub use access::{Access, AccessError, Acl, Flag};
pub use answer::{Done, Envelope, Many, Notice, One, ShapeError};
pub use api_error::{ApiError, FieldError};
pub use check::{Against, Checked, Draft, Purpose, Siblings, StackNames};
pub use delivery::{DeliveryToken, DeliveryTokenDraft};
pub use endpoint::Endpoint;
pub use expiry::{Expiry, ExpiryError, ExpiryState};
pub use extra::Extra;
pub use facts::{Api, Documented, Method, Region, Route, RouteId, Source};
pub use generated::{Action, LimitId, ModuleId, ViolationId};
pub use grant::Grant;
pub use ident::{ApiKey, BranchUid, IdentError, OrganizationUid, TokenUid};
pub use management::{ManagementToken, ManagementTokenDraft};
pub use module::Module;
pub use moment::Moment;
pub use plain::{Plain, is_disruptive};
pub use profile::{Level, Profile};
pub use scope::{EnvironmentRef, ScopeEntry};
pub use secret::{REDACTED, Revealed, Secret, SecretError};
pub use session::User;
pub use stack::{Branch, BranchAlias, Environment, Stack};
pub use suggest::{listed, near};
pub use token::{AccessToken, Authtoken, PreviewToken, TokenKind};
pub use violation::{Violation, Violations};
