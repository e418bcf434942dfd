//! Scopes in bodies (seed 002, "Create delivery token"; seed 002, "Create management token"): read as they come, and refused with everything that is wrong with them.

mod shown;

use std::collections::BTreeSet;

use cs_model::generated::{ContradictionId, ErrorId, LimitId, ModuleId};
use cs_model::profile::{ModuleNames, ServiceReading};
use cs_model::{Access, Documented, Module};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::tokens;
use crate::record::{Kind, ScopeRecord};
use crate::refusal::{Problems, Stop};
use crate::service::Scene;
use crate::store::{Tx, exists, get_json, keys, scan_json};

pub(super) use shown::{Details, Environments, Shown, environments_by_uid, environments_of, shape};

/// Reads a scope for a token of a kind.
pub(super) fn read(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    kind: Kind,
    value: &Value,
    problems: &mut Problems,
) -> Result<Vec<ScopeRecord>, Stop> {
    let Value::Array(items) = value else {
        problems.field("scope", if value.is_null() { "is null, and not a list" } else { "is not a list" });
        return Ok(Vec::new());
    };
    if items.is_empty() {
        problems.field("scope", "is empty");
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for item in items {
        let Value::Object(item) = item else {
            problems.field("scope", "holds something that is not an object");
            continue;
        };
        if let Some(entry) = read_entry(scene, tx, kind, item, entries.len(), problems)? {
            entries.push(entry);
        }
    }
    whole(scene, tx, kind, &entries, problems)?;
    // Of what was sent, not of what was understood: an entry that is refused has its own message.
    if kind == Kind::Management && items.iter().all(only_limits) {
        problems.field("scope.module", "is required: branches and aliases say where, not what");
    }
    Ok(entries)
}

/// Whether an entry grants nothing itself and only limits the others to branches or aliases.
fn only_limits(item: &Value) -> bool {
    let module = item.get("module").and_then(Value::as_str).map(Module::from);
    matches!(module.as_ref().and_then(Module::known), Some(ModuleId::Branch | ModuleId::BranchAlias))
}

/// What a scope must have as a whole.
fn whole(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    kind: Kind,
    entries: &[ScopeRecord],
    problems: &mut Problems,
) -> Result<(), Stop> {
    let api_key = scene.api_key()?;
    let names_branch = |entry: &ScopeRecord| {
        let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        some(&entry.branches) || some(&entry.branch_aliases)
    };
    // A stack without branches has none to name.
    let existing = tx.count(keys::branches(api_key).as_bytes())?;
    let has_branches = existing > 0;
    let named = distinct(entries.iter().map(|entry| &entry.branches));
    if !reads(scene, ContradictionId::SeveralBranchesInScope) && named > 1 && named < existing {
        problems.field("scope.branches", "names several branches, yet not all");
    }
    let required = scene.profile.switches.branch_scope_required.value && has_branches;
    // Where it is not required, who begins to name some must do so: an empty list looks like a limit and is none.
    let begun = entries.iter().any(|entry| entry.branches.is_some() || entry.branch_aliases.is_some());
    if (required || begun) && !entries.iter().any(names_branch) {
        problems.add(ErrorId::BranchScopeMissing, "is required");
    }
    if kind == Kind::Delivery {
        let count = distinct(entries.iter().map(|entry| &entry.environments));
        if !entries.iter().any(|entry| entry.module == ModuleId::Environment.name()) {
            problems.field("scope.environments", "is required");
        }
        let limit = scene.profile.limit(LimitId::EnvironmentsPerDeliveryToken);
        if limit.is_exceeded_by(count) && !reads(scene, ContradictionId::EnvironmentsPerDeliveryToken) {
            problems.field("scope.environments", "names more environments than a delivery token may have");
        }
    }
    Ok(())
}

/// How many different names the lists of several entries hold.
fn distinct<'a>(lists: impl Iterator<Item = &'a Option<Vec<String>>>) -> usize {
    lists.flatten().flatten().collect::<BTreeSet<_>>().len()
}

fn read_entry(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    kind: Kind,
    item: &Map<String, Value>,
    index: usize,
    problems: &mut Problems,
) -> Result<Option<ScopeRecord>, Stop> {
    let Some(Value::String(name)) = item.get("module") else {
        problems.field("scope.module", "is required");
        return Ok(None);
    };
    let module = Module::from(name.as_str());
    if !is_grantable(scene, kind, &module) {
        problems.add(ErrorId::ModuleUnknown, format!("`{name}` cannot be granted"));
        return Ok(None);
    }
    let mut record = ScopeRecord {
        module: name.clone(),
        read: None,
        write: None,
        environments: None,
        branches: None,
        branch_aliases: None,
        metadata_uid: metadata_uid(item).unwrap_or_else(|| scene.draw.metadata_uid(index)),
    };
    acl(scene, item, kind, &module, &mut record, problems);
    match module.known() {
        Some(ModuleId::Environment) if kind == Kind::Delivery => {
            record.environments = Some(environment_uids(scene, tx, item, problems)?);
        }
        Some(ModuleId::Branch) => {
            let names = names(item, "branches", problems).unwrap_or_default();
            let names = spelled_out(scene, tx, names, keys::branches)?;
            if names.is_empty() {
                problems.field("scope.branches", "is required");
            }
            for name in &names {
                if !exists(tx, &keys::branch(scene.api_key()?, name))? {
                    problems.add(ErrorId::ScopeBranchUnknown, format!("there is no branch `{name}`"));
                }
            }
            record.branches = Some(names);
        }
        Some(ModuleId::BranchAlias) => {
            // An empty list was seen to be accepted beside branches.
            let names = names(item, "branch_aliases", problems).unwrap_or_default();
            let names = spelled_out(scene, tx, names, keys::aliases)?;
            for name in &names {
                if !exists(tx, &keys::alias(scene.api_key()?, name))? {
                    let says = format!("there is no branch alias `{name}`");
                    problems.at(ErrorId::ScopeBranchUnknown, "scope.branch_aliases", says);
                }
            }
            record.branch_aliases = Some(names);
        }
        _ => {}
    }
    Ok(Some(record))
}

