//! Cedar with the exported policies.

use std::cell::Cell;
use std::collections::BTreeMap;

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityTypeName, EntityUid, PolicyId,
    PolicySet, PrincipalConstraint, Request, Response, Schema, ValidationMode, Validator,
};
use cs_model::Profile;
use cs_policy::export::{cedar, cedar_action, cedar_entity};
use cs_policy::{Kind, Principal, RuleId, RuleSet, Subject, Verdict};

use super::points::NOW;

/// The API key of every principal's stack.
const STACK: &str = "blt_own";

/// What a policy stands for, and whether it has decided anything yet.
struct Ours {
    id: String,
    rule: RuleId,
    verdict: Verdict,
    decided: Cell<bool>,
}

/// The exported policies, loaded.
pub(super) struct Engine {
    pub(super) schema: Schema,
    policies: PolicySet,
    actions: Entities,
    rules: BTreeMap<PolicyId, Ours>,
    authorizer: Authorizer,
}

impl Engine {
    pub(super) fn new(profile: &Profile) -> Self {
        let text = cedar(profile);
        let (schema, warnings) = Schema::from_cedarschema_str(&text.schema).unwrap();
        assert_eq!(warnings.count(), 0);
        let policies: PolicySet = text.policies.parse().unwrap();
        let rules = policies
            .policies()
            .map(|policy| {
                let rule = RuleId::find(policy.annotation("rule").unwrap()).unwrap();
                let name = policy.annotation("verdict").unwrap();
                let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.name() == name).unwrap();
                let id = policy.annotation("id").unwrap().to_owned();
                (policy.id().clone(), Ours { id, rule, verdict, decided: Cell::new(false) })
            })
            .collect();
        let actions = schema.action_entities().unwrap();
        Self { schema, policies, actions, rules, authorizer: Authorizer::new() }
    }

    /// What Cedar's validator finds.
    pub(super) fn findings(&self) -> Vec<String> {
        let result = Validator::new(self.schema.clone()).validate(&self.policies, ValidationMode::Strict);
        let errors = result.validation_errors().map(ToString::to_string);
        errors.chain(result.validation_warnings().map(ToString::to_string)).collect()
    }

    /// The policies that can apply to a kind of principal and an action, by Cedar's own account of their scopes; the others
    /// cannot, so that leaving them out changes no answer.
    pub(super) fn slice(&self, principal: &EntityTypeName, action: &EntityUid) -> Slice {
        let is_in = |group: &EntityUid| group == action || self.actions.is_ancestor_of(group, action);
        let mut groups = Vec::new();
        let mut policies = Vec::new();
        for policy in self.policies.policies() {
            match policy.principal_constraint() {
                PrincipalConstraint::Is(kind) if kind != *principal => continue,
                _ => {}
            }
            match policy.action_constraint() {
                ActionConstraint::Any => {}
                ActionConstraint::Eq(only) if only == *action => {}
                ActionConstraint::In(named) if named.iter().any(is_in) => groups.extend(named),
                _ => continue,
            }
            policies.push(policy.clone());
        }
        let parents = groups.into_iter().filter(|group| group != action && is_in(group)).collect();
        let action = Entity::new_no_attrs(action.clone(), parents);
        Slice { policies: PolicySet::from_policies(policies).unwrap(), action }
    }

    /// A principal as an entity.
    pub(super) fn principal(&self, principal: &Principal) -> Entity {
        let json = serde_json::from_str(&cedar_entity(principal, "someone", STACK)).unwrap();
        Entity::from_json_value(json, Some(&self.schema)).unwrap()
    }

    /// A request as context and resource.
    pub(super) fn request(&self, asked: &cs_policy::Request<'_>, action: &EntityUid) -> (Context, EntityUid) {
        let now = serde_json::json!({ "__extn": { "fn": "datetime", "arg": NOW } });
        let mut json = serde_json::json!({
            "now": now,
            "draft": asked.draft,
            "stage_open_to_all": asked.body.stage_open_to_all,
            "user_named": asked.body.user_named,
            "approvers_named": asked.body.approvers_named,
        });
        let answer = asked.body.publish_request.map(|answer| match answer {
            cs_policy::PublishAnswer::Accept => "accept",
            cs_policy::PublishAnswer::Reject => "reject",
        });
        for (name, value) in [
            ("branch", asked.branch),
            ("alias", asked.alias),
            ("environment", asked.environment),
            ("publish_request", answer),
        ] {
            if let Some(value) = value {
                json[name] = value.into();
            }
        }
        let stack = if asked.other_stack { "blt_other" } else { STACK };
        let context = Context::from_json_value(json, Some((&self.schema, action))).unwrap();
        (context, format!("Stack::\"{stack}\"").parse().unwrap())
    }

    /// Cedar's answer by the policies of a slice.
    pub(super) fn ask(&self, request: &Request, entities: &Entities, slice: &Slice) -> (Verdict, RuleSet) {
        self.read(&self.authorizer.is_authorized(request, &slice.policies, entities))
    }

    /// Cedar's answer by all policies, with all actions.
    pub(super) fn ask_all(&self, request: &Request, principal: &Entity) -> (Verdict, RuleSet) {
        let entities = self.actions.clone().add_entities([principal.clone()], None).unwrap();
        self.read(&self.authorizer.is_authorized(request, &self.policies, &entities))
    }

    /// The policies about a kind that have decided nothing yet.
    pub(super) fn idle(&self, kind: Kind) -> Vec<&str> {
        let about = format!("/{kind}");
        let policies = self.rules.values().filter(|policy| !policy.decided.get());
        policies.map(|policy| policy.id.as_str()).filter(|id| id.contains(&about)).collect()
    }

    /// The verdict, and the rules that decided it.
    fn read(&self, response: &Response) -> (Verdict, RuleSet) {
        assert_eq!(response.diagnostics().errors().count(), 0, "{response:?}");
        let decided = || response.diagnostics().reason().map(|id| &self.rules[id]);
        decided().for_each(|policy| policy.decided.set(true));
        let rules = decided().map(|policy| policy.rule).collect();
        if response.decision() == Decision::Allow {
            assert!(decided().all(|policy| policy.verdict == Verdict::Allow));
            return (Verdict::Allow, rules);
        }
        let verdict = [Verdict::Forbidden, Verdict::Undocumented, Verdict::NotGranted]
            .into_iter()
            .find(|wanted| decided().any(|policy| policy.verdict == *wanted));
        (verdict.unwrap_or(Verdict::Forbidden), rules)
    }
}

/// Some of the policies, and the action with its groups as far as these name them.
pub(super) struct Slice {
    policies: PolicySet,
    action: Entity,
}

impl Slice {
    /// A principal with the action that it asks for.
    pub(super) fn entities(&self, principal: &Entity) -> Entities {
        Entities::from_entities([principal.clone(), self.action.clone()], None).unwrap()
    }
}

/// The action that stands for a subject.
pub(super) fn action(subject: Subject) -> EntityUid {
    let name: EntityTypeName = "Action".parse().unwrap();
    EntityUid::from_type_name_and_id(name, cedar_action(subject).parse().unwrap())
}
