//! Commands that work on no target: their help does not speak of one.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use super::TargetArgs;

/// The options of a target, which mean nothing to the command: hidden, so that they can be refused by what they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nowhere;

/// The same of a command that reads the documents of a profile: `--profile` is for it, too.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProfileOnly;

/// Adds those of the options with their help hidden. The program's own options of these names are then left out by clap.
fn hidden(command: Command, is_shown: impl Fn(&str) -> bool) -> Command {
    let options = TargetArgs::augment_args(Command::new("target"));
    let hidden = options.get_arguments().filter(|option| !is_shown(option.get_id().as_str()));
    command.args(hidden.map(|option| option.clone().hide(true)))
}

impl Args for Nowhere {
    fn augment_args(command: Command) -> Command {
        hidden(command, |_| false)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl Args for ProfileOnly {
    fn augment_args(command: Command) -> Command {
        hidden(command, |name| name == "profile")
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// They are read where those of every command are.
macro_rules! read_elsewhere {
    ($($name:ident),*) => {$(
        impl FromArgMatches for $name {
            fn from_arg_matches(_: &ArgMatches) -> Result<Self, Error> {
                Ok(Self)
            }

            fn update_from_arg_matches(&mut self, _: &ArgMatches) -> Result<(), Error> {
                Ok(())
            }
        }
    )*};
}
read_elsewhere!(Nowhere, ProfileOnly);

impl TargetArgs {
    /// The options of a target that were given; that of the profile where it means nothing, either.
    pub(crate) fn given(&self, with_profile: bool) -> Vec<&'static str> {
        let Self { target, url, region, stack, all_stacks, profile } = self;
        let given = [
            ("--target", target.is_some()),
            ("--url", url.is_some()),
            ("--region", region.is_some()),
            ("--stack", !stack.is_empty()),
            ("--all-stacks", *all_stacks),
            ("--profile", with_profile && profile.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}
