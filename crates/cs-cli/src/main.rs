//! `cstok`: plan, apply, explain and test the API tokens of Contentstack stacks.
//!
//! **In scope**: arguments in, tables and JSON out; where a command works; questions at a terminal; exit codes.
//!
//! **Out of scope**: everything else. What a token may do is `cs-policy`, requests, plans and sinks are `cs-tokens`, the
//! service is `cs-server`.
#![forbid(unsafe_code)]

mod args;
mod claim;
mod commands;
mod declared;
mod exit;
mod failure;
mod generated;
mod held;
mod input;
mod interrupts;
mod many;
mod output;
mod paths;
mod principal;
mod problem;
mod prompt;
mod reply;
mod show;
mod style;
mod table;
mod target;
mod terminal;
mod trace;
mod value;
mod which;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::args::{Cli, Command, TargetArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::target::Target;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    match Cli::read(&arguments) {
        Ok(cli) => run(&cli).into(),
        Err(error) => usage(&error, &arguments).into(),
    }
}

/// Runs a command and shows how it failed, if it did.
fn run(cli: &Cli) -> Exit {
    if cli.global.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    let is_of_many = many::is_asked_for(&cli.global.target);
    let output = if is_of_many { Output::of_many(cli.is_json()) } else { Output::new(cli.is_json()) };
    match dispatch(cli, &output) {
        Ok(exit) => exit,
        Err(failure) => output.failure(&failure),
    }
}

fn dispatch(cli: &Cli, output: &Output) -> Result<Exit, Failure> {
    let target = &cli.global.target;
    trace::start(cli.global.verbose);
    if let Some((given, why)) = cli.command.in_vain(target) {
        let verb = if given.len() == 1 { "means" } else { "mean" };
        return Err(Failure::usage(format!("{} {verb} nothing here: {why}", given.join(" and ")))
            .hint(if given.len() == 1 { "leave it out" } else { "leave them out" }));
    }
    if output.is_of_many() {
        let ran = many::run(cli, output, |target, output| on_one(cli, target, output));
        return ran.map_err(|failure| at(failure, target));
    }
    on_one(cli, target, output)
}

/// Runs a command that works on one stack, or on none.
fn on_one(cli: &Cli, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    run_command(cli, target, output).map_err(|failure| {
        let failure = at(failure, target);
        if cli.command.only_reads() { failure.of_reading() } else { failure }
    })
}

/// Adds to a failure how to come by another credential, where one was refused.
fn at(failure: Failure, target: &TargetArgs) -> Failure {
    if !failure.needs_login {
        return failure;
    }
    // Of many stacks it is the target that counts.
    let rest = TargetArgs { stack: Vec::new(), all_stacks: false, ..target.clone() };
    match Target::resolve(if many::is_asked_for(target) { &rest } else { target }) {
        Ok(target) => failure.at(&target),
        Err(_) => failure,
    }
}

fn run_command(cli: &Cli, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Can(args) => commands::can::run(args, target, output),
        Command::WhoCan(args) => commands::who_can::run(args, Target::resolve(target)?, output),
        Command::Lint(args) => commands::lint::run(args, target, cli.global.json, output),
        Command::Diff(args) => commands::diff::run(args, target, output),
        Command::Policy(args) => {
            commands::policy::run(&args.command, &target::profile(target.profile.as_deref())?, output)
        }
        Command::Serve(args) => commands::serve::run(args, target, output),
        Command::Completions { shell, .. } => commands::completions::run(*shell, output),
        Command::Man { dir, .. } => commands::man::run(dir.as_deref(), output),
        Command::Login(args) => commands::login::run(args, Target::resolve(target)?, output),
        Command::Logout => commands::logout::run(Target::resolve(target)?, output),
        Command::Whoami => commands::whoami::run(Target::resolve(target)?, output),
        Command::Doctor(args) => commands::doctor::run(args, target, output),
        Command::Apply(args) => commands::apply::run(args, Target::resolve(target)?, output),
        Command::Plan(args) => commands::plan::run(args, Target::resolve(target)?, output),
        Command::Export => commands::export::run(Target::resolve(target)?, output),
        Command::Delivery(command) => commands::delivery::run(command, Target::resolve(target)?, output),
        Command::Preview(command) => commands::preview::run(command, Target::resolve(target)?, output),
        Command::Management(command) => commands::management::run(command, Target::resolve(target)?, output),
    }
}

/// Shows help, the version, or what is wrong with the command line.
fn usage(error: &clap::Error, arguments: &[OsString]) -> Exit {
    // Whoever closed the other end has seen enough.
    let _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::Ok;
    }
    if arguments.iter().any(|argument| argument == "--json") {
        Output::new(true).document_failure(&usage_failure(&error.render().to_string()));
    }
    Exit::Usage
}

/// What is wrong with the command line as a failure: all that the text for people says, which comes in paragraphs.
fn usage_failure(text: &str) -> Failure {
    let text = text.trim_start().trim_start_matches("error: ");
    let mut paragraphs = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut failure = Failure::usage(paragraphs.next().unwrap_or_default());
    for paragraph in paragraphs.filter(|text| !text.is_empty() && !text.starts_with("For more information")) {
        failure = failure.hint(paragraph.trim_start_matches("tip: "));
    }
    failure
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn everything_that_is_said_is_in_the_document() {
        let line = ["cstok", "delivery", "create"];
        let error = Cli::try_parse_from(line).unwrap_err();
        let failure = usage_failure(&error.render().to_string());
        assert_eq!(&*failure.message, "the following required arguments were not provided: <NAME>");
        assert!(
            failure.hints.iter().any(|hint| hint.starts_with("Usage: cstok delivery create")),
            "{failure:?}"
        );
        let error = Cli::try_parse_from(["cstok", "aply"]).unwrap_err();
        let failure = usage_failure(&error.render().to_string());
        assert!(failure.hints.iter().any(|hint| hint.contains("'apply'")), "{failure:?}");
    }
}
