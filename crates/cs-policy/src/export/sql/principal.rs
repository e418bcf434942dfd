//! A principal as a row of `cs_principal`.

use cs_model::Grant;

use super::super::facts::{Facts, names_of};
use super::super::text::sql_string;
use crate::Principal;

/// A principal as an `INSERT` into `cs_principal`, in either dialect. `id` is what the log calls it, `stack` the API key of
/// its stack.
///
/// ```
/// use cs_policy::{Principal, StackRole, export};
/// let row = export::sql_principal(&Principal::user(StackRole::Admin), "ann", "blt1");
/// assert!(row.starts_with("INSERT INTO cs_principal (principal, kind, stack, "));
/// ```
#[must_use]
pub fn principal(principal: &Principal, id: &str, stack: &str) -> String {
    let facts = Facts::of(principal);
    let columns = [
        ("principal", sql_string(id)),
        ("kind", sql_string(facts.kind.name())),
        ("stack", sql_string(stack)),
        ("can_read", list(&facts.can_read)),
        ("can_write", list(&facts.can_write)),
        ("cannot_read", list(&facts.cannot_read)),
        ("cannot_write", list(&facts.cannot_write)),
        ("environments", list(names_of(&facts.environments))),
        ("all_environments", all(&facts.environments)),
        ("branches", list(names_of(&facts.branches))),
        ("all_branches", all(&facts.branches)),
        ("has_branch_entry", (!facts.branches.is_none()).to_string()),
        ("aliases", list(names_of(&facts.aliases))),
        ("all_aliases", all(&facts.aliases)),
        ("has_alias_entry", (!facts.aliases.is_none()).to_string()),
        ("stack_without_branches", facts.stack_without_branches.to_string()),
        ("expires_on", facts.expires_on.map_or(null(), |day| format!("DATE '{day}'"))),
        (
            "expires_at",
            facts
                .expires_at
                .map_or(null(), |time| format!("TIMESTAMP '{}'", time.strftime("%Y-%m-%d %H:%M:%S.%6f"))),
        ),
        ("roles", list(&facts.roles)),
        ("organization_role", sql_string(facts.organization_role)),
        ("sso", facts.sso.to_string()),
        ("idp_login", facts.idp_login.to_string()),
        ("access_without_sso", facts.access_without_sso.to_string()),
        ("strict_mode", facts.strict_mode.to_string()),
        ("stack_created", facts.stack_created.map_or(null(), |day| format!("DATE '{day}'"))),
        ("oauth_scopes", list(&facts.oauth_scopes)),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<&str> = columns.iter().map(|(_, value)| value.as_str()).collect();
    format!("INSERT INTO cs_principal ({}) VALUES ({});\n", names.join(", "), values.join(", "))
}

fn null() -> String {
    "NULL".to_owned()
}

fn all(grant: &Grant) -> String {
    (*grant == Grant::All).to_string()
}

fn list(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| sql_string(item.as_ref())).collect();
    format!("ARRAY[{}]::text[]", items.join(", "))
}
