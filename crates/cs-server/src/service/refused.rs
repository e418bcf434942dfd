//! What the refusals of the policy become on the wire.

use cs_model::Api;
use cs_model::generated::ErrorId;
use cs_policy::{Condition, Decision, Subject};

use super::Actor;
use crate::refusal::Refusal;

/// The answer to what the policy refuses.
pub(super) fn refusal(decision: &Decision, actor: &Actor) -> Refusal {
    let api = match decision.subject() {
        Some(Subject::Route(id)) => id.row().api,
        _ => Api::Management,
    };
    let holds = |condition| decision.rules().iter().any(|id| id.rule().when == condition);
    Refusal::new(match (api, actor) {
        (_, Actor::Nobody) => ErrorId::AuthtokenMissing,
        // A credential that no scope could help.
        (Api::Delivery | Api::GraphQl, Actor::Preview(_) | Actor::Management(_) | Actor::User { .. })
        | (Api::Delivery | Api::GraphQl, Actor::Oauth { .. }) => ErrorId::DeliveryTokenInvalid,
        (Api::Delivery | Api::GraphQl, Actor::Access) => ErrorId::DeliveryTokenInvalid,
        (Api::Preview, actor) if !matches!(actor, Actor::Preview(_)) => ErrorId::PreviewTokenInvalid,
        (Api::Management | Api::LegacyPreview, Actor::Delivery(_) | Actor::Access) => {
            ErrorId::DeliveryTokenElsewhere
        }
        (Api::Management | Api::LegacyPreview, Actor::Preview(_)) => ErrorId::PreviewTokenElsewhere,
        _ if holds(Condition::OtherStack) => ErrorId::OrganizationMismatch,
        _ if holds(Condition::EnvironmentMissing) => ErrorId::EnvironmentForbidden,
        _ if holds(Condition::BranchMissing) => ErrorId::BranchNotGranted,
        _ if holds(Condition::AliasMissing) => ErrorId::AliasNotGranted,
        (_, Actor::Management(_)) if lacks_right(holds) => ErrorId::ScopeInsufficient,
        _ if holds(Condition::OauthScopeMissing) => ErrorId::ScopeInsufficient,
        _ => ErrorId::NoPermission,
    })
}

fn lacks_right(holds: impl Fn(Condition) -> bool) -> bool {
    [Condition::ModuleNotGranted, Condition::ReadMissing, Condition::WriteMissing].into_iter().any(holds)
}
