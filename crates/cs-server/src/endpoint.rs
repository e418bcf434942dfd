//! What is served: one handler for each route.

mod accounts;
mod aliases;
mod branches;
mod delivery;
mod environments;
pub(crate) mod invite;
pub(crate) mod list;
pub(crate) mod locales;
mod management;
mod organizations;
mod ownership;
mod preview;
mod roles;
mod scope;
mod session;
mod stack_settings;
mod stack_users;
mod stacks;
mod tokens;
pub(crate) mod user;

pub(crate) use invite::is_address;

use cs_model::RouteId;
use cs_model::generated::route;
use jiff::Timestamp;

use crate::call::Call;
use crate::content;
use crate::random::Draw;
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::{Scene, Service};
use crate::store::Tx;

/// Answers a request that has been let in.
pub(crate) type Handler = fn(&Scene<'_>, &mut dyn Tx) -> Result<Reply, Stop>;

/// Answers a request that has slow work to do, between transactions of its own.
pub(crate) type SlowHandler = fn(&Service, Timestamp, &Call<'_>, &Draw) -> Result<Reply, Stop>;

/// How a route is served.
#[derive(Clone, Copy)]
pub(crate) enum Served {
    /// In a transaction that only reads.
    Read(Handler),
    /// In a transaction that writes.
    Write(Handler),
    /// Outside of any transaction, because it hashes a password.
    Slow(SlowHandler),
}

/// How a route is served; `None` for those that are known and not served. What has no handler of its own here may be about
/// content.
pub(crate) fn served(id: RouteId) -> Option<Served> {
    use Served::{Read, Slow, Write};
    Some(match id {
        route::POST_USER_SESSION => Slow(session::log_in),
        route::DELETE_USER_SESSION => Write(session::log_out),
        route::GET_USER => Read(user::get),
        route::PUT_USER => Write(user::update),
        route::POST_USER_ACTIVATE_BY_USER_ACTIVATION_TOKEN => Slow(accounts::activate),
        route::POST_USER_FORGOT_PASSWORD => Write(accounts::forgot_password),
        route::POST_USER_RESET_PASSWORD => Slow(accounts::reset_password),

        route::GET_ORGANIZATIONS => Read(organizations::list),
        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID => Read(organizations::get),
        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID_STACKS => Read(organizations::stacks),

        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID_ROLES => Read(organizations::list_roles),
        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID_SHARE => Read(organizations::list_invitations),
        route::POST_ORGANIZATIONS_BY_ORGANIZATION_UID_SHARE => Write(organizations::invite),
        route::DELETE_ORGANIZATIONS_BY_ORGANIZATION_UID_SHARE => Write(organizations::remove),
        route::POST_ORGANIZATIONS_BY_ORGANIZATION_UID_SHARE_SEARCH => Read(organizations::search),
        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID_SHARE_BY_SHARE_UID_RESEND_INVITATION => {
            Write(organizations::resend)
        }
        route::POST_ORGANIZATIONS_BY_ORGANIZATION_UID_TRANSFER_OWNERSHIP => {
            Write(organizations::transfer_ownership)
        }

        route::GET_STACKS => Read(stacks::list),
        route::POST_STACKS => Write(stacks::create),
        route::PUT_STACKS => Write(stacks::update),
        route::DELETE_STACKS => Write(stacks::delete),
        route::GET_STACKS_SETTINGS => Read(stack_settings::get),
        route::POST_STACKS_SETTINGS => Write(stack_settings::add),
        route::POST_STACKS_SETTINGS_RESET => Write(stack_settings::reset),
        route::GET_STACKS_USERS => Read(stack_users::list),
        route::POST_STACKS_USERS_ROLES => Write(stack_users::update_roles),
        route::POST_STACKS_SHARE => Write(stack_users::share),
        route::POST_STACKS_UNSHARE => Write(stack_users::unshare),
        route::POST_STACKS_TRANSFER_OWNERSHIP => Write(ownership::offer),
        route::GET_STACKS_ACCEPT_OWNERSHIP_BY_OWNERSHIP_TOKEN => Write(ownership::accept),

        route::GET_ROLES => Read(roles::list),
        route::POST_ROLES => Write(roles::create),
        route::GET_ROLES_BY_ROLE_UID => Read(roles::get),
        route::PUT_ROLES_BY_ROLE_UID => Write(roles::update),
        route::DELETE_ROLES_BY_ROLE_UID => Write(roles::delete),

        route::GET_LOCALES => Read(locales::list),
        route::POST_LOCALES => Write(locales::create),
        route::GET_LOCALES_BY_CODE => Read(locales::get),
        route::PUT_LOCALES_BY_CODE => Write(locales::update),
        route::DELETE_LOCALES_BY_CODE => Write(locales::delete),

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

        id => return content::served(id),
    })
}
