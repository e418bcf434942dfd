//! What a run has done.

use cs_model::TokenUid;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::apply::ApplyError;
use crate::error::causes;
use crate::plan::{Plan, Row, Step};

/// Something that happens while a plan is carried out.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A step begins.
    Started {
        /// Which.
        step: &'a Step,
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        total: usize,
    },
    /// A step is done.
    Done {
        /// Which.
        step: &'a Step,
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        total: usize,
    },
    /// A step failed; none follows.
    Failed {
        /// Which.
        step: &'a Step,
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        total: usize,
        /// Why.
        error: &'a ApplyError,
    },
}

/// What carrying out a plan has come to. No secret is in it.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Applied {
    /// The steps that were done, with the uids of tokens that were made.
    pub done: Vec<Step>,
    /// The step that failed, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failure>,
    /// The steps that were not reached because of it, or because the run was stopped before.
    pub not_reached: Vec<Step>,
    /// The declared tokens, in the order of the file. Those without a uid do not exist.
    pub tokens: Vec<Row>,
}

/// A step that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Which.
    pub step: Step,
    /// Why.
    pub error: ApplyError,
}

impl Applied {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { done: Vec::new(), failed: None, not_reached: Vec::new(), tokens: plan.rows.clone() }
    }

    /// Notes a step that was done; `uid` is that of the token that it made.
    pub(crate) fn done(&mut self, step: &Step, uid: Option<TokenUid>) {
        let mut step = step.clone();
        if let Some(uid) = uid {
            self.note_uid(&step, &uid);
            step.uid = Some(uid);
        }
        self.done.push(step);
    }

    /// Notes the uid of the token of a step.
    fn note_uid(&mut self, step: &Step, uid: &TokenUid) {
        let row = self.tokens.iter_mut().find(|row| row.kind == step.kind && row.name == step.name);
        if let Some(row) = row {
            row.uid = Some(uid.clone());
        }
    }

    /// Notes the step that failed, and those that were not reached.
    pub(crate) fn stopped(&mut self, step: &Step, error: ApplyError, not_reached: Vec<Step>) {
        if let ApplyError::Unfinished { made, .. } = &error {
            self.note_uid(step, &made.uid);
        }
        self.failed = Some(Failure { step: step.clone(), error });
        self.left_out(not_reached);
    }

    /// Notes the steps that were not reached. A token that was to be replaced by one of them is there as before.
    pub(crate) fn left_out(&mut self, steps: Vec<Step>) {
        for row in self.tokens.iter_mut().filter(|row| row.uid.is_none()) {
            let is_of = |step: &&Step| step.kind == row.kind && step.name == row.name;
            row.uid = steps.iter().find(is_of).and_then(|step| step.uid.clone());
        }
        self.not_reached = steps;
    }

    /// Whether every step was done.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.failed.is_none() && self.not_reached.is_empty()
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Failure", 5)?;
        out.serialize_field("step", &self.step)?;
        out.serialize_field("code", self.error.code())?;
        out.serialize_field("message", &self.error.to_string())?;
        out.serialize_field("causes", &causes(&self.error))?;
        out.serialize_field("fix", &self.error.fix())?;
        out.end()
    }
}
