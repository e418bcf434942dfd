//! The few facts of a request's body that rules read.

use cs_model::generated::{Action, ModuleId};
use cs_policy::{BodyFacts, PublishAnswer};
use serde_json::Value;

use crate::call::Call;
use crate::content;
use crate::record::StackRecord;
use crate::store::{StoreError, Tx};

/// Reads them. A body that cannot be read has none: it is refused later, for what it is.
pub(super) fn read(
    tx: &mut dyn Tx,
    call: &Call<'_>,
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
            let publish_request = workflow.get("publishing_rule").map(answer);
            let stage = workflow.get("workflow_stage").and_then(|stage| stage.get("uid")?.as_str());
            let stage_open_to_all = match (stack, stage) {
                (Some(stack), Some(stage)) => is_open_to_all(tx, stack, stage)?,
                _ => false,
            };
            Ok(BodyFacts { publish_request, stage_open_to_all, ..facts })
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

/// Whether everybody may move entries to a stage: `$all` among the users of its `SYS_ACL` (the vendor's page on the
/// whole API, "Workflows").
fn is_open_to_all(tx: &mut dyn Tx, stack: &StackRecord, stage: &str) -> Result<bool, StoreError> {
    let workflows = content::workflows(tx, &stack.api_key)?;
    let stages =
        workflows.iter().filter_map(|workflow| workflow.get("workflow_stages")?.as_array()).flatten();
    let mut named = stages.filter(|known| known.get("uid").and_then(Value::as_str) == Some(stage));
    Ok(named.any(|stage| {
        let users = stage.pointer("/SYS_ACL/users/uids").and_then(Value::as_array);
        users.is_some_and(|users| users.iter().any(|user| user == "$all"))
    }))
}
