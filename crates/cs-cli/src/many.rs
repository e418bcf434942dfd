//! One command on many stacks: each has a result of its own, and one that fails hides nothing of the others.

mod apply;
mod ended;
mod stacks;

use std::path::Path;

use cs_model::{Violation, ViolationId};
use cs_tokens::{Problems, Sink};

use self::ended::{Ended, sum_up, tell};
use self::stacks::{Stack, Stacks};
use crate::args::lint::FormatArg;
use crate::args::token::{DeliveryCommand, DeliveryGetArgs, ManagementCommand};
use crate::args::{Cli, Command, TargetArgs};
use crate::declared;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::problem::Problem;
use crate::target::local::Access;

/// Whether the command line names more than one stack.
pub(crate) fn is_asked_for(target: &TargetArgs) -> bool {
    target.all_stacks || target.stack.len() > 1
}

/// Runs a command on each of them, and shows what came of it. The exit code is the highest of those that failed, or else the
/// highest of all.
pub(crate) fn run(
    cli: &Cli,
    output: &Output,
    on_one: impl Fn(&TargetArgs, &Output) -> Result<Exit, Failure> + Sync,
) -> Result<Exit, Failure> {
    check(&cli.command)?;
    let access = if matches!(cli.command, Command::Apply(_)) { Access::Write } else { Access::Read };
    let stacks = Stacks::find(&cli.global.target, access, output)?;
    if stacks.all.is_empty() {
        let none = stacks.none_seen();
        if !only_shows(&cli.command) {
            return Err(none);
        }
        output.print("no stacks")?;
        output.warn(&none);
        return sum_up(&[], &std::collections::BTreeMap::new(), output);
    }
    match &cli.command {
        Command::Apply(args) => {
            keep_apart(&args.file, &stacks)?;
            return apply::run(args, &stacks, output);
        }
        Command::Plan(args) => keep_apart(&args.file, &stacks)?,
        Command::Delivery(DeliveryCommand::Get(args)) => keep_values_apart(args, &stacks)?,
        _ => {}
    }
    let all: Vec<&Stack> = stacks.all.iter().collect();
    let ended = stacks.each(&all, |stack| {
        let captured = Output::captured(output.is_json());
        let outcome = on_one(&stacks.target(stack), &captured);
        Ended::new(outcome.inspect_err(|failure| captured.tell(failure)), captured)
    });
    // What an export prints is TOML, headings and all.
    let heading = if matches!(cli.command, Command::Export) { "# stack" } else { ended::STACK };
    tell(&all, &ended, heading, output)?;
    sum_up(&stacks.all, &ended, output)
}

/// Whether a command shows what there is, which may be nothing. Others have done nothing where there is no stack, and whoever
/// asked for them should know.
const fn only_shows(command: &Command) -> bool {
    matches!(
        command,
        Command::Delivery(DeliveryCommand::List(_))
            | Command::Management(ManagementCommand::List(_))
            | Command::Export
            | Command::Whoami
            | Command::WhoCan(_)
    )
}

/// Only commands that have one result for a stack, and ask nobody.
fn check(command: &Command) -> Result<(), Failure> {
    let file = match command {
        Command::Delivery(DeliveryCommand::List(_) | DeliveryCommand::Get(_))
        | Command::Management(ManagementCommand::List(_) | ManagementCommand::Get(_))
        | Command::Export
        | Command::Whoami
        | Command::WhoCan(_) => None,
        Command::Doctor(args) if args.status.is_none() && args.body.is_none() => None,
        Command::Apply(args) => Some(&args.file),
        Command::Plan(args) => Some(&args.file),
        Command::Lint(args) if args.format == Some(FormatArg::Sarif) => {
            return Err(Failure::usage("one SARIF document is about one stack")
                .hint("lint the stacks one by one, or use --json"));
        }
        Command::Lint(args) => args.file.as_ref(),
        _ => {
            return Err(Failure::usage("the command works on one stack at a time").hint(
                "`apply`, `plan`, `export`, `whoami`, `doctor`, `lint`, `who-can`, `list` and `get` work on many",
            ));
        }
    };
    if file.is_some_and(|file| file.as_os_str() == input::STDIN) {
        return Err(Failure::usage("standard input can be read for one stack only").hint("name a file"));
    }
    Ok(())
}

/// Refuses a file that is wrong for every stack, or that would have values of several in one variable, before anything is
/// sent to one.
fn keep_apart(file: &Path, stacks: &Stacks) -> Result<(), Failure> {
    let declaration = declared::declaration(file)?;
    let mut problems = declaration.problems().to_vec();
    problems.extend(declaration.shared_by(Path::new(""), &stacks.given()));
    Problems::sort_out(problems).map(drop).map_err(|problems| declared::invalid(&problems))
}

/// The same for the sinks that the command line names.
fn keep_values_apart(args: &DeliveryGetArgs, stacks: &Stacks) -> Result<(), Failure> {
    let Some(file) = &args.sink.env_file else { return Ok(()) };
    let named =
        [("--variable", &args.sink.variable), ("--preview-variable", &args.preview_sink.preview_variable)];
    let problems: Vec<Problem> = named
        .into_iter()
        .filter_map(|(option, variable)| {
            let sink = Sink::new(file.to_string_lossy(), variable.as_deref()?);
            let (first, second) = sink.shared_by(Path::new(""), stacks.given())?;
            let message = format!(
                "`{}` of `{}` would take values of the stacks `{first}` and `{second}`",
                sink.variable, sink.env_file
            );
            let found = Violation::new(ViolationId::SinkConflict, option, message).fix(sink.apart());
            Some(Problem::from_violation(&found))
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::invalid(problems)) }
}
