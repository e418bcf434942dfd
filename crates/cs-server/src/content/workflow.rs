//! Workflow stages (OA3; CMA-doc, "Set entry workflow stage"): entries move between them, and workflows are switched on and off.

use cs_model::Moment;
use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use super::collection::{Place, at};
use super::document;
use super::languages::Languages;
use super::publish::Item;
use super::stage_access::StageAccess;
use crate::endpoint::list::cut;
use crate::record::Role;
use crate::refusal::{Problems, Refusal, Stop, no_text};
use crate::reply::Reply;
use crate::roles;
use crate::service::{Actor, Scene};
use crate::store::Tx;

/// Where an entry keeps its stage.
pub(super) const STAGE: &str = "_workflow";

const WORKFLOWS: &str = "/v3/workflows";

/// `POST .../entries/{entry_uid}/workflow`: moves an entry to a stage of a workflow that its content type has. Who may is
/// written at the stage. Answers to publish requests come the same way and are not served.
pub(super) fn set_stage(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let item = Item { content_type: Some(scene.call.argument(0)), uid: scene.call.argument(1) };
    let (place, mut document) = item.find(tx, scene.api_key()?, scene.branch_uid())?;
    let languages = Languages::read(scene, tx)?;
    let workflow = scene.call.object("workflow")?;
    if workflow.contains_key("publishing_rule") {
        return Err(Refusal::not_served(scene.call.route).into());
    }
    let mut problems = Problems::default();
    let named = workflow.get("workflow_stage").and_then(|stage| stage.get("uid"));
    let wanted = named.and_then(Value::as_str).unwrap_or_default();
    if wanted.is_empty() {
        problems.at(ErrorId::FieldInvalid, "workflow.workflow_stage.uid", no_text(named));
    }
    problems.sort_out()?;
    let form = document.forms.get_mut(languages.locale()).ok_or(Stop::from(ErrorId::EntryNotFound))?;
    let before = form.get(STAGE).and_then(|stage| stage.get("uid")?.as_str()).map(str::to_owned);
    let stages = stages(scene, tx, scene.call.argument(0))?;
    let found = stages.iter().find(|stage| stage["uid"] == wanted);
    let mut problems = Problems::default();
    match found {
        None => {
            problems.at(
                ErrorId::FieldInvalid,
                "workflow.workflow_stage.uid",
                "is that of no stage of the entry's workflow",
            );
        }
        Some(_) if !leads_to(&stages, before.as_deref(), wanted) => {
            problems.at(
                ErrorId::FieldInvalid,
                "workflow.workflow_stage.uid",
                "does not follow on the stage of the entry",
            );
        }
        Some(stage) if !is_open_to(scene, tx, stage)? => return Err(ErrorId::NoPermission.into()),
        Some(_) => {}
    }
    problems.sort_out()?;
    let mut stage = workflow.get("workflow_stage").and_then(Value::as_object).cloned().unwrap_or_default();
    stage.retain(|name, _| {
        ["uid", "comment", "due_date", "assigned_to", "assigned_by_roles"].contains(&name.as_str())
    });
    stage.insert("updated_at".to_owned(), json!(Moment::from_timestamp(scene.now)));
    stage.insert("updated_by".to_owned(), json!(scene.actor_uid()));
    form.insert(STAGE.to_owned(), Value::Object(stage));
    document::put(tx, &place, item.uid, &document)?;
    Ok(Reply::notice("Workflow stage updated successfully."))
}

