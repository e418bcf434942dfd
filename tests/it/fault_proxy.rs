//! Broken connections: what both clients make of them, and that what a client says is what the service holds.

mod service;
mod tokens;
mod transports;
