//! The client, plans and their execution against the service in process.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests may stop them; the configuration sees test functions only"
)]

mod answers;
mod apply;
mod claims;
mod client;
mod faults;
mod recovery;
mod retries;
mod secrets;
mod sinks;
mod world;
