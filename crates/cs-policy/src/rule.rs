//! Rules: rows of `xtask/spec/rules.toml`.

use cs_model::facts::{Needs, Reach};
use cs_model::generated::{ContradictionId, route};
use cs_model::{Action, Api, Documented, ModuleId, RouteId, Source};

use crate::few::Few;
use crate::generated::{RULE_COUNT, RULES};
use crate::{Condition, Kind, Operation, Subject};

/// The place of a rule in [`RULES`]. Valid by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(u8);

const _: () = assert!(RULE_COUNT <= 256, "rule numbers are one byte");

impl RuleId {
    /// For the generated constants, which number the rows that they stand beside.
    pub(crate) const fn generated(index: u8) -> Self {
        Self(index)
    }

    /// The rule with this stable id: `management.tokens_module`.
    ///
    /// ```
    /// use cs_policy::RuleId;
    /// let rule = RuleId::find("delivery.no_drafts").unwrap().rule();
    /// assert_eq!(rule.effect, cs_policy::Effect::Forbid);
    /// ```
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|rule| rule.rule().id == id)
    }

    /// All rules, in the order of the table.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..RULE_COUNT).map(|index| Self(index as u8))
    }

    /// The number of the row.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The row.
    #[must_use]
    pub fn rule(self) -> &'static Rule {
        &RULES[self.index()]
    }
}

/// What a rule does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the verdict is made of these")]
pub enum Effect {
    /// It grants.
    Allow,
    /// It refuses, and no scope can change that.
    Forbid,
    /// Something is missing that a wider scope, role or a later expiry would bring.
    Needs,
    /// The documents disagree; the profile's reading of this row decides.
    Contradiction(ContradictionId),
    /// It decides nothing and is shown.
    Warning,
    /// It decides nothing: what else the documents say of the route.
    Note,
}

impl Effect {
    /// The name in the spec.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Forbid => "forbid",
            Self::Needs => "needs",
            Self::Contradiction(_) => "contradiction",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One rule, with the pages that say so.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// What it says, in our words; complete by itself.
    pub says: &'static str,
    /// What it does.
    pub effect: Effect,
    /// When it applies.
    pub when: Condition,
    /// Whom and what it is about.
    pub about: &'static About,
    /// For a contradiction: the rules that it puts aside unless the profile sides with them.
    pub replaces: Few<RuleId, 6>,
    /// What would change the verdict, with `{module}` and the like to fill in; empty when nothing would.
    pub fix: &'static str,
    /// Who says so.
    pub sources: &'static [Source],
    /// Contradictions that touch it.
    pub conflicts: Few<ContradictionId, 4>,
}

/// Whom and what a rule is about. All lists must hold together; an empty list, or `None`, holds for any.
///
/// Codegen evaluates the same selection when it writes the masks that decisions use; a test evaluates it again through
/// [`About::covers`] and compares.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct About {
    /// Kinds of credential. The one list that holds for nothing when empty: such rules are given by code.
    pub kinds: Few<Kind, 7>,
    /// APIs.
    pub apis: Few<Api, 4>,
    /// Modules.
    pub modules: Few<ModuleId, 12>,
    /// Modules that it is not about.
    pub not_modules: Few<ModuleId, 20>,
    /// Actions.
    pub actions: Few<Action, 4>,
    /// Routes.
    pub routes: Few<RouteId, 8>,
    /// What the route table says of the kind: see [`Kind::documented`].
    pub documented: Few<Documented, 3>,
    /// What the action needs.
    pub needs: Option<Needs>,
    /// What a branch means to the module.
    pub reach: Few<Reach, 2>,
    /// Whether the route takes an API key.
    pub api_key: Few<Documented, 3>,
    /// Whether the route takes a branch header.
    pub branch_header: Few<Documented, 3>,
    /// Whether the route takes an `environment` query parameter.
    pub environment: Few<Documented, 3>,
    /// Whether it is a GET that changes something.
    pub state_change: Option<bool>,
    /// Whether no document asks for a credential.
    pub credential_free: Option<bool>,
    /// Whether it is about operations only, and no route.
    pub operations_only: bool,
    /// What has no route, in addition.
    pub operations: Few<Operation, 2>,
    /// Routes in addition.
    pub also: Few<RouteId, 8>,
}

impl About {
    /// Every route of every API, for no kind yet.
    pub(crate) const ANY: Self = Self {
        kinds: Few::none(Kind::ALL[0]),
        apis: Few::none(Api::ALL[0]),
        modules: Few::none(ModuleId::ALL[0]),
        not_modules: Few::none(ModuleId::ALL[0]),
        actions: Few::none(Action::ALL[0]),
        routes: Few::none(route::GET_ASSETS),
        documented: Few::none(Documented::Yes),
        needs: None,
        reach: Few::none(Reach::Branch),
        api_key: Few::none(Documented::Yes),
        branch_header: Few::none(Documented::Yes),
        environment: Few::none(Documented::Yes),
        state_change: None,
        credential_free: None,
        operations_only: false,
        operations: Few::none(Operation::generated(0)),
        also: Few::none(route::GET_ASSETS),
    };

    /// Whether it holds for every route of its APIs that takes what it needs.
    pub(crate) const fn is_any(&self) -> bool {
        self.modules.as_slice().is_empty()
            && self.not_modules.as_slice().is_empty()
            && self.actions.as_slice().is_empty()
            && self.routes.as_slice().is_empty()
            && self.documented.as_slice().is_empty()
            && self.reach.as_slice().is_empty()
            && self.api_key.as_slice().is_empty()
            && self.branch_header.as_slice().is_empty()
            && self.environment.as_slice().is_empty()
            && self.state_change.is_none()
            && self.credential_free.is_none()
            && !self.operations_only
    }

    /// Whether a rule with this selection is about this kind and subject.
    #[must_use]
    pub fn covers(&self, kind: Kind, subject: Subject) -> bool {
        if !self.kinds.contains(&kind) {
            return false;
        }
        let id = match subject {
            Subject::Route(id) => id,
            Subject::Operation(operation) => return self.operations.contains(&operation),
        };
        if self.also.contains(&id) {
            return true;
        }
        let route = id.row();
        let module = route.module.row();
        let documented = kind.documented(route, crate::oauth::scope_of(id).is_some());
        !self.operations_only
            && any_or(&self.apis, &route.api)
            && any_or(&self.modules, &route.module)
            && !self.not_modules.contains(&route.module)
            && any_or(&self.actions, &route.action)
            && any_or(&self.routes, &id)
            && any_or(&self.documented, &documented)
            && self.needs.is_none_or(|needs| needs == route.action.row().needs)
            && any_or(&self.reach, &module.reach)
            && any_or(&self.api_key, &route.api_key)
            && any_or(&self.branch_header, &route.branch_header)
            && any_or(&self.environment, &route.environment)
            && self.state_change.is_none_or(|is| is == route.state_change)
            && self.credential_free.is_none_or(|is| is == crate::kind::is_credential_free(route))
    }
}

fn any_or<T: PartialEq>(list: &[T], item: &T) -> bool {
    list.is_empty() || list.contains(item)
}
