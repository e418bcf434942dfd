//! The rules of cs-policy: the rule table, the classes of kind and route, the tables of `classify`, and the reference page.
//!
//! Which rules are about which kind of credential on which route is found here, so that a decision is a matter of masks. A
//! test in cs-policy finds it again from the written table and compares.

use std::fmt::Write as _;

use anyhow::Result;

use super::OutFile;
use super::spec::Spec;

mod check;
mod classes;
mod page;
mod rows;
mod select;
mod table;
mod trie;

pub(crate) use check::check;
pub(crate) use rows::RulesFile;
pub(crate) use select::is_named;

/// The folder of the generated modules.
const FOLDER: &str = "crates/cs-policy/src/generated";

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![
        gathering(spec)?,
        table::rules(spec)?,
        table::constants(spec)?,
        classes::classes(spec)?,
        classes::oauth(spec)?,
        trie::trie(spec)?,
        page::page(spec)?,
    ])
}

/// `crates/cs-policy/src/generated.rs`.
fn gathering(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "//! The rules of `xtask/spec` as tables and masks. Data only: the logic is in the other modules.\n\n",
    );
    writeln!(body, "mod classes;\nmod lints;\nmod oauth;\npub mod rule;\nmod rules;\nmod trie;\n")?;
    writeln!(body, "pub(crate) use classes::{{CLASS_COUNT, CLASS_OF, CLASS_RULES, ROUTE_COUNT}};")?;
    writeln!(body, "pub use lints::{{LINTS, LintId}};")?;
    writeln!(body, "pub(crate) use lints::{{{}}};", spec.lints.constants().join(", "))?;
    writeln!(body, "pub(crate) use oauth::{{OAUTH_SCOPE_OF, OAUTH_SCOPES, OTHER_OAUTH_SCOPES}};")?;
    writeln!(body, "pub(crate) use rules::{{ACCESS_TOKENS_UNTIL, DEFAULT_BRANCH}};")?;
    writeln!(body, "pub use rules::{{OPERATIONS, RULE_COUNT, RULES}};")?;
    writeln!(body, "pub(crate) use trie::{{LITERALS, NODES, ROOTS}};")?;
    OutFile::rust("crates/cs-policy/src/generated.rs", "xtask/spec", &body)
}
