//! Whether rows from outside are a store that this service could have written.
//!
//! A store is trusted: nothing that reads it asks whether a token has a stack or a stack an owner. So rows that somebody
//! hands in, such as a snapshot, are checked before they take its place: that each reads as what its table holds, that it
//! says of itself what its key says, that what it refers to is there, and that what stands in two tables is the same in both.

mod content;
mod people;
mod rows;
mod stacks;
mod tokens;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::demo::Demo;
use crate::events::Event;
use crate::store::keys;

use rows::Check;
pub(crate) use rows::Fault;

/// Everything that is wrong with rows, in the order of their keys; and how many more faults there are than are listed.
pub(crate) fn check(rows: &BTreeMap<String, Box<RawValue>>) -> (Vec<Fault>, usize) {
    let mut check = Check::new(rows);
    for key in rows.keys() {
        row(&mut check, key);
    }
    check.counters();
    check.finish()
}

/// One row, by its table.
fn row(check: &mut Check<'_>, key: &str) {
    let (table, rest) = key.split_once('/').unwrap_or((key, ""));
    let parts: Vec<&str> = rest.split('/').collect();
    match (table, parts.as_slice()) {
        // Numbers that are looked at when all others are known.
        (keys::COUNTER | keys::EVENT_COUNT, [""]) => {}
        (keys::DEMO, [""]) => drop(check.read::<Demo>(key)),
        (keys::NOTICE_NEXT, [""]) => drop(check.read::<jiff::Timestamp>(key)),
        ("event", [number]) => event(check, key, number),
        _ if parts.first().is_some_and(|first| first.is_empty()) => {
            check.fault(key, "is the key of no table");
        }
        ("org", [uid]) => people::organization(check, key, uid),
        ("member", [org, user]) => people::member(check, key, org, user),
        ("user", [uid]) => people::user(check, key, uid),
        ("mailed", [_]) => people::mailed(check, key),
        ("user_email", _) => people::email(check, key),
        ("user_org", [user, org]) => {
            check.read::<()>(key);
            check.needs(key, &keys::member(org, user), "membership");
        }
        ("user_stack", [user, api_key]) => people::roles(check, key, user, api_key),
        ("session", [hash]) => people::session(check, key, hash),
        ("user_session", [user, _]) => people::user_session(check, key, user),
        ("oauth", [hash]) => people::oauth(check, key, hash),
        ("oauth_refresh", [hash]) => people::oauth_refresh(check, key, hash),
        ("stack", [api_key]) => stacks::stack(check, key, api_key),
        ("org_stack", [org, api_key]) => {
            check.read::<()>(key);
            check.needs(key, &keys::org(org), "organization");
            check.needs(key, &keys::stack(api_key), "stack");
        }
        ("env", [api_key, uid]) => stacks::environment(check, key, api_key, uid),
        ("env_name", [api_key, ..]) => stacks::environment_name(check, key, api_key),
        ("branch", [api_key, uid]) => stacks::branch(check, key, api_key, uid),
        ("alias", [api_key, uid]) => stacks::alias(check, key, api_key, uid),
        ("locale", [api_key, branch, code]) => stacks::locale(check, key, api_key, branch, code),
        ("role", [api_key, uid]) => stacks::role(check, key, api_key, uid),
        ("role_name", [api_key, ..]) => stacks::role_name(check, key, api_key),
        ("delivery", [api_key, uid]) => tokens::delivery(check, key, api_key, uid),
        ("management", [api_key, uid]) => tokens::management(check, key, api_key, uid),
        ("delivery_name", [api_key, ..]) => tokens::name(check, key, "delivery", api_key),
        ("management_name", [api_key, ..]) => tokens::name(check, key, "management", api_key),
        ("count", [api_key, kind]) => tokens::count(check, key, api_key, kind),
        ("token", [hash]) => tokens::value(check, key, hash),
        ("notice", [api_key, uid]) => {
            check.read::<jiff::Timestamp>(key);
            check.needs(key, &format!("management/{api_key}/{uid}"), "management token");
        }
        ("doc", _) => content::document(check, key, rest),
        ("version", _) => content::version(check, key, rest),
        ("published", _) => content::published(check, key, rest),
        _ => check.fault(key, "is the key of no table"),
    }
}

fn event(check: &mut Check<'_>, key: &str, number: &str) {
    let Some(event) = check.read::<Event>(key) else { return };
    check.same(key, "number", &format!("{:020}", event.number), number);
    check.event_number(event.number);
}
