//! What would have to change for a refusal to become an allow: found, tried, and the least there is.
//!
//! [`fixes`](crate::fixes) says for each rule how it is met. Here the changes are made to a copy of the principal and the
//! request is judged again, so what is answered is known to suffice, and nothing in it can be left out.

use cs_model::{Api, Profile};
use jiff::Timestamp;

use crate::{
    Context, Decision, Kind, Operation, Prepared, Principal, Request, Rule, decide_operation,
    decide_prepared, why,
};

mod candidates;
mod change;
mod words;

pub use change::Change;

/// What would turn a refusal into an allow.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it is allowed, can be, or cannot")]
pub enum Remedy {
    /// It is allowed as it is.
    NotNeeded,
    /// These changes together. None of them can be left out, and no fewer would do.
    ///
    /// They change what the credential was given, or what the request meets (who may enter a stage, whether a publish rule
    /// names approvers), if that can help at all; only otherwise they name another credential, and only if no credential
    /// may, another way to ask, with the credential that it takes: drafts where there are some, else what is published.
    Changes(Vec<Change>),
    /// Nothing would.
    Impossible {
        /// The weightiest rule that stands in the way.
        because: Option<&'static Rule>,
    },
}

impl Remedy {
    /// The changes; none where none is needed or possible.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        match self {
            Self::Changes(changes) => changes,
            _ => &[],
        }
    }
}

/// Finds the smallest change that would allow a request.
///
/// ```
/// use cs_model::{Access, Grant, ModuleId, Profile};
/// use cs_policy::{ManagementFacts, Principal, Request, fix};
/// let mut facts = ManagementFacts { branches: Grant::only(["main"]), ..ManagementFacts::default() };
/// facts.scope.insert(ModuleId::ContentType.into(), Access::Read);
/// let mut request = Request::new("GET", "/v3/content_types/blog/entries");
/// request.branch = Some("development");
/// let now = "2026-11-21T00:00:00Z".parse()?;
/// let remedy = fix(&Profile::seeds(), &Principal::Management(facts), &request, now);
/// let changes: Vec<_> = remedy.changes().iter().map(ToString::to_string).collect();
/// assert_eq!(changes, ["add `entry:read` to the token's scope", "grant branch `development`"]);
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn fix(profile: &Profile, principal: &Principal, request: &Request<'_>, now: Timestamp) -> Remedy {
    Question { profile, request: *request, operation: None, now }.remedy(principal)
}

/// [`fix`] for what has no route. Of the context only [`Context::other_stack`] is read.
#[must_use]
pub fn fix_operation(
    profile: &Profile,
    principal: &Principal,
    operation: Operation,
    context: &Context,
    now: Timestamp,
) -> Remedy {
    let request = Request { other_stack: context.other_stack, ..Request::new("", "") };
    Question { profile, request, operation: Some(operation), now }.remedy(principal)
}

/// What is asked, of whom it may be.
#[derive(Clone, Copy, Debug)]
struct Question<'a> {
    profile: &'a Profile,
    request: Request<'a>,
    operation: Option<Operation>,
    now: Timestamp,
}

impl Question<'_> {
    fn remedy(&self, principal: &Principal) -> Remedy {
        let decision = self.decide(principal, &self.request);
        if decision.verdict().is_allow() {
            return Remedy::NotNeeded;
        }
        let own = self.own_changes(principal, &decision);
        if let Some(changes) = self.smallest(principal, &own) {
            return Remedy::Changes(changes);
        }
        let others = self.other_credentials(principal, &decision);
        let mut single = others.iter().map(|change| vec![change.clone()]);
        match single.find(|change| self.is_allowed_after(principal, change)) {
            Some(change) => Remedy::Changes(change),
            None => {
                let elsewhere = self
                    .on_preview(principal)
                    .or_else(|| self.on_management(principal, &decision))
                    .or_else(|| self.of_what_is_published(principal));
                match elsewhere {
                    Some(changes) => Remedy::Changes(changes),
                    None => Remedy::Impossible { because: why(&decision).next() },
                }
            }
        }
    }

    /// What it takes to read drafts where preview tokens do: with the token's own, or with another credential.
    fn on_preview(&self, principal: &Principal) -> Option<Vec<Change>> {
        if !self.request.draft || self.request.api != Api::Delivery {
            return None;
        }
        let is_preview =
            |other: &Change| matches!(other, Change::UseCredential(to) if to.kind() == Kind::Preview);
        self.together_with(&Change::UsePreviewApi, principal, is_preview)
    }

    /// What it takes to read drafts for which the preview API has no route, such as assets: the management API has drafts
    /// of everything. The request must mean the same there, so route, module and action must be the same.
    fn on_management(&self, principal: &Principal, decision: &Decision) -> Option<Vec<Change>> {
        let asked = decision.route()?.row();
        if !self.request.draft || asked.api != Api::Delivery {
            return None;
        }
        let request = Request { api: Api::Management, ..self.request };
        let there = self.decide(principal, &request).route()?.row();
        if (there.template, there.module, there.action) != (asked.template, asked.module, asked.action) {
            return None;
        }
        self.together_with(&Change::UseManagementApi, principal, |_| true)
    }

    /// What it takes where no API has drafts: what is published instead.
    fn of_what_is_published(&self, principal: &Principal) -> Option<Vec<Change>> {
        if !self.request.draft {
            return None;
        }
        self.together_with(&Change::AskForPublished, principal, |_| true)
    }

    /// The least that suffices when it is asked in another way, with what the credential lacks there or with another one.
    fn together_with(
        &self,
        way: &Change,
        principal: &Principal,
        may_be: impl Fn(&Change) -> bool,
    ) -> Option<Vec<Change>> {
        let (mut moved, mut request) = (principal.clone(), self.request);
        way.apply(&mut moved, &mut request);
        let decision = self.decide(&moved, &request);
        let mut own = self.own_changes(&moved, &decision);
        own.push(way.clone());
        self.smallest(principal, &own).or_else(|| {
            self.other_credentials(principal, &decision)
                .into_iter()
                .filter(may_be)
                .map(|other| vec![other, way.clone()])
                .find(|changes| self.is_allowed_after(principal, changes))
        })
    }

    fn decide(&self, principal: &Principal, request: &Request<'_>) -> Decision {
        let prepared = Prepared::new(principal);
        match self.operation {
            Some(operation) => {
                let context = request.context(&prepared);
                decide_operation(self.profile, &prepared, operation, &context, self.now)
            }
            None => decide_prepared(self.profile, &prepared, request, self.now),
        }
    }

    fn is_allowed_after(&self, principal: &Principal, changes: &[Change]) -> bool {
        let (mut principal, mut request) = (principal.clone(), self.request);
        for change in changes {
            change.apply(&mut principal, &mut request);
        }
        self.decide(&principal, &request).verdict().is_allow()
    }

    /// The first of the smallest sets of these changes that suffice. There are few, so all sets are tried, and what is
    /// found first among the smallest holds nothing that could be left out.
    fn smallest(&self, principal: &Principal, all: &[Change]) -> Option<Vec<Change>> {
        let mut sets: Vec<u32> = (1..1 << all.len()).collect();
        sets.sort_by_key(|set| set.count_ones());
        sets.into_iter()
            .map(|set| {
                let chosen = all.iter().enumerate().filter(|(number, _)| set >> number & 1 == 1);
                chosen.map(|(_, change)| change.clone()).collect::<Vec<_>>()
            })
            .find(|changes| self.is_allowed_after(principal, changes))
    }
}