/// `GET /v3/workflows/content_type/{content_type_uid}`: the publish rules that are about a content type, or about all; with
/// `action`, `locale` and `environment`, those for that.
pub(super) fn rules_of(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let content_type = scene.call.argument(0);
    let names = |rule: &Map<String, Value>, key: &str, wanted: &str| match rule.get(key) {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(list)) if !list.is_empty() => list.iter().any(|uid| uid == wanted || uid == "$all"),
        _ => true,
    };
    let filters = [("action", "actions"), ("locale", "locales"), ("environment", "environment")];
    let is_asked_for = |rule: &Map<String, Value>| {
        let fits = |(parameter, key): (&str, &str)| {
            scene.call.parameter(parameter).is_none_or(|wanted| names(rule, key, wanted))
        };
        names(rule, "content_types", content_type) && filters.into_iter().all(fits)
    };
    let rules = document::publish_rules(tx, scene.api_key()?)?;
    let rules = rules.into_iter().filter(is_asked_for).map(Value::Object).collect();
    Ok(Reply::ok(cut(scene.call, "publishing_rules", rules)?))
}

/// `GET /v3/workflows/{workflow_uid}/enable`
pub(super) fn enable(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    switch(scene, tx, true)?;
    Ok(Reply::notice("Workflow enabled successfully."))
}

/// `GET /v3/workflows/{workflow_uid}/disable`
pub(super) fn disable(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    switch(scene, tx, false)?;
    Ok(Reply::notice("Workflow disabled successfully."))
}

fn switch(scene: &Scene<'_>, tx: &mut dyn Tx, on: bool) -> Result<(), Stop> {
    let collection = at(WORKFLOWS).ok_or(Stop::from(ErrorId::RouteUnknown))?;
    let place = Place::new(collection, scene.api_key()?, scene.branch_uid(), Vec::new());
    let uid = scene.call.argument(0);
    let mut document = document::get(tx, &place, uid)?.ok_or(Stop::from(collection.not_found))?;
    for form in document.forms.values_mut() {
        form.insert("enabled".to_owned(), json!(on));
        form.insert("updated_at".to_owned(), json!(Moment::from_timestamp(scene.now)));
        form.insert("updated_by".to_owned(), json!(scene.actor_uid()));
    }
    Ok(document::put(tx, &place, uid, &document)?)
}

/// The stages of the workflows that a content type has: those that are switched on and name it, or all, or none.
fn stages(scene: &Scene<'_>, tx: &mut dyn Tx, content_type: &str) -> Result<Vec<Value>, Stop> {
    let names_it = |workflow: &Map<String, Value>| {
        let types = workflow.get("content_types").and_then(Value::as_array);
        types.is_none_or(|types| {
            types.is_empty() || types.iter().any(|uid| uid == content_type || uid == "$all")
        })
    };
    let workflows = document::workflows(tx, scene.api_key()?)?;
    let on = workflows.into_iter().filter(|workflow| workflow.get("enabled") != Some(&Value::Bool(false)));
    let stages = on.filter(names_it).filter_map(|mut workflow| match workflow.remove("workflow_stages") {
        Some(Value::Array(stages)) => Some(stages),
        _ => None,
    });
    Ok(stages.flatten().collect())
}

/// Whether one stage may follow on another: that one names which may, or all, or does not say.
fn leads_to(stages: &[Value], before: Option<&str>, wanted: &str) -> bool {
    let before = before.and_then(|uid| stages.iter().find(|stage| stage["uid"] == uid));
    let Some(next) = before.and_then(|stage| stage.get("next_available_stages")?.as_array()) else {
        return true;
    };
    next.iter().any(|uid| uid == "$all" || uid == wanted)
}

/// Whether the user behind the request may move entries to a stage: owner and admins may, and those whom its
/// `SYS_ACL` lets. The policy judges users by the same lists; this is for those who act through an app.
fn is_open_to(scene: &Scene<'_>, tx: &mut dyn Tx, stage: &Value) -> Result<bool, Stop> {
    let (Actor::User { user, .. } | Actor::Oauth { user, .. }) = &scene.actor else { return Ok(true) };
    let access = StageAccess::of(stage);
    let (held, uids) = roles::held_by(tx, &user.uid, scene.api_key()?)?;
    let is_mighty = held.iter().any(|role| matches!(role, Role::Owner | Role::Admin));
    Ok(is_mighty || access.lets(&user.uid, uids.iter().map(String::as_str)))
}
