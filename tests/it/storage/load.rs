//! Clients that make and delete tokens, and remember what they were told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use cs_tests::Api;
use serde_json::{Value, json};

const WORKERS: usize = 6;

/// How many tokens of each kind a stack may have (seed 001).
const MOST: [(&str, usize); 2] = [(DELIVERY, 20), (MANAGEMENT, 10)];

pub(super) const DELIVERY: &str = "/v3/stacks/delivery_tokens";
pub(super) const MANAGEMENT: &str = "/v3/stacks/management_tokens";

/// What clients know: of everything that was acknowledged, and of everything that was asked and not answered.
#[derive(Default)]
pub(super) struct Known {
    state: Mutex<State>,
    next: AtomicUsize,
    pub(super) acknowledged: AtomicUsize,
}

#[derive(Default)]
struct State {
    /// Uid to kind, name and value.
    there: BTreeMap<String, Token>,
    deleted: BTreeSet<String>,
    /// Names and uids.
    perhaps_made: BTreeSet<String>,
    perhaps_deleted: BTreeSet<String>,
}

#[derive(Clone, PartialEq)]
struct Token {
    kind: &'static str,
    name: String,
    /// Of delivery tokens: that of a management token is never shown again.
    value: Option<String>,
}

/// The body that makes a delivery token.
pub(super) fn delivery(name: &str) -> Value {
    json!({ "token": { "name": name, "description": "", "scope": [
        { "module": "environment", "environments": ["production"], "acl": { "read": true } },
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
    ] } })
}

/// The body that makes a management token.
pub(super) fn management(name: &str) -> Value {
    json!({ "token": { "name": name, "description": "", "expires_on": null,
        "is_email_notification_enabled": false, "scope": [
        { "module": "content_type", "acl": { "read": true, "write": true } },
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
    ] } })
}

impl Known {
    /// Works until told to stop, or, without `again`, until an answer fails to come.
    pub(super) fn work(&self, api: &Api, stop: &AtomicBool, again: bool) {
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let kind = if worker % 2 == 0 { DELIVERY } else { MANAGEMENT };
                scope.spawn(move || {
                    while !stop.load(Ordering::SeqCst) {
                        if !self.step(api, kind) && !again {
                            return;
                        }
                    }
                });
            }
        });
    }

    /// Makes a token, or deletes one when there are as many as there may be. Whether an answer came.
    fn step(&self, api: &Api, kind: &'static str) -> bool {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let name = format!("{} {number}", kind.rsplit('/').next().unwrap_or_default());
        let body = if kind == DELIVERY { delivery(&name) } else { management(&name) };
        self.lock().perhaps_made.insert(name.clone());
        let query =
            if kind == DELIVERY && number.is_multiple_of(3) { "?create_with_preview_token=true" } else { "" };
        match api.send("POST", &format!("{kind}{query}"), Some(&body)) {
            Some((201, made)) => {
                let (uid, token) = token(kind, &made["token"]);
                let mut state = self.lock();
                state.perhaps_made.remove(&name);
                state.there.insert(uid, token);
                self.acknowledged.fetch_add(1, Ordering::SeqCst);
                true
            }
            Some((422, _)) => {
                self.lock().perhaps_made.remove(&name);
                self.delete_one(api, kind)
            }
            Some((503, _)) | None => false,
            Some((status, body)) => panic!("{status} {body}"),
        }
    }

    fn delete_one(&self, api: &Api, kind: &'static str) -> bool {
        let taken = {
            let mut state = self.lock();
            let first = state.there.iter().find(|(_, token)| token.kind == kind).map(|(uid, _)| uid.clone());
            if let Some(uid) = &first {
                state.there.remove(uid);
                state.perhaps_deleted.insert(uid.clone());
            }
            first
        };
        let Some(uid) = taken else { return true };
        match api.send("DELETE", &format!("{kind}/{uid}"), None) {
            // Not found: the answer to the first try was lost, which the service noticed itself and asked again.
            Some((200 | 422, _)) => {
                let mut state = self.lock();
                state.perhaps_deleted.remove(&uid);
                state.deleted.insert(uid);
                self.acknowledged.fetch_add(1, Ordering::SeqCst);
                true
            }
            Some((503, _)) | None => false,
            Some((status, body)) => panic!("{status} {body}"),
        }
    }

    /// Compares with what there is, and takes over what was not known.
    pub(super) fn compare(&self, api: &Api) {
        let mut there = BTreeMap::new();
        for (kind, most) in MOST {
            let (status, list) = api.send("GET", kind, None).unwrap();
            assert_eq!(status, 200, "{list}");
            let list: Vec<_> = list["tokens"].as_array().unwrap().iter().map(|it| token(kind, it)).collect();
            assert!(list.len() <= most, "{} of {kind}", list.len());
            there.extend(list);
        }
        let mut state = self.lock();
        for (uid, token) in &state.there {
            assert!(
                there.get(uid) == Some(token),
                "`{}` was acknowledged and is gone, or changed",
                token.name
            );
        }
        for (uid, token) in &there {
            assert!(!state.deleted.contains(uid), "`{}` was deleted and is back", token.name);
            let expected = state.there.contains_key(uid)
                || state.perhaps_deleted.contains(uid)
                || state.perhaps_made.contains(&token.name);
            assert!(expected, "nobody made `{}`", token.name);
        }
        state.perhaps_made.clear();
        state.perhaps_deleted.clear();
        state.there = there;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn token(kind: &'static str, shown: &Value) -> (String, Token) {
    let text = |key: &str| shown[key].as_str().map(str::to_owned);
    let value = if kind == DELIVERY { text("token") } else { None };
    (text("uid").unwrap(), Token { kind, name: text("name").unwrap(), value })
}
