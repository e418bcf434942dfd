//! The client, plans and their execution against the service in process.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests may stop them; the configuration sees test functions only"
)]

mod answers;
mod apply;
mod checkup;
mod claims;
mod client;
mod faults;
mod flaw;
mod in_flight;
mod many;
mod oauth;
mod organization;
mod raw;
mod recovery;
mod retries;
mod secrets;
mod sinks;
#[cfg(feature = "trace")]
mod traces;
mod world;
mod writes;
