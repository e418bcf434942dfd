//! `cstok apply` on many stacks: all plans first, then one question, then the work.

use std::collections::BTreeMap;

use cs_model::ApiKey;

use super::ended::{Ended, STACK, sum_up, tell};
use super::stacks::{Stack, Stacks};
use crate::args::stack::ApplyArgs;
use crate::commands::apply::{carry_out, consent, prepare};
use crate::declared::Declared;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupts::Working;
use crate::output::{Output, plural};
use crate::target::Target;

/// Makes the tokens of each stack what the file says. A stack that cannot be planned keeps nothing from the others.
pub(super) fn run(args: &ApplyArgs, stacks: &Stacks, output: &Output) -> Result<Exit, Failure> {
    let all: Vec<&Stack> = stacks.all.iter().collect();
    let mut planned = BTreeMap::new();
    let mut ended = stacks.each(&all, |stack| {
        let captured = Output::captured(output.is_json());
        let target = Target::resolve(&stacks.target(stack));
        match target.and_then(|target| prepare(args, target, &captured)) {
            Ok(declared) => (Ended::new(Ok(Exit::Ok), captured), Some(declared)),
            Err(failure) => (told(Err(failure), captured), None),
        }
    });
    for (api_key, (_, declared)) in &mut ended {
        planned.extend(declared.take().map(|declared| (api_key.clone(), declared)));
    }
    let mut ended: BTreeMap<ApiKey, Ended> =
        ended.into_iter().map(|(api_key, (ended, _))| (api_key, ended)).collect();
    tell(&all, &ended, STACK, output)?;
    agree(args, &planned, output)?;
    // One signal is for all of them, also between two.
    let _working = Working::begin();
    let ready: Vec<&Stack> = all.into_iter().filter(|stack| planned.contains_key(&stack.api_key)).collect();
    let done =
        stacks.each(&ready, |stack| planned.get(&stack.api_key).map(|declared| one(args, declared, output)));
    let done: BTreeMap<ApiKey, Ended> =
        done.into_iter().filter_map(|(api_key, ended)| Some((api_key, ended?))).collect();
    if !done.is_empty() {
        output.print("")?;
    }
    tell(&ready, &done, STACK, output)?;
    ended.extend(done);
    sum_up(&stacks.all, &ended, output)
}

fn one(args: &ApplyArgs, declared: &Declared, output: &Output) -> Ended {
    let captured = Output::captured(output.is_json());
    match carry_out(args, declared, &captured) {
        Ok(None) => Ended::new(Ok(Exit::Ok), captured),
        Ok(Some(told)) => Ended::new(Err(told), captured),
        Err(failure) => told(Err(failure), captured),
    }
}

fn told(outcome: Result<Exit, Failure>, captured: Output) -> Ended {
    Ended::new(outcome.inspect_err(|failure| captured.tell(failure)), captured)
}

/// One question for all of them.
fn agree(args: &ApplyArgs, planned: &BTreeMap<ApiKey, Declared>, output: &Output) -> Result<(), Failure> {
    let all: Vec<&Declared> = planned.values().collect();
    let changed = all.iter().filter(|declared| declared.plan.has_changes);
    let steps: usize = changed.clone().map(|declared| declared.plan.changes().count()).sum();
    let steps = format!("{} in {}", plural(steps, "step"), plural(changed.count(), "stack"));
    consent(args, &all, &steps, output)
}
