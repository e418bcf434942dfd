//! Arguments about the credential.

use std::path::PathBuf;

use clap::Args;
use cs_model::{Expiry, Grant};
use cs_policy::OrganizationRole;
use jiff::civil::Date;

use super::choices::{KindArg, RoleArg};
use super::names::{Modules, Names, expiry};

/// A credential with all facts that rules read.
#[derive(Args, Debug)]
pub(crate) struct WhoArgs {
    /// The kind of credential
    #[arg(
        long = "as",
        value_name = "KIND",
        help_heading = "Who",
        required_unless_present_any = ["token", "as_token"]
    )]
    pub(crate) kind: Option<KindArg>,

    /// Take the facts from a token as the API answers it: `{"token": {...}}`, or the token alone
    ///
    /// Of a list of tokens one is named with `FILE.json#NAME`. Facts that other options state win over those of the token.
    /// Its kind shows, so --as is not needed; an --as of another kind contradicts it, but for `preview`, which asks for the
    /// preview token of a delivery token. So does --as-token.
    #[arg(long, value_name = "FILE.json", help_heading = "Who")]
    pub(crate) token: Option<String>,

    /// Take the facts from this token of the target: its uid or its name
    #[arg(long, value_name = "UID", help_heading = "Who")]
    pub(crate) as_token: Option<String>,

    /// Modules of a management token, or of a custom role: `entry:rw,content_type:r`, or `$all:rw`
    #[arg(long, value_name = "MODULE:ACCESS", help_heading = "Who")]
    pub(crate) scope: Vec<Modules>,

    /// Branches that it was given: repeat, or separate with commas
    ///
    /// With an empty text (`--branches ''`) its entry for branches has an empty list, and it reaches no branch. Without the
    /// option it has no entry: with none for aliases either, its stack is taken for one without branches, which is all
    /// `main`; see --stack-without-branches. Of a user these are the branches of the custom role.
    #[arg(long, value_name = "NAME", help_heading = "Who")]
    pub(crate) branches: Vec<Names>,

    /// It was given all branches
    #[arg(long, help_heading = "Who")]
    pub(crate) all_branches: bool,

    /// Branch aliases that it was given: repeat, or separate with commas
    ///
    /// With an empty text (`--aliases ''`) its entry for aliases has an empty list, which is not the same as no entry.
    #[arg(long, value_name = "NAME", help_heading = "Who")]
    pub(crate) aliases: Vec<Names>,

    /// It was given all branch aliases
    #[arg(long, help_heading = "Who")]
    pub(crate) all_aliases: bool,

    /// Environments of a delivery or preview token: repeat, or separate with commas; an empty text for an empty list
    #[arg(long, value_name = "NAME", help_heading = "Who")]
    pub(crate) environments: Vec<Names>,

    /// When the management token expires: a date, a time in UTC, or `never` [default: never]
    #[arg(long, value_name = "DATE", help_heading = "Who", value_parser = expiry)]
    pub(crate) expires: Option<Expiry>,

    /// Roles of the user in the stack [default: owner; none with --org-owner or --org-admin]
    ///
    /// Without it the question is what an authtoken can do at most: that of the stack's owner. A place in the organization
    /// is none in the stack, so with --org-owner or --org-admin alone the user has no role in it.
    #[arg(long, value_name = "ROLE", value_delimiter = ',', help_heading = "Who")]
    pub(crate) role: Vec<RoleArg>,

    /// The rules of the custom role: a TOML file, or a role as the API answers it. Implies --role custom
    ///
    /// TOML has `grants = "entry:rw,content_type:r"`, `except = "asset:w"`, `branches = ["main"]` and `aliases = "all"`,
    /// all of them optional.
    #[arg(long, value_name = "FILE", help_heading = "Who")]
    pub(crate) role_rules: Option<PathBuf>,

    /// The user owns the organization, which is not the same as owning the stack
    #[arg(long, help_heading = "Who")]
    pub(crate) org_owner: bool,

    /// The user is an admin of the organization
    #[arg(long, help_heading = "Who")]
    pub(crate) org_admin: bool,

    /// The user's organization has single sign-on
    #[arg(long, help_heading = "Who")]
    pub(crate) sso: bool,

    /// The user logs in through an identity provider
    #[arg(long, help_heading = "Who")]
    pub(crate) idp_login: bool,

    /// The user may enter without single sign-on
    #[arg(long, help_heading = "Who")]
    pub(crate) access_without_sso: bool,

    /// Strict mode of single sign-on is on
    #[arg(long, help_heading = "Who")]
    pub(crate) strict_mode: bool,

    /// Scopes of an OAuth token: `cm.entries.management:read`
    #[arg(long, value_name = "SCOPE", help_heading = "Who")]
    pub(crate) oauth_scopes: Vec<Names>,

    /// The day on which the stack was created, which says whether it has an access token [default: early enough]
    #[arg(long, value_name = "DATE", help_heading = "Who")]
    pub(crate) stack_created: Option<Date>,

    /// The stack has no branches, and is all `main`; `=false`: it has [default: true if neither branches nor aliases are named]
    #[arg(
        long,
        value_name = "BOOL",
        help_heading = "Who",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(crate) stack_without_branches: Option<bool>,
}

impl WhoArgs {
    /// The branches, if the command line says something of them.
    pub(crate) fn branches(&self) -> Option<Grant> {
        stated(self.all_branches, &self.branches)
    }

    /// The aliases, if the command line says something of them.
    pub(crate) fn aliases(&self) -> Option<Grant> {
        stated(self.all_aliases, &self.aliases)
    }

    /// The environments, if the command line says something of them.
    pub(crate) fn environments(&self) -> Option<Grant> {
        stated(false, &self.environments)
    }

    /// The user's place in the organization.
    pub(crate) const fn organization(&self) -> OrganizationRole {
        match (self.org_owner, self.org_admin) {
            (true, _) => OrganizationRole::Owner,
            (false, true) => OrganizationRole::Admin,
            (false, false) => OrganizationRole::Member,
        }
    }

    /// Whether an option says how a user enters the organization.
    pub(crate) const fn says_how_the_user_enters(&self) -> bool {
        self.org_owner
            || self.org_admin
            || self.sso
            || self.idp_login
            || self.access_without_sso
            || self.strict_mode
    }

    /// Whether the role is the default one: that of the owner.
    pub(crate) fn assumes_owner(&self) -> bool {
        self.role.is_empty() && self.role_rules.is_none() && self.organization() == OrganizationRole::Member
    }
}

/// All, or those named, which may be an entry with an empty list; `None` when nothing is said.
fn stated(all: bool, lists: &[Names]) -> Option<Grant> {
    if all {
        Some(Grant::All)
    } else {
        Names::all(lists).map(|names| Grant::Only(names.into_iter().collect()))
    }
}
