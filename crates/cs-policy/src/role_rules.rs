//! Rules of a custom role, read from a file: of our own form, or as the API answers a role (CMA-doc, "Roles").

use std::collections::BTreeMap;

use cs_model::{Access, Grant, Module, ModuleId};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::RoleRules;
use crate::document::{Block, Problem, Problems, Reader};
use crate::names::union;
use crate::policy_test::principal::role_rules;

impl RoleRules {
    /// Reads the rules of a role. A text that begins with `{` is JSON, a role as the API answers it; any other is TOML:
    ///
    /// ```
    /// use cs_model::{Access, ModuleId};
    /// use cs_policy::RoleRules;
    /// let (rules, _) = RoleRules::parse("grants = 'entry:rw,content_type:r'\nexcept = 'asset:w'\nbranches = ['main']")?;
    /// assert_eq!(rules.grants[&ModuleId::Entry.into()], Access::ReadWrite);
    ///
    /// let role = r#"{"role": {"name": "Blog", "rules": [
    ///     {"module": "branch", "branches": ["main"], "acl": {"read": true}},
    ///     {"module": "content_type", "content_types": ["blog"], "acl": {"read": true, "sub_acl": {"read": true}}}
    /// ]}}"#;
    /// let (rules, left_out) = RoleRules::parse(role)?;
    /// assert!(!rules.branches.is_none());
    /// assert_eq!(
    ///     left_out[0].message,
    ///     "rule 2 (`content_type`) is for some items and not for all of the module, so it is left out",
    /// );
    /// # Ok::<(), cs_policy::Problems>(())
    /// ```
    ///
    /// A rule here is for a whole module. What a role of the API grants on single items, or of some kinds of writing only,
    /// is left out, and what it takes away from single items is taken from the whole module, so that no more is granted
    /// than the role grants. Which environments and languages content goes to is not judged at all. The list says each.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with lines: no TOML or JSON, unknown keys, words that are no rights, names of a wrong type.
    pub fn parse(text: &str) -> Result<(Self, Vec<Problem>), Problems> {
        if text.trim_start().starts_with('{') {
            return of_api(text);
        }
        let mut reader = Reader::new(text);
        let rules = reader.root().map(|root| {
            let what = "a file of role rules".to_owned();
            role_rules(&mut reader, &Block { table: root.get_ref(), what, span: 0..0 })
        });
        Problems::or(reader.problems, (rules.unwrap_or_default(), Vec::new()))
    }
}

#[derive(Deserialize)]
struct Envelope {
    role: Role,
}

#[derive(Default, Deserialize)]
struct Role {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    module: Module,
    #[serde(default)]
    acl: Acl,
    #[serde(default)]
    restrict: bool,
    #[serde(flatten)]
    lists: Map<String, Value>,
}

/// Rights by kind of writing. Those of `sub_acl` are about what is within: entries of content types, assets of folders.
#[derive(Default, Deserialize)]
struct Acl {
    #[serde(default)]
    read: bool,
    write: Option<bool>,
    create: Option<bool>,
    update: Option<bool>,
    delete: Option<bool>,
    publish: Option<bool>,
    sub_acl: Option<Box<Self>>,
}

impl Acl {
    fn writing(&self) -> [Option<bool>; 5] {
        [self.write, self.create, self.update, self.delete, self.publish]
    }

    fn writes_something(&self) -> bool {
        self.writing().contains(&Some(true))
    }

    /// Whether it writes in each way that it names, and names more than publishing.
    fn writes_everything(&self) -> bool {
        let each = [self.create, self.update, self.delete].iter().all(|right| *right == Some(true));
        (self.write == Some(true) || each) && !self.writing().contains(&Some(false))
    }
}

fn of_api(text: &str) -> Result<(RoleRules, Vec<Problem>), Problems> {
    let (mut rules, mut left_out) = (RoleRules::default(), Vec::new());
    let role = serde_json::from_str(text)
        .map(|envelope: Envelope| envelope.role)
        .or_else(|_| serde_json::from_str::<Role>(text));
    let role = match role {
        Ok(role) => role,
        Err(error) => {
            let message = match error.classify() {
                serde_json::error::Category::Data => {
                    "it is no role: an object with a list `rules`, or with a `role` that has one"
                }
                _ => "it is no JSON",
            };
            let problem = Problem { line: error.line(), message: message.to_owned() };
            return Problems::or(vec![problem], (rules, left_out));
        }
    };
    for (index, rule) in role.rules.iter().enumerate() {
        let says = |what: &str| Problem {
            line: 0,
            message: format!("rule {} (`{}`) {what}", index + 1, rule.module),
        };
        match rule.module {
            Module::Known(ModuleId::Branch) => names(rule, "branches", &mut rules.branches),
            Module::Known(ModuleId::BranchAlias) => names(rule, "branch_aliases", &mut rules.aliases),
            _ if rule.is_limited() && !rule.restrict => {
                left_out.push(says("is for some items and not for all of the module, so it is left out"));
                continue;
            }
            Module::Known(ModuleId::Environment) if !rule.restrict && rule.names_some("environments") => {
                left_out
                    .push(says("names environments, and where content is published to is not judged here"));
            }
            Module::Known(ModuleId::Locale) if !rule.restrict && rule.names_some("locales") => {
                left_out.push(says("names languages, and the language of an entry is not judged here"));
            }
            _ if rule.restrict && ITEMS.iter().any(|key| rule.names_some(key)) => {
                left_out.push(says("takes rights away from some items, and here from all of the module"));
            }
            _ => {}
        }
        let within = match rule.module {
            Module::Known(ModuleId::Folder) => ModuleId::Asset,
            _ => ModuleId::Entry,
        };
        let within = Module::Known(within);
        let parts = [(&rule.module, Some(&rule.acl)), (&within, rule.acl.sub_acl.as_deref())];
        for (module, acl) in parts.into_iter().filter_map(|(module, acl)| Some((module, acl?))) {
            // An exception takes away what its flags name; a grant counts when nothing of the writing is missing.
            let (into, write) = if rule.restrict {
                (&mut rules.except, acl.writes_something())
            } else {
                if acl.writes_something() && !acl.writes_everything() {
                    left_out.push(says("gives some kinds of writing and not all, so they are left out"));
                }
                (&mut rules.grants, acl.writes_everything())
            };
            add(into, module, acl.read, write);
        }
    }
    Ok((rules, left_out))
}

