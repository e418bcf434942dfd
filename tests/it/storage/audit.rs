//! Whether what a store holds of tokens fits together: records, names, values.

use std::collections::BTreeMap;

use cs_server::store::{Ending, Mode, Store};
use serde_json::Value;

/// Looks at every token: each record has its name and its values, nothing else names or values anything, and the counts that limits
/// go by are those of the records.
pub(super) fn audit(store: &dyn Store) {
    let mut rows = BTreeMap::new();
    store
        .transact(Mode::Read, &mut |tx| {
            rows = tx.scan(b"")?.into_iter().collect();
            Ok(Ending::Discard)
        })
        .unwrap();
    let rows: BTreeMap<String, Value> = rows
        .into_iter()
        .map(|(key, value)| (String::from_utf8(key).unwrap(), serde_json::from_slice(&value).unwrap()))
        .collect();
    let under = |prefix: &'static str| rows.iter().filter(move |(key, _)| key.starts_with(prefix));
    let (mut named, mut valued) = (0, 0);
    for kind in ["delivery", "management"] {
        for (key, record) in rows.iter().filter(|(key, _)| key.starts_with(&format!("{kind}/"))) {
            let (place, uid) = key.rsplit_once('/').unwrap();
            let api_key = place.rsplit_once('/').unwrap().1;
            assert_eq!(record["uid"], uid);
            let name = format!("{kind}_name/{api_key}/{}", record["name"].as_str().unwrap());
            assert_eq!(rows[&name], uid, "{name}");
            named += 1;
            let mut kinds: Vec<&str> = under("token/")
                .filter(|(_, value)| value["uid"] == uid && value["api_key"] == api_key)
                .map(|(_, value)| value["kind"].as_str().unwrap())
                .collect();
            kinds.sort_unstable();
            let preview = record.get("preview_token").is_some_and(|value| !value.is_null());
            assert_eq!(kinds, if preview { vec![kind, "preview"] } else { vec![kind] }, "{key}");
            valued += kinds.len();
        }
    }
    for kind in ["delivery", "management"] {
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for (key, _) in rows.iter().filter(|(key, _)| key.starts_with(&format!("{kind}/"))) {
            *counted.entry(key.split('/').nth(1).unwrap()).or_default() += 1;
        }
        for (key, count) in under("count/").filter(|(key, _)| key.ends_with(&format!("/{kind}"))) {
            let api_key = key.split('/').nth(1).unwrap();
            assert_eq!(count.as_u64(), Some(counted.remove(api_key).unwrap_or_default()), "{key}");
        }
        assert!(counted.is_empty(), "{kind} tokens that nobody counts: {counted:?}");
    }
    assert_eq!(under("delivery_name/").chain(under("management_name/")).count(), named, "names of nothing");
    let tokens = under("token/").filter(|(_, value)| value["kind"] != "access");
    assert_eq!(tokens.count(), valued, "values of nothing");
    for (key, hash) in under("user_session/") {
        let session = &rows[&format!("session/{}", hash.as_str().unwrap())];
        assert!(key.contains(session["user_uid"].as_str().unwrap()));
    }
    assert_eq!(under("user_session/").count(), under("session/").count(), "half a session");
}
