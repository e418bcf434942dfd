//! Every key of the table, in one place.
//!
//! | key | value |
//! |---|---|
//! | `counter` | the last number given: orders what is listed |
//! | `demo` | what the demo stack is |
//! | `org/<uid>` | an organization |
//! | `member/<org>/<user>` | a user's place in an organization |
//! | `user/<uid>` | a user, with a salted hash of the password |
//! | `mailed/<hash>` | whom a token of a mail belongs to, and what it is good for |
//! | `user_email/<address in lower case>` | the uid of the user |
//! | `user_org/<user>/<org>` | nothing: that the user is a member of the organization |
//! | `user_stack/<user>/<api_key>` | the user's roles in the stack |
//! | `session/<hash>` | a session, by the SHA-256 of its authtoken |
//! | `user_session/<user>/<number>` | the hash of a session; the lowest number is the oldest |
//! | `stack/<api_key>` | a stack |
//! | `org_stack/<org>/<api_key>` | nothing: that the stack is one of the organization |
//! | `env/<api_key>/<uid>` | an environment |
//! | `env_name/<api_key>/<name>` | the uid of the environment |
//! | `branch/<api_key>/<uid>` | a branch |
//! | `alias/<api_key>/<uid>` | a branch alias |
//! | `locale/<api_key>/<branch>/<code>` | a language of a branch |
//! | `role/<api_key>/<uid>` | a role that was made in the stack |
//! | `role_name/<api_key>/<name>` | the uid of the role |
//! | `delivery/<api_key>/<uid>` | a delivery token, with its value and that of its preview token |
//! | `management/<api_key>/<uid>` | a management token, without its value |
//! | `<kind>_name/<api_key>/<name>` | the uid of the token: names are unique by kind |
//! | `count/<api_key>/<kind>` | how many tokens of the kind there are; not there before the first one is made or deleted |
//! | `token/<hash>` | kind, stack and uid of a token, by the SHA-256 of its value; of an access token, the uid of the stack |
//! | `notice/<api_key>/<uid>` | when the notice before the expiry of a management token is due |
//! | `notice_next` | the earliest of these times, or an earlier one |
//! | `event/<number>` | what the service recorded; `event_count` is the last number |
//! | `doc/<api_key>/<branch>/<collection>/<..>/<uid>` | a document, below those that it belongs to; `-` where all branches share it |
//! | `version/<api_key>/<branch>/<collection>/<..>/<uid>/<locale>/<version>` | what it was |
//! | `published/<api_key>/<branch>/<environment>/<collection>/<..>/<uid>/<locale>` | what an environment shows of it, or that it shows it no longer |
//! | `oauth/<hash>` | an OAuth grant, by the SHA-256 of its access token |
//! | `oauth_refresh/<hash>` | the hash of the access token, by the SHA-256 of the refresh token |
//!
//! API keys and uids hold no `/`, and what does (names, addresses) stands last, so keys cannot run into each other. A
//! name of more than 200 bytes stands as `#` and its SHA-256: some engines bound the length of a key.

use std::borrow::Cow;

use crate::hash;
use crate::record::Kind;

pub(crate) const COUNTER: &str = "counter";
pub(crate) const DEMO: &str = "demo";
pub(crate) const NOTICES: &str = "notice/";
pub(crate) const NOTICE_NEXT: &str = "notice_next";
pub(crate) const EVENTS: &str = "event/";
pub(crate) const EVENT_COUNT: &str = "event_count";

// Joined and not formatted: a request makes some twenty keys, and a formatter takes ten times as long for each.
macro_rules! keys {
    ($($name:ident($($part:ident),+) = [$($piece:expr),+];)+) => {
        $(pub(crate) fn $name($($part: &str),+) -> String {
            [$($piece),+].concat()
        })+
    };
}

keys! {
    org(uid) = ["org/", uid];
    member(org, user) = ["member/", org, "/", user];
    user(uid) = ["user/", uid];
    user_org(user, org) = ["user_org/", user, "/", org];
    user_orgs(user) = ["user_org/", user, "/"];
    user_stack(user, api_key) = ["user_stack/", user, "/", api_key];
    user_stacks(user) = ["user_stack/", user, "/"];
    session(hash) = ["session/", hash];
    user_sessions(user) = ["user_session/", user, "/"];
    stack(api_key) = ["stack/", api_key];
    org_stack(org, api_key) = ["org_stack/", org, "/", api_key];
    env(api_key, uid) = ["env/", api_key, "/", uid];
    envs(api_key) = ["env/", api_key, "/"];
    branch(api_key, uid) = ["branch/", api_key, "/", uid];
    branches(api_key) = ["branch/", api_key, "/"];
    alias(api_key, uid) = ["alias/", api_key, "/", uid];
    aliases(api_key) = ["alias/", api_key, "/"];
    token_value(hash) = ["token/", hash];
    notice(api_key, uid) = ["notice/", api_key, "/", uid];
    document(place, uid) = ["doc/", place, uid];
    versions(place, uid) = ["version/", place, uid, "/"];
    versions_below(place) = ["version/", place];
    oauth(hash) = ["oauth/", hash];
    oauth_refresh(hash) = ["oauth_refresh/", hash];
    mailed(hash) = ["mailed/", hash];
    members(org) = ["member/", org, "/"];
    org_stacks(org) = ["org_stack/", org, "/"];
    locale(api_key, branch, code) = ["locale/", api_key, "/", branch, "/", code];
    locales(api_key, branch) = ["locale/", api_key, "/", branch, "/"];
    all_locales(api_key) = ["locale/", api_key, "/"];
    role(api_key, uid) = ["role/", api_key, "/", uid];
    roles(api_key) = ["role/", api_key, "/"];
}

