//! What the measurements of client and parser share: a server with fixed answers, the peers, and how numbers are taken.
//!
//! In scope: what the client adds to an HTTP client, and what our types add to plain ones, beside a peer in one run. Out
//! of scope: the policy, whose measurements need Cedar and so have a crate of their own; and what a service takes.
#![forbid(unsafe_code)]

pub mod ours;
pub mod plain;
pub mod raw;
pub mod server;
pub mod timing;
