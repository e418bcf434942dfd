//! Limits: whether everything fits, and in which order.

use cs_model::profile::{AtLimit, Limit};

use crate::plan::{Step, Work};

/// An order of steps, with how the count of tokens went.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) steps: Vec<Step>,
    /// The names of tokens that do not fit, each with the count that it would make.
    pub(crate) without_room: Vec<(String, u32)>,
    old_first: usize,
}

/// Finds an order in which everything fits. `declared` are the steps for the tokens of the file, `deletes` those for
/// others that are to go; `count` is how many tokens there are.
///
/// New tokens come before old ones go, as long as there is room: so an interruption leaves too much rather than too
/// little. Only where there is no room do deletions come first, or does a token go before its replacement.
pub(crate) fn order(declared: Vec<Step>, deletes: &[Step], count: u32, limit: &Limit) -> Order {
    let most = limit.value.filter(|_| limit.at_limit == AtLimit::Refuse).unwrap_or(u32::MAX);
    let in_file = || declared.iter().cloned();
    let makes =
        |step: &Step| matches!(step.work, Work::CreateDelivery { .. } | Work::CreateManagement { .. });
    let replacements_first = || in_file().filter(|step| !makes(step)).chain(in_file().filter(makes));
    let removals = || deletes.iter().cloned();
    let candidates = [
        simulate(in_file().chain(removals()).collect(), count, most),
        simulate(replacements_first().chain(removals()).collect(), count, most),
        simulate(removals().chain(in_file()).collect(), count, most),
        simulate(removals().chain(replacements_first()).collect(), count, most),
    ];
    // The first of the best: `min_by_key` keeps the earlier one of equals.
    let best = candidates.into_iter().min_by_key(|order| (order.without_room.len(), order.old_first));
    best.unwrap_or_else(|| simulate(declared, count, most))
}

fn simulate(mut steps: Vec<Step>, mut count: u32, most: u32) -> Order {
    let mut without_room = Vec::new();
    let mut old_first_count = 0;
    for step in &mut steps {
        match &mut step.work {
            Work::CreateDelivery { .. } | Work::CreateManagement { .. } => {
                count += 1;
                if count > most {
                    without_room.push((step.name.clone(), count));
                }
            }
            Work::Replace { old_first, .. } if count >= most => {
                *old_first = true;
                old_first_count += 1;
                let why = step.why.take().unwrap_or_default();
                step.why = Some(format!(
                    "{why}; there is no room for both, so the old token is deleted before the new one is made"
                ));
            }
            Work::FinishReplace { old: Some(_), .. }
            | Work::DeleteDelivery { .. }
            | Work::DeleteManagement { .. } => count = count.saturating_sub(1),
            _ => {}
        }
    }
    Order { steps, without_room, old_first: old_first_count }
}
