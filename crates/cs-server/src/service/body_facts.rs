//! The few facts of a request's body that rules read.

use cs_model::generated::{Action, ModuleId};
use cs_policy::{BodyFacts, PublishAnswer};
use serde_json::Value;

use super::Actor;
use crate::call::Call;
use crate::content::StageAccess;
use crate::record::StackRecord;
use crate::store::{StoreError, Tx};
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
            let who = Who::of(tx, actor, stack)?;
            let (user_named, stage_open_to_all) = match (answered, uid(workflow.get("workflow_stage"))) {
                (Some(rule), _) => (is_approver(tx, stack, uid(Some(rule)).as_deref(), &who)?, false),
                (None, Some(stage_uid)) => {
                    let lists = access_of(tx, stack, &stage_uid)?;
                    (lists.iter().any(|list| who.is_let_by(list)), lists.iter().any(StageAccess::everybody))
                }
                (None, None) => (false, false),
            };
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

/// The access lists of a stage: one for each workflow that has it.
fn access_of(tx: &mut dyn Tx, stack: &StackRecord, stage: &str) -> Result<Vec<StageAccess>, StoreError> {
    let mut lists = Vec::new();
    for workflow in content::workflows(tx, &stack.api_key)? {
        let stages = workflow.get("workflow_stages").and_then(Value::as_array).into_iter().flatten();
        let known = stages.filter(|known| known.get("uid").and_then(Value::as_str) == Some(stage));
        lists.extend(known.map(StageAccess::of));
    }
    Ok(lists)
}

/// Whether a publish rule names the user or one of the user's roles among its approvers.
fn is_approver(
    tx: &mut dyn Tx,
    stack: &StackRecord,
    rule: Option<&str>,
    who: &Who,
) -> Result<bool, StoreError> {
    let rules = content::publish_rules(tx, &stack.api_key)?;
    let mut rules = rules
        .iter()
        .filter(|known| known.get("uid").and_then(Value::as_str).is_some_and(|uid| Some(uid) == rule));
    Ok(rules.any(|known| {
        let names = |key: &str, uid: &str| {
            let list = known.get("approvers").and_then(|approvers| approvers.get(key)?.as_array());
            list.is_some_and(|list| list.iter().any(|named| named == uid))
        };
        who.user.iter().any(|user| names("users", user)) || who.roles.iter().any(|role| names("roles", role))
    }))
}

/// What a list can name a user by: the user's uid, and those of the user's roles in the stack.
#[derive(Debug, Default)]
struct Who {
    user: Option<String>,
    roles: Vec<String>,
}

impl Who {
    fn of(tx: &mut dyn Tx, actor: &Actor, stack: &StackRecord) -> Result<Self, StoreError> {
        let Actor::User { user, .. } = actor else { return Ok(Self::default()) };
        let (_, roles) = roles::held_by(tx, &user.uid, &stack.api_key)?;
        Ok(Self { user: Some(user.uid.clone()), roles })
    }

    fn is_let_by(&self, list: &StageAccess) -> bool {
        self.user.as_ref().is_some_and(|user| list.lets(user, self.roles.iter().map(String::as_str)))
    }
}
