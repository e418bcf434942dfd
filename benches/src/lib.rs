//! What the measurements share: the load, the bare tables, and the peers.
//!
//! In scope: measurements of our crates beside a peer, in one run, on one load. Out of scope: tests of what they answer,
//! but for one: a peer is only a peer when it gives the same answers, so that is asserted here.
#![forbid(unsafe_code)]

pub mod bare;
pub mod load;
pub mod paths;
pub mod peers;
