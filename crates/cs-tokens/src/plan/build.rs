//! Making a plan.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::profile::AtLimit;
use cs_model::{LimitId, Profile, TokenUid, ViolationId};
use jiff::Timestamp;

use crate::client::management::counts;
use crate::declaration::{self, Declaration, Kind, Known, Places, Problem, Problems};
use crate::plan::files::Files;
use crate::plan::room::{self, Order};
use crate::plan::{
    Action, Inventory, PLAN_SCHEMA, Plan, PlanOptions, Row, Step, Work, delivery, management, replacement,
};
use crate::sink::{Owner, Sinks};

pub(crate) fn plan(
    declaration: &Declaration,
    inventory: &Inventory,
    sinks: &Sinks,
    profile: &Profile,
    now: Timestamp,
    options: PlanOptions,
) -> Result<Plan, Problems> {
    let delivery: Vec<_> =
        declaration.delivery.iter().map(|block| delivery::Fate::new(block, inventory, sinks)).collect();
    let management: Vec<_> = declaration
        .management
        .iter()
        .map(|block| management::Fate::new(block, inventory, sinks, profile, now))
        .collect();
    let kept_delivery: BTreeSet<&TokenUid> =
        delivery.iter().filter_map(|fate| fate.token.map(|token| &token.uid)).collect();
    let kept_management: BTreeSet<&TokenUid> = management
        .iter()
        .flat_map(|fate| fate.token.map(|token| &token.uid).into_iter().chain(fate.uid()))
        .collect();

    let touched: Vec<bool> = management.iter().map(management::Fate::is_touched).collect();
    let known = Known { names: Some(&inventory.names), touched: Some(&touched) };
    let mut problems = declaration::check(declaration, sinks, profile, now, known);

    // A value may go when its token does, and when the file gives it another place.
    let is_spent = |owner: &Owner| {
        options.prune
            || !inventory.has(&owner.uid)
            || kept_delivery.contains(&owner.uid)
            || kept_management.contains(&owner.uid)
    };
    let files = Files { stack: &inventory.api_key, sinks, is_spent: &is_spent };

    let mut declared = Vec::new();
    for fate in &delivery {
        let mut steps = fate.steps(inventory, sinks);
        problems.extend(files.overwrites(&mut steps, &fate.block.places, fate.block.preview_sink.as_ref()));
        declared.append(&mut steps);
    }
    let others = other_delivery(inventory, &kept_delivery, options);
    let count = u32::try_from(inventory.delivery.len()).unwrap_or(u32::MAX);
    let places =
        declaration.delivery.iter().map(|block| (block.draft.name.as_str(), &block.places)).collect();
    let limit = (LimitId::DeliveryTokensPerStack, ViolationId::LimitDeliveryTokens);
    let mut first = arrange(declared, others, count, profile, limit, &places, &mut problems);

    let mut declared = Vec::new();
    for fate in &management {
        let mut steps = Vec::from_iter(fate.step(profile, now));
        problems.extend(files.overwrites(&mut steps, &fate.block.places, None));
        declared.append(&mut steps);
    }
    let others = other_management(inventory, &kept_management, profile, now, options);
    let count = inventory.management.iter().filter(|token| counts(token, profile, now)).count();
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let places =
        declaration.management.iter().map(|block| (block.draft.name.as_str(), &block.places)).collect();
    let limit = (LimitId::ManagementTokensPerStack, ViolationId::LimitManagementTokens);
    first.extend(arrange(declared, others, count, profile, limit, &places, &mut problems));

    files.withdraw(&mut first);
    let protects = files.protect(&mut first, &delivery, &management);
    first.extend(protects);

    let warnings = Problems::sort_out(problems)?;
    // What is only reported comes after what is done; sorting keeps the order otherwise.
    first.sort_by_key(|step| (!step.action.is_change(), step.action == Action::Unmanaged));
    let rows = delivery
        .iter()
        .map(|fate| Row::delivery(fate.block, fate.token.map(|token| &token.uid), &inventory.names));
    let rows = rows.chain(management.iter().map(|fate| {
        let mut row = Row::management(fate.block, fate.uid(), &inventory.names);
        row.expires = fate.draft().expiry.to_string();
        row.expired = !fate.is_touched()
            && fate.token.is_some_and(|token| management::expired_since(token, profile, now).is_some());
        row
    }));
    Ok(Plan {
        schema: PLAN_SCHEMA,
        stack: inventory.api_key.clone(),
        profile: profile.name.to_string(),
        made_at: now,
        has_changes: first.iter().any(|step| step.action.is_change()),
        rows: rows.collect(),
        steps: first,
        warnings,
    })
}

/// Brings the steps of a kind into an order that fits, and complains about those that fit nowhere.
fn arrange(
    declared: Vec<Step>,
    others: Vec<Step>,
    count: u32,
    profile: &Profile,
    (limit, rule): (LimitId, ViolationId),
    places: &BTreeMap<&str, &Places>,
    problems: &mut Vec<Problem>,
) -> Vec<Step> {
    let row = profile.limit(limit);
    let (deletes, reports): (Vec<_>, Vec<_>) = others.into_iter().partition(|step| step.action.is_change());
    let Order { mut steps, without_room, .. } = room::order(declared, &deletes, count, row);
    if row.at_limit == AtLimit::Refuse {
        let what = if limit == LimitId::DeliveryTokensPerStack { "delivery" } else { "management" };
        for (name, number) in without_room {
            let says = profile.limit_sentence(limit);
            let message = format!("`{name}` would be {what} token number {number} of the stack; {says}");
            if let Some(places) = places.get(name.as_str()) {
                problems.push(Problem::new(rule, places.of("name").clone(), message).at(row.level));
            }
        }
    }
    steps.extend(reports);
    steps
}

fn other_delivery(inventory: &Inventory, kept: &BTreeSet<&TokenUid>, options: PlanOptions) -> Vec<Step> {
    let others = inventory.delivery.iter().filter(|token| !kept.contains(&token.uid));
    others
        .map(|token| {
            let work = Work::DeleteDelivery { uid: token.uid.clone() };
            other(Kind::Delivery, &token.name, &token.uid, work, options)
        })
        .collect()
}

fn other_management(
    inventory: &Inventory,
    kept: &BTreeSet<&TokenUid>,
    profile: &Profile,
    now: Timestamp,
    options: PlanOptions,
) -> Vec<Step> {
    let others = inventory.management.iter().filter(|token| !kept.contains(&token.uid));
    others
        .map(|token| {
            let work = Work::DeleteManagement { uid: token.uid.clone() };
            let mut step = other(Kind::Management, &token.name, &token.uid, work, options);
            if replacement::is_temporary(&token.name) {
                step.why =
                    Some("left over from an interrupted replacement, its value was never written".to_owned());
            }
            step.expired_since = management::expired_since(token, profile, now);
            step
        })
        .collect()
}

/// A token that the file does not declare.
fn other(kind: Kind, name: &str, uid: &TokenUid, work: Work, options: PlanOptions) -> Step {
    let (action, work) =
        if options.prune { (Action::Delete, work) } else { (Action::Unmanaged, Work::Nothing) };
    let mut step = Step::new(action, kind, name, Some(uid), work);
    step.why = Some("the file does not declare it".to_owned());
    step
}
