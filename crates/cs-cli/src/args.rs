//! The command line: what can be typed, and the help that explains it.

mod asked;
pub(crate) mod can;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod grants;
pub(crate) mod lint;
pub(crate) mod nowhere;
pub(crate) mod policy;
pub(crate) mod serve;
pub(crate) mod session;
pub(crate) mod sink;
pub(crate) mod stack;
pub(crate) mod token;

use std::sync::LazyLock;

use clap::{ArgAction, Args, Parser, Subcommand};
use cs_model::Profile;

use self::can::{CanArgs, WhoCanArgs};
use self::diff::DiffArgs;
use self::doctor::DoctorArgs;
use self::lint::LintArgs;
use self::nowhere::Nowhere;
use self::policy::PolicyArgs;
use self::serve::ServeArgs;
use self::session::LoginArgs;
use self::stack::{ApplyArgs, PlanArgs};
use self::token::{DeliveryCommand, ManagementCommand, PreviewCommand};

/// Plan, apply, explain and test the API tokens of Contentstack stacks.
///
/// Without --target, --url or --region everything happens on `local`: a service inside this program, with a demo stack,
/// kept in your data directory. No account is needed.
#[derive(Debug, Parser)]
#[command(
    name = "cstok",
    version,
    after_help = AFTER_HELP.as_str(),
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

static AFTER_HELP: LazyLock<String> = LazyLock::new(|| {
    format!(
        "Examples:
  cstok apply examples/shop.toml            declare tokens, see the plan, create what is missing
  cstok plan examples/shop.toml --check     exit with 5 when the stack differs from the file
  cstok management list
  cstok can GET /v3/content_types/blog/entries --as management --scope entry:r --branches main
  cstok lint --region eu --all-stacks       many stacks at once, each with a result of its own
  cstok who-can DELETE /v3/content_types/blog
  cstok lint examples/shop.toml
  cstok doctor --status 422 --body answer.json
  cstok serve --demo                        the token API on http://127.0.0.1:8085

Environment:
  CONTENTSTACK_API_KEY            the stack, unless --stack names it
  CONTENTSTACK_AUTHTOKEN          one of these three authorizes requests to other targets than
  CONTENTSTACK_MANAGEMENT_TOKEN   local; `cstok login` is the other way
  CONTENTSTACK_OAUTH_TOKEN
  CSTOK_ADMIN_TOKEN               the token of `cstok serve --admin`
  CSTOK_CA_FILE                   certificates of authorities to trust beside the usual ones: what
                                  `cstok serve --tls --ca-out` writes
  CSTOK_CONFIG                    the configuration file, in place of the one below
  CSTOK_DATA_DIR                  the folder of the local store and of sessions, in place of
                                  `cstok` in your data directory
  CSTOK_PASSWORD                  the password of `cstok login`, in place of a prompt
  CSTOK_TFA_TOKEN                 the code of the second factor for it
  CSTOK_STORE                     where `cstok serve` keeps its data, unless --store says it
  PGPASSWORD                      the password of its database
  HTTPS_PROXY, ALL_PROXY          the proxy of requests; NO_PROXY names hosts without one
  NO_COLOR                        no colours

Configuration, cstok/config.toml in your configuration directory:
  [targets.staging]
  region = \"eu\"                      # or: url = \"https://eu-api.contentstack.com\"
  api_key = \"blt...\"                 # the stack
  authtoken_env = \"STAGING_TOKEN\"    # or: management_token_env, oauth_token_env
  # or a file of mode 0600: authtoken_file, management_token_file; or oauth_file, which is
  # refreshed, with oauth_client_id and oauth_redirect_uri
  profile = \"live\"                   # or: seeds, documented-2026
  organization = \"blt...\"            # of the stacks: needed where it has single sign-on
  [targets.staging.stacks.shop]      # --stack shop; --all-stacks for every one of them
  api_key = \"blt...\"
  management_token_env = \"SHOP\"      # a credential of its own, named like that of the target

Exit codes:
{}",
        crate::exit::Exit::list()
    )
});

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct GlobalArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,

    /// Print one JSON document to standard output, and everything else to standard error
    ///
    /// Its field `schema` is the version of its form. A failure is a document too, with a field `error`: `exit`, `code`,
    /// `message`, `problems`, and where there are any `causes`, `api` (what the API said) and `hints`. `serve` prints one document per line.
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,

    /// Tell of every request on standard error: method, route, attempt, status and duration; -vv with time and all details
    ///
    /// Never a query, a header, a body or a secret.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,

    /// Never use colours; as does the environment variable NO_COLOR
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) no_color: bool,
}

/// Where to work.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TargetArgs {
    /// Work on `local`, or on this target of the configuration file (see `cstok --help`)
    #[arg(long, global = true, value_name = "NAME", help_heading = "Target", conflicts_with_all = ["url", "region"])]
    pub(crate) target: Option<String>,

    /// Work on the API at this address, such as `http://127.0.0.1:8085`
    #[arg(long, global = true, value_name = "URL", help_heading = "Target", conflicts_with = "region")]
    pub(crate) url: Option<String>,

    /// Work on a region: `na`, `eu`, `au`, `azure-na`, `azure-eu`, `gcp-na`, `gcp-eu`
    #[arg(long, global = true, value_name = "NAME", help_heading = "Target")]
    pub(crate) region: Option<String>,

    /// Work on the stack with this API key, or with this name in the target's table of stacks; repeat for many
    ///
    /// Many stacks at once take `apply`, `plan`, `export`, `whoami`, `doctor`, `lint`, `who-can`, and `list` and `get` of
    /// tokens: each has a result of its own, and one that fails hides nothing of the others.
    #[arg(long, global = true, value_name = "API_KEY", help_heading = "Target")]
    pub(crate) stack: Vec<String>,

    /// Work on all stacks that the target names, or else on all that the user can see
    #[arg(long, global = true, help_heading = "Target", conflicts_with = "stack")]
    pub(crate) all_stacks: bool,

    /// Which documents to believe where they disagree, about limits for example [default: seeds]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Target", value_parser = Profile::NAMES)]
    pub(crate) profile: Option<String>,
}

