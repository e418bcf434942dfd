//! Arguments of `doctor`.

use std::path::PathBuf;

use clap::Args;

/// What is the matter.
#[derive(Args, Debug)]
#[command(
    after_help = "Without --status and --body it asks the target, without changing anything: whether it can be
reached, whether the clocks agree, whether the credential, the stack and the branch are known, what
the role allows, and how much room is left under the limits. Without a credential it finds out what
can be known without one.

Examples:
  cstok doctor --region eu --stack blt0123456789abcdef --branch main
  cstok doctor --status 422 --body answer.json
  curl -si https://api.contentstack.io/v3/user | cstok doctor --body -

Exits with 3 when something is bad, or when nobody has described the answer."
)]
pub(crate) struct DoctorArgs {
    /// Explain an answer with this HTTP status
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub(crate) status: Option<u16>,

    /// Explain the answer in this file; `-` for standard input. It may begin with the lines before the body: then
    /// the last status line counts, and --status must not say otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,

    /// Ask every region whether it knows the stack: with its API key, and without any credential
    ///
    /// Without this option no other host than the target's is asked anything.
    #[arg(long, conflicts_with_all = ["status", "body"])]
    pub(crate) probe_regions: bool,

    /// Ask whether the stack has this branch or alias
    #[arg(long, value_name = "NAME", conflicts_with_all = ["status", "body"])]
    pub(crate) branch: Option<String>,
}
