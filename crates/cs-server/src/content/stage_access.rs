//! Who may move entries to a workflow stage (CMA-doc, "Set entry workflow stage"): its `SYS_ACL`, which has a group of users, one of roles, and all others.

use serde_json::Value;

/// The access list of a stage. Of the rights that it gives to each group, moving entries takes `transit`.
#[derive(Clone, Debug, Default)]
pub(crate) struct StageAccess {
    users: Group,
    roles: Group,
    /// Whether those whom neither group names may.
    others: bool,
}

#[derive(Clone, Debug, Default)]
struct Group {
    uids: Vec<String>,
    /// Whether those whom it names may. Without a word of it they may: lists that only name are the usual form.
    transit: bool,
}

impl Group {
    fn of(group: Option<&Value>) -> Self {
        let uids = group.and_then(|group| group.get("uids")?.as_array());
        let uids = uids.into_iter().flatten().filter_map(|uid| Some(uid.as_str()?.to_owned()));
        Self { uids: uids.collect(), transit: transit(group).unwrap_or(true) }
    }

    fn names(&self, uid: &str) -> bool {
        self.uids.iter().any(|named| named == uid)
    }
}

/// Also as a text, as rights in roles are taken.
fn transit(group: Option<&Value>) -> Option<bool> {
    match group?.get("transit")? {
        Value::Bool(may) => Some(*may),
        Value::String(may) => may.parse().ok(),
        _ => None,
    }
}

impl StageAccess {
    /// The list of a stage; of one that has none, nobody may.
    pub(crate) fn of(stage: &Value) -> Self {
        let group = |name: &str| stage.get("SYS_ACL").and_then(|list| list.get(name));
        Self {
            users: Group::of(group("users")),
            roles: Group::of(group("roles")),
            others: transit(group("others")).unwrap_or(false),
        }
    }

    /// Whether all users and roles may: `$all` among the users stands for everybody (CMA-doc, "Set entry workflow stage"), and so do the others where no group keeps out whom it names.
    pub(crate) fn everybody(&self) -> bool {
        let keeps_out = |group: &Group| !group.uids.is_empty() && !group.transit;
        self.users.names("$all") && self.users.transit
            || self.others && !keeps_out(&self.users) && !keeps_out(&self.roles)
    }

    /// Whether a user with these roles may.
    pub(crate) fn lets<'a>(&self, user: &str, roles: impl IntoIterator<Item = &'a str>) -> bool {
        let by_user = self.users.names(user) || self.users.names("$all");
        let by_role = roles.into_iter().any(|role| self.roles.names(role));
        if by_user || by_role {
            by_user && self.users.transit || by_role && self.roles.transit
        } else {
            self.others
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn access(list: &Value) -> StageAccess {
        StageAccess::of(&json!({ "uid": "done", "SYS_ACL": list }))
    }

    #[test]
    fn who_is_named_may() {
        let list =
            access(&json!({ "users": { "uids": ["ada"] }, "roles": { "uids": ["editors"] }, "others": {} }));
        assert!(list.lets("ada", []));
        assert!(list.lets("bob", ["readers", "editors"]));
        assert!(!list.lets("bob", ["readers"]));
        assert!(!list.everybody());
        assert!(!StageAccess::of(&json!({})).lets("ada", ["editors"]));
    }

    #[test]
    fn all_users_are_everybody() {
        let list = access(&json!({ "users": { "uids": ["$all"] }, "roles": { "uids": [] }, "others": {} }));
        assert!(list.everybody() && list.lets("ada", []));
        let closed = access(&json!({ "users": { "uids": ["$all"], "transit": false } }));
        assert!(!closed.everybody() && !closed.lets("ada", []));
    }

    #[test]
    fn the_others_are_those_whom_nobody_names() {
        let list = json!({
            "users": { "uids": ["ada"], "read": true, "write": true, "transit": false },
            "roles": { "uids": ["editors"], "transit": "true" },
            "others": { "read": true, "write": false, "transit": true }
        });
        let list = access(&list);
        assert!(list.lets("bob", []));
        assert!(!list.lets("ada", ["readers"]));
        assert!(list.lets("ada", ["editors"]));
        assert!(!list.everybody());
        assert!(access(&json!({ "others": { "transit": true } })).everybody());
        let no = access(&json!({ "others": { "read": true, "write": true, "transit": false } }));
        assert!(!no.everybody() && !no.lets("bob", []));
    }
}
