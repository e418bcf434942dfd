//! The integration tests of cs-policy, in one binary.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

mod ask;
mod capabilities;
mod claims_blog;
mod claims_overview;
mod claims_reference;
mod claims_types;
mod classify;
mod columns;
mod compare;
mod explain;
mod facts;
mod fix;
mod fix_operation;
mod generate;
mod guesses;
mod law_of_grants;
mod law_of_witnesses;
mod laws;
mod lint;
mod lint_report;
mod minimal;
mod organizations;
mod policy_test;
mod profiles;
mod tables;
mod words;
