//! What delivery and management tokens have in common: names, places in the store, values. Names (NET,
//! `Contentstack016_DeliveryTokenTest.cs`) and the count of tokens (seed 001, "Delivery Tokens"; seed 001, "Management Tokens") are
//! limited as the profile says.

use std::sync::Arc;

use cs_model::generated::{ErrorId, LimitId};
use cs_model::profile::{AtLimit, Level, Limit};
use serde_json::{Map, Value};

use crate::events::{self, EventKind};
use crate::record::{DeliveryRecord, Kind, ManagementRecord, ScopeRecord, TokenRecord, ValueOf};
use crate::refusal::{Problems, Stop};
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, get_known, keys, put_json, scan_json};

/// All tokens of a kind, oldest first.
pub(super) fn all<T: TokenRecord>(tx: &mut dyn Tx, api_key: &str) -> Result<Vec<T>, StoreError> {
    let rows: Vec<(String, T)> = scan_json(tx, &keys::tokens(T::KIND, api_key))?;
    let mut tokens: Vec<T> = rows.into_iter().map(|(_, token)| token).collect();
    tokens.sort_by_key(TokenRecord::number);
    Ok(tokens)
}

/// The token that the path names.
pub(super) fn named_in_path<T: TokenRecord>(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<T, Stop> {
    let key = keys::token(T::KIND, scene.api_key()?, scene.call.argument(0));
    get_json(tx, &key)?.ok_or_else(|| ErrorId::TokenNotFound.into())
}

/// The same, only to be looked at.
pub(super) fn known_in_path<T: TokenRecord>(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Arc<T>, Stop> {
    let key = keys::token(T::KIND, scene.api_key()?, scene.call.argument(0));
    get_known(tx, &key)?.ok_or_else(|| ErrorId::TokenNotFound.into())
}

/// How many tokens of a kind there are. They are counted as they come and go: to look at all of them takes the longer, the
/// more there are. A store that was written before they were has no such row, until one comes or goes.
pub(super) fn how_many<T: TokenRecord>(tx: &mut dyn Tx, api_key: &str) -> Result<usize, StoreError> {
    match get_json(tx, &keys::token_count(T::KIND, api_key))? {
        Some(counted) => Ok(counted),
        None => tx.count(keys::tokens(T::KIND, api_key).as_bytes()),
    }
}

/// Writes a token that is new, and counts it.
pub(super) fn add<T: TokenRecord>(tx: &mut dyn Tx, api_key: &str, token: &T) -> Result<(), StoreError> {
    let counted = how_many::<T>(tx, api_key)? + 1;
    put_json(tx, &keys::token_count(T::KIND, api_key), &counted)?;
    put(tx, api_key, token, None)
}

/// Writes a token that is there already: `before` is its old name.
pub(super) fn put<T: TokenRecord>(
    tx: &mut dyn Tx,
    api_key: &str,
    token: &T,
    before: Option<&str>,
) -> Result<(), StoreError> {
    if let Some(before) = before {
        free_name::<T>(tx, api_key, before, token.uid())?;
    }
    put_json(tx, &keys::token(T::KIND, api_key, token.uid()), token)?;
    put_json(tx, &keys::token_name(T::KIND, api_key, token.name()), &token.uid())
}

/// Takes a token out, with its name. Its values are the caller's to take out.
pub(super) fn remove<T: TokenRecord>(tx: &mut dyn Tx, api_key: &str, token: &T) -> Result<(), StoreError> {
    free_name::<T>(tx, api_key, token.name(), token.uid())?;
    let counted = how_many::<T>(tx, api_key)?.saturating_sub(1);
    put_json(tx, &keys::token_count(T::KIND, api_key), &counted)?;
    tx.delete(keys::token(T::KIND, api_key, token.uid()).as_bytes())
}

/// Has the oldest of these tokens give way, as many as it takes for one more to have room; or refuses the new one, where the
/// limit says so.
pub(super) fn evict<T: TokenRecord>(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    limit: &Limit,
    mut live: Vec<T>,
    discard: impl Fn(&mut dyn Tx, &T) -> Result<(), Stop>,
) -> Result<(), Stop> {
    while limit.is_exceeded_by(live.len() + 1) {
        if limit.at_limit == AtLimit::Refuse || live.is_empty() {
            return Err(ErrorId::TokenLimitReached.into());
        }
        let oldest = live.remove(0);
        discard(tx, &oldest)?;
        let evicted = EventKind::TokenEvicted {
            api_key: scene.api_key()?.to_owned(),
            token: T::KIND.table().to_owned(),
            token_uid: oldest.uid().to_owned(),
            name: oldest.name().to_owned(),
        };
        events::record(tx, scene.now, evicted)?;
    }
    Ok(())
}

/// Gives a name free, if it is this token's: where names need not be unique, the last one to take it has it.
fn free_name<T: TokenRecord>(
    tx: &mut dyn Tx,
    api_key: &str,
    name: &str,
    uid: &str,
) -> Result<(), StoreError> {
    let key = keys::token_name(T::KIND, api_key, name);
    if get_json::<String>(tx, &key)?.as_deref() == Some(uid) {
        tx.delete(key.as_bytes())?;
    }
    Ok(())
}

/// A list of names in an entry of a scope.
pub(super) type Names = fn(&mut ScopeRecord) -> &mut Option<Vec<String>>;

/// Takes a branch or alias that is deleted out of all scopes. Otherwise whoever makes another of the same name later would
/// give it, unknowingly, to tokens that were never meant to reach it.
pub(super) fn forget(tx: &mut dyn Tx, api_key: &str, names: Names, gone: &str) -> Result<(), StoreError> {
    forget_in::<DeliveryRecord>(tx, api_key, names, gone)?;
    forget_in::<ManagementRecord>(tx, api_key, names, gone)
}

fn forget_in<T: TokenRecord>(
    tx: &mut dyn Tx,
    api_key: &str,
    names: Names,
    gone: &str,
) -> Result<(), StoreError> {
    for mut token in all::<T>(tx, api_key)? {
        let mut changed = false;
        for entry in token.scope_mut() {
            if let Some(names) = names(entry) {
                let before = names.len();
                names.retain(|name| name != gone);
                changed |= names.len() != before;
            }
        }
        if changed {
            put_json(tx, &keys::token(T::KIND, api_key, token.uid()), &token)?;
        }
    }
    Ok(())
}

/// Makes a value findable.
pub(super) fn put_value(
    tx: &mut dyn Tx,
    hash: &str,
    kind: Kind,
    api_key: &str,
    uid: &str,
) -> Result<(), StoreError> {
    let value = ValueOf { kind, api_key: api_key.to_owned(), uid: uid.to_owned() };
    put_json(tx, &keys::token_value(hash), &value)
}

/// Makes a value unknown.
pub(super) fn remove_value(tx: &mut dyn Tx, hash: &str) -> Result<(), StoreError> {
    tx.delete(keys::token_value(hash).as_bytes())
}

/// The name in a body. `before` is the token to be changed: without one, a name is required.
pub(super) fn name<T: TokenRecord>(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    body: &Map<String, Value>,
    before: Option<&T>,
    problems: &mut Problems,
) -> Result<String, Stop> {
    let name = match (body.get("name"), before) {
        (Some(Value::String(name)), _) if !name.is_empty() => name.clone(),
        (None, Some(before)) => return Ok(before.name().to_owned()),
        (None | Some(Value::Null), _) => {
            problems.field("name", "is required");
            return Ok(String::new());
        }
        (Some(Value::String(_)), _) => {
            problems.field("name", "is empty");
            return Ok(String::new());
        }
        (Some(_), _) => {
            problems.field("name", "is not a text");
            return Ok(String::new());
        }
    };
    let length = name.chars().count();
    let is_beyond = |id| {
        let limit = scene.profile.limit(id);
        limit.level == Level::Error && limit.is_exceeded_by(length)
    };
    if [LimitId::TokenNameLength, LimitId::TokenNameAccepted].into_iter().any(is_beyond) {
        problems.field("name", "is too long");
    }
    if scene.profile.switches.unique_names.value {
        let owner: Option<String> = get_json(tx, &keys::token_name(T::KIND, scene.api_key()?, &name))?;
        if owner.is_some_and(|uid| before.is_none_or(|before| before.uid() != uid)) {
            problems.add(ErrorId::NameTaken, "is not unique");
        }
    }
    Ok(name)
}

/// The description in a body; what it was before when the body has none.
pub(super) fn description(
    body: &Map<String, Value>,
    before: Option<&str>,
    problems: &mut Problems,
) -> String {
    match body.get("description") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) => String::new(),
        None => before.unwrap_or_default().to_owned(),
        Some(_) => {
            problems.field("description", "is not a text");
            String::new()
        }
    }
}

/// A flag in a body: `"true"` and `"false"` are taken for what they say, as live clients send them. `Err` for anything
/// else that is neither missing nor `null`.
pub(super) fn flag(value: Option<&Value>) -> Result<Option<bool>, ()> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(on)) => Ok(Some(*on)),
        Some(Value::String(text)) if text == "true" => Ok(Some(true)),
        Some(Value::String(text)) if text == "false" => Ok(Some(false)),
        Some(_) => Err(()),
    }
}
