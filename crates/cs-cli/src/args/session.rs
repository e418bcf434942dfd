//! Arguments of `login`.

use clap::Args;

/// Who logs in.
#[derive(Args, Debug)]
#[command(
    after_help = "The password comes from a prompt, from a line of standard input, or from CSTOK_PASSWORD; never
from an argument. When the account has a second factor, its code is asked for, or comes from the
next line of standard input or from CSTOK_TFA_TOKEN.

The session is kept in the folder `sessions` of the data directory, in one file for each API
address, which only you can read (mode 0600), or with --keyring in the keyring of the system. It is
never printed, and sent to that address alone. `cstok logout` ends it.

Examples:
  cstok login me@example.com --region eu
  pass contentstack | cstok login me@example.com --target staging"
)]
pub(crate) struct LoginArgs {
    /// The e-mail address of the account
    pub(crate) email: String,

    /// Keep the session in the keyring of the system (a build with the feature `keyring`)
    #[arg(long)]
    pub(crate) keyring: bool,
}
