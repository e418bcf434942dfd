//! `cstok policy`

mod export;
mod show;
mod test;

use cs_model::Profile;

use crate::args::policy::PolicyCommand;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Runs one of the commands about the policy.
pub(crate) fn run(command: &PolicyCommand, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::Test(args) => test::run(args, profile, output),
        PolicyCommand::Export(args) => export::run(args, profile, output),
        PolicyCommand::Show(args) => show::run(args, profile, output),
    }
}
