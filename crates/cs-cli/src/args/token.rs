//! Arguments of `delivery`, `preview` and `management`.

use clap::{Args, Subcommand};

use super::grants::{ModuleAccess, ReachArgs};
use super::sink::{PreviewSinkArgs, SinkArgs};

/// When a person is asked.
const ASKS: &str = "On the local target nobody is asked. On any other one is, unless --yes is given.";

/// What to do with delivery tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum DeliveryCommand {
    /// List the delivery tokens of the stack
    List(ListArgs),
    /// Show one, and deliver its value again if asked to
    #[command(after_help = "Examples:
  cstok delivery get website
  cstok delivery get website --env-file .env --variable CONTENTSTACK_DELIVERY_TOKEN")]
    Get(DeliveryGetArgs),
    /// Create one
    #[command(after_help = "Examples:
  cstok delivery create website --environment production --branch main \\
      --env-file .env --variable CONTENTSTACK_DELIVERY_TOKEN
  cstok delivery create preview --environment staging --alias deploy --preview --reveal")]
    Create(DeliveryCreateArgs),
    /// Change the fields that are named; the others stay
    #[command(after_help = "Examples:
  cstok delivery update website --branch main,development
  cstok delivery update blt0123456789abcdef --name shop --description 'the shop'")]
    Update(DeliveryUpdateArgs),
    /// Delete one, and its preview token with it
    Delete(DeliveryDeleteArgs),
}

/// What to do with management tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum ManagementCommand {
    /// List the management tokens of the stack
    List(ListArgs),
    /// Show one; its value cannot be read again
    Get(ManagementGetArgs),
    /// Create one
    #[command(
        after_help = "The API shows the value once, in the answer that creates the token: name a file for it, or
--reveal it.

Examples:
  cstok management create ci --scope entry:rw,content_type:r --branch main --expires-in 90d \\
      --env-file .env --variable CONTENTSTACK_MANAGEMENT_TOKEN
  cstok management create audit --scope '$all:r' --all-branches --expires 2027-12-31 --reveal"
    )]
    Create(ManagementCreateArgs),
    /// Change the fields that are named; the others stay
    #[command(after_help = "Examples:
  cstok management update ci --scope entry:rw,content_type:rw
  cstok management update ci --expires 2028-01-31 --notify true")]
    Update(ManagementUpdateArgs),
    /// Delete one
    Delete(DeleteArgs),
}

/// What to do with preview tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum PreviewCommand {
    /// Create the preview token of a delivery token; one that is there is replaced
    #[command(after_help = "Examples:
  cstok preview create website --env-file .env --variable CONTENTSTACK_PREVIEW_TOKEN

On the local target nobody is asked. On any other one is before a preview token is replaced, unless
--yes is given.")]
    Create(PreviewCreateArgs),
    /// Delete the preview token of a delivery token
    Delete(PreviewDeleteArgs),
}

/// Which token.
#[derive(Args, Debug)]
pub(crate) struct WhichArgs {
    /// Its uid or its name
    #[arg(value_name = "UID|NAME")]
    pub(crate) token: String,
}

/// Which management token to show.
#[derive(Args, Debug)]
pub(crate) struct ManagementGetArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,

    /// No answer holds the value again; here to say so
    #[arg(long, hide = true)]
    pub(crate) reveal: bool,
}

/// How to list.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {}

/// Which token to delete.
#[derive(Args, Debug)]
#[command(after_help = ASKS)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Which delivery token to delete, and how.
#[derive(Args, Debug)]
#[command(after_help = ASKS)]
pub(crate) struct DeliveryDeleteArgs {
    #[command(flatten)]
    pub(crate) delete: DeleteArgs,

    /// Send the documented parameter `force`; what it forces is not documented
    #[arg(long)]
    pub(crate) force: bool,
}

/// Which delivery token to show.
#[derive(Args, Debug)]
pub(crate) struct DeliveryGetArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    #[command(flatten)]
    pub(crate) sink: SinkArgs,
    #[command(flatten)]
    pub(crate) preview_sink: PreviewSinkArgs,
}

