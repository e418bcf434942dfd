//! What measurements are made with: questions to the policy, and answers for the client and the parser.
//!
//! In scope: loads that several programs share, so that their numbers are about the same thing; and, as a bench, how many
//! instructions the main ways take on them (`cargo xtask bench --counts`). Out of scope: times, and peers.
#![forbid(unsafe_code)]

pub mod answers;
pub mod load;
mod paths;
