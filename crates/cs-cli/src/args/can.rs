//! Arguments of `can` and `who-can`.

pub(crate) mod choices;
pub(crate) mod names;
mod query;
pub(crate) mod request;
pub(crate) mod who;

use std::borrow::Cow;
use std::ffi::OsString;

use clap::Args;
use jiff::Timestamp;

use self::names::time;
use self::request::RequestArgs;
use self::who::WhoArgs;

/// Which request, by whom.
#[derive(Args, Debug)]
#[command(
    override_usage = "cstok can METHOD PATH --as KIND [OPTIONS]
       cstok can METHOD PATH --token FILE.json [OPTIONS]
       cstok can METHOD PATH --as-token UID [OPTIONS]
       cstok can --list --as KIND [OPTIONS]",
    after_help = "Answers from the documents alone: nothing is sent and no credential is needed, but for --as-token,
which reads the token from the target. Every option is taken for every kind; those that do not
concern the kind change nothing. Nothing is checked besides: a past expiry is just a fact. Only what
contradicts itself is refused, all of it at once: two tokens, two environments, --list with a
request, and --token or --as-token with an --as of another kind (a delivery token stands for its
preview token).

A query in PATH counts with its `environment`, as if --environment named it; when both are there
they must agree. The rest of a query decides nothing, and a branch is named in a header: --branch.

At POST /v3/user-session the user who logs in counts, with --as anonymous as with --as authtoken.

Exits with 0 when the request is allowed and with 3 when it is not, or when no document knows it.

What --json prints:
  {\"schema\": 1, \"verdict\": \"allow|not_granted|forbidden|undocumented|unmapped\",
   \"route\": {\"method\", \"path\", \"module\", \"action\"} or null,
   \"rules\": [{\"id\", \"says\", \"sources\": [...]}], \"fix\": [{\"change\", \"detail\"}], \"warnings\": [...]}

Examples:
  cstok can GET /v3/content_types/blog/entries --as management --scope entry:r --branches main
  cstok can POST /v3/stacks/delivery_tokens --as management --scope '$all:rw' --all-branches
  cstok can POST /v3/stacks/management_tokens --as authtoken --role developer
  cstok can GET /v3/content_types --api cda --as delivery --environments production \\
      --branches main --environment staging
  cstok can GET '/v3/assets?environment=staging' --api cda --as delivery \\
      --environments staging --branches main
  cstok can POST /v3/user-session --as anonymous --sso --access-without-sso
  cstok can access_token:reset --as authtoken --role content-manager
  cstok can PUT /v3/content_types/blog --token token.json --now 2027-06-30
  cstok can --list --as management --scope entry:rw,asset:r --branches main"
)]
pub(crate) struct CanArgs {
    /// The method: GET, POST, PUT or DELETE. Or, without a path, what has no route: `access_token:reset`
    #[arg(required_unless_present = "list")]
    pub(crate) method: Option<String>,

    /// The path, such as /v3/content_types/blog/entries; of a query the `environment` is read
    pub(crate) path: Option<OsString>,

    /// Show everything that the credential can do: each module with each action
    #[arg(long)]
    pub(crate) list: bool,

    #[command(flatten)]
    pub(crate) who: WhoArgs,

    #[command(flatten)]
    pub(crate) request: RequestArgs,

    /// The time of the request: a time, or a date for its first moment [default: now]
    #[arg(long, value_name = "TIME", help_heading = "What", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
}

impl CanArgs {
    /// The path. What is no UTF-8 becomes a character that no path has: it is unmapped, as in the library.
    pub(crate) fn path_text(&self) -> Option<Cow<'_, str>> {
        self.path.as_ref().map(|path| path.to_string_lossy())
    }

    /// The environment that the request names: by --environment, or in the query of its path.
    pub(crate) fn environment_named(&self) -> Result<Option<String>, String> {
        self.request.environment_named(&self.path_text().unwrap_or_default())
    }
}

/// Which request, of which everybody is asked.
#[derive(Args, Debug)]
#[command(
    after_help = "Asks for every token of the stack (delivery, their preview tokens, management), then for users with
each role, and for a request without any credential. Exits with 3 when no document knows the
request, else with 0.

Examples:
  cstok who-can DELETE /v3/content_types/blog
  cstok who-can GET /v3/content_types/blog/entries --api cda --environment production
  cstok who-can access_token:reset
  cstok who-can PUT /v3/assets/blt0123456789abcdef --branch development --region eu"
)]
pub(crate) struct WhoCanArgs {
    /// The method: GET, POST, PUT or DELETE. Or, without a path, what has no route: `access_token:reset`
    pub(crate) method: String,

    /// The path, such as /v3/content_types/blog/entries; of a query the `environment` is read
    pub(crate) path: Option<OsString>,

    #[command(flatten)]
    pub(crate) request: RequestArgs,

    /// The time of the request: a time, or a date for its first moment [default: now]
    #[arg(long, value_name = "TIME", help_heading = "What", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
}
