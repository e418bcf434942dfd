//! Arguments of `policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use cs_policy::export::Dialect;
use jiff::Timestamp;

use super::can::names::time;
use super::nowhere::ProfileOnly;

/// What to do with the policy, which is the same for every target.
#[derive(Args, Debug)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,

    #[command(flatten)]
    pub(crate) nowhere: ProfileOnly,
}

/// What to do with the policy.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check the expectations of a file: who may do what
    Test(PolicyTestArgs),
    /// Print the policy for people or for another engine
    Export(PolicyExportArgs),
    /// Tell everything about an id that an answer names, or list all ids
    Show(PolicyShowArgs),
}

/// Which expectations.
#[derive(Args, Debug)]
#[command(after_help = "The file is TOML:
  [principals.importer]
  kind = \"management\"
  scope = \"entry:rw,asset:r\"
  branches = [\"main\"]

  [[test]]
  id = \"the importer writes entries and nothing else\"
  cases = [
    { as = \"importer\", request = \"POST /v3/content_types/page/entries\", expect = \"allow\" },
    { as = \"importer\", request = \"DELETE /v3/content_types/page\", expect = \"not_granted\" },
  ]

Exits with 3 when an expectation fails, and shows what was expected and what is decided.

Examples:
  cstok policy test tests/policy.toml
  cstok policy test tests/policy.toml --profile documented-2026 --now 2027-01-31")]
pub(crate) struct PolicyTestArgs {
    /// The file of expectations
    pub(crate) file: PathBuf,

    /// The time, where neither the file nor a case says one [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
}

/// For whom.
#[derive(Args, Debug)]
#[command(after_help = "Contradictions are settled as --profile says.

Examples:
  cstok policy export --format md > matrix.md
  cstok policy export --format html > matrix.html
  cstok policy export --format json | jq '.cells[] | select(.module == \"asset\")'
  cstok policy export --format cedar > policy.cedar
  cstok policy export --format cedar --part schema > policy.cedarschema
  cstok policy export --format sql --dialect postgresql | psql audits")]
pub(crate) struct PolicyExportArgs {
    /// The form
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: ExportArg,

    /// The dialect of SQL [default: duckdb]
    #[arg(long, value_name = "DIALECT")]
    pub(crate) dialect: Option<DialectArg>,

    /// Which file of Cedar; with --json both are in the document [default: policies]
    #[arg(long, value_name = "PART")]
    pub(crate) part: Option<PartArg>,
}

/// Forms of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportArg {
    /// A page of Markdown: kind of credential, module, action
    Md,
    /// The same as a page for a browser, with a filter and the rules behind each cell
    Html,
    /// The same as a JSON document
    Json,
    /// Policies and schema of Cedar
    Cedar,
    /// A decision table, and a view that joins an access log with it
    Sql,
}

/// Dialects of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DialectArg {
    /// DuckDB
    Duckdb,
    /// PostgreSQL
    #[value(alias = "postgres")]
    Postgresql,
}

impl From<DialectArg> for Dialect {
    fn from(dialect: DialectArg) -> Self {
        match dialect {
            DialectArg::Duckdb => Self::DuckDb,
            DialectArg::Postgresql => Self::PostgreSql,
        }
    }
}

/// Files of Cedar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartArg {
    /// The policies
    Policies,
    /// The schema
    Schema,
}

/// Which row.
#[derive(Args, Debug)]
#[command(
    override_usage = "cstok policy show [OPTIONS] <ID>
       cstok policy show [OPTIONS] --list",
    after_help = "Ids are in the answers of `can`, `who-can`, `lint` and `doctor`, and in brackets behind what a check
finds: error[name.taken]. What has one id, or one number of the API, is told together. Of a claim it
tells what holds the policy, the client or the service to it, and the tests that show it.

Examples:
  cstok policy show management.tokens_module
  cstok policy show scope.all_write
  cstok policy show environments.too_many
  cstok policy show 105
  cstok policy show entry
  cstok policy show 001.delivery.limit.drafts
  cstok policy show OA3
  cstok policy show access_token:reset
  cstok policy show --list"
)]
pub(crate) struct PolicyShowArgs {
    /// The id of a rule, lint, violation, error, claim, contradiction, source, module or operation without a route, or the
    /// number of an error
    #[arg(value_name = "ID", required_unless_present = "list")]
    pub(crate) id: Option<String>,

    /// List all ids
    #[arg(long, conflicts_with = "id")]
    pub(crate) list: bool,
}
