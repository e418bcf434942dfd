//! Which entries of a management token's scope grant anything at all.

use std::collections::BTreeMap;

use cs_model::facts::Needs;
use cs_model::profile::Profile;
use cs_model::{Access, Expiry, Grant, Module, RouteId};
use jiff::Timestamp;

use crate::tables::FACTS;
use crate::{BodyFacts, Context, ManagementFacts, Prepared, Principal, decide};

/// Whether a right to a module opens some request to a management token that has nothing else, under this profile.
///
/// It does not for a module that is closed to management tokens, such as `delivery_token`, for a name that no table knows,
/// and for the right to write what can only be read.
pub(crate) fn has_effect(profile: &Profile, module: &Module, right: Needs) -> bool {
    let Some(id) = module.known() else { return *module == Module::All };
    let access = match right {
        Needs::Read => Access::Read,
        Needs::Write => Access::Write,
    };
    let (with, without) = (token([(module.clone(), access)].into()), token(BTreeMap::new()));
    RouteId::all()
        .filter(|route| FACTS[route.index()].modules >> id as u8 & 1 == 1)
        .any(|route| opens(profile, &with, route) && !opens(profile, &without, route))
}

/// A token with this scope that nothing else limits.
fn token(scope: BTreeMap<Module, Access>) -> Prepared {
    Prepared::new(&Principal::Management(ManagementFacts {
        scope,
        branches: Grant::None,
        aliases: Grant::None,
        stack_without_branches: true,
        expires: Expiry::Never,
    }))
}

/// Whether it may make the request as it is easiest allowed.
fn opens(profile: &Profile, token: &Prepared, route: RouteId) -> bool {
    let body = BodyFacts { stage_open_to_all: true, ..BodyFacts::NONE };
    let context = Context { body, ..Context::default() };
    decide(profile, token, route, &context, Timestamp::UNIX_EPOCH).verdict().is_allow()
}