/// How the profile answers the question of a contradiction.
fn reads(scene: &Scene<'_>, contradiction: ContradictionId) -> bool {
    scene.profile.reading(contradiction).service == ServiceReading::Allow
}

/// Whether a token of this kind can be given the module.
fn is_grantable(scene: &Scene<'_>, kind: Kind, module: &Module) -> bool {
    match (kind, module) {
        (Kind::Management, Module::All) => true,
        // Some pages know rights to the stack as a whole only.
        (Kind::Management, module) if !reads(scene, ContradictionId::ManagementScopeModules) => {
            matches!(module.known(), Some(ModuleId::Branch | ModuleId::BranchAlias))
        }
        (Kind::Management, module) => {
            match module.known().map_or(Documented::Silent, |id| id.row().management_scope) {
                Documented::Yes => true,
                Documented::No => false,
                Documented::Silent => scene.profile.switches.module_names.value == ModuleNames::Open,
            }
        }
        (Kind::Delivery | Kind::Preview | Kind::Access, module) => {
            matches!(module.known(), Some(ModuleId::Environment | ModuleId::Branch | ModuleId::BranchAlias))
        }
    }
}

/// The uid that the entry had when it was read: an update that sends it back keeps it.
fn metadata_uid(item: &Map<String, Value>) -> Option<String> {
    let uid = item.get("_metadata")?.get("uid")?.as_str()?;
    let plain = uid.len() <= 32 && uid.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain && !uid.is_empty()).then(|| uid.to_owned())
}

fn acl(
    scene: &Scene<'_>,
    item: &Map<String, Value>,
    kind: Kind,
    module: &Module,
    record: &mut ScopeRecord,
    problems: &mut Problems,
) {
    let Some(Value::Object(acl)) = item.get("acl") else {
        problems.field("scope.acl", "is required");
        return;
    };
    for (name, place) in [("read", &mut record.read), ("write", &mut record.write)] {
        match tokens::flag(acl.get(name)) {
            Ok(on) => *place = on,
            Err(()) => {
                problems.field("scope.acl", format!("`{name}` is neither true nor false"));
                return;
            }
        }
    }
    // Every sample gives these entries `read: true`: without it they would name what the token does not reach.
    let names_reach = match module.known() {
        Some(ModuleId::Branch | ModuleId::BranchAlias) => true,
        Some(ModuleId::Environment) => kind == Kind::Delivery,
        _ => false,
    };
    if names_reach && record.read != Some(true) {
        problems.field("scope.acl", "must grant reading");
    } else if record.access().is_none() {
        problems.field("scope.acl", "grants neither reading nor writing");
    }
    let one_only = !reads(scene, ContradictionId::AccessChoice);
    if kind == Kind::Management && one_only && record.access() == Some(Access::ReadWrite) {
        // "define if the token should be read-only or write-only" (seed 001), where the profile takes it literally.
        problems.field("scope.acl", "grants either reading or writing");
    }
    if kind == Kind::Delivery && record.write == Some(true) {
        // "A Delivery Token is a read-only, environment-specific token" (seed 001).
        problems.field("scope.acl", "a delivery token only reads");
    }
}

/// A list of names. What is wrong with it is told; `None` when it is missing or no list.
fn names(item: &Map<String, Value>, key: &str, problems: &mut Problems) -> Option<Vec<String>> {
    let field = || format!("scope.{key}");
    let Some(Value::Array(items)) = item.get(key) else {
        problems.field(&field(), "is not a list");
        return None;
    };
    let mut names: Vec<String> = Vec::new();
    for item in items {
        match item.as_str() {
            Some(name) if !names.iter().any(|known| known == name) => names.push(name.to_owned()),
            Some(_) => {}
            None => problems.field(&field(), "holds something that is not a name"),
        }
    }
    Some(names)
}

/// The names with all that there are in place of `*`, where the profile knows such a form. Elsewhere it is a name, and that
/// of no branch.
fn spelled_out(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    names: Vec<String>,
    prefix: fn(&str) -> String,
) -> Result<Vec<String>, Stop> {
    if !reads(scene, ContradictionId::BranchWildcard) || !names.iter().any(|name| name == "*") {
        return Ok(names);
    }
    let rows: Vec<(String, IgnoredAny)> = scan_json(tx, &prefix(scene.api_key()?))?;
    Ok(rows.into_iter().map(|(name, _)| name).collect())
}

/// The environments of a delivery token. Names only: objects, as answers show them, are refused.
fn environment_uids(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    item: &Map<String, Value>,
    problems: &mut Problems,
) -> Result<Vec<String>, Stop> {
    let names = names(item, "environments", problems).unwrap_or_default();
    if names.is_empty() {
        problems.field("scope.environments", "is required");
    }
    let mut uids = Vec::new();
    for name in &names {
        match get_json::<String>(tx, &keys::env_name(scene.api_key()?, name))? {
            Some(uid) => uids.push(uid),
            None => problems.add(ErrorId::EnvironmentUnknown, format!("there is no environment `{name}`")),
        }
    }
    Ok(uids)
}
