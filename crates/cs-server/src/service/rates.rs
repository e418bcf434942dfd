//! Which limits per second a request counts against.

use cs_model::generated::{ContradictionId, ErrorId, LimitId};
use cs_model::profile::ServiceReading;
use cs_model::{Method, Route};
use jiff::Timestamp;

use super::{Actor, Service};
use crate::limiter::Bound;
use crate::record::StackRecord;
use crate::refusal::Refusal;
use crate::trace::Notes;

impl Service {
    /// Counts a request, once: against the limit of the organization, and against that of the token if it has its own.
    ///
    /// One page counts for the organization (CMA-doc, "Rate limiting"), another for each API key and token (studio-cma); which one
    /// holds is a reading of the profile.
    pub(super) fn count(
        &self,
        organization: &str,
        actor: &Actor,
        stack: Option<&StackRecord>,
        row: &Route,
        now: Timestamp,
        notes: &Notes,
    ) -> Result<(), Refusal> {
        let count = || {
            let profile = Some(&self.options.profile).filter(|_| self.options.rate_limit)?;
            let id = row.rate_limit();
            let mut bounds = Vec::with_capacity(2);
            if let Some(limit) = profile.limit(id).value {
                let per_organization =
                    profile.reading(ContradictionId::RateLimitUnit).service == ServiceReading::Allow;
                let whose = if per_organization {
                    organization.to_owned()
                } else {
                    let stack = stack.map_or(organization, |stack| &stack.api_key);
                    format!("{stack}/{}", actor.own_uid().unwrap_or_default())
                };
                bounds.push(Bound { whose, id, limit });
            }
            bounds.extend(own_bound(actor, row.method));
            self.limiter.count(&bounds, now)
        };
        match notes.allowance.get_or_init(count) {
            Some(allowance) if allowance.exceeded => Err(Refusal::new(ErrorId::RateLimited)),
            _ => Ok(()),
        }
    }
}

/// The limit of a management token of its own: reads are GET requests, everything else writes (generate-management-token;
/// limitations).
fn own_bound(actor: &Actor, method: Method) -> Option<Bound> {
    let Actor::Management(token) = actor else { return None };
    if token.rate_limit_enabled != Some(true) {
        return None;
    }
    let (id, limit) = match method {
        Method::Get => (LimitId::ReadsPerSecond, token.reads_per_second),
        _ => (LimitId::WritesPerSecond, token.writes_per_second),
    };
    Some(Bound { whose: format!("token {}", token.uid), id, limit: limit? })
}
