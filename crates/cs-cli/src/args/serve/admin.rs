//! Arguments of `serve` about the admin API.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::address;

/// The admin API.
#[derive(Args, Debug)]
#[command(next_help_heading = "Admin API")]
pub(crate) struct AdminArgs {
    /// Serve the admin API on this address: clock, users, organizations, stacks, faults, snapshots, events
    ///
    /// Its token is made and printed at the start, unless --admin-token-file or the environment variable
    /// CSTOK_ADMIN_TOKEN gives one; without either, only a loopback address is possible. It speaks plain HTTP.
    /// docs/admin-api.md describes it.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) admin: Option<SocketAddr>,

    /// The file with the token of the admin API: one line of at least 16 characters
    #[arg(long, value_name = "FILE", requires = "admin")]
    pub(crate) admin_token_file: Option<PathBuf>,
}
