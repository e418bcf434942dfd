//! The conformance suite over every transport, and what both clients must do alike.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is a failure")]

mod adapters;
mod conformance;
mod in_line;
mod in_tree;
mod proxy;
mod rate_limit;
mod retry;
mod same_wire;
mod tls;
mod trace;
mod unchecked;
