//! Content: documents of all modules, what of them is published, and the APIs that read it.

mod body;
mod bulk;
mod collection;
mod cursor;
mod delivery;
mod document;
mod fields;
mod handlers;
#[cfg(feature = "server")]
pub(crate) mod kept;
mod languages;
mod publish;
mod published;
pub(crate) mod query;
mod references;
mod referrers;
mod release;
mod stage_access;
mod sync;
mod teams;
mod terms;
mod translations;
mod versions;
mod workflow;

use cs_model::RouteId;
use cs_model::generated::route;

use crate::endpoint::Served;

pub(crate) use body::folder_in;
use collection::Operation;
pub(crate) use cursor::environment_of as environment_of_cursor;
pub(crate) use document::{folder_of, publish_rules, workflows};
pub(crate) use stage_access::StageAccess;

/// How a route is served that is about content; `None` for any other.
pub(crate) fn served(id: RouteId) -> Option<Served> {
    use Served::{Read, Write};
    Some(match id {
        route::POST_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_PUBLISH
        | route::POST_ASSETS_BY_ASSET_UID_PUBLISH => Write(publish::publish),
        route::POST_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_UNPUBLISH
        | route::POST_ASSETS_BY_ASSET_UID_UNPUBLISH => Write(publish::unpublish),

        route::POST_BULK_PUBLISH => Write(bulk::publish),
        route::POST_BULK_UNPUBLISH => Write(bulk::unpublish),
        route::POST_BULK_DELETE => Write(bulk::delete),
        route::GET_RELEASES_BY_RELEASE_UID_ITEMS => Read(release::items),
        route::POST_RELEASES_BY_RELEASE_UID_ITEMS | route::POST_RELEASES_BY_RELEASE_UID_ITEM => {
            Write(release::add)
        }
        route::DELETE_RELEASES_BY_RELEASE_UID_ITEMS | route::DELETE_RELEASES_BY_RELEASE_UID_ITEM => {
            Write(release::remove)
        }
        route::PUT_RELEASES_BY_RELEASE_UID_ITEMS_MOVE | route::POST_RELEASES_BY_RELEASE_UID_ITEMS_MOVE => {
            Write(release::move_to)
        }
        route::PUT_RELEASES_BY_RELEASE_UID_UPDATE_ITEMS => Write(release::update),
        route::POST_RELEASES_BY_RELEASE_UID_DEPLOY => Write(release::deploy),
        route::POST_RELEASES_BY_RELEASE_UID_CLONE => Write(release::clone),
        route::POST_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_WORKFLOW => {
            Write(workflow::set_stage)
        }
        route::GET_WORKFLOWS_BY_WORKFLOW_UID_ENABLE => Write(workflow::enable),
        route::GET_WORKFLOWS_BY_WORKFLOW_UID_DISABLE => Write(workflow::disable),
        route::GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_VERSIONS => {
            Read(versions::of_entry)
        }
        route::GET_ASSETS_BY_ASSET_UID_VERSIONS => Read(versions::of_asset),
        route::POST_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_VERSIONS_BY_VERSION_NUMBER_NAME
        | route::POST_ASSETS_BY_ASSET_UID_VERSIONS_BY_VERSION_NUMBER_NAME => Write(versions::name),
        route::DELETE_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_VERSIONS_BY_VERSION_NUMBER_NAME
        | route::DELETE_ASSETS_BY_ASSET_UID_VERSIONS_BY_VERSION_NUMBER_NAME => Write(versions::forget_name),
        route::GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_REFERENCES => {
            Read(referrers::of_entry)
        }
        route::GET_ASSETS_BY_ASSET_UID_REFERENCES => Read(referrers::of_asset),
        route::GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_REFERENCES => Read(referrers::of_content_type),
        route::GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_LOCALES => Read(translations::list),
        route::POST_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID_UNLOCALIZE => {
            Write(translations::unlocalize)
        }
        route::GET_TAXONOMIES_ALL_TERMS => Read(terms::of_all),
        route::GET_TAXONOMIES_BY_TAXONOMY_UID_TERMS_BY_TERM_UID_ANCESTORS => Read(terms::ancestors),
        route::GET_TAXONOMIES_BY_TAXONOMY_UID_TERMS_BY_TERM_UID_DESCENDANTS => Read(terms::descendants),
        route::PUT_TAXONOMIES_BY_TAXONOMY_UID_TERMS_BY_TERM_UID_MOVE => Write(terms::move_to),
        route::GET_WORKFLOWS_CONTENT_TYPE_BY_CONTENT_TYPE_UID => Read(workflow::rules_of),

        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_USERS => Read(teams::users),
        route::POST_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_USERS => Write(teams::add_users),
        route::DELETE_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_USERS_BY_USER_UID => Write(teams::remove_user),
        route::GET_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_STACK_ROLE_MAPPINGS => Read(teams::mappings),
        route::POST_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_STACK_ROLE_MAPPINGS => Write(teams::add_mapping),
        route::POST_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_STACK_ROLE_MAPPINGS_BY_STACK_API_KEY
        | route::PUT_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_STACK_ROLE_MAPPINGS_BY_STACK_API_KEY => {
            Write(teams::update_mapping)
        }
        route::DELETE_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_STACK_ROLE_MAPPINGS_BY_STACK_API_KEY => {
            Write(teams::remove_mapping)
        }

        route::CDA_GET_CONTENT_TYPES | route::CDA_GET_GLOBAL_FIELDS => Read(delivery::models),
        route::CDA_GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID
        | route::CDA_GET_GLOBAL_FIELDS_BY_GLOBAL_FIELD_UID => Read(delivery::model),
        route::CDA_GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES
        | route::PREVIEW_GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES
        | route::LEGACY_PREVIEW_GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES => Read(delivery::entries),
        route::CDA_GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID
        | route::PREVIEW_GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID
        | route::LEGACY_PREVIEW_GET_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES_BY_ENTRY_UID => {
            Read(delivery::entry)
        }
        route::CDA_GET_ASSETS => Read(delivery::assets),
        route::CDA_GET_ASSETS_BY_ASSET_UID => Read(delivery::asset),
        route::CDA_GET_TAXONOMIES_ENTRIES => Read(delivery::entries_of_terms),
        route::CDA_GET_STACKS_SYNC => Read(sync::sync),

        id => match collection::of(id)?.1 {
            Operation::List => Read(handlers::list),
            Operation::Create => Write(handlers::create),
            Operation::Read => Read(handlers::read),
            Operation::Update => Write(handlers::update),
            Operation::Delete => Write(handlers::delete),
        },
    })
}
