//! What a client authenticates itself with, and what follows from it for every request.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use cs_model::generated::ROUTES;
use cs_model::{Profile, RouteId};
use cs_policy::Prepared;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::client::preflight::{self, Caution};
use crate::{CredentialKind, Error, Provided};

/// A credential or a source of them, with what need not be worked out for each request.
pub(crate) struct Identity {
    pub(crate) provided: Provided,
    /// The header of a credential that stays; `None` also for one that fits no header, which each request says then.
    header: Option<(HeaderName, HeaderValue)>,
    prepared: Prepared,
    /// A bit for each route: set once the rules were asked and had nothing to say of it. They never will: the most powerful
    /// principal of a kind does not expire.
    clear: [AtomicU64; ROUTES.len().div_ceil(64)],
}

impl Identity {
    pub(crate) fn new(provided: Provided) -> Self {
        let header = match &provided {
            Provided::Fixed(credential) => credential.header().ok().flatten(),
            Provided::Source(_) => None,
        };
        Self { header, prepared: preflight::prepared(provided.kind()), clear: Default::default(), provided }
    }

    pub(crate) fn kind(&self) -> CredentialKind {
        self.provided.kind()
    }

    /// What the rules say of a request before it is sent: see [`preflight::preflight`].
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn cautions(
        &self,
        profile: &Profile,
        route: RouteId,
        now: impl FnOnce() -> Timestamp,
    ) -> Result<Vec<Caution>, Error> {
        let (word, bit) = (&self.clear[route.index() / 64], 1 << (route.index() % 64));
        if word.load(Ordering::Relaxed) & bit != 0 {
            return Ok(Vec::new());
        }
        let cautions = preflight::preflight(profile, &self.prepared, route, now())?;
        if cautions.is_empty() {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(cautions)
    }

    /// The header of a credential that stays and fits one.
    pub(crate) const fn header(&self) -> Option<&(HeaderName, HeaderValue)> {
        self.header.as_ref()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.provided.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use cs_model::Secret;

    use super::*;
    use crate::Credential;

    #[test]
    fn what_is_known_to_be_clear_is_what_the_rules_say_at_any_time() {
        let secret = || Secret::new("not-a-session");
        let profile = Profile::seeds();
        for credential in [
            Credential::None,
            Credential::Authtoken(secret()),
            Credential::Management(secret()),
            Credential::OAuth(secret()),
        ] {
            let held = Identity::new(credential.into());
            for route in RouteId::all() {
                for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
                    let said = preflight::preflight(&profile, &held.prepared, route, now);
                    let known = held.cautions(&profile, route, || now);
                    assert_eq!(format!("{known:?}"), format!("{said:?}"), "{:?}", route.row());
                }
            }
        }
    }
}
