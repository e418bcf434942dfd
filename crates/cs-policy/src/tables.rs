//! Masks made of the generated tables when the crate is compiled.

use cs_model::RouteId;
use cs_model::facts::Needs;
use cs_model::generated::ContradictionId;

use crate::condition::{Condition, Conditions};
use crate::generated::{CLASS_COUNT, CLASS_RULES, OPERATIONS, ROUTE_COUNT, RULE_COUNT, RULES};
use crate::rule::{Effect, RuleId};
use crate::rule_set::RuleSet;
use crate::subject::Subject;

/// How many routes and operations there are.
pub(crate) const SUBJECT_COUNT: usize = ROUTE_COUNT + OPERATIONS.len();

const _: () = assert!(
    cs_model::generated::ROUTES.len() == ROUTE_COUNT,
    "the tables of this crate were made for another route table: run `cargo xtask codegen`"
);

impl Subject {
    /// Its place in the tables: routes, then operations.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Route(route) => route.index(),
            Self::Operation(operation) => ROUTE_COUNT + operation.index(),
        }
    }
}

/// Rules by effect.
pub(crate) struct Effects {
    pub(crate) allow: RuleSet,
    pub(crate) forbid: RuleSet,
    pub(crate) needs: RuleSet,
    pub(crate) contradiction: RuleSet,
    pub(crate) warning: RuleSet,
    pub(crate) note: RuleSet,
}

pub(crate) static EFFECTS: Effects = effects();

const fn effects() -> Effects {
    let mut sets = Effects {
        allow: RuleSet::EMPTY,
        forbid: RuleSet::EMPTY,
        needs: RuleSet::EMPTY,
        contradiction: RuleSet::EMPTY,
        warning: RuleSet::EMPTY,
        note: RuleSet::EMPTY,
    };
    let mut index = 0;
    while index < RULE_COUNT {
        let id = RuleId::generated(index as u8);
        match RULES[index].effect {
            Effect::Allow => sets.allow = sets.allow.with(id),
            Effect::Forbid => sets.forbid = sets.forbid.with(id),
            Effect::Needs => sets.needs = sets.needs.with(id),
            Effect::Contradiction(_) => sets.contradiction = sets.contradiction.with(id),
            Effect::Warning => sets.warning = sets.warning.with(id),
            Effect::Note => sets.note = sets.note.with(id),
        }
        index += 1;
    }
    sets
}

/// Rules by the condition that they name.
pub(crate) static BY_CONDITION: [RuleSet; Condition::COUNT] = by_condition();

const fn by_condition() -> [RuleSet; Condition::COUNT] {
    let mut sets = [RuleSet::EMPTY; Condition::COUNT];
    let mut index = 0;
    while index < RULE_COUNT {
        let condition = RULES[index].when as usize;
        sets[condition] = sets[condition].with(RuleId::generated(index as u8));
        index += 1;
    }
    sets
}

/// What a rule does when it is a contradiction: its number, and the rules that it puts aside.
#[derive(Clone, Copy)]
pub(crate) struct Settlement {
    pub(crate) contradiction: ContradictionId,
    pub(crate) replaces: RuleSet,
}

/// By rule; only the rows of contradictions mean anything.
pub(crate) static SETTLEMENTS: [Settlement; RULE_COUNT] = settlements();

const fn settlements() -> [Settlement; RULE_COUNT] {
    let mut table =
        [Settlement { contradiction: ContradictionId::ALL[0], replaces: RuleSet::EMPTY }; RULE_COUNT];
    let mut index = 0;
    while index < RULE_COUNT {
        if let Effect::Contradiction(contradiction) = RULES[index].effect {
            table[index].contradiction = contradiction;
        }
        let replaces = RULES[index].replaces.as_slice();
        let mut number = 0;
        while number < replaces.len() {
            table[index].replaces = table[index].replaces.with(replaces[number]);
            number += 1;
        }
        index += 1;
    }
    table
}

/// What a kind of credential meets on a subject: kinds and subjects that meet the same rules share a class.
#[derive(Clone, Copy)]
pub(crate) struct Class {
    /// Every rule about it.
    pub(crate) rules: RuleSet,
    /// Those of them that always apply.
    pub(crate) always: RuleSet,
    /// The conditions of the others.
    pub(crate) conditions: Conditions,
}

pub(crate) static CLASSES: [Class; CLASS_COUNT] = classes();

const fn classes() -> [Class; CLASS_COUNT] {
    let empty = Class { rules: RuleSet::EMPTY, always: RuleSet::EMPTY, conditions: Conditions::NONE };
    let mut classes = [empty; CLASS_COUNT];
    let mut number = 0;
    while number < CLASS_COUNT {
        let mut index = 0;
        while index < RULE_COUNT {
            let id = RuleId::generated(index as u8);
            if CLASS_RULES[number][index / 64] >> (index % 64) & 1 == 1 {
                classes[number].rules = classes[number].rules.with(id);
                match RULES[index].when {
                    Condition::Always => classes[number].always = classes[number].always.with(id),
                    other => classes[number].conditions = classes[number].conditions.with(other, true),
                }
            }
            index += 1;
        }
        number += 1;
    }
    classes
}

/// What a decision needs to know of a subject, small enough to stay in the cache.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    /// The modules whose grant opens it: its own, and the one that grants it.
    pub(crate) modules: u64,
    /// Whether it takes the right to write.
    pub(crate) writes: bool,
}

pub(crate) static FACTS: [Facts; SUBJECT_COUNT] = facts();

const fn facts() -> [Facts; SUBJECT_COUNT] {
    // Operations work on modules that no scope can name, and change what they work on.
    let mut facts = [Facts { modules: 0, writes: true }; SUBJECT_COUNT];
    let mut index = 0;
    while index < ROUTE_COUNT {
        let Some(id) = RouteId::new(index as u16) else { break };
        let route = id.row();
        facts[index] = Facts {
            modules: 1 << route.module as u8 | 1 << route.module.row().granted_by as u8,
            writes: matches!(route.action.row().needs, Needs::Write),
        };
        index += 1;
    }
    facts
}
