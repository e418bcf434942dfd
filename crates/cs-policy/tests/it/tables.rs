//! The generated masks say what the rules say; a second evaluation of the selections shows it.

use cs_model::generated::ContradictionId;
use cs_model::{Profile, RouteId};
use cs_policy::{
    BodyFacts, Condition, Context, Effect, Kind, Operation, Prepared, RULES, RuleId, Subject, decide,
    decide_operation,
};

use crate::ask::NOW;
use crate::columns::mightiest;

/// A profile that puts no rule aside.
fn strict() -> Profile {
    let mut profile = Profile::seeds();
    for id in ContradictionId::ALL {
        profile.readings.set_client(id, cs_model::profile::ClientReading::Deny);
    }
    profile
}

#[test]
fn rules_that_always_apply_are_those_that_the_selection_covers() {
    let (profile, now) = (strict(), NOW.parse().unwrap());
    for kind in Kind::ALL {
        let prepared = Prepared::new(&mightiest(kind));
        let routes = RouteId::all().map(|route| {
            (Subject::Route(route), decide(&profile, &prepared, route, &Context::default(), now))
        });
        let operations = Operation::all().map(|operation| {
            let decision = decide_operation(&profile, &prepared, operation, &Context::default(), now);
            (Subject::Operation(operation), decision)
        });
        for (subject, decision) in routes.chain(operations) {
            for id in RuleId::all().filter(|id| id.rule().when == Condition::Always) {
                let covers = id.rule().about.covers(kind, subject);
                assert_eq!(
                    decision.rules().contains(id),
                    covers,
                    "{} for {kind} on {subject:?}",
                    id.rule().id
                );
            }
        }
    }
}

#[test]
fn rules_with_a_condition_apply_where_the_selection_covers_and_the_condition_holds() {
    let (profile, now) = (strict(), NOW.parse().unwrap());
    let context = Context {
        other_stack: true,
        draft: true,
        body: BodyFacts { stage_open_to_all: true, approvers_named: true, ..BodyFacts::default() },
        ..Context::default()
    };
    let hold = [
        Condition::OtherStack,
        Condition::Draft,
        Condition::StageChange,
        Condition::StageOpenToAll,
        Condition::ApproversNamed,
    ];
    for kind in Kind::ALL {
        let prepared = Prepared::new(&mightiest(kind));
        for route in RouteId::all() {
            let decision = decide(&profile, &prepared, route, &context, now);
            for id in RuleId::all().filter(|id| hold.contains(&id.rule().when)) {
                let covers = id.rule().about.covers(kind, Subject::Route(route));
                assert_eq!(decision.rules().contains(id), covers, "{} for {kind} on {route:?}", id.rule().id);
            }
        }
    }
}

#[test]
fn ids_are_stable_names_and_unique() {
    for id in RuleId::all() {
        assert_eq!(RuleId::find(id.rule().id), Some(id));
    }
}

#[test]
fn every_rule_makes_sense_alone() {
    for rule in &RULES {
        assert!(rule.says.len() > 20 && rule.says.ends_with('.'), "{}", rule.id);
        assert!(!rule.sources.is_empty(), "{}", rule.id);
        let refuses = matches!(rule.effect, Effect::Forbid | Effect::Needs | Effect::Contradiction(_));
        assert_eq!(rule.refuses(), refuses);
        assert!(!refuses || !rule.fix.is_empty(), "{}", rule.id);
        let replaces = matches!(rule.effect, Effect::Contradiction(_));
        assert!(replaces || rule.replaces.is_empty(), "{}", rule.id);
        for replaced in &rule.replaces {
            assert!(matches!(replaced.rule().effect, Effect::Forbid | Effect::Needs), "{}", rule.id);
        }
    }
}

#[test]
fn a_decision_is_small() {
    assert!(size_of::<cs_policy::Decision>() <= 64, "{}", size_of::<cs_policy::Decision>());
}
