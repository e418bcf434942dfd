//! Which routes there are: those of the table, but for a few that some documents do not have.

use cs_model::generated::{ContradictionId, route};
use cs_model::profile::ServiceReading;
use cs_model::{Profile, RouteId};

/// Whether a profile has the route.
pub(super) fn is_mounted(profile: &Profile, id: RouteId) -> bool {
    let reads = |contradiction| profile.reading(contradiction).service == ServiceReading::Allow;
    match id {
        route::POST_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN => {
            reads(ContradictionId::PreviewTokenHost)
        }
        route::DELETE_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN => {
            reads(ContradictionId::PreviewTokenHost) && reads(ContradictionId::PreviewTokenDeletion)
        }
        route::PUT_RELEASES_BY_RELEASE_UID_ITEMS_MOVE => reads(ContradictionId::ReleaseItemsMoveMethod),
        route::PUT_ORGANIZATIONS_BY_ORGANIZATION_UID_TEAMS_BY_TEAM_UID_STACK_ROLE_MAPPINGS_BY_STACK_API_KEY => {
            reads(ContradictionId::StackRoleMappingMethod)
        }
        _ => true,
    }
}
