//! Branch aliases (OA3; branches-guide).

use cs_model::BranchUid;
use cs_model::generated::ErrorId;
use serde_json::{Value, json};

use super::{list, tokens};
use crate::record::{AliasRecord, Stamps};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{StoreError, Tx, exists, get_json, keys, next_number, put_json, scan_json};

/// `GET /v3/stacks/branch_aliases`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let items = all(tx, scene.api_key()?)?.iter().map(shape).collect();
    Ok(Reply::ok(list::page(scene, "branch_aliases", items)?))
}

/// `GET /v3/stacks/branch_aliases/{branch_alias_uid}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    Ok(Reply::ok(json!({ "branch_alias": shape(&named_in_path(scene, tx)?) })))
}

/// `PUT /v3/stacks/branch_aliases/{branch_alias_uid}`: makes it, or turns it to another branch.
pub(super) fn put(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let uid = scene.call.argument(0);
    let body = scene.call.object("branch_alias")?;
    let target = body.get("target_branch").and_then(Value::as_str).unwrap_or_default();
    let mut problems = Problems::default();
    let is_lower_case = !uid.bytes().any(|b| b.is_ascii_uppercase());
    if BranchUid::new(uid).is_err() || !is_lower_case || exists(tx, &keys::branch(api_key, uid))? {
        problems.at(ErrorId::FieldInvalid, "uid", "is not valid, or is the uid of a branch");
    }
    if !exists(tx, &keys::branch(api_key, target))? {
        problems.at(ErrorId::FieldInvalid, "target_branch", "is not a branch of the stack");
    }
    problems.sort_out()?;
    let before: Option<AliasRecord> = get_json(tx, &keys::alias(api_key, uid))?;
    let alias = match before {
        Some(mut alias) => {
            target.clone_into(&mut alias.branch);
            alias.stamps.touch(scene.actor_uid(), scene.now);
            alias
        }
        None => AliasRecord {
            uid: uid.to_owned(),
            branch: target.to_owned(),
            number: next_number(tx)?,
            stamps: Stamps::new(scene.actor_uid(), scene.now),
        },
    };
    put_json(tx, &keys::alias(api_key, uid), &alias)?;
    Ok(Reply::ok(json!({ "notice": "Branch alias assigned successfully.", "branch_alias": shape(&alias) })))
}

/// `DELETE /v3/stacks/branch_aliases/{branch_alias_uid}`: tokens that name it lose it from their scopes,
/// roles from their rules.
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let alias = named_in_path(scene, tx)?;
    let api_key = scene.api_key()?;
    tx.delete(keys::alias(api_key, &alias.uid).as_bytes())?;
    tokens::forget(tx, api_key, |entry| &mut entry.branch_aliases, &alias.uid)?;
    roles::forget(tx, api_key, "branch_aliases", &alias.uid)?;
    Ok(Reply::notice("Branch alias deleted successfully."))
}

/// All aliases of a stack, oldest first.
pub(super) fn all(tx: &mut dyn Tx, api_key: &str) -> Result<Vec<AliasRecord>, StoreError> {
    let rows: Vec<(String, AliasRecord)> = scan_json(tx, &keys::aliases(api_key))?;
    let mut aliases: Vec<_> = rows.into_iter().map(|(_, alias)| alias).collect();
    aliases.sort_by_key(|alias| alias.number);
    Ok(aliases)
}

fn named_in_path(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<AliasRecord, Stop> {
    let found: Option<AliasRecord> = get_json(tx, &keys::alias(scene.api_key()?, scene.call.argument(0)))?;
    found.ok_or_else(|| ErrorId::BranchUnknown.into())
}

fn shape(alias: &AliasRecord) -> Value {
    json!({
        "uid": alias.uid,
        "alias": alias.uid,
        "source": alias.branch,
        "target_branch": alias.branch,
        "created_by": alias.stamps.created_by,
        "updated_by": alias.stamps.updated_by,
        "created_at": alias.stamps.created_at,
        "updated_at": alias.stamps.updated_at,
        "deleted_at": false,
    })
}
