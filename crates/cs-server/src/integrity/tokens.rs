//! Tokens, their names and values.

use super::rows::Check;
use crate::hash;
use crate::record::{DeliveryRecord, Kind, ManagementRecord, ScopeRecord, StackRecord, ValueOf};
use crate::store::keys;

pub(super) fn delivery(check: &mut Check<'_>, key: &str, api_key: &str, uid: &str) {
    let Some(token) = check.read::<DeliveryRecord>(key) else { return };
    common(check, key, api_key, (uid, &token.uid), token.number, &token.scope);
    is_found(check, key, &hash::of_value(token.token.reveal()), Kind::Delivery, api_key, uid);
    if let Some(value) = &token.preview_token {
        is_found(check, key, &hash::of_value(value.reveal()), Kind::Preview, api_key, uid);
    }
}

pub(super) fn management(check: &mut Check<'_>, key: &str, api_key: &str, uid: &str) {
    let Some(token) = check.read::<ManagementRecord>(key) else { return };
    common(check, key, api_key, (uid, &token.uid), token.number, &token.scope);
    is_found(check, key, &token.hash, Kind::Management, api_key, uid);
}

fn common(
    check: &mut Check<'_>,
    key: &str,
    api_key: &str,
    (uid, said): (&str, &str),
    number: u64,
    scope: &[ScopeRecord],
) {
    check.same(key, "uid", said, uid);
    check.number(number);
    check.needs(key, &keys::stack(api_key), "stack");
    for entry in scope {
        for uid in entry.environments.iter().flatten() {
            check.needs(key, &keys::env(api_key, uid), "environment");
        }
        for uid in entry.branches.iter().flatten() {
            check.needs(key, &keys::branch(api_key, uid), "branch");
        }
        for uid in entry.branch_aliases.iter().flatten() {
            check.needs(key, &keys::alias(api_key, uid), "branch alias");
        }
    }
}

/// A value must lead to what it is the value of.
pub(super) fn is_found(check: &mut Check<'_>, key: &str, hash: &str, kind: Kind, api_key: &str, uid: &str) {
    let found: Option<ValueOf> = check.other(&keys::token_value(hash));
    let leads = |found: &ValueOf| found.kind == kind && found.api_key == api_key && found.uid == uid;
    if !found.as_ref().is_some_and(leads) {
        check.fault(key, format!("has a {} value that no row of `token` leads from", kind.table()));
    }
}

/// The name of a token. Where names need not be unique, the last one to take it has it.
pub(super) fn name(check: &mut Check<'_>, key: &str, table: &str, api_key: &str) {
    let Some(uid) = check.read::<String>(key) else { return };
    let (kind, place) = match table {
        "delivery" => (Kind::Delivery, keys::token(Kind::Delivery, api_key, &uid)),
        _ => (Kind::Management, keys::token(Kind::Management, api_key, &uid)),
    };
    let name = match kind {
        Kind::Delivery => check.other::<DeliveryRecord>(&place).map(|token| token.name),
        _ => check.other::<ManagementRecord>(&place).map(|token| token.name),
    };
    if name.is_none_or(|name| keys::token_name(kind, api_key, &name) != key) {
        check.fault(key, "leads to no token of this name");
    }
}

/// How many tokens of a kind a stack has.
pub(super) fn count(check: &mut Check<'_>, key: &str, api_key: &str, kind: &str) {
    let Some(kind) = [Kind::Delivery, Kind::Management].into_iter().find(|known| known.table() == kind)
    else {
        return check.fault(key, "counts no kind of tokens");
    };
    check.needs(key, &keys::stack(api_key), "stack");
    let found = check.how_many(&keys::tokens(kind, api_key));
    if check.read::<usize>(key).is_some_and(|counted| counted != found) {
        check.fault(key, format!("is not {found}, the number of these tokens"));
    }
}

/// A value, by its hash.
pub(super) fn value(check: &mut Check<'_>, key: &str, hash: &str) {
    let Some(found) = check.read::<ValueOf>(key) else { return };
    let ValueOf { kind, api_key, uid } = &found;
    let place = keys::token(Kind::Delivery, api_key, uid);
    let known = match kind {
        Kind::Delivery => {
            check.other::<DeliveryRecord>(&place).map(|token| hash::of_value(token.token.reveal()))
        }
        Kind::Preview => check
            .other::<DeliveryRecord>(&place)
            .and_then(|token| token.preview_token)
            .map(|value| hash::of_value(value.reveal())),
        Kind::Management => {
            check.other::<ManagementRecord>(&keys::token(*kind, api_key, uid)).map(|token| token.hash)
        }
        Kind::Access => check
            .other::<StackRecord>(&keys::stack(api_key))
            .and_then(|stack| stack.access_token)
            .map(|value| hash::of_value(value.reveal())),
    };
    if known.as_deref() != Some(hash) {
        check.fault(key, format!("leads to no {} value of this hash", kind.table()));
    }
}
