//! What the measurements of the policy share: the bare tables, and the peers.
//!
//! In scope: measurements of the policy beside a peer, in one run, on one load (`cs-bench-load`). Out of scope: tests of what
//! it answers, but for one: a peer is only a peer when it gives the same answers, so that is asserted here.
#![forbid(unsafe_code)]

pub mod bare;
pub mod peers;
