//! `cstok` as a user runs it: the built program, in a folder of its own, against the embedded service or `cstok serve`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something unexpected happens")]

mod apply;
mod bad_input;
mod can;
mod can_beside;
mod canary;
mod diff;
mod doctor;
mod fake;
mod files;
mod help;
mod home;
mod interrupts;
mod json;
mod lint;
mod lost;
mod many;
mod output;
mod policy;
mod readme;
mod secrets;
mod serve;
mod sessions;
mod sinks;
mod stacks;
mod store;
mod targets;
mod tokens;
mod typed;
mod who_can;
