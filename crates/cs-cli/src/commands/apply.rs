//! `cstok apply`

mod progress;

use std::ops::ControlFlow;
use std::path::Path;

use cs_model::Plain;
use cs_tokens::{Action, Applied, ApplyError, Event, Plan, Row};
use serde::Serialize;

use self::progress::Progress;
use crate::args::stack::ApplyArgs;
use crate::declared::{Declared, WhichSinks, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::interrupts::Working;
use crate::output::{Output, plural};
use crate::prompt::Consent;
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};
use crate::target::local::Access;

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    plan: &'a Plan,
    /// What was done; `null` when there was nothing to do.
    applied: Option<&'a Applied>,
    /// The declared tokens as they are now; those without a uid do not exist.
    tokens: &'a [Row],
    /// Why it did not end well.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

/// Makes the tokens of the stack what the file says.
pub(crate) fn run(args: &ApplyArgs, target: Target, output: &Output) -> Result<Exit, Failure> {
    let declared = prepare(args, target, output)?;
    let steps = plural(declared.plan.changes().count(), "step");
    consent(args, &[&declared], &steps, output)?;
    if let Some(told) = carry_out(args, &declared, output)? {
        return Ok(told.exit);
    }
    next(args, &declared, output);
    Ok(Exit::Ok)
}

/// Plans, and shows the plan.
pub(crate) fn prepare(args: &ApplyArgs, target: Target, output: &Output) -> Result<Declared, Failure> {
    let named = target.clone();
    let declared = Declared::read(&args.file, args.prune, WhichSinks::Here, target, Access::Write, output)
        .map_err(|failure| failure.at(&named))?;
    output.print(text::plan(&declared.plan))?;
    Ok(declared)
}

/// Carries a plan out, and shows what came of it: also why it ended before its end, which is given back.
pub(crate) fn carry_out(
    args: &ApplyArgs,
    declared: &Declared,
    output: &Output,
) -> Result<Option<Failure>, Failure> {
    let Declared { connection, sinks, plan } = declared;
    let applied = if plan.has_changes {
        let _working = Working::begin();
        let mut progress = Progress::new(output);
        Some(connection.stack()?.apply_while(plan, sinks, &mut |event| {
            if matches!(event, Event::Started { .. }) && Working::is_over() {
                return ControlFlow::Break(());
            }
            progress.hear(event);
            ControlFlow::Continue(())
        })?)
    } else {
        None
    };
    let tokens = applied.as_ref().map_or(plan.rows(), |applied| &applied.tokens);
    let failure = applied.as_ref().and_then(|applied| failure(args, connection, applied));
    let there: Vec<Row> = tokens.iter().filter(|row| row.uid.is_some()).cloned().collect();
    if !there.is_empty() {
        output.print(format_args!("\n{}", text::rows(&there)))?;
    }
    output.document(&Document {
        target: connection.shown(),
        plan,
        applied: applied.as_ref(),
        tokens,
        error: failure.as_ref(),
    })?;
    if let Some(failure) = &failure {
        output.tell(failure);
    }
    Ok(failure)
}

/// Insists that what changes something may be done. Tokens that go for good are asked about everywhere, everything else on
/// other targets than the local one. `steps` is what is to be carried out.
pub(crate) fn consent(
    args: &ApplyArgs,
    all: &[&Declared],
    steps: &str,
    output: &Output,
) -> Result<(), Failure> {
    let changed: Vec<&Declared> = all.iter().copied().filter(|declared| declared.plan.has_changes).collect();
    let Some(first) = changed.first() else { return Ok(()) };
    let is_harmless =
        |declared: &&Declared| declared.connection.is_local() && declared.plan.count(Action::Delete) == 0;
    let consent = Consent { given: args.yes, unneeded: changed.iter().all(is_harmless) };
    let ends = changed.iter().flat_map(|declared| {
        // Tokens of several stacks may have one name.
        let of = match declared.connection.stack_name() {
            Some(name) if all.len() > 1 => format!(" of stack {}", Plain(name)),
            _ => String::new(),
        };
        text::ends(&declared.plan).into_iter().map(move |end| format!("{end}{of}"))
    });
    let ends: Vec<String> = ends.collect();
    if consent.obtain(output, &question(steps, &first.connection, &ends))? {
        return Ok(());
    }
    Err(Failure::new(Exit::Pending, "declined", "declined; nothing was changed"))
}

/// The question names what stops working, of which a plan may have more than fits a screen.
fn question(steps: &str, connection: &Connection, ends: &[String]) -> String {
    const MOST: usize = 10;
    let more = ends.len().saturating_sub(MOST);
    let mut named = ends.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    let verb = if ends.len() == 1 { "ends" } else { "end" };
    let ends = match ends.len() {
        0 => String::new(),
        number => format!(", by which {} {verb} for good: {named}", plural(number, "token value")),
    };
    format!("carry out {steps} on {}{ends}?", connection.describe())
}

/// What stopped the run, with what was done and what was not.
fn failure(args: &ApplyArgs, connection: &Connection, applied: &Applied) -> Option<Failure> {
    let left = || format!("to see what is left: cstok plan {}{}", args.file.display(), connection.options());
    let Some(failed) = &applied.failed else {
        let (done, left_out) = (applied.done.len(), applied.not_reached.len());
        let message = format!("stopped after {done} of {}", plural(done + left_out, "step"));
        return (left_out > 0).then(|| Failure::new(Exit::Interrupted, "interrupted", message).hint(left()));
    };
    let cause = match &failed.error {
        ApplyError::Client(error) => Failure::of_client(error).at(connection.target()),
        other => {
            // What the API said decides how it ended, also where a token had been made before.
            let mut failure = match other.client() {
                Some(error) => Failure { message: other.to_string().into(), ..Failure::of_client(error) },
                None => Failure::new(Exit::Unexpected, other.code(), other.to_string()),
            };
            failure.causes.clear();
            failure.hints.clear();
            failure = failure.at(connection.target());
            if let Some(source) = std::error::Error::source(other) {
                failure = failure.caused_by(source);
            }
            other.fix().into_iter().fold(failure, Failure::hint)
        }
    };
    let message = format!(
        "{} failed: {} ({}, {})",
        text::doing(&failed.step),
        cause.message,
        format_args!("{} done", plural(applied.done.len(), "step")),
        format_args!("{} not reached", applied.not_reached.len()),
    );
    Some(Failure { message: message.into(), ..cause }.hint(left()))
}

/// What to try next.
fn next(args: &ApplyArgs, declared: &Declared, output: &Output) {
    let Declared { connection, plan, .. } = declared;
    let (file, options) = (args.file.display(), connection.options());
    for line in text::leftovers(plan, options) {
        output.note(format_args!("\n{line}"));
    }
    if let Some(unmanaged) = text::unmanaged(plan) {
        output.note(format_args!("\n{unmanaged} left alone; to delete: cstok apply {file} --prune{options}"));
    }
    if !plan.has_changes {
        return;
    }
    let mut files: Vec<&str> =
        plan.changes().flat_map(|step| &step.sinks).map(|sink| sink.env_file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    if !files.is_empty() {
        output.note(format_args!("\nvalues are in {}", files.join(" and ")));
    }
    if args.file == Path::new(input::STDIN) {
        // What came through a pipe is not there to be applied again, or edited.
        output.note(format_args!("\ntry next:\n  cstok management list{options}"));
        return;
    }
    output.note(format_args!(
        "\ntry next:
  cstok apply {file}{options}     again: no changes
  cstok management list{options}
  edit a scope in {file}, then: cstok plan {file}{options}"
    ));
}
