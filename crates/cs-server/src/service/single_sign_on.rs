//! The header that requests into stacks of an organization with single sign-on must have, where the profile says so (CMA-doc, "Get a
//! single stack"; faq, 06/02).

use std::sync::Arc;

use cs_model::generated::{ContradictionId, ErrorId, route};
use cs_model::profile::ServiceReading;

use super::{Actor, Service};
use crate::call::Call;
use crate::record::{OrganizationRecord, StackRecord};
use crate::refusal::Stop;
use crate::store::{Tx, get_known, keys};

impl Service {
    /// Sees to it that a user's request into a stack names the organization, if that has single sign-on. Tokens belong to
    /// their stack or organization already. The list of stacks has an answer of its own: it is empty.
    pub(super) fn organization_is_named(
        &self,
        tx: &mut dyn Tx,
        call: &Call<'_>,
        actor: &Actor,
        stack: Option<&StackRecord>,
    ) -> Result<(), Stop> {
        let reading = self.options.profile.reading(ContradictionId::SsoOrganizationHeader).service;
        let (Actor::User { .. }, Some(stack), ServiceReading::Allow) = (actor, stack, reading) else {
            return Ok(());
        };
        if call.route == route::GET_STACKS {
            return Ok(());
        }
        let organization: Option<Arc<OrganizationRecord>> = get_known(tx, &keys::org(&stack.org_uid))?;
        let is_named = call.organization_uid().is_some_and(|uid| *uid == *stack.org_uid);
        if is_named || !organization.is_some_and(|organization| organization.sso) {
            return Ok(());
        }
        Err(ErrorId::OrgScopeWrong.into())
    }
}
