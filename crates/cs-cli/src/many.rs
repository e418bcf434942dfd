//! One command on many stacks: each has a result of its own, and one that fails hides nothing of the others.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use cs_model::{ApiKey, Plain};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::Value;

use crate::args::lint::FormatArg;
use crate::args::token::{DeliveryCommand, ManagementCommand};
use crate::args::{Cli, Command, TargetArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{Captured, Output, of_stack, plural, say};
use crate::style::{self, Styled};
use crate::target::config::{Config, TargetConfig};
use crate::target::connection::Connection;
use crate::target::{self, LOCAL, Target};

/// How many stacks are asked at a time. Their pace is that of the process.
const AT_A_TIME: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// Which stacks, in the order in which they are shown: what they are called, and their keys.
type Stacks = Vec<(String, ApiKey)>;

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
    /// What the command prints for one stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

/// What came of a stack.
struct Ended {
    outcome: Result<Exit, Failure>,
    captured: Captured,
}

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
    let target = &cli.global.target;
    let stacks = if target.all_stacks { all(target, output)? } else { named(target)? };
    if stacks.is_empty() {
        output.print("no stacks")?;
        output.document(&Document { stacks: Vec::new(), failed: 0 })?;
        return Ok(Exit::Ok);
    }
    let names: BTreeMap<&ApiKey, &str> = stacks.iter().map(|(name, key)| (key, name.as_str())).collect();
    let work = |api_key: &ApiKey| {
        let name = names.get(api_key).map_or(api_key.as_str(), |name| *name);
        let named = if config(target).is_ok_and(|config| config.stack(name).is_some()) {
            name
        } else {
            api_key.as_str()
        };
        let target = TargetArgs { stack: vec![named.to_owned()], all_stacks: false, ..target.clone() };
        let captured = Output::captured(output.is_json());
        let outcome = of_stack(name, || on_one(&target, &captured));
        if let Err(failure) = &outcome {
            captured.tell(failure);
        }
        Ended { outcome, captured: captured.into_captured() }
    };
    let ended = each(&stacks, target, output, work)?;
    show(&stacks, &ended, output)
}

/// Only commands that have one result for a stack, and ask nobody.
fn check(command: &Command) -> Result<(), Failure> {
    let file = match command {
        Command::Apply(_) => {
            return Err(Failure::usage("a file is applied to one stack at a time").hint(
                "its env files hold the values of one stack: plan for many, then apply a file for each",
            ));
        }
        Command::Delivery(DeliveryCommand::List(_)) | Command::Management(ManagementCommand::List(_)) => None,
        Command::WhoCan(_) => None,
        Command::Doctor(args) if args.status.is_none() && args.body.is_none() => None,
        Command::Plan(args) => Some(&args.file),
        Command::Lint(args) if args.format == Some(FormatArg::Sarif) => {
            return Err(Failure::usage("one SARIF document is about one stack")
                .hint("lint the stacks one by one, or use --json"));
        }
        Command::Lint(args) => args.file.as_ref(),
        _ => {
            return Err(Failure::usage("the command works on one stack at a time").hint(
                "`delivery list`, `management list`, `doctor`, `lint`, `plan` and `who-can` work on many",
            ));
        }
    };
    if file.is_some_and(|file| file.as_os_str() == input::STDIN) {
        return Err(Failure::usage("standard input can be read for one stack only").hint("name a file"));
    }
    Ok(())
}

/// The configuration of the target, where it has one.
fn config(target: &TargetArgs) -> Result<TargetConfig, Failure> {
    match &target.target {
        Some(name) if name != LOCAL => Config::read()?.target(name),
        _ => Ok(TargetConfig::default()),
    }
}

/// The stacks that the command line names, each once.
fn named(target: &TargetArgs) -> Result<Stacks, Failure> {
    let config = config(target)?;
    let mut stacks = Stacks::new();
    for given in &target.stack {
        let api_key = match config.stack(given) {
            Some(stack) => stack.api_key.clone(),
            None => target::api_key("--stack", given)?,
        };
        if !stacks.iter().any(|(_, known)| *known == api_key) {
            stacks.push((given.trim().to_owned(), api_key));
        }
    }
    Ok(stacks)
}

/// The stacks that the target names, or those that the user can see.
fn all(target: &TargetArgs, output: &Output) -> Result<Stacks, Failure> {
    let stacks = config(target)?.stacks;
    if !stacks.is_empty() {
        return Ok(stacks.into_iter().map(|(name, stack)| (name, stack.api_key)).collect());
    }
    let target = TargetArgs { all_stacks: false, ..target.clone() };
    let connection = Connection::open(Target::resolve(&target)?, output)?;
    Ok(connection.client().stacks(None)?.into_iter().map(|stack| (stack.name, stack.api_key)).collect())
}

/// Works on all of them, with a bar on a terminal. Results are in the order of the stacks.
fn each(
    stacks: &Stacks,
    target: &TargetArgs,
    output: &Output,
    work: impl Fn(&ApiKey) -> Ended + Sync,
) -> Result<BTreeMap<ApiKey, Ended>, Failure> {
    // Hides itself where standard error is no terminal.
    let bar = ProgressBar::with_draw_target(Some(stacks.len() as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} stacks {msg}") {
        bar.set_style(style);
    }
    let read = |results: &mut dyn Iterator<Item = (ApiKey, Ended)>| -> BTreeMap<ApiKey, Ended> {
        let ended = results.inspect(|(api_key, _)| {
            bar.set_message(api_key.to_string());
            bar.inc(1);
        });
        ended.collect()
    };
    let keys = stacks.iter().map(|(_, api_key)| api_key.clone());
    let target = Target::resolve(&TargetArgs { stack: Vec::new(), all_stacks: false, ..target.clone() })?;
    let ended = if target.is_local() {
        // The store belongs to one connection at a time.
        read(&mut keys.map(|api_key| (api_key.clone(), work(&api_key))))
    } else {
        let connection = Connection::open_anonymous(target, &Output::captured(output.is_json()))?;
        connection.client().each_stack(keys, AT_A_TIME, |stack| work(stack.api_key()), read)
    };
    bar.finish_and_clear();
    Ok(ended)
}

fn show(stacks: &Stacks, ended: &BTreeMap<ApiKey, Ended>, output: &Output) -> Result<Exit, Failure> {
    let (mut highest, mut of_failed) = (Exit::Ok, None);
    let mut document = Document { stacks: Vec::new(), failed: 0 };
    for (index, (name, api_key)) in stacks.iter().enumerate() {
        let Some(Ended { outcome, captured }) = ended.get(api_key) else { continue };
        let exit = match outcome {
            Ok(exit) => *exit,
            Err(failure) => {
                of_failed = of_failed.max(Some(failure.exit));
                failure.exit
            }
        };
        highest = highest.max(exit);
        document.failed += usize::from(outcome.is_err());
        let gap = if index > 0 && !output.is_json() { "\n" } else { "" };
        let heading = if name == api_key.as_str() {
            api_key.to_string()
        } else {
            format!("{} ({api_key})", Plain(name))
        };
        output.print(format_args!("{gap}{}", Styled(style::STRONG, format_args!("stack {heading}"))))?;
        for line in captured.notes.iter().flat_map(|note| note.lines()).filter(|line| !line.is_empty()) {
            say(format_args!("{}: {line}", Plain(name)));
        }
        if !captured.text.is_empty() {
            output.print(captured.text.trim_end())?;
        }
        document.stacks.push(Shown {
            name,
            api_key,
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
