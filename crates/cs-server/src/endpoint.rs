//! What is served: one handler for each route.

mod aliases;
mod branches;
mod delivery;
mod environments;
mod list;
mod management;
mod organizations;
mod preview;
mod scope;
mod session;
mod stacks;
mod tokens;
mod user;

use cs_model::RouteId;
use cs_model::generated::route;

use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::Tx;

pub(crate) use session::log_in;

/// Answers a request that has been let in.
pub(crate) type Handler = fn(&Scene<'_>, &mut dyn Tx) -> Result<Reply, Stop>;

/// How a route is served.
#[derive(Clone, Copy)]
pub(crate) enum Served {
    /// In a transaction that only reads.
    Read(Handler),
    /// In a transaction that writes.
    Write(Handler),
    /// By [`log_in`], which has slow work to do between two transactions.
    LogIn,
}

/// How a route is served; `None` for those that are known and not served.
pub(crate) fn served(id: RouteId) -> Option<Served> {
    use Served::{LogIn, Read, Write};
    Some(match id {
        route::POST_USER_SESSION => LogIn,
        route::DELETE_USER_SESSION => Write(session::log_out),
        route::GET_USER => Read(user::get),

        route::GET_ORGANIZATIONS => Read(organizations::list),
        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID => Read(organizations::get),
        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID_STACKS => Read(organizations::stacks),

        route::GET_STACKS => Read(stacks::list),
        route::POST_STACKS => Write(stacks::create),

        route::GET_ENVIRONMENTS => Read(environments::list),
        route::POST_ENVIRONMENTS => Write(environments::create),
        route::GET_ENVIRONMENTS_BY_ENVIRONMENT_NAME => Read(environments::get),
        route::PUT_ENVIRONMENTS_BY_ENVIRONMENT_NAME => Write(environments::update),
        route::DELETE_ENVIRONMENTS_BY_ENVIRONMENT_NAME => Write(environments::delete),

        route::GET_STACKS_BRANCHES => Read(branches::list),
        route::POST_STACKS_BRANCHES => Write(branches::create),
        route::GET_STACKS_BRANCHES_BY_BRANCH_UID => Read(branches::get),
        route::DELETE_STACKS_BRANCHES_BY_BRANCH_UID => Write(branches::delete),

        route::GET_STACKS_BRANCH_ALIASES => Read(aliases::list),
        route::GET_STACKS_BRANCH_ALIASES_BY_BRANCH_ALIAS_UID => Read(aliases::get),
        route::PUT_STACKS_BRANCH_ALIASES_BY_BRANCH_ALIAS_UID => Write(aliases::put),
        route::DELETE_STACKS_BRANCH_ALIASES_BY_BRANCH_ALIAS_UID => Write(aliases::delete),

        route::GET_STACKS_DELIVERY_TOKENS => Read(delivery::list),
        route::POST_STACKS_DELIVERY_TOKENS => Write(delivery::create),
        route::GET_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID => Read(delivery::get),
        route::PUT_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID => Write(delivery::update),
        route::DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID => Write(delivery::delete),

        route::POST_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN => Write(preview::create),
        route::DELETE_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN => Write(preview::delete),

        route::GET_STACKS_MANAGEMENT_TOKENS => Read(management::list),
        route::POST_STACKS_MANAGEMENT_TOKENS => Write(management::create),
        route::GET_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID => Read(management::get),
        route::PUT_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID => Write(management::update),
        route::DELETE_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID => Write(management::delete),

        _ => return None,
    })
}
