//! Arguments about the request.

use clap::Args;
use cs_model::{Api, Plain};
use cs_policy::{BodyFacts, Request};

pub(crate) use super::choices::ApiArg;
use super::choices::PublishArg;
use super::query;

/// What of a request rules read, besides its method and path.
#[derive(Args, Debug)]
pub(crate) struct RequestArgs {
    /// The API that the request goes to; also `cma` and `cda` [default: management]
    #[arg(long, value_name = "API", help_heading = "What", hide_possible_values = false)]
    pub(crate) api: Option<ApiArg>,

    /// The branch that the request names
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub(crate) branch: Option<String>,

    /// The branch alias that the request names; with --branch, that is the branch behind it
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub(crate) alias: Option<String>,

    /// The environment that the request names [default: `environment` in the query of the path]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    pub(crate) environment: Option<String>,

    /// The request is for drafts
    #[arg(long, help_heading = "What")]
    pub(crate) draft: bool,

    /// The request is for another stack than that of the credential
    #[arg(long, help_heading = "What")]
    pub(crate) other_stack: bool,

    /// The request accepts or rejects a publish request
    #[arg(long, value_name = "ANSWER", help_heading = "What")]
    pub(crate) publish_request: Option<PublishArg>,

    /// The workflow stage that the request moves to may be entered by all users and roles
    #[arg(long, help_heading = "What")]
    pub(crate) stage_open_to_all: bool,

    /// The access list of that stage, or the approvers of the publish rule, name the user or one of their roles
    #[arg(long, help_heading = "What")]
    pub(crate) user_named: bool,

    /// The request names users or roles who must approve
    #[arg(long, help_heading = "What")]
    pub(crate) approvers: bool,
}

impl RequestArgs {
    /// The environment that the request names: by --environment, or in the query of its path.
    pub(crate) fn environment_named(&self, path: &str) -> Result<Option<String>, String> {
        let mut named = self.environment.clone();
        for environment in query::values(path, "environment") {
            match &named {
                Some(before) if *before != environment => {
                    return Err(format!(
                        "two environments are named: `{}` and `{}`",
                        Plain(before),
                        Plain(&environment)
                    ));
                }
                _ => named = Some(environment),
            }
        }
        Ok(named)
    }

    /// The request with this method, path and environment.
    pub(crate) fn request<'a>(
        &'a self,
        method: &'a str,
        path: &'a str,
        environment: Option<&'a str>,
    ) -> Request<'a> {
        Request {
            api: self.api.map_or(Api::Management, Into::into),
            method,
            path,
            other_stack: self.other_stack,
            branch: self.branch.as_deref(),
            alias: self.alias.as_deref(),
            environment,
            draft: self.draft,
            body: BodyFacts {
                stage_open_to_all: self.stage_open_to_all,
                user_named: self.user_named,
                publish_request: self.publish_request.map(Into::into),
                approvers_named: self.approvers,
            },
        }
    }

    /// Whether anything but the API is said.
    pub(crate) const fn says_something(&self) -> bool {
        self.branch.is_some()
            || self.alias.is_some()
            || self.environment.is_some()
            || self.draft
            || self.other_stack
            || self.publish_request.is_some()
            || self.stage_open_to_all
            || self.user_named
            || self.approvers
    }
}
