//! What steps do to env files beside writing values: what they overwrite, what they leave behind, who may read it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cs_model::{ApiKey, TokenKind, TokenUid, ViolationId};

use crate::declaration::{Kind, Places, Problem};
use crate::plan::{Action, Step, Work, delivery, management};
use crate::sink::{Claim, Owner, Sink, Sinks};

/// The env files as a plan finds them.
pub(crate) struct Files<'a> {
    pub(crate) stack: &'a ApiKey,
    pub(crate) sinks: &'a Sinks,
    /// Whether the value of another token of the stack may go.
    pub(crate) is_spent: &'a dyn Fn(&Owner) -> bool,
}

impl Files<'_> {
    /// Notes what the steps of a block overwrite, and complains where that is not ours. `preview` is the sink for the value of
    /// the block's preview token.
    pub(crate) fn overwrites(
        &self,
        steps: &mut [Step],
        places: &Places,
        preview: Option<&Sink>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for step in steps {
            for sink in &step.sinks {
                let Some(held) = self.sinks.held(sink) else { continue };
                let (kind, key) = match step.kind {
                    Kind::Management => (TokenKind::Management, "variable"),
                    Kind::Delivery if preview == Some(sink) => (TokenKind::Preview, "preview_variable"),
                    Kind::Delivery => (TokenKind::Delivery, "variable"),
                };
                let claim = Claim { stack: self.stack, kind, name: &step.name, uid: step.uid.as_ref() };
                match claim.refused_by(sink, held, self.is_spent) {
                    Some(why) => problems.push(
                        Problem::new(ViolationId::SinkOccupied, places.of(key).clone(), why)
                            .with_fix(Some(claim.fix(held))),
                    ),
                    None => {
                        let whose = held.owner.as_ref().map_or_else(|| "a token".to_owned(), Owner::describe);
                        step.notes.push(format!("overwrites the value of {whose} in {sink}"));
                    }
                }
            }
        }
        problems
    }

    /// Notes which values the steps leave behind that are of no use any more, and has them taken out.
    pub(crate) fn withdraw(&self, steps: &mut [Step]) {
        let written: BTreeSet<(Option<&Path>, String)> = steps
            .iter()
            .flat_map(|step| &step.sinks)
            .map(|sink| (self.sinks.place(sink), sink.variable.clone()))
            .collect();
        for step in steps {
            let Some((uid, kinds)) = step.work.ends() else { continue };
            step.stale = self.sinks.values_of(self.stack, uid, kinds);
            step.stale.retain(|sink| !written.contains(&(self.sinks.place(sink), sink.variable.clone())));
            let notes =
                step.stale.iter().map(|sink| format!("removes the value that ends by this from {sink}"));
            step.notes.extend(notes);
        }
    }

    /// Notes whose modes change because steps write to them. Gives back a step for each other file that holds one of our
    /// values and that others may read.
    pub(crate) fn protect(
        &self,
        steps: &mut [Step],
        delivery: &[delivery::Fate<'_>],
        management: &[management::Fate<'_>],
    ) -> Vec<Step> {
        let mut done: BTreeSet<&Path> = BTreeSet::new();
        for step in steps {
            for sink in step.sinks.iter().chain(&step.stale) {
                if let (Some(place), Some(mode)) = (self.sinks.place(sink), self.sinks.wide(sink))
                    && done.insert(place)
                {
                    step.notes.push(format!("changes the mode of {} from {mode:04o} to 0600", sink.env_file));
                }
            }
        }
        let delivery = delivery.iter().flat_map(|fate| {
            let uid = fate.token.map(|token| &token.uid);
            let sinks = fate.block.sink.iter().chain(&fate.block.preview_sink);
            sinks.map(move |sink| (Kind::Delivery, fate.block.draft.name.as_str(), uid, sink))
        });
        let management = management.iter().flat_map(|fate| {
            let uid = fate.uid().or_else(|| fate.token.map(|token| &token.uid));
            let sinks = fate.block.sink.iter();
            sinks.map(move |sink| (Kind::Management, fate.block.draft.name.as_str(), uid, sink))
        });
        let mut protects: BTreeMap<&Path, Step> = BTreeMap::new();
        for (kind, name, uid, sink) in delivery.chain(management) {
            if let (Some(place), Some(mode), Some(_), Some(uid)) =
                (self.sinks.place(sink), self.sinks.wide(sink), self.sinks.held(sink), uid)
                && !done.contains(place)
            {
                protects.entry(place).or_insert_with(|| protect(kind, name, uid, sink, mode));
            }
        }
        protects.into_values().collect()
    }
}

fn protect(kind: Kind, name: &str, uid: &TokenUid, sink: &Sink, mode: u32) -> Step {
    let mut step = Step::new(Action::Protect, kind, name, Some(uid), Work::Protect { sink: sink.clone() });
    step.why =
        Some(format!("{} has mode {mode:04o}, so that others can read the values in it", sink.env_file));
    step.notes.push(format!("changes the mode of {} from {mode:04o} to 0600", sink.env_file));
    step
}
