//! Principals of a policy test file.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::{Access, Expiry, Grant, Module};
use jiff::civil::Date;
use toml::de::DeValue;

use crate::document::{Block, Reader, get};
use crate::{
    AccessFacts, DeliveryFacts, Kind, ManagementFacts, OAuthFacts, OrganizationRole, Principal, RoleRules,
    StackRole, User,
};

/// The principals of a file.
#[derive(Debug, Default)]
pub(super) struct Principals {
    /// Those that could be read, by name.
    by_name: BTreeMap<String, Principal>,
    /// Those that are there, with something wrong that was told already.
    broken: BTreeSet<String>,
    /// Whether there is something in their place of which no names are known.
    all_broken: bool,
}

impl Principals {
    pub(super) fn get(&self, name: &str) -> Option<&Principal> {
        self.by_name.get(name)
    }

    /// Whether the file has one of this name, whatever is wrong with it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all_broken || self.broken.contains(name) || self.by_name.contains_key(name)
    }
}

/// All principals, by name.
pub(super) fn read_all(reader: &mut Reader<'_>, root: &Block<'_, '_>) -> Principals {
    let mut principals = Principals::default();
    let Some(block) = reader.table(root, "principals", "the principals") else {
        principals.all_broken = get(root.table, "principals").is_some();
        return principals;
    };
    for name in block.table.keys() {
        let name = name.get_ref().to_string();
        let principal =
            reader.table(&block, &name, format!("principal `{name}`")).and_then(|block| read(reader, &block));
        match principal {
            Some(principal) => drop(principals.by_name.insert(name, principal)),
            None => drop(principals.broken.insert(name)),
        }
    }
    principals
}