/// What all keys within a stack begin with. Whoever adds a table of things of a stack adds it here: they go with it.
pub(crate) fn within_stack(api_key: &str) -> Vec<String> {
    const TABLES: [&str; 16] = [
        "env",
        "env_name",
        "branch",
        "alias",
        "locale",
        "role",
        "role_name",
        "delivery",
        "delivery_name",
        "management",
        "management_name",
        "count",
        "notice",
        "doc",
        "version",
        "published",
    ];
    TABLES.iter().map(|table| format!("{table}/{api_key}/")).collect()
}

/// What all keys within a branch begin with: a branch that is made from it begins with the same, and they go with it.
pub(crate) fn within_branch(api_key: &str, branch: &str) -> Vec<String> {
    const TABLES: [&str; 3] = ["locale", "doc", "version"];
    TABLES.iter().map(|table| format!("{table}/{api_key}/{branch}/")).collect()
}

pub(crate) fn version(place: &str, uid: &str, locale: &str, version: u64) -> String {
    format!("version/{place}{uid}/{locale}/{version:020}")
}

/// What all keys begin with of what environments show of a branch. Another branch that is made from it begins with nothing
/// published.
pub(crate) fn published_of(api_key: &str, branch: &str) -> String {
    ["published/", api_key, "/", branch, "/"].concat()
}

/// What the keys of a collection begin with that an environment shows; of all collections when none is named.
pub(crate) fn published_in(api_key: &str, branch: &str, environment: &str, collection: &str) -> String {
    let slash = if collection.is_empty() { "" } else { "/" };
    ["published/", api_key, "/", branch, "/", environment, "/", collection, slash].concat()
}

pub(crate) fn user_email(address: &str) -> String {
    ["user_email/", &bounded(&address.to_lowercase())].concat()
}

pub(crate) fn env_name(api_key: &str, name: &str) -> String {
    ["env_name/", api_key, "/", &bounded(name)].concat()
}

pub(crate) fn role_name(api_key: &str, name: &str) -> String {
    ["role_name/", api_key, "/", &bounded(name)].concat()
}

pub(crate) fn user_session(user: &str, number: u64) -> String {
    // Twenty digits, so that the order of keys is that of numbers.
    format!("user_session/{user}/{number:020}")
}

pub(crate) fn event(number: u64) -> String {
    format!("event/{number:020}")
}

pub(crate) fn token(kind: Kind, api_key: &str, uid: &str) -> String {
    [kind.table(), "/", api_key, "/", uid].concat()
}

pub(crate) fn tokens(kind: Kind, api_key: &str) -> String {
    [kind.table(), "/", api_key, "/"].concat()
}

pub(crate) fn token_name(kind: Kind, api_key: &str, name: &str) -> String {
    [kind.table(), "_name/", api_key, "/", &bounded(name)].concat()
}

pub(crate) fn token_count(kind: Kind, api_key: &str) -> String {
    ["count/", api_key, "/", kind.table()].concat()
}

/// A name as the last part of a key. One that looks like a shortened one is shortened, too, so that no two meet.
fn bounded(name: &str) -> Cow<'_, str> {
    if name.len() <= 200 && !name.starts_with('#') {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("#{}", hash::of_value(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_bounded_and_stay_apart() {
        let long = "x".repeat(201);
        let key = token_name(Kind::Delivery, "blt1", &long);
        assert!(key.len() < 120);
        assert_ne!(key, token_name(Kind::Delivery, "blt1", &"x".repeat(202)));
        let shortened = key.rsplit('/').next().unwrap_or_default();
        assert_ne!(key, token_name(Kind::Delivery, "blt1", shortened));
        assert_eq!(env_name("blt1", "a/b"), "env_name/blt1/a/b");
    }

    #[test]
    fn sessions_sort_by_number() {
        assert!(user_session("u", 9) < user_session("u", 10));
    }
}
