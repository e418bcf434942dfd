//! The integration tests of cs-policy, in one binary.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

mod ask;
mod claims_blog;
mod claims_overview;
mod claims_reference;
mod claims_types;
mod classify;
mod columns;
mod facts;
mod laws;
mod profiles;
mod tables;
mod words;
