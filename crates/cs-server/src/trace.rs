//! What is known of a request once it is answered: for logs and metrics, and without a secret.

use std::cell::{OnceCell, RefCell};

use cs_model::RouteId;
use cs_policy::{Decision, Kind, RuleSet, Verdict};

use crate::limiter::Allowance;
use crate::record::StackRecord;
use crate::service::Actor;

/// What is known of a request once it is answered.
///
/// It holds names and uids that the service itself made or knows, never what a request says of itself: an API key that
/// is that of no stack may be a token in the wrong header. What did not come to pass is empty: a request without a
/// credential has no principal, one that was refused before it was judged has no verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// The route; `None` for one that no document knows.
    pub route: Option<RouteId>,
    /// The API key of the stack.
    pub api_key: Option<String>,
    /// The uid of the organization: that of the stack, or the one that is named.
    pub organization: Option<String>,
    /// The kind of credential that the request was found to have.
    pub principal: Option<Kind>,
    /// The uid of the user or the token behind it.
    pub principal_uid: Option<String>,
    /// The branch or branch alias that the request names.
    pub branch: Option<String>,
    /// The environment that the request names.
    pub environment: Option<String>,
    /// The `error_code` of the answer.
    pub error_code: Option<u64>,
    /// What the policy said.
    pub verdict: Option<Verdict>,
    /// The rules that led to it.
    pub rules: RuleSet,
    /// Whether it was one too many for its second.
    pub rate_limited: bool,
}

/// What a request leaves behind while it is let in. That may happen twice: the last time counts.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// What the limit per second says. Asked once.
    pub(crate) allowance: OnceCell<Option<Allowance>>,
    trace: RefCell<Trace>,
}

impl Notes {
    /// For a request that is not counted.
    pub(crate) fn uncounted() -> Self {
        Self { allowance: OnceCell::from(None), trace: RefCell::default() }
    }

    pub(crate) fn route(&self, route: RouteId) {
        self.trace.borrow_mut().route = Some(route);
    }

    pub(crate) fn stack(&self, stack: &StackRecord) {
        self.trace.borrow_mut().api_key = Some(stack.api_key.clone());
    }

    pub(crate) fn organization(&self, uid: &str) {
        self.trace.borrow_mut().organization = Some(uid.to_owned());
    }

    pub(crate) fn actor(&self, actor: &Actor) {
        let mut trace = self.trace.borrow_mut();
        trace.principal = Some(actor.kind());
        trace.principal_uid = actor.own_uid().map(str::to_owned);
    }

    /// The branch or alias, after it was found to exist.
    pub(crate) fn branch(&self, name: &str) {
        self.trace.borrow_mut().branch = Some(name.to_owned());
    }

    /// The environment, after it was found to exist.
    pub(crate) fn environment(&self, name: &str) {
        self.trace.borrow_mut().environment = Some(name.to_owned());
    }

    pub(crate) fn decision(&self, decision: &Decision) {
        let mut trace = self.trace.borrow_mut();
        (trace.verdict, trace.rules) = (Some(decision.verdict()), decision.rules());
    }

    pub(crate) fn error_code(&self, code: Option<u64>) {
        self.trace.borrow_mut().error_code = code;
    }

    /// All of it, at the end.
    pub(crate) fn into_parts(self) -> (Option<Allowance>, Trace) {
        let allowance = self.allowance.into_inner().flatten();
        let mut trace = self.trace.into_inner();
        trace.rate_limited = allowance.is_some_and(|allowance| allowance.exceeded);
        (allowance, trace)
    }
}
