//! What the rules say of a request before it is sent.

use std::fmt;
use std::sync::Arc;

use cs_model::{Access, Grant, Module, Profile, RouteId};
use cs_policy::{
    Context, Decision, Effect, ManagementFacts, OAuthFacts, OrganizationRole, Prepared, Principal, Rule,
    StackRole, User, Verdict, decide, fixes, oauth_scope, why,
};
use jiff::Timestamp;

use crate::{CredentialKind, Denied, Error, Operation};

/// Something to know about a request that is sent all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caution {
    /// The request.
    pub operation: Operation,
    /// The rule, as `cs-policy` lists it.
    pub rule: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// What hears of cautions.
type Hears = dyn Fn(&Caution) + Send + Sync;

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Listener(pub(crate) Option<Arc<Hears>>);

impl Listener {
    pub(crate) fn tell(&self, caution: &Caution) {
        if let Some(listener) = &self.0 {
            listener(caution);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener(some)" } else { "Listener(none)" })
    }
}

/// Refuses what no scope and no role could ever allow this kind of credential, and collects what there is to know
/// otherwise.
///
/// What the credential was really given is not known here. So it is taken for the most powerful of its kind, and only a
/// refusal that still stands stops the request: everything else is for the API to decide.
pub(crate) fn preflight(
    profile: &Profile,
    prepared: &Prepared,
    route: RouteId,
    now: Timestamp,
) -> Result<Vec<Caution>, Error> {
    let operation = Operation(route);
    let decision = decide(profile, prepared, route, &Context::default(), now);
    let caution = |rule: &'static Rule| Caution { operation, rule: rule.id, says: rule.says };
    match decision.verdict() {
        Verdict::Forbidden => Err(Error::Denied(Box::new(denied(operation, &decision)))),
        Verdict::Undocumented => Ok(why(&decision).chain(decision.warnings()).map(caution).collect()),
        Verdict::Allow | Verdict::NotGranted | Verdict::Unmapped => {
            Ok(decision.warnings().map(caution).collect())
        }
    }
}

/// The principal of this kind that may most, ready for decisions.
pub(crate) fn prepared(credential: CredentialKind) -> Prepared {
    Prepared::new(&most_powerful(credential))
}

fn denied(operation: Operation, decision: &Decision) -> Denied {
    let refusing: Vec<&Rule> = why(decision).filter(|rule| matches!(rule.effect, Effect::Forbid)).collect();
    let reasons: Vec<&Rule> = if refusing.is_empty() { why(decision).collect() } else { refusing };
    let says = reasons.iter().map(|rule| sentence(rule.says)).collect::<Vec<_>>().join("; ");
    let fix = fixes(decision).map(|fix| fix.to_string()).collect::<Vec<_>>().join("; ");
    let verdict = decision.verdict().name();
    Denied { operation, verdict, says, rules: reasons.iter().map(|rule| rule.id).collect(), fix }
}

/// A rule's sentence as a part of ours.
fn sentence(says: &str) -> String {
    let says = says.trim_end_matches('.');
    let mut letters = says.chars();
    match letters.next() {
        // A name in capitals keeps them.
        Some(first) if !letters.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => says.to_owned(),
    }
}

fn most_powerful(credential: CredentialKind) -> Principal {
    match credential {
        CredentialKind::None => Principal::Anonymous,
        CredentialKind::Authtoken => Principal::Authtoken(User {
            roles: vec![StackRole::Owner],
            organization: OrganizationRole::Owner,
            ..User::default()
        }),
        CredentialKind::Management => Principal::Management(ManagementFacts {
            scope: [(Module::All, Access::ReadWrite)].into(),
            branches: Grant::All,
            aliases: Grant::All,
            ..ManagementFacts::default()
        }),
        CredentialKind::OAuth => Principal::OAuth(OAuthFacts {
            scopes: RouteId::all().filter_map(oauth_scope).map(str::to_owned).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;

    use super::*;

    fn check(credential: CredentialKind, route: RouteId) -> Result<Vec<Caution>, Error> {
        preflight(&Profile::seeds(), &prepared(credential), route, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_management_token_cannot_manage_tokens() {
        let credential = CredentialKind::Management;
        let error = check(credential, route::POST_STACKS_MANAGEMENT_TOKENS).unwrap_err();
        let Error::Denied(denied) = &error else { panic!("{error:?}") };
        assert!(!denied.rules.is_empty() && !denied.says.is_empty());
        assert!(check(credential, route::GET_ENVIRONMENTS).is_ok());
    }

    #[test]
    fn a_session_may_do_all_that_this_crate_does() {
        let credential = CredentialKind::Authtoken;
        for route in [
            route::GET_STACKS_DELIVERY_TOKENS,
            route::POST_STACKS_MANAGEMENT_TOKENS,
            route::DELETE_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN,
            route::GET_STACKS,
            route::GET_USER,
            route::DELETE_USER_SESSION,
            route::GET_STACKS_BRANCHES,
            route::GET_STACKS_BRANCH_ALIASES,
        ] {
            check(credential, route).unwrap();
        }
        check(CredentialKind::None, route::POST_USER_SESSION).unwrap();
    }

    #[test]
    fn what_the_documents_leave_open_is_a_caution() {
        let credential = CredentialKind::Management;
        let route = route::POST_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN;
        let cautions = check(credential, route).unwrap();
        assert!(
            !cautions.is_empty(),
            "whether a management token makes preview tokens is not settled by the seeds"
        );
    }
}
