//! The tree of the one command that is asked for. To make the tree of all of them, with their help, takes longer than most
//! commands do, so it is made only to say something about them: help, a slip, a script for a shell.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Args, FromArgMatches, Parser, Subcommand};

use super::can::{CanArgs, WhoCanArgs};
use super::diff::DiffArgs;
use super::doctor::DoctorArgs;
use super::lint::LintArgs;
use super::policy::PolicyArgs;
use super::serve::ServeArgs;
use super::session::LoginArgs;
use super::stack::{ApplyArgs, PlanArgs};
use super::token::{DeliveryCommand, ManagementCommand, PreviewCommand};
use super::{Cli, GlobalArgs};

/// Adds to a command what it takes.
type Augment = fn(clap::Command) -> clap::Command;

impl Cli {
    /// Reads the command line.
    ///
    /// What one command takes by itself is what it takes among all: the words after its name are its own, and before it stand
    /// options of every command. Where that is not so (another command was meant, help is wanted, something is wrong), it is
    /// read again with all commands, whose answer counts.
    pub(crate) fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        match Self::read_alone(arguments) {
            // The version is that of the program, whatever its commands.
            Err(error) if error.kind() != ErrorKind::DisplayVersion => Self::try_parse_from(arguments),
            read => read,
        }
    }

    /// Reads the command line with the first command that it names, and no other.
    fn read_alone(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let mut program = program(arguments);
        let mut matches = program.try_get_matches_from_mut(arguments)?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

/// The program with the first command that the command line names.
fn program(arguments: &[OsString]) -> clap::Command {
    let program = clap::Command::new("cstok").version(env!("CARGO_PKG_VERSION"));
    let program = GlobalArgs::augment_args(program);
    let asked = arguments.iter().skip(1).find_map(|word| command(word.to_str()?));
    program.subcommands(asked)
}

/// A command by itself, without its help.
fn command(name: &str) -> Option<clap::Command> {
    let (name, augment) = COMMANDS.iter().find(|(known, _)| *known == name)?;
    Some(augment(clap::Command::new(*name)))
}

/// All commands but those that need the tree of all of them anyway.
const COMMANDS: [(&str, Augment); 16] = [
    ("apply", ApplyArgs::augment_args),
    ("plan", PlanArgs::augment_args),
    ("export", |command| command),
    ("delivery", DeliveryCommand::augment_subcommands),
    ("preview", PreviewCommand::augment_subcommands),
    ("management", ManagementCommand::augment_subcommands),
    ("login", LoginArgs::augment_args),
    ("logout", |command| command),
    ("whoami", |command| command),
    ("doctor", DoctorArgs::augment_args),
    ("can", CanArgs::augment_args),
    ("who-can", WhoCanArgs::augment_args),
    ("lint", LintArgs::augment_args),
    ("diff", DiffArgs::augment_args),
    ("policy", PolicyArgs::augment_args),
    ("serve", ServeArgs::augment_args),
];

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    /// What a command takes, and those below it: all that reading it depends on.
    fn takes(command: &clap::Command) -> Vec<String> {
        let arguments = command.get_arguments().map(|argument| format!("{argument:?}"));
        let groups = command.get_groups().map(|group| format!("{group:?}"));
        let below = command.get_subcommands().flat_map(|below| {
            std::iter::once(below.get_name().to_owned()).chain(takes(below)).collect::<Vec<_>>()
        });
        arguments.chain(groups).chain(below).collect()
    }

    #[test]
    fn a_command_takes_by_itself_what_it_takes_among_all() {
        let all = Cli::command();
        let (options, of_all) = (takes(&program(&words("cstok"))), takes(&all));
        assert!(options.len() > 8 && options.iter().all(|option| of_all.contains(option)), "{options:?}");
        for among in all.get_subcommands() {
            let name = among.get_name();
            match command(name) {
                Some(alone) => assert_eq!(takes(&alone), takes(among), "{name}"),
                None => assert!(["completions", "man"].contains(&name), "{name} is read with all others"),
            }
        }
        assert!(COMMANDS.iter().all(|(name, _)| all.find_subcommand(name).is_some()));
    }

    #[test]
    fn only_the_command_that_is_asked_for_is_made() {
        let made = |line: &str| -> Vec<String> {
            program(&words(line)).get_subcommands().map(|command| command.get_name().to_owned()).collect()
        };
        assert_eq!(made("cstok can GET /v3/assets --as management"), ["can"]);
        assert_eq!(made("cstok --json management list"), ["management"]);
        assert!(made("cstok --version").is_empty());
    }

    #[test]
    fn a_value_that_looks_like_a_command_is_none() {
        // All of these name `plan` first, and mean another command.
        for line in [
            "cstok --target plan whoami",
            "cstok --stack plan lint shop.toml",
            "cstok --profile seeds --stack plan export",
        ] {
            let arguments = words(line);
            assert!(Cli::read_alone(&arguments).is_err(), "{line}");
            let read = format!("{:?}", Cli::read(&arguments).unwrap());
            assert_eq!(read, format!("{:?}", Cli::try_parse_from(&arguments).unwrap()));
        }
    }

    #[test]
    fn what_is_said_of_a_slip_knows_all_commands() {
        for line in [
            "cstok",
            "cstok --help",
            "cstok -V",
            "cstok help",
            "cstok help can",
            "cstok aply",
            "cstok can",
            "cstok can --help",
            "cstok can --version",
            "cstok management",
            "cstok management creat ci",
            "cstok delivery update",
            "cstok lint --jsn",
            "cstok --version plan",
            "cstok --frob --version",
            "cstok plan --target a --url b shop.toml",
            "cstok export -- plan",
        ] {
            let arguments = words(line);
            let of_all = Cli::try_parse_from(&arguments).unwrap_err();
            let read = Cli::read(&arguments).unwrap_err();
            assert_eq!(read.kind(), of_all.kind(), "{line}");
            assert_eq!(read.render().to_string(), of_all.render().to_string(), "{line}");
        }
    }
}
