//! The policy in the words of other engines, and as a matrix to read.
//!
//! Each export is text, made from the same rules that [`decide`](crate::decide()) reads, for one profile: contradictions are
//! settled as the profile tells clients to. Nothing is read or written here.
//!
//! | export | for |
//! |---|---|
//! | [`markdown()`], [`html()`], [`json()`] | people, and programs that need no engine: kind x module x action, with the rules |
//! | [`cedar()`] | the authorizer of [Cedar](https://www.cedarpolicy.com): schema and policies |
//! | [`sql()`] | audits of an access log where the log already is: a decision table, and a view that joins it |
//!
//! The engines get *facts* and no answers: what a credential was given ([`cedar_entity`], [`sql_principal`]) and what a
//! request says. Every condition is evaluated by the engine.
//!
//! ```
//! use cs_model::Profile;
//! use cs_policy::export::{self, Dialect};
//!
//! let policies = export::cedar(&Profile::seeds()).policies;
//! assert!(policies.contains("@rule(\"management.tokens_module\")"));
//! let tables = export::sql(&Profile::seeds(), Dialect::PostgreSql);
//! assert!(tables.contains("CREATE VIEW cs_verdict"));
//! ```

mod cedar;
mod clause;
mod facts;
mod html;
mod json;
mod markdown;
mod matrix;
mod sql;
mod text;
mod wanted;
mod worlds;

pub use cedar::{Cedar, cedar, cedar_action, cedar_entity};
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use sql::{Dialect, sql, sql_principal};
