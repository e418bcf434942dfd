//! Explanations: which rules led to a verdict, who says so, and what would change it.

use std::fmt;

use cs_model::facts::Needs;
use cs_model::{Api, Method};

use crate::decision::{Decision, Verdict};
use crate::rule::RuleId;
use crate::rule_set::{Bits, RuleSet};
use crate::subject::Subject;
use crate::tables::EFFECTS;
use crate::{Condition, Effect, Kind, Request, Rule};

/// The rules that led to a verdict, the weightiest first: for an allow what grants it, for a refusal everything that
/// stands against it, so that all can be mended at once. Never empty for a refusal.
///
/// Each rule says by itself what it is about ([`Rule::says`]) and names its pages ([`Rule::sources`]).
///
/// ```
/// use cs_model::Profile;
/// use cs_policy::{ManagementFacts, Principal, Request, decide_request, why};
/// let token = Principal::Management(ManagementFacts::default());
/// let request = Request::new("GET", "/v3/organizations");
/// let decision = decide_request(&Profile::seeds(), &token, &request, "2026-11-21T00:00:00Z".parse()?);
/// let reasons: Vec<_> = why(&decision).map(|rule| rule.id).collect();
/// assert_eq!(reasons[0], "management.organization_module");
/// # Ok::<(), jiff::Error>(())
/// ```
#[inline]
pub fn why(decision: &Decision) -> Why {
    let [first, second, _] = decision.rules.0;
    // The weights are the groups of the words, but that contradictions come first where they decide.
    let (now, then) = match decision.verdict {
        Verdict::Allow => ((first & EFFECTS.allow.0[0], 0), second & EFFECTS.contradiction.0[1]),
        Verdict::Undocumented => ((second & EFFECTS.contradiction.0[1], 1), second & EFFECTS.needs.0[1]),
        _ => ((first & EFFECTS.forbid.0[0], 0), second),
    };
    Why { now: Bits { rest: now.0, word: now.1 }, then: Bits { rest: then, word: 1 } }
}

/// The rules that led to a verdict: see [`why`].
#[derive(Clone, Debug)]
pub struct Why {
    now: Bits,
    then: Bits,
}

impl Iterator for Why {
    type Item = &'static Rule;

    #[inline]
    fn next(&mut self) -> Option<&'static Rule> {
        self.now.next().or_else(|| self.then.next()).map(RuleId::rule)
    }
}

/// The rules that forbid a request to a credential of this kind on whatever route it would be: what is to be said of one that
/// is [`Verdict::Unmapped`], beside that no table knows it.
///
/// ```
/// use cs_model::Api;
/// use cs_policy::{Kind, Request, forbidden_anywhere};
/// let request = Request::new("POST", "/v3/content_types/blog/entries").on(Api::Delivery);
/// let rules: Vec<_> = forbidden_anywhere(Kind::Delivery, &request).map(|rule| rule.id).collect();
/// assert_eq!(rules, ["delivery.read_only"]);
/// ```
pub fn forbidden_anywhere(kind: Kind, request: &Request<'_>) -> impl Iterator<Item = &'static Rule> + use<> {
    // The one route of GraphQL takes a POST and reads.
    let writes =
        request.api != Api::GraphQl && Method::parse(request.method).is_some_and(|it| it != Method::Get);
    let api = request.api;
    RuleId::all().map(RuleId::rule).filter(move |rule| {
        let about = rule.about;
        matches!(rule.effect, Effect::Forbid)
            && rule.when == Condition::Always
            && about.is_any()
            && about.kinds.contains(&kind)
            && (about.apis.is_empty() || about.apis.contains(&api))
            && about.needs.is_none_or(|needs| needs == Needs::Write && writes)
    })
}

/// What would change a refusal: one sentence for each rule that must be met, in the order of [`why`]. Empty for an
/// allow.
///
/// Of a [`Verdict::Forbidden`] only what stands in the way for good is answered: granting more would not help.
pub fn fixes(decision: &Decision) -> impl Iterator<Item = Fix> + use<> {
    let decision = *decision;
    let effect = match decision.verdict() {
        Verdict::Allow => RuleSet::EMPTY,
        Verdict::NotGranted => EFFECTS.needs,
        Verdict::Undocumented => EFFECTS.contradiction,
        Verdict::Forbidden | Verdict::Unmapped => EFFECTS.forbid,
    };
    decision
        .rules()
        .intersection(effect)
        .iter()
        .map(RuleId::rule)
        .filter(|rule| !rule.fix.is_empty())
        .map(move |rule| Fix { rule, subject: decision.subject() })
}

/// What would change a verdict. Writes itself as a sentence without a full stop.
#[derive(Clone, Copy, Debug)]
pub struct Fix {
    rule: &'static Rule,
    subject: Option<Subject>,
}

impl Fix {
    /// The rule that it meets.
    #[must_use]
    pub const fn rule(&self) -> &'static Rule {
        self.rule
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.rule.fix;
        while let Some((before, after)) = rest.split_once('{') {
            f.write_str(before)?;
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            self.fill(name, f)?;
            rest = after;
        }
        f.write_str(rest)
    }
}

impl Fix {
    fn fill(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = match self.subject {
            Some(Subject::Route(id)) => id,
            // An operation has its module in its name and no path; what is in no table has neither.
            Some(Subject::Operation(operation)) if matches!(name, "module" | "path") => {
                return f.write_str(operation.row().name);
            }
            _ => return Ok(()),
        };
        let route = id.row();
        match name {
            "module" => f.write_str(route.module.row().granted_by.name()),
            "needs" => f.write_str(match route.action.row().needs {
                Needs::Read => "read",
                Needs::Write => "write",
            }),
            "oauth_scope" => f.write_str(crate::oauth::scope_of(id).unwrap_or_default()),
            "method" => f.write_str(route.method.as_str()),
            "path" => f.write_str(route.template),
            _ => Ok(()),
        }
    }
}

impl Rule {
    /// Whether it can stand in the way of a request.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        matches!(self.effect, Effect::Forbid | Effect::Needs | Effect::Contradiction(_))
    }
}
