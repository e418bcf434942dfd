//! Arguments of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// What to serve, where, and from what.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cstok serve --demo                                  a stack to try things on, gone at the end
  cstok serve --demo --store demo.redb                the same, kept in a file
  cstok serve --demo --json | head -1 | jq -r .url    for scripts: the first line has all they need
  cstok serve --demo --listen 127.0.0.1:0             on a free port

SIGTERM and SIGINT finish running requests and exit with 0.")]
pub(crate) struct ServeArgs {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8085")]
    pub(crate) listen: SocketAddr,

    /// Where data lives: `memory`, gone at the end, or a file
    #[arg(long, value_name = "memory|PATH", default_value = "memory")]
    pub(crate) store: PathBuf,

    /// Make a demo organization, owner and stack where they are missing, and a session of the owner
    ///
    /// The stack has the branches `main` and `development`, the aliases `deploy` and `release`, and the environments
    /// `production` and `staging`. E-mail and password are fixed and printed, so this works on loopback addresses only.
    #[arg(long)]
    pub(crate) demo: bool,

    /// Answer any number of requests per second
    #[arg(long)]
    pub(crate) no_rate_limit: bool,
}
