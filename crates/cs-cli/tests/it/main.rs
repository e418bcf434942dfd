//! `cstok` as a user runs it: the built program, in a folder of its own, against the embedded service or `cstok serve`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something unexpected happens")]

mod apply;
mod bad_input;
mod can;
mod files;
mod help;
mod home;
mod json;
mod lost;
mod readme;
mod secrets;
mod serve;
mod sessions;
mod store;
mod targets;
mod tokens;