impl Cli {
    /// Whether standard output carries JSON and nothing else.
    pub(crate) fn is_json(&self) -> bool {
        self.global.json || matches!(&self.command, Command::Lint(args) if args.is_json())
    }
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the tokens of a stack what a file says
    Apply(ApplyArgs),
    /// Show what `apply` would do
    Plan(PlanArgs),
    /// Print the file form of the tokens that a stack has, without secrets
    #[command(after_help = "Examples:
  cstok export > shop.toml
  cstok export --region eu --stack blt0123456789abcdef > eu.toml")]
    Export,
    /// List, create, change and delete delivery tokens
    #[command(subcommand)]
    Delivery(DeliveryCommand),
    /// Create and delete preview tokens
    #[command(subcommand)]
    Preview(PreviewCommand),
    /// List, create, change and delete management tokens
    #[command(subcommand)]
    Management(ManagementCommand),
    /// Log in, and keep the session for later commands
    Login(LoginArgs),
    /// End the session that `login` made
    Logout,
    /// Show the target, the credential, and whose it is
    Whoami,
    /// Explain an answer of the API, or find what is wrong with a target
    Doctor(DoctorArgs),
    /// Say whether a credential may make a request, and why; or everything that it may do
    Can(Box<CanArgs>),
    /// Say which tokens of the stack, and which users, may make a request
    WhoCan(WhoCanArgs),
    /// Find what is risky or about to break in tokens
    Lint(LintArgs),
    /// Say which of two tokens reaches further, and where
    Diff(DiffArgs),
    /// Test, export and explain the policy
    Policy(PolicyArgs),
    /// Serve the token API over HTTP
    Serve(ServeArgs),
    /// Print a script that completes `cstok` in a shell
    #[command(after_help = "Examples:
  cstok completions bash > ~/.local/share/bash-completion/completions/cstok
  cstok completions zsh > ~/.zfunc/_cstok
  cstok completions fish > ~/.config/fish/completions/cstok.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
        #[command(flatten)]
        nowhere: Nowhere,
    },
    /// Print the manual page, or write one for each command
    #[command(after_help = "Examples:
  cstok man | man -l -
  cstok man --dir ~/.local/share/man/man1")]
    Man {
        /// Write the page of every command into this folder
        #[arg(long, value_name = "FOLDER")]
        dir: Option<std::path::PathBuf>,
        #[command(flatten)]
        nowhere: Nowhere,
    },
}

impl Command {
    /// Whether it changes nothing on any target, whatever its arguments.
    pub(crate) const fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Plan(_)
                | Self::Export
                | Self::Whoami
                | Self::Doctor(_)
                | Self::Can(_)
                | Self::WhoCan(_)
                | Self::Lint(_)
                | Self::Diff(_)
                | Self::Policy(_)
        )
    }

    /// Why the options of a target that are given mean nothing to the command, if so.
    pub(crate) fn in_vain(&self, target: &TargetArgs) -> Option<(Vec<&'static str>, &'static str)> {
        let (with_profile, why) = match self {
            Self::Completions { .. } | Self::Man { .. } => (true, "the command is about the program itself"),
            Self::Policy(_) => (false, "the policy is the same for every target; --profile chooses one"),
            Self::Serve(_) => (false, "`serve` is itself the API"),
            Self::Can(args) if args.who.as_token.is_none() => {
                (false, "without --as-token nothing is asked of a target")
            }
            Self::Doctor(args) if args.status.is_some() || args.body.is_some() => {
                (true, "an answer is explained by itself")
            }
            _ => return None,
        };
        let given = target.given(with_profile);
        (!given.is_empty()).then_some((given, why))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    fn of_all(command: &clap::Command, see: &mut impl FnMut(&clap::Command)) {
        see(command);
        command.get_subcommands().for_each(|command| of_all(command, see));
    }

    #[test]
    fn every_command_and_option_is_explained_in_lines_that_fit() {
        let mut seen = 0;
        of_all(&Cli::command(), &mut |command| {
            seen += 1;
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} is not explained");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{name}: {} is not explained", argument.get_id());
            }
            // Longer ones are broken, and what is aligned by hand falls apart.
            for line in command.get_after_help().map(ToString::to_string).unwrap_or_default().lines() {
                assert!(line.chars().count() <= 100, "{name}: {line}");
            }
        });
        assert!(seen > 25, "{seen}");
    }

    #[test]
    fn regions_in_the_help_are_those_of_the_table() {
        let help = Cli::command().render_long_help().to_string();
        for region in &cs_model::generated::REGIONS {
            assert!(help.contains(&format!("`{}`", region.id)), "the help does not name {}", region.id);
        }
    }
}
