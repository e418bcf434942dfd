//! What becomes of a declared delivery token.

use cs_model::{DeliveryToken, DeliveryTokenDraft, Secret};

use crate::client::recover::{self, Before};
use crate::declaration::{DeclaredDelivery, Kind};
use crate::plan::{Action, Inventory, Step, Work, diff};
use crate::sink::{Sink, Sinks};

/// A block with the token that it is about.
#[derive(Debug)]
pub(crate) struct Fate<'a> {
    pub(crate) block: &'a DeclaredDelivery,
    pub(crate) token: Option<&'a DeliveryToken>,
}

impl<'a> Fate<'a> {
    /// Finds the token: by name; where several share it, the one whose value is in the sink.
    pub(crate) fn new(block: &'a DeclaredDelivery, inventory: &'a Inventory, sinks: &Sinks) -> Self {
        let owner =
            block.sink.as_ref().and_then(|sink| sinks.held(sink)).and_then(|held| held.owner.as_ref());
        let mut named: Vec<_> =
            inventory.delivery.iter().filter(|token| token.name == block.draft.name).collect();
        named.sort_by_key(|token| owner.is_none_or(|owner| owner.uid != token.uid));
        Self { block, token: named.first().copied() }
    }

    /// The steps that make the token what the block says; one [`Action::Unchanged`] when it is.
    pub(crate) fn steps(&self, inventory: &Inventory, sinks: &Sinks) -> Vec<Step> {
        let (block, name) = (self.block, &self.block.draft.name);
        // Without a sink there is an error, and no plan.
        let Some(sink) = &block.sink else { return Vec::new() };
        let Some(token) = self.token else {
            let draft = block.draft.clone();
            let changes = diff::delivery(&DeliveryTokenDraft::new(name), &draft, &inventory.names);
            let work =
                Work::CreateDelivery { draft, sink: sink.clone(), preview: block.preview_sink.clone() };
            let mut step = Step::new(Action::Create, Kind::Delivery, name, None, work);
            step.changes = changes;
            step.sinks = [sink].into_iter().chain(&block.preview_sink).cloned().collect();
            return vec![step];
        };
        let step = |action, work| Step::new(action, Kind::Delivery, name, Some(&token.uid), work);
        let mut steps = Vec::new();

        let before = token.to_draft();
        let after = desired(block, &before);
        let changes = diff::delivery(&before, &after, &inventory.names);
        if !changes.is_empty() {
            let (uid, before) = (token.uid.clone(), Before::of::<recover::Delivery>(token));
            let mut update = step(Action::Update, Work::UpdateDelivery { uid, before, draft: after });
            update.changes = changes;
            steps.push(update);
        }

        match (&block.preview_sink, &token.preview_token) {
            (Some(sink), None) => {
                let work = Work::CreatePreview { uid: token.uid.clone(), sink: sink.clone() };
                let mut create = step(Action::CreatePreview, work);
                create.sinks.push(sink.clone());
                steps.push(create);
            }
            (None, Some(_)) => {
                steps.push(step(Action::DeletePreview, Work::DeletePreview { uid: token.uid.clone() }));
            }
            _ => {}
        }

        let value = lacks(sinks, sink, token.token.as_ref());
        let preview = match (&block.preview_sink, &token.preview_token) {
            (Some(sink), Some(value)) => lacks(sinks, sink, Some(value)).map(|why| (sink, why)),
            _ => None,
        };
        let reasons: Vec<String> =
            value.iter().chain(preview.as_ref().map(|(_, why)| why)).cloned().collect();
        if !reasons.is_empty() {
            let value = value.map(|_| sink.clone());
            let preview = preview.map(|(sink, _)| sink.clone());
            let sinks = value.iter().chain(&preview).cloned().collect();
            let mut deliver = step(Action::Deliver, Work::Deliver { uid: token.uid.clone(), value, preview });
            deliver.sinks = sinks;
            deliver.why = Some(reasons.join("; "));
            steps.push(deliver);
        }
        if steps.is_empty() {
            steps.push(step(Action::Unchanged, Work::Nothing));
        }
        steps
    }
}

/// The token as it is, with everything that the file says about it.
fn desired(block: &DeclaredDelivery, before: &DeliveryTokenDraft) -> DeliveryTokenDraft {
    let mut after = block.draft.clone();
    after.extra = before.extra.clone();
    after
}

/// Why the sink does not hold the value; `None` when it does. Values are compared in constant time.
fn lacks(sinks: &Sinks, sink: &Sink, value: Option<&Secret>) -> Option<String> {
    match (sinks.held(sink), value) {
        _ if sinks.are_elsewhere() => None,
        (None, _) => Some(format!("`{}` has no `{}`", sink.env_file, sink.variable)),
        (Some(held), Some(value)) if !held.value.same_as(value) => {
            Some(format!("`{}` in `{}` holds another value", sink.variable, sink.env_file))
        }
        _ => None,
    }
}
