//! Branches (OA3; branches-guide; CLIP, `contentstack-branches/src/utils/create-branch.ts`).

use cs_model::BranchUid;
use cs_model::generated::{ErrorId, LimitId};
use serde_json::{Value, json};

use super::{aliases, list, tokens};
use crate::record::{BranchRecord, MAIN_BRANCH, Stamps};
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{StoreError, Tx, delete_all, exists, get_json, keys, next_number, put_json, scan_json};

/// `GET /v3/stacks/branches`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let items: Result<Vec<Value>, StoreError> =
        all(tx, api_key)?.iter().map(|branch| shape(tx, api_key, branch)).collect();
    Ok(Reply::ok(list::page(scene, "branches", items?)?))
}

/// `GET /v3/stacks/branches/{branch_uid}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let branch: Option<BranchRecord> = get_json(tx, &keys::branch(api_key, scene.call.argument(0)))?;
    let branch = branch.ok_or(Stop::from(ErrorId::BranchUnknown))?;
    Ok(Reply::ok(json!({ "branch": shape(tx, api_key, &branch)? })))
}

/// `POST /v3/stacks/branches`
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let body = scene.call.object("branch")?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let (uid, source) = (text("uid"), text("source"));
    if scene.profile.limit(LimitId::BranchUidLength).is_exceeded_by(uid.chars().count()) {
        return Err(ErrorId::BranchUidTooLong.into());
    }
    let mut problems = Problems::default();
    for key in ["uid", "source"] {
        if body.get(key).is_some_and(|value| !value.is_string() && !value.is_null()) {
            problems.at(ErrorId::FieldInvalid, key, "is not a text");
        }
    }
    problems.sort_out()?;
    let mut problems = Problems::default();
    // One of nothing but dashes would stand in keys of the store where `-` is for all branches.
    if BranchUid::new(uid).is_err() || !uid.bytes().any(|b| b.is_ascii_alphanumeric()) {
        problems.at(ErrorId::FieldInvalid, "uid", "is not valid");
    }
    problems.sort_out()?;
    // "Alias uid and branch uid cannot coincide": both stand in the same header.
    if exists(tx, &keys::branch(api_key, uid))? || exists(tx, &keys::alias(api_key, uid))? {
        return Err(ErrorId::BranchExists.into());
    }
    if !exists(tx, &keys::branch(api_key, source))? {
        return Err(ErrorId::BranchSourceUnknown.into());
    }
    let count = tx.scan(keys::branches(api_key).as_bytes())?.len();
    if scene.profile.limit(LimitId::BranchesPerStack).is_exceeded_by(count + 1) {
        let mut problems = Problems::default();
        problems.at(ErrorId::FieldInvalid, "branch", "the stack has as many branches as it may have");
        problems.sort_out()?;
    }
    let branch = BranchRecord {
        uid: uid.to_owned(),
        source: source.to_owned(),
        number: next_number(tx)?,
        stamps: Stamps::new(scene.actor_uid(), scene.now),
    };
    put_json(tx, &keys::branch(api_key, uid), &branch)?;
    copy(tx, api_key, source, uid)?;
    let shown = shape(tx, api_key, &branch)?;
    Ok(Reply::created(
        json!({ "notice": "Your branch creation is in progress. Please refresh in a while.", "branch": shown }),
    ))
}

/// `DELETE /v3/stacks/branches/{branch_uid}`: with "all the content within it". Tokens that name it lose it from their
/// scopes, roles from their rules.
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let uid = scene.call.argument(0);
    if !exists(tx, &keys::branch(api_key, uid))? {
        return Err(ErrorId::BranchDeleteUnknown.into());
    }
    let is_target = aliases::all(tx, api_key)?.iter().any(|alias| alias.branch == uid);
    if uid == MAIN_BRANCH || is_target {
        return Err(ErrorId::BranchDeleteRefused.into());
    }
    tx.delete(keys::branch(api_key, uid).as_bytes())?;
    for prefix in keys::within_branch(api_key, uid).into_iter().chain([keys::published_of(api_key, uid)]) {
        delete_all(tx, &prefix)?;
    }
    tokens::forget(tx, api_key, |entry| &mut entry.branches, uid)?;
    roles::forget(tx, api_key, "branches", uid)?;
    Ok(Reply::notice("Your branch deletion is in progress. Please refresh in a while."))
}

/// All branches of a stack, oldest first.
pub(super) fn all(tx: &mut dyn Tx, api_key: &str) -> Result<Vec<BranchRecord>, StoreError> {
    let rows: Vec<(String, BranchRecord)> = scan_json(tx, &keys::branches(api_key))?;
    let mut branches: Vec<_> = rows.into_iter().map(|(_, branch)| branch).collect();
    branches.sort_by_key(|branch| branch.number);
    Ok(branches)
}

/// A new branch begins with everything that its source has.
fn copy(tx: &mut dyn Tx, api_key: &str, source: &str, uid: &str) -> Result<(), StoreError> {
    let (from, to) = (keys::within_branch(api_key, source), keys::within_branch(api_key, uid));
    for (from, to) in from.iter().zip(&to) {
        for (key, value) in tx.scan(from.as_bytes())? {
            let rest = key.get(from.len()..).unwrap_or_default();
            tx.put(&[to.as_bytes(), rest].concat(), &value)?;
        }
    }
    Ok(())
}

fn shape(tx: &mut dyn Tx, api_key: &str, branch: &BranchRecord) -> Result<Value, StoreError> {
    let aliases = aliases::all(tx, api_key)?;
    let aliases = aliases.iter().filter(|alias| alias.branch == branch.uid);
    Ok(json!({
        "uid": branch.uid,
        "source": branch.source,
        "alias": aliases.map(|alias| json!({ "uid": alias.uid })).collect::<Vec<_>>(),
        "created_by": branch.stamps.created_by,
        "updated_by": branch.stamps.updated_by,
        "created_at": branch.stamps.created_at,
        "updated_at": branch.stamps.updated_at,
        "deleted_at": false,
    }))
}
