//! Arguments of `diff`.

use clap::Args;
use jiff::Timestamp;

use super::can::names::time;

/// Which scopes to compare.
#[derive(Args, Debug)]
#[command(after_help = "A token is named by
  FILE.json         a token as the API answers it; of several: FILE.json#NAME
  FILE.toml#NAME    a token that a file of `cstok apply` declares
  UID or NAME       a token of the target
Where a file or a stack has two tokens of one name: delivery/NAME, management/NAME.

Says whether B reaches the same as A, less, more, or both less and more, with everything that makes
the difference: modules, branches, aliases, environments, expiry.

Examples:
  cstok diff before.json after.json --deny-widening
  cstok diff shop.toml#shop-ci shop-ci
  cstok diff blt0123456789abcdef blt0123456789abcdf0 --region eu")]
pub(crate) struct DiffArgs {
    /// The token to compare with
    #[arg(value_name = "A")]
    pub(crate) first: String,

    /// The token to compare
    #[arg(value_name = "B")]
    pub(crate) second: String,

    /// Exit with 3 when B reaches anything that A does not
    #[arg(long)]
    pub(crate) deny_widening: bool,

    /// When a declared token is made, so that a relative expiry has an end [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
}
