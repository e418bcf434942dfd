//! Letting a request in: the checks before any endpoint runs, in the order that was observed (probe; studio-cma) as far as it was.

use std::sync::Arc;

use cs_model::Documented;
use cs_model::generated::{ErrorId, route};
use cs_policy::{Prepared, decide_in_service};
use jiff::Timestamp;

use super::asked::Asked;
use super::{Scene, Service, authority, refused};
use crate::call::Call;
use crate::random::Draw;
use crate::record::{MAIN_BRANCH, StackRecord};
use crate::refusal::Stop;
use crate::store::{Tx, get_known, keys};
use crate::trace::Notes;

impl Service {
    /// Lets a request in, or says why not.
    pub(super) fn admit<'a>(
        &'a self,
        tx: &mut dyn Tx,
        now: Timestamp,
        call: &'a Call<'a>,
        draw: &'a Draw,
        notes: &Notes,
    ) -> Result<Scene<'a>, Stop> {
        let row = call.route.row();
        let profile = &self.options.profile;
        let stack = stack_of(tx, call)?;
        let organization = match &stack {
            Some(stack) => Some(stack.org_uid.clone()),
            None => authority::organization_named(tx, call)?,
        };
        stack.iter().for_each(|stack| notes.stack(stack));
        organization.iter().for_each(|uid| notes.organization(uid));
        let actor = self.actor_of(tx, call, stack.as_deref(), now)?;
        notes.actor(&actor);
        // Only those who belong to an organization use up its limit: else anybody who knows an API key could.
        if let Some(organization) = &organization
            && authority::belongs(tx, &actor, stack.as_deref(), organization)?
        {
            self.count(organization, &actor, stack.as_deref(), row, now, notes)?;
        }
        self.organization_is_named(tx, call, &actor, stack.as_deref())?;
        let branch = match &stack {
            Some(stack) => authority::branch_of(tx, call, stack)?,
            None => None,
        };
        branch.iter().for_each(|named| notes.branch(named.name()));
        let asked = Asked::read(tx, call, &actor, stack.as_deref(), branch, organization.as_deref())?;
        asked.environment.iter().for_each(|environment| notes.environment(&environment.name));
        let in_branch = asked.branch.as_ref().map_or(MAIN_BRANCH, |named| named.uid());
        let request = Some((call, in_branch));
        let principal = authority::principal(tx, &actor, stack.as_deref(), organization.as_deref(), request)?;
        let prepared = Prepared::new(&principal);
        let context = asked.context(&prepared);
        let decision = decide_in_service(profile, &prepared, call.route, &context, now);
        notes.decision(&decision);
        if !decision.verdict().is_allow() {
            return Err(refused::refusal(&decision, &actor).into());
        }
        // The rules speak of other stacks; an organization is no more within reach than its stacks are.
        if asked.other_organization {
            return Err(ErrorId::OrganizationMismatch.into());
        }
        let Asked { branch, environment, draft: is_draft, .. } = asked;
        let counted = self.options.rate_limit;
        Ok(Scene {
            profile,
            now,
            call,
            draw,
            actor,
            stack,
            branch,
            environment,
            is_draft,
            counted,
            public_url: self.public_url(),
        })
    }
}

/// The stack that the request names. Needed where the route asks for it, and where no document speaks of it: that is said
/// of routes inside of stacks only. Elsewhere it is looked at where it means something: `GET /v3/stacks` with an API key
/// is one stack.
fn stack_of(tx: &mut dyn Tx, call: &Call<'_>) -> Result<Option<Arc<StackRecord>>, Stop> {
    let needed = call.route.row().api_key != Documented::No;
    let meant = needed || call.route == route::GET_STACKS;
    match call.api_key().filter(|_| meant) {
        Some(api_key) => match get_known(tx, &keys::stack(&api_key))? {
            Some(stack) => Ok(Some(stack)),
            None => Err(ErrorId::ApiKeyUnknown.into()),
        },
        None if needed => Err(ErrorId::ApiKeyMissing.into()),
        None => Ok(None),
    }
}
