//! The few facts of a request's body that rules read.

use std::collections::BTreeSet;
use std::sync::Arc;

use cs_model::generated::{Action, ModuleId};
use cs_policy::{BodyFacts, PublishAnswer};
use serde_json::Value;

use super::Actor;
use crate::call::Call;
use crate::record::{Roles, StackRecord};
use crate::store::{StoreError, Tx, get_known, keys};
use crate::{content, roles};

/// Reads them. A body that cannot be read has none: it is refused later, for what it is.
pub(super) fn read(
    tx: &mut dyn Tx,
    call: &Call<'_>,
    actor: &Actor,
    stack: Option<&StackRecord>,
) -> Result<BodyFacts, StoreError> {
    let row = call.route.row();
    let facts = BodyFacts::default();
    match (row.module, row.action) {
        (ModuleId::PublishRule, Action::Create | Action::Update) => {
            let rule = call.peek().and_then(|mut body| Some(body.get_mut("publishing_rule")?.take()));
            Ok(BodyFacts { approvers_named: rule.is_some_and(|rule| names_approvers(&rule)), ..facts })
        }
        (_, Action::Transition) => {
            let Some(workflow) = call.peek().and_then(|mut body| Some(body.get_mut("workflow")?.take()))
            else {
                return Ok(facts);
            };
            let answered = workflow.get("publishing_rule");
            let publish_request = answered.map(answer);
            let Some(stack) = stack else { return Ok(BodyFacts { publish_request, ..facts }) };
            let uid = |part: Option<&Value>| Some(part?.get("uid")?.as_str()?.to_owned());
            let list = match (answered, uid(workflow.get("workflow_stage"))) {
                (Some(rule), _) => approvers_of(tx, stack, uid(Some(rule)).as_deref())?,
                (None, Some(stage)) => access_of(tx, stack, &stage)?,
                (None, None) => Named::default(),
            };
            let user_named = list.names(&uids_of(tx, actor, stack)?);
            let stage_open_to_all = answered.is_none() && list.everybody();
            Ok(BodyFacts { publish_request, stage_open_to_all, user_named, ..facts })
        }
        _ => Ok(facts),
    }
}

/// `{"status": 1}` says yes. What else a status may be is written down nowhere; it is not taken for a yes.
fn answer(rule: &Value) -> PublishAnswer {
    if rule.get("status").and_then(Value::as_i64) == Some(1) {
        PublishAnswer::Accept
    } else {
        PublishAnswer::Reject
    }
}

fn names_approvers(rule: &Value) -> bool {
    let named = |key: &str| {
        let list = rule.get("approvers").and_then(|approvers| approvers.get(key)?.as_array());
        list.is_some_and(|list| !list.is_empty())
    };
    named("users") || named("roles")
}

/// Uids of users and roles that a list names.
#[derive(Debug, Default)]
struct Named(BTreeSet<String>);

impl Named {
    /// The uids under these pointers.
    fn add(&mut self, document: &Value, pointers: [&str; 2]) {
        let lists = pointers.into_iter().filter_map(|pointer| document.pointer(pointer)?.as_array());
        self.0.extend(lists.flatten().filter_map(|uid| Some(uid.as_str()?.to_owned())));
    }

    /// `$all` among the users stands for everybody (the vendor's page on the whole API, "Workflows").
    fn everybody(&self) -> bool {
        self.0.contains("$all")
    }

    fn names(&self, uids: &[String]) -> bool {
        uids.iter().any(|uid| self.0.contains(uid))
    }
}

/// The access list of a stage: its `SYS_ACL`.
fn access_of(tx: &mut dyn Tx, stack: &StackRecord, stage: &str) -> Result<Named, StoreError> {
    let mut named = Named::default();
    for workflow in content::workflows(tx, &stack.api_key)? {
        let stages = workflow.get("workflow_stages").and_then(Value::as_array).into_iter().flatten();
        for known in stages.filter(|known| known.get("uid").and_then(Value::as_str) == Some(stage)) {
            named.add(known, ["/SYS_ACL/users/uids", "/SYS_ACL/roles/uids"]);
        }
    }
    Ok(named)
}

/// The approvers of a publish rule.
fn approvers_of(tx: &mut dyn Tx, stack: &StackRecord, rule: Option<&str>) -> Result<Named, StoreError> {
    let mut named = Named::default();
    for known in content::publish_rules(tx, &stack.api_key)? {
        if known.get("uid").and_then(Value::as_str).is_some_and(|uid| Some(uid) == rule) {
            named.add(&Value::Object(known), ["/approvers/users", "/approvers/roles"]);
        }
    }
    Ok(named)
}

/// What a list can name a user by: the user's uid, and those of the user's roles in the stack.
fn uids_of(tx: &mut dyn Tx, actor: &Actor, stack: &StackRecord) -> Result<Vec<String>, StoreError> {
    let Actor::User { user, .. } = actor else { return Ok(Vec::new()) };
    let held: Arc<Roles> = get_known(tx, &keys::user_stack(&user.uid, &stack.api_key))?.unwrap_or_default();
    let system = held.roles.iter().map(|role| roles::system_uid(&stack.api_key, *role));
    Ok(system.chain(held.custom.iter().cloned()).chain([user.uid.clone()]).collect())
}
