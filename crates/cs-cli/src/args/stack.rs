//! Arguments of `plan` and `apply`.

use std::path::PathBuf;

use clap::Args;

use crate::declared::WhichSinks;

/// What to compare with what.
#[derive(Args, Debug)]
#[command(
    after_help = "Marks: + create, ~ change or protect, - delete, ! not managed by the file, expired, or worth a look.
Nothing is changed, neither in the stack nor in sinks.

Examples:
  cstok plan examples/shop.toml
  cstok plan shop.toml --check --without-sinks --stack blt0123456789abcdef
  cstok plan shop.toml --check --region eu || echo 'the stack differs from the file'"
)]
pub(crate) struct PlanArgs {
    /// The file that declares tokens; `-` is standard input
    pub(crate) file: PathBuf,

    /// Exit with 5 when there is something to change
    #[arg(long)]
    pub(crate) check: bool,

    /// Plan to delete tokens that the file does not name; it must name at least one
    #[arg(long)]
    pub(crate) prune: bool,

    /// Take it that the sinks hold the values of all tokens that exist
    ///
    /// For machines without the sinks, such as those that check pull requests: there every value would be
    /// missing. What the stack and the file differ in is found all the same.
    #[arg(long)]
    pub(crate) without_sinks: bool,
}

impl PlanArgs {
    /// Which sinks the plan is made with.
    pub(crate) const fn sinks(&self) -> WhichSinks {
        if self.without_sinks { WhichSinks::Elsewhere } else { WhichSinks::Here }
    }
}

/// What to make true.
#[derive(Args, Debug)]
#[command(
    after_help = "Values of tokens go to the sinks that the file names and nowhere else: files with mode 0600,
replaced as a whole, in which other lines stay as they are. Above each variable stands a comment
that says whose value it is; a variable that holds anything else is never overwritten.

`{stack}` in a sink, such as `.env.{stack}` or `{stack}_TOKEN`, stands for the stack: its name in
the target's table of stacks, or else its API key. So one file is for many stacks.

Ctrl-C, or SIGTERM, ends it when the running step is done; a second one ends it at once.

On the local target `apply` just works. On any other it shows the plan and asks first; of many
stacks it shows all plans and asks once.

Examples:
  cstok apply examples/shop.toml
  cstok apply shop.toml --region eu --stack blt0123456789abcdef
  cstok apply shop.toml --target prod --all-stacks
  cstok apply shop.toml --prune --yes"
)]
pub(crate) struct ApplyArgs {
    /// The file that declares tokens; `-` is standard input
    pub(crate) file: PathBuf,

    /// Delete tokens that the file does not name, after a question; it must name at least one
    ///
    /// A file that declares no token at all is refused: to delete every token of a stack, name each with `cstok delivery
    /// delete` and `cstok management delete`.
    #[arg(long)]
    pub(crate) prune: bool,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}
