//! Which credential may make which request to Contentstack, and why.
//!
//! **In scope**: a verdict for every kind of credential (the five kinds of token, OAuth, none) on every documented route,
//! with the rules that led to it, who says so, and what would change it. Where the vendor's pages disagree, a
//! [`Profile`](cs_model::Profile) says whom to believe.
//!
//! **Out of scope**: sending anything, storing anything, reading a clock. Whether a token's value is right, whether a
//! branch or an environment exists, and limits on how many tokens there may be are not judged here.
//!
//! What a principal may depends on its stack, too: one without branches is all `main`, which then takes no grant. Say so
//! with [`Principal::stack_without_branches`], or leave it to [`Principal::stack_inferred`].
//!
//! **Sources**: each rule names the documents that it rests on ([`Rule::sources`], [`why`]). In this documentation, brackets such as
//! (seed 001, "Delivery Tokens") name a document by its id in [`cs_model::generated::SOURCES`], and the heading or file in it.
//!
//! [`decide`] is the one decision function: total, without allocation, on numbers that a [`Prepared`] principal gives out.
//! [`decide_request`] takes names instead. Both answer with a [`Decision`]; [`why`] and [`fixes`] put it into words.
//!
//! Around decisions: [`capabilities`] makes all of them for a principal and [`who_can`] one for many; [`minimal_scope`]
//! finds the least scope for some requests; [`compare`] says which of two scopes reaches further; [`lint`] finds what is
//! risky in tokens, and [`policy_test`] checks expectations that stand in a file.
//!
//! An auditor's program: who in a list can delete the stack's content types, and why?
//!
//! ```
//! use cs_model::{Access, ModuleId, Profile};
//! use cs_policy::{ManagementFacts, Principal, Request, StackRole, decide_request, why};
//!
//! let (mut importer, now) = (ManagementFacts::default(), "2026-11-21T00:00:00Z".parse()?);
//! importer.scope.insert(ModuleId::ContentType.into(), Access::ReadWrite);
//! let people = [Principal::Management(importer).stack_inferred(), Principal::user(StackRole::ContentManager)];
//! for (name, principal) in ["importer", "editor"].into_iter().zip(&people) {
//!     let decision = decide_request(&Profile::seeds(), principal, &Request::new("DELETE", "/v3/content_types/page"), now);
//!     let reasons: Vec<_> = why(&decision).map(|rule| (rule.says, rule.sources)).collect();
//!     println!("{name}: {}, because {reasons:#?}", decision.verdict());
//! }
//! # Ok::<(), jiff::Error>(())
//! ```
#![forbid(unsafe_code)]
#![deny(clippy::print_stderr, clippy::print_stdout, reason = "no I/O here")]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

mod capabilities;
mod classify;
mod compare;
mod condition;
mod decide;
mod decision;
mod document;
mod explain;
pub mod export;
mod few;
mod fix;
mod generated;
mod kind;
pub mod lint;
mod minimal;
mod names;
mod oauth;
pub mod policy_test;
mod prepared;
mod principal;
mod request;
mod role_rules;
mod rule;
mod rule_set;
mod subject;
mod table;
mod tables;
mod why;

pub use capabilities::{Capabilities, Capability, capabilities, capabilities_in, who_can};
pub use classify::{classify, classify_bytes};
pub use compare::{Comparison, Order, Reached, Scope, Witness, compare};
pub use condition::Condition;
pub use decide::{
    decide, decide_in_service, decide_operation, decide_operation_in_service, decide_prepared,
    decide_request, unmapped,
};
pub use decision::{Decision, Verdict};
pub use document::{Problem, Problems};
pub use explain::{Citation, Explanation, Reason, explain};
pub use few::Few;
pub use fix::{Change, Remedy, fix, fix_operation};
pub use generated::{OPERATIONS, RULE_COUNT, RULES, rule as rules};
pub use kind::Kind;
pub use minimal::{MinimalScope, NoScope, Unreachable, minimal_scope};
pub use names::{AliasId, BranchId, EnvironmentId};
pub use oauth::{scope_of as oauth_scope, scopes as oauth_scopes};
pub use prepared::Prepared;
pub use principal::{
    AccessFacts, DeliveryFacts, ManagementFacts, OAuthFacts, OrganizationRole, Principal, RoleRules,
    StackRole, User,
};
pub use request::{BodyFacts, Context, NamedBranch, PublishAnswer, Request};
pub use rule::{About, Effect, Rule, RuleId};
pub use rule_set::RuleSet;
pub use subject::{Operation, OperationRow, Subject};
pub use why::{Fix, Why, fixes, forbidden_anywhere, why};
