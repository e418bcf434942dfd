//! One binary: a scenario for each rule, written from the sentences of the seeds.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is a failure")]

mod access_token;
mod accounts;
#[cfg(feature = "server")]
mod admin_http;
mod bodies;
#[cfg(feature = "server")]
mod bounds;
mod branches;
mod claims;
mod collections;
mod content;
mod contradictions;
mod credentials;
mod custom_roles;
mod delivery;
mod delivery_api;
mod demo;
mod documented;
#[cfg(feature = "server")]
mod fault_answers;
#[cfg(feature = "server")]
mod faults;
mod fuzz;
mod in_process;
#[cfg(feature = "server")]
mod inbound;
mod judged;
mod laws;
mod lists;
mod locales;
mod management;
mod many;
mod notices;
mod oauth;
#[cfg(feature = "server")]
mod observed;
mod open;
mod organizations;
mod preview;
mod rates;
mod raw_bodies;
mod referrers;
mod roles;
#[cfg(feature = "server")]
mod served;
mod sessions;
mod single_items;
#[cfg(feature = "server")]
mod socket;
mod stack_life;
mod stack_users;
mod stage;
mod storage;
mod surroundings;
mod sync;
mod teams;
#[cfg(feature = "tls")]
mod tls;
mod traces;
mod trees;
mod two_factor;
mod values;
mod workflows;
