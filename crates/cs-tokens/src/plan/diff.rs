//! Exact differences, field by field.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cs_model::{Access, DeliveryTokenDraft, Grant, ManagementTokenDraft, Module, ScopeEntry, StackNames};
use serde::Serialize;

/// One field that changes.
///
/// `Display` shows `scope.entry: r -> rw` for values and `branches: + development, - main` for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The field, by its name in the file: `scope.entry`, `branches`.
    pub field: String,
    /// The value before; `None` for lists, and where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value afterwards; `None` for lists, and where there will be none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What comes to a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// What goes from a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

impl Change {
    /// A value that changes, comes or goes.
    fn value(field: impl Into<String>, from: Option<String>, to: Option<String>) -> Self {
        Self { field: field.into(), from, to, added: Vec::new(), removed: Vec::new() }
    }

    /// A list whose items change; `None` when they do not.
    fn items(field: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Option<Self> {
        let added: Vec<_> = after.difference(before).cloned().collect();
        let removed: Vec<_> = before.difference(after).cloned().collect();
        let differs = !added.is_empty() || !removed.is_empty();
        differs.then(|| Self { field: field.to_owned(), from: None, to: None, added, removed })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.field)?;
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => return write!(f, "{from} -> {to}"),
            (None, Some(to)) => return write!(f, "+ {to}"),
            (Some(from), None) => return write!(f, "- {from}"),
            (None, None) => {}
        }
        let added = self.added.iter().map(|item| format!("+ {item}"));
        let removed = self.removed.iter().map(|item| format!("- {item}"));
        f.write_str(&added.chain(removed).collect::<Vec<_>>().join(", "))
    }
}

/// From one delivery draft to another.
pub(crate) fn delivery(
    before: &DeliveryTokenDraft,
    after: &DeliveryTokenDraft,
    names: &StackNames,
) -> Vec<Change> {
    let mut changes = Vec::new();
    text(&mut changes, "description", &before.description, &after.description);
    changes.extend(Change::items("environments", &before.environments, &after.environments));
    grants(&mut changes, (&before.branches, &before.aliases), (&after.branches, &after.aliases), names);
    others(&mut changes, &before.other_scope, &after.other_scope);
    changes
}

/// From one management draft to another.
pub(crate) fn management(
    before: &ManagementTokenDraft,
    after: &ManagementTokenDraft,
    names: &StackNames,
) -> Vec<Change> {
    let mut changes = Vec::new();
    text(&mut changes, "name", &before.name, &after.name);
    text(&mut changes, "description", &before.description, &after.description);
    modules(&mut changes, &before.modules, &after.modules);
    grants(&mut changes, (&before.branches, &before.aliases), (&after.branches, &after.aliases), names);
    others(&mut changes, &before.other_scope, &after.other_scope);
    if !before.expiry.same_as(&after.expiry) {
        changes.push(Change::value(
            "expires_on",
            Some(before.expiry.to_string()),
            Some(after.expiry.to_string()),
        ));
    }
    if before.email_notification != after.email_notification {
        let text = |on: bool| Some(on.to_string());
        changes.push(Change::value(
            "notify",
            text(before.email_notification),
            text(after.email_notification),
        ));
    }
    changes
}

fn text(changes: &mut Vec<Change>, field: &str, before: &str, after: &str) {
    if before != after {
        let quoted = |text: &str| Some(format!("\"{}\"", text.escape_debug()));
        changes.push(Change::value(field, quoted(before), quoted(after)));
    }
}

fn modules(changes: &mut Vec<Change>, before: &BTreeMap<Module, Access>, after: &BTreeMap<Module, Access>) {
    let all: BTreeSet<&Module> = before.keys().chain(after.keys()).collect();
    for module in all {
        let short = |map: &BTreeMap<Module, Access>| map.get(module).map(|access| access.short().to_owned());
        let (from, to) = (short(before), short(after));
        if from != to {
            changes.push(Change::value(format!("scope.{module}"), from, to));
        }
    }
}

fn grants(changes: &mut Vec<Change>, before: (&Grant, &Grant), after: (&Grant, &Grant), names: &StackNames) {
    let set = |grant: &Grant, existing: &BTreeSet<String>| grant.names(existing).map(str::to_owned).collect();
    for (field, before, after, existing) in
        [("branches", before.0, after.0, &names.branches), ("aliases", before.1, after.1, &names.aliases)]
    {
        changes.extend(Change::items(field, &set(before, existing), &set(after, existing)));
    }
}

/// Entries that a file cannot say: they go when the token is changed, and that is said.
fn others(changes: &mut Vec<Change>, before: &[ScopeEntry], after: &[ScopeEntry]) {
    for entry in before.iter().filter(|entry| !after.contains(entry)) {
        let what = "an entry that the file cannot express".to_owned();
        changes.push(Change::value(format!("scope.{}", entry.module), Some(what), None));
    }
}

#[cfg(test)]
mod tests {
    use cs_model::ModuleId;
    use expect_test::expect;

    use super::*;

    #[test]
    fn only_what_differs_is_named() {
        let names = StackNames::new(["production"], ["main", "development"], ["deploy"]);
        let before = ManagementTokenDraft::new("ci")
            .module(ModuleId::Entry, Access::Read)
            .module(ModuleId::Asset, Access::Read)
            .branches(Grant::only(["main"]));
        let after = ManagementTokenDraft::new("ci")
            .description("for \"CI\"")
            .module(ModuleId::Entry, Access::ReadWrite)
            .module(Module::All, Access::Read)
            .branches(Grant::All)
            .expiry("2027-01-31".parse().unwrap())
            .notify();
        let lines: Vec<_> = management(&before, &after, &names).iter().map(ToString::to_string).collect();
        expect![[r#"
            description: "" -> "for \"CI\""
            scope.$all: + r
            scope.asset: - r
            scope.entry: r -> rw
            branches: + development
            expires_on: never -> 2027-01-31
            notify: false -> true"#]]
        .assert_eq(&lines.join("\n"));
        assert!(management(&after, &after, &names).is_empty());
    }

    #[test]
    fn all_is_what_there_is() {
        let names = StackNames::new(["production"], ["main", "development"], []);
        let all = DeliveryTokenDraft::new("shop").branches(Grant::All);
        let both = DeliveryTokenDraft::new("shop").branches(Grant::only(["main", "development", "gone"]));
        let lines: Vec<_> = delivery(&both, &all, &names).iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["branches: - gone"]);
    }
}