fn read(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> Option<Principal> {
    let Some(kind) = kind(reader, block) else {
        of_no_kind(reader, block);
        return None;
    };
    let principal = match kind {
        Kind::Delivery => Principal::Delivery(delivery(reader, block)),
        Kind::Preview => Principal::Preview(delivery(reader, block)),
        Kind::Management => {
            reader.only(block, &["kind", "scope", "branches", "aliases", "expires", STACK]);
            Principal::Management(ManagementFacts {
                scope: scope(reader, block, "scope"),
                branches: grant(reader, block, "branches"),
                aliases: grant(reader, block, "aliases"),
                stack_without_branches: false,
                expires: expires(reader, block),
            })
        }
        Kind::Authtoken => Principal::Authtoken(user(reader, block)),
        Kind::Access => {
            reader.only(block, &["kind", "stack_created"]);
            Principal::Access(AccessFacts { stack_created: stack_created(reader, block) })
        }
        Kind::OAuth => {
            reader.only(block, &["kind", "scopes"]);
            let scopes: BTreeSet<_> =
                reader.texts(block, "scopes").into_iter().map(|(text, _)| text).collect();
            Principal::OAuth(OAuthFacts { scopes })
        }
        Kind::Anonymous => {
            reader.only(block, &["kind"]);
            Principal::Anonymous
        }
    };
    Some(match get(block.table, STACK) {
        Some(_) => principal.stack_without_branches(reader.flag(block, STACK)),
        None => principal.stack_inferred(),
    })
}

fn kind(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> Option<Kind> {
    let (text, span) = reader.needed(block, "kind")?;
    let kind = Kind::find(&text);
    if kind.is_none() {
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| format!("`{kind}`")).collect();
        reader.push(&span, format!("there is no kind `{text}`; there are {}", kinds.join(", ")));
    }
    kind
}

/// Reads the keys of a principal whose kind is not known, so that what is wrong with them is told at once. Which keys it
/// may have is known with its kind.
fn of_no_kind(reader: &mut Reader<'_>, block: &Block<'_, '_>) {
    for key in ["environments", "branches", "aliases"] {
        grant(reader, block, key);
    }
    scope(reader, block, "scope");
    expires(reader, block);
    reader.texts(block, "scopes");
    user_facts(reader, block);
    reader.flag(block, STACK);
}

/// Says that the stack has no branches, or that it has. Without it, one whose tokens name none is taken for one without.
const STACK: &str = "stack_without_branches";

fn stack_created(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> Option<Date> {
    reader.parsed(block, "stack_created", "a date (YYYY-MM-DD)", |text| {
        if text.len() == 10 { text.parse().ok() } else { None }
    })
}

fn delivery(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> DeliveryFacts {
    reader.only(block, &["kind", "environments", "branches", "aliases", STACK]);
    DeliveryFacts {
        environments: grant(reader, block, "environments"),
        branches: grant(reader, block, "branches"),
        aliases: grant(reader, block, "aliases"),
        stack_without_branches: false,
    }
}

/// The keys of a user that are true or false.
const FLAGS: [&str; 4] = ["sso", "idp_login", "access_without_sso", "strict_mode"];

fn user(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> User {
    let known: Vec<_> =
        ["kind", "role", "rules", "organization", "stack_created", STACK].into_iter().chain(FLAGS).collect();
    reader.only(block, &known);
    user_facts(reader, block)
}

fn user_facts(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> User {
    let rules =
        reader.table(block, "rules", "the rules of a custom role").map(|block| role_rules(reader, &block));
    let mut roles = Vec::new();
    for (name, span) in reader.texts(block, "role") {
        roles.push(match name.as_str() {
            "owner" => StackRole::Owner,
            "admin" => StackRole::Admin,
            "developer" => StackRole::Developer,
            "content-manager" => StackRole::ContentManager,
            "custom" => StackRole::Custom(rules.clone().unwrap_or_default()),
            _ => {
                reader.push(
                    &span,
                    format!("there is no role `{name}`; there are `owner`, `admin`, `developer`, `content-manager`, `custom`"),
                );
                continue;
            }
        });
    }
    let custom = roles.iter().any(|role| matches!(role, StackRole::Custom(_)));
    if let (Some(value), false) = (get(block.table, "rules"), custom) {
        reader
            .push(&value.span(), "`rules` are those of the role `custom`, which the principal does not have");
    }
    let organization =
        reader.parsed(block, "organization", "`member`, `admin` or `owner`", |text| match text {
            "member" => Some(OrganizationRole::Member),
            "admin" => Some(OrganizationRole::Admin),
            "owner" => Some(OrganizationRole::Owner),
            _ => None,
        });
    let [sso, idp_login, access_without_sso, strict_mode] = FLAGS.map(|key| reader.flag(block, key));
    User {
        roles,
        organization: organization.unwrap_or_default(),
        sso,
        idp_login,
        access_without_sso,
        strict_mode,
        stack_created: stack_created(reader, block),
        stack_without_branches: false,
    }
}

/// The rules of a custom role.
pub(crate) fn role_rules(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> RoleRules {
    reader.only(block, &["grants", "except", "branches", "aliases"]);
    RoleRules {
        grants: scope(reader, block, "grants"),
        except: scope(reader, block, "except"),
        branches: grant(reader, block, "branches"),
        aliases: grant(reader, block, "aliases"),
    }
}

/// `"all"`, a name, or a list of names. An empty list is an entry that limits to nothing; without the key there is none.
fn grant(reader: &mut Reader<'_>, block: &Block<'_, '_>, key: &str) -> Grant {
    match get(block.table, key) {
        None => Grant::None,
        Some(value) if matches!(value.get_ref(), DeValue::String(text) if text == "all") => Grant::All,
        Some(_) => Grant::Only(reader.texts(block, key).into_iter().map(|(name, _)| name).collect()),
    }
}

fn expires(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> Expiry {
    let wanted = "a date (YYYY-MM-DD), a time (2026-12-10T00:00:00Z) or `never`";
    let read = |text: &str| if text == "never" { Some(Expiry::Never) } else { text.parse().ok() };
    reader.parsed(block, "expires", wanted, read).unwrap_or_default()
}

/// `"entry:rw,content_type:r"`, a list of such items, or `{ entry = "rw" }`.
fn scope(reader: &mut Reader<'_>, block: &Block<'_, '_>, key: &str) -> BTreeMap<Module, Access> {
    let mut scope = BTreeMap::new();
    let mut add = |module: &str, access: Access| {
        let entry = scope.entry(Module::from(module)).or_insert(access);
        *entry = entry.union(access);
    };
    let Some(value) = get(block.table, key) else { return scope };
    if let DeValue::Table(_) = value.get_ref() {
        let Some(table) = reader.table(block, key, "a scope") else { return scope };
        for module in table.table.keys() {
            let wanted = "an access (`r`, `w` or `rw`)";
            if let Some(access) = reader.parsed(&table, module.get_ref(), wanted, |text| text.parse().ok()) {
                add(module.get_ref(), access);
            }
        }
        return scope;
    }
    for (text, span) in reader.texts(block, key) {
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let Some((module, access)) = item.split_once(':') else {
                reader.push(
                    &span,
                    format!("`{item}` names no access: write `{item}:r`, `{item}:w` or `{item}:rw`"),
                );
                continue;
            };
            match access.parse() {
                Ok(access) => add(module, access),
                Err(error) => reader.push(&span, error.to_string()),
            }
        }
    }
    scope
}