fn add(into: &mut BTreeMap<Module, Access>, module: &Module, read: bool, write: bool) {
    let access = match (read, write) {
        (true, true) => Access::ReadWrite,
        (true, false) => Access::Read,
        (false, true) => Access::Write,
        (false, false) => return,
    };
    into.entry(module.clone()).and_modify(|before| *before = before.union(access)).or_insert(access);
}

fn names(rule: &Rule, key: &str, grant: &mut Grant) {
    let Some(list) = rule.lists.get(key) else { return };
    let named = strings(Some(list));
    // Also an empty list is a rule: it limits the role to nothing.
    let more = if named.contains(&"$all") {
        Grant::All
    } else {
        Grant::Only(named.into_iter().map(str::to_owned).collect())
    };
    *grant = union(std::mem::take(grant), &more);
}

impl Rule {
    /// Whether it names items of its module. Environments and languages are always named one by one, and what they
    /// limit is where content goes, not whether the module can be read.
    fn is_limited(&self) -> bool {
        let always_named = [ModuleId::Environment, ModuleId::Locale].map(Module::Known);
        !always_named.contains(&self.module) && ITEMS.iter().any(|key| self.names_some(key))
    }

    /// Whether a list of it names some and not all.
    fn names_some(&self, key: &str) -> bool {
        let named = strings(self.lists.get(key));
        !named.is_empty() && !named.contains(&"$all")
    }
}

/// The lists by which rules name items.
const ITEMS: [&str; 9] = [
    "content_types",
    "content_type",
    "entries",
    "assets",
    "folders",
    "taxonomies",
    "terms",
    "environments",
    "locales",
];

/// The texts of a list, or a single one.
fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_the_api() {
        let (rules, left_out) = RoleRules::parse(
            r#"{"rules": [
                {"module": "branch", "branches": ["main", "next"], "acl": {"read": true}},
                {"module": "branch_alias", "branch_aliases": ["$all"], "acl": {"read": true}},
                {"module": "environment", "environments": ["blt1"], "acl": {"read": true}},
                {"module": "content_type", "content_types": ["$all"], "acl": {"read": true, "sub_acl":
                    {"read": true, "create": true, "update": true, "delete": true, "publish": true}}},
                {"module": "asset", "assets": ["$all"], "acl": {"read": true, "create": true, "delete": false}},
                {"module": "locale", "restrict": true, "locales": ["blt2"], "acl": {"read": false, "sub_acl": {"update": true}}}
            ]}"#,
        )
        .unwrap();
        assert_eq!(rules.branches, Grant::only(["main", "next"]));
        assert_eq!(rules.aliases, Grant::All);
        assert_eq!(rules.grants[&ModuleId::Entry.into()], Access::ReadWrite);
        assert_eq!(rules.grants[&ModuleId::ContentType.into()], Access::Read);
        assert_eq!(rules.grants[&ModuleId::Asset.into()], Access::Read);
        assert_eq!(rules.grants[&ModuleId::Environment.into()], Access::Read);
        assert_eq!(rules.except[&ModuleId::Entry.into()], Access::Write);
        let says: Vec<_> = left_out.iter().map(|problem| problem.message.as_str()).collect();
        let expected = [
            "rule 3 (`environment`) names environments, and where content is published to is not judged here",
            "rule 5 (`asset`) gives some kinds of writing and not all, so they are left out",
            "rule 6 (`locale`) takes rights away from some items, and here from all of the module",
        ];
        assert_eq!(says, expected);
    }

    #[test]
    fn what_names_all_is_left_whole() {
        let (_, left_out) = RoleRules::parse(
            r#"{"rules": [
                {"module": "environment", "environments": ["$all"], "acl": {"read": true}},
                {"module": "locale", "locales": ["$all"], "acl": {"read": true}},
                {"module": "locale", "restrict": true, "locales": ["$all"], "acl": {"sub_acl": {"update": true}}},
                {"module": "taxonomy", "taxonomies": ["$all"], "terms": ["$all"], "acl": {"read": true}}
            ]}"#,
        )
        .unwrap();
        assert_eq!(left_out, []);
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let wrong = RoleRules::parse("grants = 'entry'\nexept = 'asset:w'").unwrap_err();
        let lines: Vec<_> = wrong.items().iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 2]);
        assert_eq!(RoleRules::parse("{\"rules\": [\n1]}").unwrap_err().items()[0].line, 2);
        assert!(RoleRules::parse("{").is_err());
    }
}
