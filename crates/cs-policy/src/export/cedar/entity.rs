//! A principal as an entity of Cedar.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::super::facts::{Facts, names_of};
use super::entity_type;
use crate::{Kind, Principal};

/// A principal as an entity in Cedar's JSON format, with the facts that the policies read and no parents. `id` is the
/// id that it gets, `stack` the API key of its stack.
///
/// ```
/// use cs_policy::{Principal, export};
/// let json = export::cedar_entity(&Principal::Anonymous, "nobody", "blt1");
/// assert_eq!(json, r#"{"uid":{"type":"Anonymous","id":"nobody"},"attrs":{},"parents":[]}"#);
/// ```
#[must_use]
pub fn entity(principal: &Principal, id: &str, stack: &str) -> String {
    let facts = Facts::of(principal);
    // Written out part by part: the order of keys must not depend on a feature of the JSON library.
    format!(
        r#"{{"uid":{{"type":"{}","id":{}}},"attrs":{},"parents":[]}}"#,
        entity_type(facts.kind),
        Value::from(id),
        attributes(&facts, stack)
    )
}

fn attributes(facts: &Facts, stack: &str) -> Value {
    let mut map = Map::new();
    let mut set = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    if facts.kind != Kind::Anonymous {
        set("stack", json!({ "__entity": { "type": "Stack", "id": stack } }));
    }
    if matches!(facts.kind, Kind::Delivery | Kind::Preview | Kind::Management | Kind::Authtoken) {
        set("branches", json!(names_of(&facts.branches)));
        set("all_branches", json!(facts.branches == cs_model::Grant::All));
        set("has_branch_entry", json!(!facts.branches.is_none()));
        set("aliases", json!(names_of(&facts.aliases)));
        set("all_aliases", json!(facts.aliases == cs_model::Grant::All));
        set("has_alias_entry", json!(!facts.aliases.is_none()));
        set("stack_without_branches", json!(facts.stack_without_branches));
    }
    if matches!(facts.kind, Kind::Management | Kind::Authtoken) {
        set("can_read", json!(facts.can_read));
        set("can_write", json!(facts.can_write));
    }
    match facts.kind {
        Kind::Delivery | Kind::Preview => {
            set("environments", json!(names_of(&facts.environments)));
            let (count, all) =
                (names_of(&facts.environments).len(), facts.environments == cs_model::Grant::All);
            set("all_environments", json!(all));
            set("several_environments", json!(all || count > 1));
        }
        Kind::Management => {
            if let Some(day) = facts.expires_on {
                set("expires_on", date(day));
            }
            if let Some(time) = facts.expires_at {
                set("expires_at", datetime(&time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()));
            }
        }
        Kind::Authtoken => {
            set("roles", json!(facts.roles));
            set("cannot_read", json!(facts.cannot_read));
            set("cannot_write", json!(facts.cannot_write));
            set("organization_role", json!(facts.organization_role));
            set("sso", json!(facts.sso));
            set("idp_login", json!(facts.idp_login));
            set("access_without_sso", json!(facts.access_without_sso));
            set("strict_mode", json!(facts.strict_mode));
        }
        Kind::Access => {}
        Kind::OAuth => set("scopes", json!(facts.oauth_scopes)),
        Kind::Anonymous => {}
    }
    if let Some(day) = facts.stack_created {
        set("stack_created", date(day));
    }
    Value::Object(map)
}

fn date(day: Date) -> Value {
    datetime(&day.to_string())
}

fn datetime(text: &str) -> Value {
    json!({ "__extn": { "fn": "datetime", "arg": text } })
}
