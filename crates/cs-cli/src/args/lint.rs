//! Arguments of `lint`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

use super::can::names::{Names, time};

/// What to lint, and how.
#[derive(Args, Debug)]
#[command(
    after_help = "Without FILE the tokens of the target are linted. With FILE nothing is asked of a target, unless
--target, --url or --region names one: then the file's tokens are compared with those that the
stack has, and what is wrong with these alone is not shown.

A baseline accepts findings, each for a time. One that has ended, or that accepts nothing, is a
finding itself:
  [[silence]]
  lint = \"expiry.never\"
  subject = \"management/ci\"
  reason = \"the pipeline moves to short-lived tokens in spring\"
  until = 2027-03-31

Exits with 3 when something is found. `cstok policy show LINT` tells more about a lint.

Examples:
  cstok lint shop.toml
  cstok lint tokens.json
  cstok lint shop.toml --baseline lint-baseline.toml --format sarif > lint.sarif
  cstok lint --region eu --stack blt0123456789abcdef --within 30"
)]
pub(crate) struct LintArgs {
    /// A file of `cstok apply`, or tokens as the API answers them: one, `{"tokens": [...]}`, or a list
    pub(crate) file: Option<PathBuf>,

    /// A file of findings that are known and accepted
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// How to print findings; `json` is the same as --json [default: table]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FormatArg>,

    /// Find tokens that expire within so many days [default: those of the e-mail notice]
    #[arg(long, value_name = "DAYS")]
    pub(crate) within: Option<u32>,

    /// Environments that hold what visitors see [default: production, prod, live]
    #[arg(long, value_name = "NAME")]
    pub(crate) production: Vec<Names>,

    /// Find stacks with fewer free places for tokens than this: a rotation takes one for each token at once [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) rotation_slots: Option<u32>,

    /// The legacy access token of the stack is in use somewhere: count that as a finding
    #[arg(long)]
    pub(crate) access_token: bool,

    /// The day on which the stack of the access token was created
    #[arg(long, value_name = "DATE", requires = "access_token")]
    pub(crate) stack_created: Option<Date>,

    /// The time of the lint: a time, or a date for its first moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
}

/// Forms of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// For people
    Table,
    /// One document with `schema: 1`
    Json,
    /// SARIF 2.1.0, for code hosts and review tools
    Sarif,
}

impl LintArgs {
    /// Whether standard output carries JSON of some form.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.format, Some(FormatArg::Json | FormatArg::Sarif))
    }
}
