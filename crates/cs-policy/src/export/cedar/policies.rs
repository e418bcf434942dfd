//! One policy for each rule, kind of credential, and way in which it applies.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cs_model::Profile;

use super::super::clause::{Outcome, clauses, rules_about, subjects};
use super::super::text;
use super::super::wanted::Wanted;
use super::condition::{Truth, truth};
use super::{cedar_action, entity_type};
use crate::{Condition, Kind, RuleId, Subject};

/// Up to so many actions are written out; more become a group in the schema.
const WRITTEN_OUT: usize = 4;

/// A policy before it is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) id: String,
    rule: RuleId,
    kind: Kind,
    outcome: Outcome,
    /// What must hold beside the scope; empty for nothing.
    when: String,
    pub(super) subjects: Vec<Subject>,
}

impl Policy {
    /// Whether its actions are a group of the schema, which has its id.
    pub(super) fn has_group(&self) -> bool {
        self.subjects.len() > WRITTEN_OUT
    }
}

/// What two subjects must share to be in one policy.
type Form = (RuleId, Kind, Condition, Vec<Condition>, Wanted);

/// All policies, by rule.
pub(super) fn policies(profile: &Profile) -> Vec<Policy> {
    let mut forms: BTreeMap<Form, (Outcome, Vec<Subject>)> = BTreeMap::new();
    for kind in Kind::ALL {
        for subject in subjects() {
            for clause in clauses(profile, &rules_about(kind, subject)) {
                if clause.outcome == Outcome::Shown {
                    continue;
                }
                let mut conditions = clause.unless.clone();
                conditions.push(clause.when);
                let wanted = Wanted::by(subject).read_by(&conditions);
                let form = (clause.rule, kind, clause.when, clause.unless, wanted);
                forms.entry(form).or_insert_with(|| (clause.outcome, Vec::new())).1.push(subject);
            }
        }
    }
    let mut policies: Vec<Policy> = Vec::new();
    for ((rule, kind, when, unless, wanted), (outcome, subjects)) in forms {
        let Some(when) = expression(profile, kind, when, &unless, &wanted) else { continue };
        let id = [rule.rule().id, kind.name(), &wanted.name()].join("/");
        let mut id = id.trim_end_matches('/').to_owned();
        let same = policies.iter().filter(|policy| policy.id.split('#').next() == Some(&id)).count();
        if same > 0 {
            let _ = write!(id, "#{}", same + 1);
        }
        policies.push(Policy { id, rule, kind, outcome, when, subjects });
    }
    policies
}

/// What a policy asks; `None` when it can never apply.
fn expression(
    profile: &Profile,
    kind: Kind,
    when: Condition,
    unless: &[Condition],
    wanted: &Wanted,
) -> Option<String> {
    let mut parts = Vec::new();
    match truth(profile, kind, when, wanted) {
        Truth::Always => {}
        Truth::Never => return None,
        Truth::If(text) => parts.push(format!("({text})")),
    }
    for condition in unless {
        match truth(profile, kind, *condition, wanted) {
            Truth::Always => return None,
            Truth::Never => {}
            Truth::If(text) => parts.push(format!("!({text})")),
        }
    }
    match parts.as_slice() {
        [only] if unless.is_empty() => Some(only[1..only.len() - 1].to_owned()),
        _ => Some(parts.join(" && ")),
    }
}

/// The policies as text.
pub(super) fn text(profile: &Profile, policies: &[Policy]) -> String {
    let mut out = format!(
        "// Who may do what with which credential, under the profile `{}`: {}\n\
         // A denial's verdict is the first of forbidden, undocumented and not_granted among the policies that decided it;\n\
         // without any, forbidden: nothing allows it.\n",
        profile.name, profile.says
    );
    let mut before = None;
    for policy in policies {
        let rule = policy.rule.rule();
        if before != Some(policy.rule) {
            let _ = write!(out, "\n// {}\n// [{}]\n", rule.says, text::sources(rule.sources));
            before = Some(policy.rule);
        }
        let verdict = policy.outcome.verdict().map_or("", crate::Verdict::name);
        let effect = if verdict == crate::Verdict::Allow.name() { "permit" } else { "forbid" };
        let _ = write!(
            out,
            "@id({})\n@rule({})\n@verdict({})\n{effect} (principal is {}, {}, resource)",
            text::cedar_string(&policy.id),
            text::cedar_string(rule.id),
            text::cedar_string(verdict),
            entity_type(policy.kind),
            actions(policy),
        );
        if !policy.when.is_empty() {
            let _ = write!(out, "\nwhen {{ {} }}", policy.when);
        }
        out.push_str(";\n");
    }
    out
}

fn actions(policy: &Policy) -> String {
    if policy.has_group() {
        return format!("action in Action::{}", text::cedar_string(&policy.id));
    }
    let names: Vec<String> = policy
        .subjects
        .iter()
        .map(|subject| format!("Action::{}", text::cedar_string(&cedar_action(*subject))))
        .collect();
    match names.as_slice() {
        [only] => format!("action == {only}"),
        several => format!("action in [{}]", several.join(", ")),
    }
}