/// A new delivery token.
#[derive(Args, Debug)]
pub(crate) struct DeliveryCreateArgs {
    /// Its name, unique among the delivery tokens of the stack
    pub(crate) name: String,

    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) description: String,

    /// The environment that it reads; the documents allow one
    #[arg(
        long = "environment",
        visible_alias = "environments",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Scope"
    )]
    pub(crate) environments: Vec<String>,

    #[command(flatten)]
    pub(crate) reach: ReachArgs,

    /// Make a preview token with it
    #[arg(long)]
    pub(crate) preview: bool,

    #[command(flatten)]
    pub(crate) sink: SinkArgs,
    #[command(flatten)]
    pub(crate) preview_sink: PreviewSinkArgs,
}

/// Changes of a delivery token.
#[derive(Args, Debug)]
#[group(id = "change", required = false, multiple = true)]
pub(crate) struct DeliveryUpdateArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,

    /// A new name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// A new description
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// The environment that it reads from now on
    #[arg(
        long = "environment",
        visible_alias = "environments",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Scope"
    )]
    pub(crate) environments: Option<Vec<String>>,

    #[command(flatten)]
    pub(crate) reach: ReachArgs,
}

/// A new management token.
#[derive(Args, Debug)]
pub(crate) struct ManagementCreateArgs {
    /// Its name, unique among the management tokens of the stack
    pub(crate) name: String,

    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) description: String,

    /// Modules with their access, `r`, `w` or `rw`: `entry:rw,content_type:r`, or `$all:r`
    #[arg(long, value_name = "MODULE:ACCESS", value_delimiter = ',', help_heading = "Scope")]
    pub(crate) scope: Vec<ModuleAccess>,

    #[command(flatten)]
    pub(crate) reach: ReachArgs,

    /// When it stops working: a date, a time in UTC, or `never` [default: never]
    #[arg(long, value_name = "DATE", help_heading = "Expiry")]
    pub(crate) expires: Option<String>,

    /// After how long it stops working, from today: `90d`, `12w`
    #[arg(long, value_name = "TIME", help_heading = "Expiry", conflicts_with = "expires")]
    pub(crate) expires_in: Option<String>,

    /// Ask the service for a mail seven days before it expires
    #[arg(long, help_heading = "Expiry")]
    pub(crate) notify: bool,

    #[command(flatten)]
    pub(crate) sink: SinkArgs,
}

/// Changes of a management token.
#[derive(Args, Debug)]
pub(crate) struct ManagementUpdateArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,

    /// A new name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// A new description
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// All its modules from now on: `entry:rw,content_type:r`
    #[arg(long, value_name = "MODULE:ACCESS", value_delimiter = ',', help_heading = "Scope")]
    pub(crate) scope: Option<Vec<ModuleAccess>>,

    #[command(flatten)]
    pub(crate) reach: ReachArgs,

    /// When it stops working: a date, a time in UTC, or `never`
    #[arg(long, value_name = "DATE", help_heading = "Expiry")]
    pub(crate) expires: Option<String>,

    /// After how long it stops working, from today: `90d`, `12w`
    #[arg(long, value_name = "TIME", help_heading = "Expiry", conflicts_with = "expires")]
    pub(crate) expires_in: Option<String>,

    /// Whether to ask the service for a mail seven days before it expires
    #[arg(long, value_name = "true|false", help_heading = "Expiry")]
    pub(crate) notify: Option<bool>,
}

/// Whose preview token to create.
#[derive(Args, Debug)]
pub(crate) struct PreviewCreateArgs {
    /// The uid or the name of the delivery token
    #[arg(value_name = "UID|NAME")]
    pub(crate) token: String,
    #[command(flatten)]
    pub(crate) sink: SinkArgs,
    /// Do not ask before a preview token that is there is replaced
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Whose preview token to delete.
#[derive(Args, Debug)]
#[command(after_help = ASKS)]
pub(crate) struct PreviewDeleteArgs {
    /// The uid or the name of the delivery token
    #[arg(value_name = "UID|NAME")]
    pub(crate) token: String,

    /// Send the management token of CONTENTSTACK_MANAGEMENT_TOKEN too, as the page of this request asks
    #[arg(long)]
    pub(crate) with_management_token: bool,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}
