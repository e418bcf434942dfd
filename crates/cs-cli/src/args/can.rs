//! Arguments of `can`.

use clap::{Args, ValueEnum};
use cs_model::{Api, Expiry};
use cs_policy::{Kind, OrganizationRole, PublishAnswer, StackRole};
use jiff::Timestamp;
use jiff::civil::Date;

use super::grants::ModuleAccess;

/// Which request, by whom.
#[derive(Args, Debug)]
#[command(
    after_help = "Answers from the documents alone: nothing is sent, and no credential is needed. Exits with 0 when
the request is allowed and with 3 when it is not.

Examples:
  cstok can GET /v3/content_types/blog/entries --as management --scope entry:r --branches main
  cstok can POST /v3/stacks/delivery_tokens --as management --scope '$all:rw' --all-branches
  cstok can POST /v3/stacks/delivery_tokens --as authtoken --role developer
  cstok can GET /v3/content_types --api delivery --as delivery --environments production \\
      --branches main --environment staging"
)]
pub(crate) struct CanArgs {
    /// The method: GET, POST, PUT or DELETE
    #[arg(value_parser = upper_case)]
    pub(crate) method: String,

    /// The path, such as /v3/content_types/blog/entries
    pub(crate) path: String,

    /// The kind of credential
    #[arg(long = "as", value_name = "KIND", help_heading = "Who")]
    pub(crate) kind: KindArg,

    /// Modules of a management token: `entry:rw,content_type:r`, or `$all:rw`
    #[arg(long, value_name = "MODULE:ACCESS", value_delimiter = ',', help_heading = "Who")]
    pub(crate) scope: Vec<ModuleAccess>,

    /// Branches that it was given
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Who")]
    pub(crate) branches: Vec<String>,

    /// It was given all branches
    #[arg(long, help_heading = "Who", conflicts_with = "branches")]
    pub(crate) all_branches: bool,

    /// Branch aliases that it was given
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Who")]
    pub(crate) aliases: Vec<String>,

    /// It was given all branch aliases
    #[arg(long, help_heading = "Who", conflicts_with = "aliases")]
    pub(crate) all_aliases: bool,

    /// Environments of a delivery or preview token
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Who")]
    pub(crate) environments: Vec<String>,

    /// Roles of the user in the stack
    #[arg(long, value_name = "ROLE", value_delimiter = ',', help_heading = "Who")]
    pub(crate) role: Vec<RoleArg>,

    /// The user owns the organization, which is not the same as owning the stack
    #[arg(long, help_heading = "Who", conflicts_with = "org_admin")]
    pub(crate) org_owner: bool,

    /// The user is an admin of the organization
    #[arg(long, help_heading = "Who")]
    pub(crate) org_admin: bool,

    /// When the management token expires: a date or a time in UTC
    #[arg(long, value_name = "DATE", help_heading = "Who", value_parser = expiry)]
    pub(crate) expires: Option<Expiry>,

    /// The day on which the stack of the access token was created
    #[arg(long, value_name = "DATE", help_heading = "Who")]
    pub(crate) stack_created: Option<Date>,

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
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', help_heading = "Who")]
    pub(crate) oauth_scopes: Vec<String>,

    /// The API that the request goes to
    #[arg(long, value_name = "API", default_value = "management", help_heading = "What")]
    pub(crate) api: ApiArg,

    /// The branch that the request names
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub(crate) branch: Option<String>,

    /// The branch alias that the request names
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub(crate) alias: Option<String>,

    /// The environment that the request names
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub(crate) environment: Option<String>,

    /// The request is for drafts
    #[arg(long, help_heading = "What")]
    pub(crate) draft: bool,

    /// The request is for another stack than that of the credential
    #[arg(long, help_heading = "What")]
    pub(crate) other_stack: bool,

    /// The request answers a publish request
    #[arg(long, value_name = "ANSWER", help_heading = "What")]
    pub(crate) publish_request: Option<PublishArg>,

    /// The workflow stage may be entered by all users and roles
    #[arg(long, help_heading = "What")]
    pub(crate) stage_open_to_all: bool,

    /// The request names users or roles who must approve
    #[arg(long, help_heading = "What")]
    pub(crate) approvers: bool,

    /// The time of the request [default: now]
    #[arg(long, value_name = "TIME", help_heading = "What", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
}

/// Methods are written in capitals on the wire; people need not.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn upper_case(text: &str) -> Result<String, String> {
    Ok(text.to_ascii_uppercase())
}

/// A date, a time, or `never`.
fn expiry(text: &str) -> Result<Expiry, String> {
    if text == "never" {
        Ok(Expiry::Never)
    } else {
        text.parse().map_err(|error: cs_model::ExpiryError| error.to_string())
    }
}

/// A time, or a date for its first moment.
fn time(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is neither a time (2026-12-10T00:00:00Z) nor a date (2026-12-10)");
    match text.parse::<Expiry>() {
        Ok(expiry) => expiry.ends_at(cs_model::profile::DayEdge::Start).ok_or_else(wrong),
        Err(_) => Err(wrong()),
    }
}

macro_rules! choice {
    ($(#[doc = $doc:literal])+ $name:ident -> $target:ty { $($(#[$item:meta])* $variant:ident => $value:expr,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, ValueEnum)]
        pub(crate) enum $name {
            $($(#[$item])* $variant,)+
        }

        impl From<$name> for $target {
            fn from(choice: $name) -> Self {
                match choice {
                    $($name::$variant => $value,)+
                }
            }
        }
    };
}

choice!(
    /// Kinds of credential.
    KindArg -> Kind {
        Delivery => Kind::Delivery,
        Preview => Kind::Preview,
        Management => Kind::Management,
        Authtoken => Kind::Authtoken,
        Access => Kind::Access,
        Oauth => Kind::OAuth,
        Anonymous => Kind::Anonymous,
    }
);

choice!(
    /// Roles in a stack.
    RoleArg -> StackRole {
        Owner => StackRole::Owner,
        Admin => StackRole::Admin,
        Developer => StackRole::Developer,
        ContentManager => StackRole::ContentManager,
    }
);

choice!(
    /// APIs.
    ApiArg -> Api {
        /// The Content Management API
        #[value(alias = "cma")]
        Management => Api::Management,
        /// The Content Delivery API
        #[value(alias = "cda")]
        Delivery => Api::Delivery,
        /// The REST preview API
        Preview => Api::Preview,
        /// Live preview as older SDKs did it
        LegacyPreview => Api::LegacyPreview,
        /// The GraphQL API
        Graphql => Api::GraphQl,
    }
);

choice!(
    /// Answers to a publish request.
    PublishArg -> PublishAnswer {
        Accept => PublishAnswer::Accept,
        Reject => PublishAnswer::Reject,
    }
);

impl CanArgs {
    /// The user's place in the organization.
    pub(crate) const fn organization(&self) -> OrganizationRole {
        match (self.org_owner, self.org_admin) {
            (true, _) => OrganizationRole::Owner,
            (false, true) => OrganizationRole::Admin,
            (false, false) => OrganizationRole::Member,
        }
    }
}
