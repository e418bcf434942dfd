//! OAuth scopes: which one a route takes.

use cs_model::RouteId;

use crate::generated::{OAUTH_SCOPE_OF, OAUTH_SCOPES, OTHER_OAUTH_SCOPES};

/// No scope is known.
pub(crate) const NO_SCOPE: u8 = u8::MAX;

const _: () = assert!(OAUTH_SCOPES.len() <= 128, "scopes are kept as bits of a u128");

/// The scope that a route takes: the one that the API description names (OA3), else the one that follows from its module by the
/// names that others list (third-party, an app builder guide, 2026; guide-auth, matrix); `None` when no document names any.
///
/// ```
/// use cs_model::{Api, Method};
/// let route = cs_policy::classify(Api::Management, Method::Get, "/v3/releases").unwrap();
/// assert_eq!(cs_policy::oauth_scope(route), Some("cm.releases.management:read"));
/// ```
#[must_use]
pub fn scope_of(route: RouteId) -> Option<&'static str> {
    OAUTH_SCOPES.get(usize::from(OAUTH_SCOPE_OF[route.index()])).copied()
}

/// Every scope that a document names (OA3; third-party, an app builder guide, 2026): those that routes take, then those that no
/// route takes. The vendor's own list was not found.
pub fn scopes() -> impl Iterator<Item = &'static str> {
    OAUTH_SCOPES.into_iter().chain(OTHER_OAUTH_SCOPES)
}

/// The place of a scope in the table.
pub(crate) fn number_of(scope: &str) -> Option<u8> {
    OAUTH_SCOPES.binary_search(&scope).ok().map(|number| number as u8)
}
