//! What came of each of many stacks, for people and as a document.

use std::collections::{BTreeMap, BTreeSet};

use cs_model::{ApiKey, Plain};
use serde::Serialize;
use serde_json::Value;

use super::stacks::Stack;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Captured, Output, plural, say};
use crate::style::{self, Styled};

#[derive(Serialize)]
struct Document<'a> {
    stacks: Vec<Shown<'a>>,
    /// How many did not end well.
    failed: usize,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    api_key: &'a ApiKey,
    exit: u8,
    /// What the command prints for one stack. Beside an error it says what had been done.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

/// What came of a stack.
pub(super) struct Ended {
    outcome: Result<Exit, Failure>,
    captured: Captured,
}

impl Ended {
    /// What came of it, and what was printed meanwhile: a failure, too.
    pub(super) fn new(outcome: Result<Exit, Failure>, captured: Output) -> Self {
        Self { outcome, captured: captured.into_captured() }
    }

    /// Shows it to people, under the name of the stack. `shared` is where all of them work.
    fn tell(
        &self,
        stack: &Stack,
        is_first: bool,
        heading: &str,
        shared: &BTreeSet<&String>,
        output: &Output,
    ) -> Result<(), Failure> {
        let gap = if is_first || output.is_json() { "" } else { "\n" };
        let heading = format!("{heading} {}", stack.heading());
        output.print(format_args!("{gap}{}", Styled(style::STRONG, heading)))?;
        let own = self.captured.setting.iter().filter(|line| !shared.contains(line));
        let notes = own.chain(&self.captured.notes).flat_map(|note| note.lines());
        for line in notes.filter(|line| !line.is_empty()) {
            say(format_args!("{}: {line}", Plain(&stack.name)));
        }
        if self.captured.text.is_empty() {
            Ok(())
        } else {
            output.print(self.captured.text.trim_end().trim_start_matches('\n'))
        }
    }
}

/// Shows what came of each: first where they work, once for all of them, as far as that is the same. `heading` stands
/// before the name of each stack.
pub(super) fn tell(
    stacks: &[&Stack],
    ended: &BTreeMap<ApiKey, Ended>,
    heading: &str,
    output: &Output,
) -> Result<(), Failure> {
    let all = || stacks.iter().filter_map(|stack| Some((*stack, ended.get(&stack.api_key)?)));
    // One that failed before it was open tells of no place.
    let settings: Vec<&Vec<String>> =
        all().map(|(_, ended)| &ended.captured.setting).filter(|setting| !setting.is_empty()).collect();
    let shared = |line: &&String| settings.iter().all(|setting| setting.contains(line));
    let first = settings.first().map_or([].as_slice(), |setting| setting.as_slice());
    let shared: Vec<&String> = first.iter().filter(shared).collect();
    for line in &shared {
        output.setting(line);
    }
    let shared = shared.into_iter().collect();
    for (index, (stack, ended)) in all().enumerate() {
        ended.tell(stack, index == 0, heading, &shared, output)?;
    }
    Ok(())
}

/// What stands before the name of a stack.
pub(super) const STACK: &str = "stack";

/// Shows the document of all, and how many failed. The exit code is the highest of those that failed, or else the highest
/// of all.
pub(super) fn sum_up(
    stacks: &[Stack],
    ended: &BTreeMap<ApiKey, Ended>,
    output: &Output,
) -> Result<Exit, Failure> {
    let (mut highest, mut of_failed) = (Exit::Ok, None);
    let mut document = Document { stacks: Vec::new(), failed: 0 };
    for stack in stacks {
        let Some(Ended { outcome, captured }) = ended.get(&stack.api_key) else { continue };
        let exit = match outcome {
            Ok(exit) => *exit,
            Err(failure) => {
                of_failed = of_failed.max(Some(failure.exit));
                document.failed += 1;
                failure.exit
            }
        };
        highest = highest.max(exit);
        document.stacks.push(Shown {
            name: &stack.name,
            api_key: &stack.api_key,
            exit: exit.number(),
            result: captured.document.as_ref(),
            error: outcome.as_ref().err(),
        });
    }
    output.document(&document)?;
    if document.failed > 0 {
        say(format_args!("{} of {} failed", document.failed, plural(stacks.len(), "stack")));
    }
    Ok(of_failed.unwrap_or(highest))
}
